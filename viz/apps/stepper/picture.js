// Draws the scene that Python made, at any step and with any numbers. Places, colours, widths and
// looks come with it: here numbers become texts, and signs choose.

import { bytesOf, put } from "./elements.js";
import { inDecimals, number, sign, signed } from "./numbers.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const FACES = { regular: {}, bold: { "font-weight": "700" }, italic: { "font-style": "italic" } };

/** The scene in which a neuron is opened, or the first one where there is none; in full. */
export function sceneOf(first, neuron) {
  const own = first.opened?.[neuron];
  if (!own) return { ...first, groups: spelledOut(first.groups) };
  const closed = spelledOut(first.groups);
  const lines = own.lines.map(([k, x, y, xEnd, yEnd, dimmed]) => {
    const [[style]] = closed[k].marks;
    return { ...closed[k], dimmed, marks: [[style, curvePath([x, y], [xEnd, yEnd], own.weights.pull)]] };
  });
  return { ...first, ...own, groups: [...lines, ...spelledOut(own.groups)] };
}

/** Groups that look as an earlier one does, with marks of their own. */
function spelledOut(groups) {
  const made = [];
  for (const { like, moved, own = [], ...group } of groups) {
    if (like !== undefined) {
      group.marks = made[like].marks.map((mark) => shifted(mark, moved));
      for (const [i, ...more] of own) group.marks[i] = [...group.marks[i].slice(0, 3), ...more];
    }
    made.push(group);
  }
  return made;
}

function shifted([style, ...own], by) {
  if (typeof own[0] !== "string") {
    const [x, y, ...more] = own;
    return [style, round(x + by[0], 1), round(y + by[1], 1), ...more];
  }
  let i = 0;
  const path = own[0].replace(/-?[\d.]+/g, (x) => round(Number(x) + by[i++ % 2], 1));
  return [style, path, ...own.slice(1)];
}

/** A path that leaves to the right, and arrives from the left, as the scene has them. */
function curvePath([x, y], [xEnd, yEnd], share) {
  const pull = Math.floor(10 * share * (xEnd - x) + 0.5) / 10;
  const bends = [round(x + pull, 1), round(xEnd - pull, 1)];
  return `M${x},${y}C${bends[0]},${y} ${bends[1]},${yEnd} ${xEnd},${yEnd}`;
}

/** The picture of a scene: its element, and its groups with their marks, to be painted. */
export function pictureOf(scene) {
  const svg = element("svg", {
    viewBox: `0 0 ${scene.width} ${scene.height}`,
    "font-family": familyOf(scene.font),
    role: "group",
  });
  svg.append(worded("title", scene.title));
  const groups = scene.groups.map((spec) => groupOf(spec, scene, svg));
  return { svg, groups, scene };
}

const TITLED = ["card", "line", "weight"];

function groupOf(spec, { styles, renamed, root }, svg) {
  const group = element("g", { class: spec.kind, ...(spec.of && { "data-of": spec.of }) });
  const title = worded("title", "");
  if (TITLED.includes(spec.kind)) group.append(title);
  const marks = spec.marks.map(([style, ...own]) => {
    const mark = { ...styles[style], ...ownOf(styles[style], own) };
    if (renamed && "text" in mark) Object.assign(mark, renamedIn(mark, spec, renamed, root));
    const one = element("text" in mark ? "text" : "path", {});
    group.append(one);
    return { mark, element: one, attributes: {} };
  });
  svg.append(group);
  return { spec, group, title, marks, painted: null };
}

/** A text with what the result is called now: on its card, and in ∂L/∂. */
function renamedIn({ part, text, size }, { of }, [before, after], root) {
  if (part !== "name" || of !== root) {
    return { text: text.replaceAll(`∂${before}/∂`, `∂${after}/∂`) };
  }
  const share = Math.min(1, Math.max(0.5, text.length / after.length)); // in the same room
  return { text: after, size: size * share };
}

/** What a mark has for itself; texts have sizes. */
function ownOf(style, own) {
  if ("size" in style) {
    const [x, y, text = "", room = 0] = own;
    return { x, y, text, room };
  }
  const [path, whole = ""] = own;
  return { path, whole };
}

export function element(tag, attributes) {
  const one = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  return one;
}

function worded(tag, words) {
  const one = element(tag, {});
  one.textContent = words;
  return one;
}

const families = new Map();

/** A family of the scene's own, as another scene of the page has other letters of the font. */
function familyOf(font) {
  const { family, faces } = font;
  if (families.has(font)) return families.get(font);
  const own = `stepgrad-${families.size + 1}`;
  for (const [face, data] of Object.entries(faces)) {
    const { "font-weight": weight = "400", "font-style": style = "normal" } = FACES[face];
    document.fonts.add(new FontFace(own, bytesOf(data), { weight, style }));
  }
  families.set(font, `${own}, ${family}, sans-serif`);
  return families.get(font);
}

// Painting

/** Paints what has changed. `lit` are the ids of what the step is about. */
export function paintPicture({ groups, scene }, plan, { at, lit, numbers, asked }) {
  const largest = scene.weights ? largestWeights(scene, plan, numbers) : largestOf(plan, numbers);
  for (const one of groups) {
    const isAsked = asked === one.spec.of && one.spec.kind === "tag"; // its flow is predicted
    const looks = isAsked ? [] : looksOf(one.spec, at, lit, scene);
    const told = isAsked ? { isAsked } : toldBy(one.spec, plan, at, numbers);
    const beside = scene.weights ? largest[one.spec.gap - 1] : largest;
    const now = JSON.stringify([looks, Object.values(told).map(String), beside]);
    if (now === one.painted) continue;
    one.painted = now;
    if (looks.includes("hidden")) one.group.setAttribute("display", "none");
    else one.group.removeAttribute("display");
    paintGroup(one, looks, { ...told, largest: beside }, scene);
  }
}

function looksOf({ kind, of, until }, at, lit, scene) {
  const looks = Object.keys(until).filter((look) => at < until[look]);
  const isLit = of.split(" ").some((id) => lit.has(id));
  if (isLit && kind !== "tag" && kind !== "chip" && kind !== "badge") looks.push("current");
  return ["hidden", ...Object.keys(scene.looks)].filter((look) => looks.includes(look));
}

/** The numbers that a group shows. */
function toldBy({ kind, of, shows, weight }, plan, at, numbers) {
  if (shows) return underKeys(shows, at, numbers);
  if (weight) return { weight: numbers[plan.cards[weight].value] };
  if (kind === "card" || kind === "ghost" || kind === "weight") {
    const card = plan.cards[of];
    return { value: numbers[card.value], total: gradAt(card, at, numbers) };
  }
  if (kind === "others") {
    const flows = of.split(" ").map((edge) => numbers[plan.wires[edge].flow]);
    return { total: flows.reduce((sum, flow) => sum + flow, 0) };
  }
  const wire = plan.wires[of];
  if (!wire) return {};
  return { total: numbers[wire.flow], local: numbers[wire.slope], place: wire.place };
}

/** Numbers under keys of their own; several are added up. */
function underKeys({ value, total, local, since = 0 }, at, numbers) {
  const sum = (keys) => keys.split(" ").reduce((sum, key) => sum + numbers[key], 0);
  return {
    ...(value && { value: sum(value) }),
    ...(total && at >= since && { total: sum(total) }),
    ...(local && { local: numbers[local], place: "" }),
  };
}

/** The gradient of a card as far as it has come; nothing before that. */
export function gradAt(card, at, numbers) {
  const grad = card.grads.findLast((entry) => entry.from <= at);
  return grad && numbers[grad.of || card.gradient];
}

/** The largest weight of each layer. */
const largestWeights = ({ layers }, plan, numbers) =>
  layers.map((ids) => Math.max(...ids.map((id) => Math.abs(numbers[plan.cards[id].value]))));

function largestOf(plan, numbers) {
  const flows = Object.values(plan.wires).map(({ flow }) => Math.abs(numbers[flow]));
  return Math.max(0, ...flows.filter((flow) => flow < 1e300)) || 1;
}

function paintGroup({ spec, marks }, looks, told, scene) {
  for (const one of marks) {
    let mark = filled(one.mark, told, spec, scene);
    for (const look of mark ? looks : []) mark = changed(mark, scene.looks[look] ?? {}, look);
    const attributes = mark ? attributesOf(mark, scene.font) : AWAY;
    for (const name of Object.keys(one.attributes)) {
      if (!(name in attributes)) one.element.removeAttribute(name);
    }
    for (const [name, value] of Object.entries(attributes)) {
      if (one.attributes[name] !== value) one.element.setAttribute(name, value);
    }
    one.attributes = attributes;
    if ("text" in one.mark) put(one.element, inDecimals(mark?.text ?? ""));
  }
}

const AWAY = { display: "none" };

/** A mark with the numbers of now; null where it is not there. */
function filled(mark, told, { widest, dimmed }, { signs, stroke, weights }) {
  const { value, total, local, place, weight, largest, isAsked } = told;
  const { fill, color } = signs[sign(total ?? 0)];
  switch (mark.part) {
    case "value":
      return { ...mark, text: number(value) };
    case "gradient":
    case "flow":
      if (isAsked) return { ...mark, text: "?" };
      return total === undefined ? null : { ...mark, text: signed(total) };
    case "tint":
      return total === undefined ? null : { ...mark, fill };
    case "up":
      return total > 0 ? mark : null;
    case "down":
      return total < 0 ? mark : null;
    case "tag":
      return { ...mark, fill, stroke: color };
    case "local":
      if (local === undefined) return mark;
      return { ...mark, text: local === null ? "undefined" : `${place}×${number(local)}` };
    case "bias": {
      if (value === undefined) return mark; // that of the legend
      const { color: of } = signs[sign(value)];
      return { ...mark, fill: value > 0 ? of : "background", stroke: of };
    }
    case "line":
      if (weight !== undefined) {
        const { color: of } = signs[sign(weight)];
        return { ...mark, stroke: of, ...strokeOfWeight(weight, largest, weights, dimmed) };
      }
      return stroke ? { ...mark, stroke: color, ...strokeOf(total, largest, widest, stroke) } : mark;
    default:
      return mark;
  }
}

/** A line is as wide as its flow is large, and dashed where that is negative. */
function strokeOf(flow, largest, widest, { scale, none, least, more, dash }) {
  const share = Math.abs(flow) / largest;
  const wide = flow === 0 ? none : least + more * Math.sqrt(share < 1 ? share : 1);
  const width = Math.min(wide, widest);
  const lengths = dash.map(([length, times]) => round(scale * (length + times * width), 1));
  return { width: round(scale * width, 2), dash: flow < 0 ? lengths : [] };
}

/** A line is as wide as its weight is large beside the largest of the layer, and paler if it is
 * small. */
function strokeOfWeight(weight, largest, { scale, thinnest, thickest, faintest, dash, dimmed }, isDim) {
  const share = largest ? Math.abs(weight) / largest : 0;
  const wide = thinnest + (thickest - thinnest) * share;
  const lengths = dash.map(([length, times]) => round(scale * (length + times * wide), 1));
  const hundredths = (x) => Math.floor(100 * x + 0.5) / 100;
  const opacity = hundredths(faintest + (1 - faintest) * share);
  return {
    width: round(scale * wide, 2),
    dash: weight < 0 ? lengths : [],
    opacity: isDim ? hundredths(dimmed * opacity) : opacity,
  };
}

const round = (x, digits) => Number(x.toFixed(digits));

/** A mark with a look of its group. */
function changed(mark, look, name) {
  const { least = 0, ...change } = look[mark.part] ?? {};
  const made = { ...mark, ...change };
  if (least) made.width = Math.max(made.width, least);
  if (name === "idle" && mark.whole) made.path = mark.whole;
  return made;
}

/** The attributes of a mark: those that the writer of SVG files gives it. */
function attributesOf(mark, font) {
  const kind = mark.part ? { class: mark.part } : {};
  if ("text" in mark) {
    const { x, y, size, face = "regular", anchor = "start", color = "text" } = mark;
    return {
      ...kind, x, y, "font-size": size, ...FACES[face],
      ...(anchor !== "start" && { "text-anchor": anchor }),
      ...squeezed(mark, font.advances[face]),
      fill: painted(color),
    };
  }
  const { path, fill, stroke, width, dash = [], opacity = 1 } = mark;
  return {
    ...kind, d: path, fill: painted(fill),
    ...(stroke && {
      stroke: painted(stroke), "stroke-width": width,
      ...(dash.length && { "stroke-dasharray": dash.join(" ") }),
      ...(opacity !== 1 && { "stroke-opacity": opacity }),
    }),
  };
}

const painted = (color) => (color ? `var(--sg-${color})` : "none");

function squeezed({ text, size, room }, advances) {
  if (!room || [...text].reduce((wide, one) => wide + advances[one], 0) * size <= room) return {};
  return { textLength: room, lengthAdjust: "spacingAndGlyphs" };
}

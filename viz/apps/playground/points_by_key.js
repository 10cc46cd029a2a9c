// The examples of the picture by keys: arrows go from one to the next, and move one of one's own.

const NUDGE = 0.025; // of the picture
const DIRECTIONS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Hear the keys of a plane, where it has the focus because of a key: after a click, arrows are
 * those of the page. `pointsOf(part)` gives the places of the examples. */
export function hearKeysOfPoints(plane, pointsOf) {
  const { svg } = plane;
  let isByMouse = false;
  svg.addEventListener("pointerdown", () => (isByMouse = true));
  svg.addEventListener("blur", () => (isByMouse = false));
  svg.addEventListener("keydown", (event) => {
    if (isByMouse || event.ctrlKey || event.metaKey || event.altKey) return;
    const way = DIRECTIONS[event.key];
    if (way && event.shiftKey) nudge(plane, way);
    else if (way) nextExample(plane, pointsOf, way);
    else if (event.key.toLowerCase() === "n" && plane.edits) plane.added(middleOf(plane.bounds));
    else return;
    event.preventDefault();
  });
}

/** Choose the example that is next to the right, or in another way; without one, the first. */
function nextExample(plane, pointsOf, way) {
  const { data, example, showHeldOut, chosen, said } = plane;
  const axis = way[0] ? 0 : 1;
  const places = (part, heldOut) =>
    pointsOf(part).map((row, index) => ({ index, heldOut, at: row[axis] ?? part.targets[index] }));
  const all = [
    ...places(data, false),
    ...(showHeldOut && data.held_out ? places(data.held_out, true) : []),
  ].sort((one, other) => one.at - other.at);
  const isIt = (one) => one.index === example?.index && one.heldOut === example?.heldOut;
  const now = all.findIndex(isIt);
  const found = all[now < 0 ? 0 : Math.max(0, Math.min(all.length - 1, now + way[axis]))];
  chosen(found.index, found.heldOut);
  said(`Example ${found.index + 1}${found.heldOut ? ", held out" : ""}.`);
}

/** Move the chosen point of one's own. */
function nudge({ edits, example, bounds: [x0, x1, y0, y1], moved }, [right, up]) {
  if (!edits || !example) return;
  const [dx, dy] = [right * NUDGE * (x1 - x0), up * NUDGE * (y1 - y0)];
  moved([example.index, example.heldOut], ([x, y]) => [x + dx, y + dy]);
}

const middleOf = ([x0, x1, y0, y1]) => [(x0 + x1) / 2, (y0 + y1) / 2];

// What a person takes along: the address, the picture, the page itself, and from Python the code
// and the model file.

import { addressWithout } from "./address.js";
import { made, put } from "./elements.js";

/** The panel from which everything is taken. `hide` are the controls that this page leaves out, of
 * all `controls`. */
export function leaving({ session, looks, hide, controls, network, tell, hasAddress }) {
  const out = new Set(hide);
  const said = made("p", { role: "status" });
  const text = made("textarea", { rows: 10, readonly: "", hidden: "", "aria-label": "to copy" });
  const act = (label, name, action) => {
    const button = made("button", { "data-action": name }, label);
    button.addEventListener("click", async () => {
      try {
        tell("");
        put(said, (await action()) ?? (isShutIn() ? SHUT_IN : "Saved."));
      } catch (error) {
        tell(error.message);
      }
    });
    return button;
  };
  const kept = () => {
    const [{ config, wanted, state }] = session.timeline.parts;
    const now = { changes: session.changes(), step: session.step, looks: [...looks] };
    return { config, data: wanted, state, ...now, hide: [...out] };
  };
  const show = (shown) => {
    text.value = shown;
    text.hidden = false;
    text.select();
  };
  const buttons = [
    act("Copy the address", "link", async () => {
      const isAsHere = [...out].join() === hide.join();
      const address = isAsHere ? location.href : addressWithout([...out]);
      const isCopied = await navigator.clipboard.writeText(address).then(
        () => true,
        () => false,
      );
      if (isCopied) return "Copied: whoever opens it sees this step.";
      show(address);
      return NOT_COPIED;
    }),
    act("Picture as SVG", "svg", () =>
      download("network.svg", new Blob([pictureOf(network)], { type: "image/svg+xml" })),
    ),
    act("Picture as PNG", "png", async () => download("network.png", await asPng(network))),
    act("Python code", "code", async () => {
      const answer = await session.ask({ do: "code", marks: session.marks() });
      show(answer.text);
      return "This code builds and trains the same network, and reaches the same numbers.";
    }),
    act("Model file", "model", async () => {
      const answer = await session.ask({ do: "model" });
      const bytes = Uint8Array.from(atob(answer.bytes), (letter) => letter.charCodeAt(0));
      download(answer.name, new Blob([bytes]));
    }),
    act("This page as one file", "page", async () => {
      const answer = await session.ask({ do: "page", session: kept() });
      return download("play.html", new Blob([answer.text], { type: "text/html" }));
    }),
  ];
  const shown = hasAddress ? buttons : buttons.slice(1);
  const forClass = ticked(controls, out);
  const open = made("button", { "data-action": "class", "aria-expanded": false }, "For a class");
  open.addEventListener("click", () => {
    forClass.hidden = !forClass.hidden;
    open.setAttribute("aria-expanded", !forClass.hidden);
  });
  const row = made("div", { class: "row" }, ...shown, open);
  return made("div", { class: "leaving" }, row, forClass, said, text);
}

/** A box to tick for every control, whose name is then in `out`. */
function ticked(controls, out) {
  const box = (name) => {
    const said = CALLED[name] ?? name.replaceAll("_", " ");
    const input = made("input", { type: "checkbox", "aria-label": `leave out ${said}` });
    input.checked = out.has(name);
    input.addEventListener("change", () => (input.checked ? out.add(name) : out.delete(name)));
    return made("label", {}, input, said);
  };
  const what = made("legend", {}, "leave out of the address and of the saved page");
  return made("fieldset", { class: "row", hidden: "" }, what, ...controls.map(box));
}

const CALLED = {
  // controls that the page calls otherwise than an address does
  first: "back to the first step",
  back: "one step back",
  next: "one update",
  optimizer: "optimiser",
  norm: "L1 or L2",
  init: "first weights",
  data: "data sets",
  flat: "flat colours",
  draw_data: "draw new points",
  take: "take this step",
  redraw: "draw anew",
};

const NOT_COPIED =
  "This browser lets no page copy: the address is below, and whoever opens it sees this step.";
const SHUT_IN =
  "This page stands inside another one, which may not let it save: " +
  "if nothing came, open it by itself.";

/** Whether the page is in a frame that has no origin: most such frames may not download. */
const isShutIn = () => window !== window.top && globalThis.origin === "null";

function download(name, blob) {
  const link = made("a", { download: name, href: URL.createObjectURL(blob) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const STYLED = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "font-size",
  "font-family",
  "font-weight",
  "font-style",
  "opacity",
  "paint-order",
  "text-anchor",
];

/** The network as an SVG file, with its maps and its styles inside. */
export function pictureOf({ svg, canvas, W, H }) {
  const copy = svg.cloneNode(true);
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    const styles = getComputedStyle(originals[i]);
    for (const name of STYLED) element.style.setProperty(name, styles.getPropertyValue(name));
    element.removeAttribute("tabindex");
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", `0 0 ${W} ${H}`);
  copy.setAttribute("width", W);
  copy.setAttribute("height", H);
  const image = document.createElementNS("http://www.w3.org/2000/svg", "image");
  for (const [name, value] of Object.entries({ href: canvas.toDataURL(), width: W, height: H }))
    image.setAttribute(name, value);
  copy.querySelector(".cards").before(image);
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({
    width: W,
    height: H,
    fill: getComputedStyle(svg).backgroundColor,
  }))
    ground.setAttribute(name, value);
  if (getComputedStyle(svg).backgroundColor !== "rgba(0, 0, 0, 0)") copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

async function asPng(network) {
  const image = new Image();
  image.src = `data:image/svg+xml;base64,${btoa(unescape(encodeURIComponent(pictureOf(network))))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * network.W, 2 * network.H];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve));
}

// What can be taken along: the step as a sentence, its formulas, and the picture.

import { element } from "./picture.js";

export const COPIES = {
  sentence: "the step as a sentence",
  latex: "its formulas as LaTeX",
  mathml: "its formulas as MathML",
  svg: "the picture as SVG",
  png: "the picture as PNG",
};

const IN_LATEX = {
  "·": "\\cdot ", "×": "\\times ", "−": "-", "∂": "\\partial ", "→": "\\to ", "≤": "\\le ", "≠": "\\ne ",
  "∞": "\\infty ", "(": "\\left(", ")": "\\right)", "{": "",
};
const ESCAPED = /[\\{}$&#%_^~]/g;

/** A typeset formula in LaTeX. */
export function latexOf(one) {
  const parts = [...one.children].map(latexOf);
  switch (one.localName) {
    case "mn":
      return one.textContent.replace(",", "{,}");
    case "mo":
      return [...one.textContent].map((sign) => IN_LATEX[sign] ?? sign).join("");
    case "mi":
      return one.textContent.length === 1 ? one.textContent : `\\mathrm{${one.textContent}}`;
    case "mtext":
      return `\\text{${one.textContent.replace(ESCAPED, "\\$&").replaceAll("\\\\", "\\backslash ")}}`;
    case "mfrac":
      return `\\frac{${parts[0]}}{${parts[1]}}`;
    case "msup":
      return `{${parts[0]}}^{${parts[1]}}`;
    case "msub":
      return `{${parts[0]}}_{${parts[1]}}`;
    case "msqrt":
      return `\\sqrt{${parts.join("")}}`;
    case "mroot":
      return `\\sqrt[${parts[1]}]{${parts[0]}}`;
    case "mtr":
      return parts.join(" & ");
    case "mtable":
      return `\\begin{cases} ${parts.join(" \\\\\\\\ ")} \\end{cases}`;
  }
  return parts.join("");
}

/** The formulas of a panel, each as one element: what stands in columns is written in a line. */
export function formulasOf(panel) {
  return [...panel.querySelectorAll(".formula")].map((box) => {
    const columns = [...box.querySelectorAll(".column")];
    const math = document.createElementNS("http://www.w3.org/1998/Math/MathML", "math");
    const put = (one) => math.append(one.cloneNode(true));
    if (!columns.length) {
      for (const part of box.querySelectorAll("dd > math")) [...part.childNodes].forEach(put);
      return math;
    }
    const add = (kind, text) => {
      const one = document.createElementNS(math.namespaceURI, kind);
      one.textContent = text;
      math.append(one);
    };
    for (const part of box.querySelectorAll(".column > math")) [...part.childNodes].forEach(put);
    if (math.childNodes.length) add("mo", "=");
    let before = "=";
    for (const { textContent: text } of box.querySelectorAll(".figure")) {
      const [, minus, figures] = text.match(/^\+?(−?)([\d.].*)$/) ?? [];
      const signs = minus && before !== "=" ? ["(", "−"] : minus ? ["−"] : [];
      for (const one of signs) add("mo", one);
      if (figures) add("mn", figures);
      else add(/[a-z]/.test(text) ? "mtext" : "mo", text);
      if (signs.length > 1) add("mo", ")");
      before = text;
    }
    return math;
  });
}

/** The picture as a file of its own: with its colours and its letters, and without what moves. */
export function pictureFile(svg, { font }) {
  const copy = svg.cloneNode(true);
  copy.removeAttribute("style");
  for (const one of copy.querySelectorAll(".dots, .spare")) one.remove();
  const styles = getComputedStyle(svg);
  const faces = Object.entries(font.faces).map(([face, data]) => {
    const look = { bold: "font-weight:700", italic: "font-style:italic" }[face] ?? "";
    return `@font-face{font-family:${font.family};${look};src:url(data:font/ttf;base64,${data})}`;
  });
  const style = element("style", {});
  style.textContent = faces.join("");
  const [, , width, height] = svg.getAttribute("viewBox").split(" ");
  copy.prepend(style, element("path", { d: `M0,0H${width}V${height}H0Z`, fill: "var(--sg-background)" }));
  copy.setAttribute("font-family", `${font.family}, sans-serif`);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return new XMLSerializer().serializeToString(copy)
    .replace(/var\((--sg-[a-z-]+)\)/g, (_, name) => styles.getPropertyValue(name));
}

const SCALE = 2; // pixels of a PNG file for each of the picture

/** The same in pixels. */
export async function pixelsOf(file) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(file)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SCALE * image.width, SCALE * image.height];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done));
}

export function saveAs(name, content, type) {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Into the clipboard, also where the page is no secure one. */
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

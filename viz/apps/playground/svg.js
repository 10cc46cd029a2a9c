// Small things that pictures are made with.

/** An element of a picture. */
export function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export const written = (x, y, text, attributes = {}) =>
  drawn("text", { x, y, ...attributes }, text);

/** A triangle about a point: up for what is positive, down for what is negative. */
export function triangle(x, y, size, isUp) {
  const up = isUp ? 1 : -1;
  return `M${x},${y - up * size}l${size},${up * 1.7 * size}h${-2 * size}z`;
}

/** The mark of a sign in a text. */
export const markOf = (x) => (x > 0 ? "▲" : x < 0 ? "▼" : "");

// Small things that every part of the page is made with.

export function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Writing what is there already would cost a layout. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const bytesOf = (base64) =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The keys of a stepper work where the focus is in it: on its slider, if that is shown. */
export function takeKeys(el) {
  const slider = el.querySelector(".controls input:not([hidden])");
  (slider ?? el.querySelector(".panel")).focus({ preventScroll: true });
}

export function mark(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

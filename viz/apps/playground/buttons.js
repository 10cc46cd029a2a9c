// Buttons with a text or a drawn icon.

import { made } from "./elements.js";

const ICONS = {
  first: "M2 2h2v12H2zM14 2v12L5 8z",
  back: "M12 2v12L3 8z",
  play: "M3 1l12 7-12 7z",
  pause: "M3 1h4v14H3zM9 1h4v14H9z",
  next: "M4 2l9 6-9 6z",
};

/** A button with a text; its name is how tests and styles find it. */
export function textButton(said, act, attributes = {}) {
  const button = made("button", attributes, said);
  button.addEventListener("click", act);
  return button;
}

export function iconButton(icon, label, act) {
  const button = textButton("", act, { "data-action": icon, "aria-label": label });
  button.innerHTML = '<svg viewBox="0 0 16 16" class="icon" aria-hidden="true"><path/></svg>';
  showIcon(button, icon);
  return button;
}

export const showIcon = (button, icon) =>
  button.querySelector("path").setAttribute("d", ICONS[icon]);

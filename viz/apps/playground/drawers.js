// Panels over the network, one at a time: the map of settings, what can be taken along, and the
// keys.

import { textButton } from "./buttons.js";
import { made } from "./elements.js";
import { KEYS_SAID } from "./keys.js";
import { leaving } from "./leaving.js";
import { SettingsMap } from "./settings_map.js";

export class Drawers {
  /** `box` is what they lie over; `closed` is called when one is gone. */
  constructor(box, closed) {
    Object.assign(this, { box, closed, before: null });
  }

  open(title, ...children) {
    this.close();
    const close = textButton("Close", () => this.close(), { "data-action": "close" });
    const head = made("header", {}, made("h2", {}, title), close);
    const attributes = { class: "over drawer", role: "dialog", "aria-label": title };
    this.box.append(made("section", attributes, head, ...children));
    this.before = document.activeElement;
    close.focus({ preventScroll: true });
  }

  /** Returns whether one was open. */
  close() {
    const panel = this.box.querySelector(".over");
    if (!panel) return false;
    panel.remove();
    this.before?.focus?.({ preventScroll: true });
    this.closed();
    return true;
  }

  openMap(session, choices, actions) {
    this.open("Map of settings", new SettingsMap(session, choices, actions).element);
  }

  openLeaving(session, network, tell) {
    this.open("Take it along", leaving({ session, network, tell }));
  }

  openKeys() {
    const rows = KEYS_SAID.flatMap(([key, said]) => [made("dt", {}, key), made("dd", {}, said)]);
    this.open("Keys and signs", made("dl", { class: "keys" }, ...rows));
  }
}

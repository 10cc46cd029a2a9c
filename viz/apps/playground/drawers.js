// Panels over the network, one at a time: the map of settings, what can be taken along, and the
// keys.

import { textButton } from "./buttons.js";
import { made } from "./elements.js";
import { KEYS_SAID } from "./keys.js";
import { leaving } from "./leaving.js";
import { SettingsMap } from "./settings_map.js";

export class Drawers {
  /** `box` is what they lie over, in the page `el`; `closed` is called when one is gone. */
  constructor(el, box, closed) {
    Object.assign(this, { el, box, closed, before: null });
  }

  open(title, ...children) {
    this.openIn(this.box, "over drawer", title, children);
  }

  openIn(box, kind, title, children) {
    this.close();
    const close = textButton("Close", () => this.close(), { "data-action": "close" });
    const head = made("header", {}, made("h2", {}, title), close);
    const attributes = { class: kind, role: "dialog", "aria-label": title };
    box.append(made("section", attributes, head, ...children));
    this.before = document.activeElement;
    close.focus({ preventScroll: true });
  }

  /** Returns whether one was open. */
  close() {
    const panel = this.el.querySelector(".over");
    if (!panel) return false;
    panel.remove();
    this.before?.focus?.({ preventScroll: true });
    this.closed();
    return true;
  }

  /** A page of its own, which can neither read nor change anything here. */
  openPage(title, html) {
    const frame = made("iframe", { title, sandbox: "allow-scripts", srcdoc: html });
    this.openIn(this.el, "over graph", title, [frame]);
  }

  openMap(session, choices, actions) {
    this.open("Map of settings", new SettingsMap(session, choices, actions).element);
  }

  openLeaving(of) {
    this.open("Take it along", leaving(of));
  }

  openKeys() {
    const rows = KEYS_SAID.flatMap(([key, said]) => [made("dt", {}, key), made("dd", {}, said)]);
    this.open("Keys and signs", made("dl", { class: "keys" }, ...rows));
  }
}

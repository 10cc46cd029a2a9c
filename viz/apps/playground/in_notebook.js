// The host in a notebook: the kernel answers. A widget may be shown more than once, and every view
// hears all answers, so a message bears a name that no other one has.

import { inText } from "./columns.js";
import playground from "./playground.js";

export default {
  render({ model, el }) {
    const waiting = new Map();
    const view = Math.random().toString(36).slice(2);
    let sent = 0;
    const ask = (message) =>
      new Promise((resolve) => {
        const id = `${view} ${++sent}`;
        waiting.set(id, resolve);
        model.send({ id, message: inText(message) });
      });
    const heard = ({ id, answer }) => {
      waiting.get(id)?.(answer);
      waiting.delete(id);
    };
    model.on("msg:custom", heard);
    el.classList.add("sg-playground-cell");
    let remove = () => {};
    let isGone = false;
    ask({ do: "settings" }).then((settings) => {
      if (isGone) return;
      const host = {
        name: "notebook",
        stepper: ({ inputs, target }) => ask({ do: "stepper", inputs, target }),
      };
      remove = playground.render({ backend: { ask }, el, settings, host });
    });
    return () => {
      isGone = true;
      model.off("msg:custom", heard);
      remove();
    };
  },
};

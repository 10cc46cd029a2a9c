// The host of the local page: its server answers the messages.

import { settingsInAddress } from "./address.js";
import { inText } from "./columns.js";
import playground from "./playground.js";

const view = Math.random().toString(36).slice(2); // which of the tabs this is

async function ask(message) {
  const post = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ view, message: inText(message) }),
  };
  const answer = await fetch("/message", post).catch(() => null);
  const said = await answer?.json().catch(() => null);
  return answer?.ok ? said : { trouble: said?.error ?? "no answer: start stepgrad play again" };
}

async function stepper({ inputs, target }) {
  const answer = await ask({ do: "stepper", inputs, target });
  if (answer.address) open(answer.address, "stepgrad-stepper");
  return answer;
}

const el = document.getElementById("playground");
const settings = settingsInAddress(await ask({ do: "settings" }));
playground.render({
  backend: { ask },
  el,
  settings,
  host: { name: "page", address: true, stepper },
});
el.focus({ preventScroll: true });

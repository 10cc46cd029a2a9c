// The host of the local page: its server has the graph, the form above the stepper makes new ones.

import { takeKeys } from "./elements.js";
import { PageModel } from "./model.js";
import stepper from "./stepper.js";

const form = document.getElementById("typed");
const alerted = form.querySelector("[role=alert]");
const el = document.getElementById("stepper");
let cleanUp = () => {};

/** What the server answers; whatever it refuses is an Error with its sentence. */
async function ask(path, message) {
  const post = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
  };
  const answer = await fetch(path, message && post).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (!answer?.ok) throw new Error(said?.error ?? "no answer: start stepgrad step again");
  return said;
}

/** What the address says is about one graph: it is forgotten when another one is shown. */
function forgetOther(graph) {
  const said = new URLSearchParams(location.hash.slice(1)).get("graph");
  if (said && said !== String(graph)) history.replaceState(null, "", location.pathname);
}

function show({ graph, state }) {
  cleanUp();
  forgetOther(graph);
  let shown = true;
  const answered = () => shown || new Promise(() => {}); // too late is never
  const about = (message) => ask("/edit", { ...message, graph: model.get("graph") }).finally(answered);
  const [compute, answer] = [(edits) => about({ edits }), (question) => about({ ask: question })];
  const model = new PageModel({ ...state, graph }, compute, answer);
  const remove = stepper.render({ model, el });
  const reread = () => model.read();
  addEventListener("hashchange", reread);
  cleanUp = () => {
    shown = false;
    removeEventListener("hashchange", reread);
    remove();
  };
  document.title = state.plan.title;
}

/** One after the other, so that the graph seen is the graph that the server has. */
let earlier = Promise.resolve();
function next(action) {
  earlier = earlier.then(action).then(
    () => (alerted.textContent = ""),
    (error) => (alerted.textContent = error.message),
  );
}

let latest; // of what was submitted

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = Object.fromEntries(new FormData(form));
  const focused = document.activeElement;
  latest = typed;
  next(async () => {
    show(await ask("/expression", typed));
    // nobody is disturbed who types on meanwhile
    if (typed === latest && document.activeElement === focused) takeKeys(el);
  });
});

next(async () => {
  const answer = await ask("/state");
  for (const [name, text] of Object.entries(answer.typed)) {
    form.elements.namedItem(name).value = text;
  }
  show(answer);
  takeKeys(el);
});

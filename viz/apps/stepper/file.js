// The host of an exported page: its own script computes what an edited leaf changes.

const state = JSON.parse(document.getElementById("state").textContent);
const { plan, base } = state;
const given = revived(base);
state.fixed = plan.graph.why_not ?? ""; // why leaves cannot be edited here
const model = new PageModel(state, (edits) => recomputed(plan.graph, given, edits));
stepper.render({ model, el: document.getElementById("stepper") });
addEventListener("hashchange", () => model.read());
if (window === window.top) {
  // keys work at once, unless that would take them from a page around this one
  const slider = document.querySelector("#stepper .controls input:not([hidden])");
  (slider ?? document.querySelector("#stepper .panel")).focus({ preventScroll: true });
}

// The host of an exported page: its own script computes what an edited leaf changes.

const state = JSON.parse(document.getElementById("state").textContent);
const { plan, base } = state;
const given = revived(base);
state.fixed = plan.graph.why_not ?? ""; // why leaves cannot be edited here
const model = new PageModel(state, (edits) => recomputed(plan.graph, given, edits));
const el = document.getElementById("stepper");
stepper.render({ model, el });
addEventListener("hashchange", () => model.read());
if (window === window.top) takeKeys(el); // a page around this one needs them itself

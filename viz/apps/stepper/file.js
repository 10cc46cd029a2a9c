// The host of an exported page: its own script computes what an edited leaf changes.

import { takeKeys } from "./elements.js";
import { recomputed } from "./engine.js";
import { PageModel } from "./model.js";
import stepper from "./stepper.js";
import { revived } from "./telling.js";

const state = await globalThis.stepgradState;
const { plan, base } = state;
const given = revived(base);
state.fixed = plan.graph.why_not ?? ""; // why leaves cannot be edited here
const isMended = (edits) => !plan.failed || Object.keys(edits).length > 0;
const compute = (edits) => isMended(edits)
  ? recomputed(plan.graph, given, edits)
  : { numbers: given, edits, trouble: "" }; // as it was when it failed
const model = new PageModel(state, compute);
const el = document.getElementById("stepper");
stepper.render({ model, el });
addEventListener("hashchange", () => model.read());
if (window === window.top) takeKeys(el); // a page around this one needs them itself

// The host of an exported page: its own script computes what an edited leaf changes.

import { takeKeys } from "./elements.js";
import { recomputed } from "./engine.js";
import { PageModel } from "./model.js";
import stepper from "./stepper.js";
import { revived } from "./telling.js";

export const state = await globalThis.stepgradState;
const { plan, base } = state;
const given = revived(base);
state.fixed = plan.graph.why_not ?? ""; // why leaves cannot be edited here
const { told } = state; // what Python has answered beforehand
const isMended = (edits) => !plan.failed || Object.keys(edits).length > 0;
const isGiven = (edits) => Object.keys(edits).length === 0;
const compute = (edits) => ({
  ...(isMended(edits)
    ? recomputed(plan.graph, given, edits)
    : { numbers: given, edits, trouble: "" }), // as it was when it failed
  told: isGiven(edits) ? told : {},
  asked: "",
});
const SORRY = "This page is a file, with no Python behind it";
const answer = (question) => {
  const sorry = question.startsWith("unfold")
    ? `${SORRY}: stepgrad step can unfold, and so does stepgrad draw --unfold`
    : isGiven(model.get("edits"))
      ? `${SORRY}, and the answer for a graph of this size is not in it: stepgrad step has it`
      : `${SORRY}, and its answers are about the given numbers: reset them, or use stepgrad step`;
  return { asked: "", told: { ...model.get("told"), [question]: { sorry } } };
};
export const model = new PageModel(state, compute, answer);
const el = document.getElementById("stepper");
stepper.render({ model, el });
addEventListener("hashchange", () => model.read());
if (window === window.top) takeKeys(el); // a page around this one needs them itself

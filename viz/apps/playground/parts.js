// The parts of a playground, each told what it may do to the others. `page` is the playground.

import { exampleAt, pointAdded, pointMoved } from "./by_hand.js";
import { Answers } from "./answers.js";
import { ChosenExample } from "./chosen.js";
import { settingFields } from "./controls.js";
import { Losses } from "./curve_of_losses.js";
import { DataPanel } from "./datasets.js";
import { Drawers } from "./drawers.js";
import { Heads } from "./heads.js";
import { layOut } from "./layout.js";
import { Network } from "./network.js";
import { number } from "./numbers.js";
import { Prediction } from "./predicting.js";
import { Training } from "./training.js";
import { UpdateTable } from "./update.js";

/** What trains, what is chosen and what opens, and the elements that they stand in. */
export function buildParts(page) {
  const { el, session } = page;
  const tell = (text) => page.tell(text);
  const run = (action) => page.run(action);
  page.prediction = new Prediction((predicting) => {
    page.predicting = predicting;
    page.draw();
  }, tell);
  page.training = new Training(session, {
    isAllowed: () => !page.prediction.waits(session.frame),
    ...{ tell, run, say: (text) => page.say(text) },
    ...{ look: () => page.lookAt(), draw: () => page.draw(), drawAll: () => page.drawAll() },
  });
  page.fields = settingFields(
    page.choices,
    (patch, what) => {
      page.change({ config: patch, what }, "init" in patch || "seed" in patch);
    },
    tell,
  );
  page.parts = layOut(el, {
    fields: page.fields,
    training: page.training,
    acts: {
      epoch: () => page.training.epoch(),
      more: () => page.toggleMore(),
      undo: () => page.undo(),
      reset: () => page.change({ reset: true, what: "started anew" }),
      map: () => page.openMap(),
      save: () =>
        page.drawers.openLeaving({
          session,
          looks: page.looks,
          hide: page.settings.hide ?? [],
          controls: page.choices.controls,
          network: page.network,
          tell,
          hasAddress: Boolean(page.address),
        }),
      keys: () => page.drawers.openKeys(),
    },
  });
  page.trouble = page.parts.trouble;
  page.parts.prediction.replaceWith(page.prediction.element);
  page.drawers = new Drawers(el, page.parts.net, () => page.focus.keep());
  page.chosen = new ChosenExample(session, {
    box: page.parts.example,
    el,
    run,
    draw: () => page.draw(),
    stepper: page.host?.stepper,
    framed: (title, html) => page.drawers.openPage(title, html),
    opens: () => {
      page.unit ??= page.chosenUnit;
      page.training.pause();
    },
  });
}

/** The panels that show the network, its answers, its data and its losses. */
export function buildPanels(page) {
  const { parts } = page;
  const said = (text) => page.tell(text);
  page.network = new Network(parts.stage, {
    chosen: (l, neuron) => page.choose(l, neuron),
    pointed: (l, neuron) => page.point(l, neuron),
  });
  page.heads = new Heads(page.network, page.choices, (change, what, kept) =>
    page.layers(change, what, kept),
  );
  page.answers = new Answers(page.session, {
    box: parts.map,
    what: parts.what,
    chosen: (index, heldOut) => page.chosen.choose(index, heldOut),
    added: async (at) => {
      if (await page.change(pointAdded(at, page.panel.kind))) return;
      page.chosen.choose(...exampleAt(page.session, at));
    },
    moved: (example, to) => page.change(pointMoved(example, to)),
    said: (text) => page.say(text),
  });
  page.table = new UpdateTable(parts.table, page.choices, {
    others: [page.prediction.switch],
    typed: (place, x) =>
      page.change({ weights: { [place]: x }, what: `a weight typed in: ${number(x)}` }),
    said,
    taken: () => page.training.update(),
    pinned: () => page.pin(),
    redrawn: () => {
      const { l, neuron } = page.chosenUnit;
      page.change({ redraw: [l, neuron], what: `${page.calledNow} drawn anew` });
    },
  });
  page.losses = new Losses(parts.time, { went: (step) => page.training.goTo(step) });
  page.panel = new DataPanel(parts.dataSets, {
    hasPython: page.host?.name !== "file",
    said,
    changed: (patch, what) =>
      page.change((session) => {
        const { wanted } = session.timeline.partAt(session.step);
        return { data: typeof patch === "function" ? patch(wanted) : patch, what };
      }),
    looked: (name, isOn) => page.look(name, isOn),
  });
}

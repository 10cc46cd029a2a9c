// A run of the playground as a Python script, in a page without Python: text for text what
// `viz/apps/playground/script.py` writes, which says why each line is there. What it has to know of
// `nn`, the facts, comes from there too.

import {
  pythonCall,
  pythonFloat,
  pythonImport,
  pythonList,
  pythonText,
  pythonTuple,
} from "./in_python.js";
import { outputsOf } from "./moved.js";

/** The script of a run of `last` updates. `marks` are what changed on the way, the first of them
 * complete. `look(data, config)` gives the examples of a message and the first weights there. */
export async function codeOf(marks, last, facts, look) {
  const stretches = await stretchesOf(marks, facts, look);
  const writer = new ScriptWriter(
    facts,
    stretches.some(({ config }) => config.pinned.length),
  );
  stretches.forEach((stretch, i) => {
    writer.change(stretches[i - 1], stretch);
    writer.updates(stretch, (stretches[i + 1]?.step ?? last) - stretch.step);
  });
  return writer.text(stretches.at(-1));
}

/** The marks, completed: updates with the same settings, and what was set before them. */
async function stretchesOf(marks, { defaults }, look) {
  const found = [];
  for (const { step, config: given, data, parameters, slots, ...at } of marks) {
    const before = found.at(-1);
    const config = given ? { ...defaults, ...given } : before.config;
    config.pinned = [...new Set(config.pinned)].sort((a, b) => a - b);
    const looked =
      before && (!data || sameEntries(data, before.data))
        ? before
        : { ...(await look(data, config)), data };
    const one = { step, config, data: looked.data, examples: looked.examples, slots: slots ?? {} };
    const isDrawn = !before && parameters?.every((x, i) => x === looked.drawn[i]);
    one.numbers = isDrawn ? null : (parameters ?? null);
    const anew =
      !before || countIn(before) !== countIn(one) || before.config.optimizer !== config.optimizer;
    one.fresh = anew || Boolean(slots);
    const [epoch, batch] = before ? reached(before, step) : [0, 0];
    const isOther =
      before && (config.batch !== before.config.batch || one.examples !== before.examples);
    found.push({ ...one, epoch: epoch + Boolean(isOther), batch: isOther ? 0 : batch, ...at });
  }
  return found;
}

const sameEntries = (a, b) =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
const sizesOf = ({ config, examples }) => [
  ...config.layers.map(({ size }) => size),
  outputsOf(config, examples),
];
const sameIn = (parts) => (a, b) => JSON.stringify(parts(a)) === JSON.stringify(parts(b));

function countIn(stretch) {
  const sizes = [stretch.examples.inputs[0].length, ...sizesOf(stretch)];
  return sizes.slice(1).reduce((sum, size, l) => sum + size * (sizes[l] + 1), 0);
}

function batchesIn({ config, examples: { inputs } }) {
  return Math.ceil(inputs.length / Math.min(config.batch || inputs.length, inputs.length));
}

/** The epoch and the batch that a stretch has reached. */
function reached(stretch, step) {
  const batches = stretch.batch + step - stretch.step;
  const inEpoch = batchesIn(stretch);
  return [stretch.epoch + Math.floor(batches / inEpoch), batches % inEpoch];
}

const sameShapeOf = sameIn((one) => [
  one.examples.inputs[0].length,
  sizesOf(one),
  one.config.layers.map(({ activation }) => activation),
]);
const sameTrainer = sameIn(({ config: { loss, batch, penalty, norm, seed } }) => [
  loss,
  batch,
  penalty,
  norm,
  seed,
]);
const quotedName = (name) => (name === null ? "None" : `"${name}"`);

class ScriptWriter {
  constructor(facts, pins) {
    Object.assign(this, { facts, pins, lines: [], names: new Set(["Trainer", "evaluate"]) });
  }

  text({ config }) {
    this.lines.push(
      `loss, accuracy = evaluate(model, training, "${config.loss}")`,
      'print(f"after {optimizer.steps} updates: loss {loss:.6g}, accuracy {accuracy}")',
    );
    return [this.facts.head.trimEnd(), pythonImport(this.names), "", ...this.lines, ""].join("\n");
  }

  change(before, now) {
    const { config } = now;
    if (before) this.lines.push("", `# from update ${now.step + 1} on`);
    const hasOther = before?.examples !== now.examples;
    if (hasOther) this.data(now.examples);
    const isMade = this.model(before, now);
    const sameOptimizer = sameIn((one) => [
      one.config.optimizer,
      this.settingsOf(one.config),
      one.config.pinned,
    ]);
    const isAnew = isMade || now.fresh || !sameOptimizer(before, now);
    const rate = this.rate(config);
    if (isAnew) this.optimizer(now, Boolean(before && !now.fresh));
    else if (this.rate(before.config) !== rate) {
      this.lines.push(`optimizer.schedule = ${rate}`);
      this.names.add(config.schedule);
    }
    if (isAnew || hasOther || !sameTrainer(before, now)) {
      this.trainer(config);
      if (now.epoch || now.batch) this.place(now);
    } else if (`${reached(before, now.step)}` !== `${[now.epoch, now.batch]}`) this.place(now);
  }

  data({
    inputs,
    targets,
    classes,
    class_names: names,
    held_out: heldOut,
    called,
    drawn,
    share,
    seed,
    coordinates,
    made: expressions,
  }) {
    const rowsIn = (rows) =>
      [
        "Dataset(",
        `    inputs=${pythonList((rows.coordinates ?? rows.inputs).map(floatsIn), "    ")},`,
        `    targets=${pythonList(
          rows.targets.map((t) => (classes ? `${t}` : floatsIn(t))),
          "    ",
        )},`,
        `    classes=${classes ?? "None"},`,
        `    name=${pythonText(called)},`,
        ...(names.length ? [`    class_names=${pythonTuple(names.map(pythonText))},`] : []),
        ")",
      ].join("\n");
    const isSplit = heldOut.inputs.length > 0;
    this.names.add(drawn ? drawn.slice(0, drawn.indexOf("(")) : "Dataset");
    if (!drawn) {
      this.lines.push(`training = ${rowsIn({ inputs, targets, coordinates })}`);
      if (isSplit) this.lines.push(`held_out = ${rowsIn(heldOut)}`);
    } else if (isSplit) {
      this.lines.push(
        `data = ${drawn}`,
        `training, held_out = data.split(${pythonFloat(1 - share)}, seed=${seed})`,
      );
    } else this.lines.push(`training = ${drawn}`);
    if (!expressions) return;
    for (const part of isSplit ? ["training", "held_out"] : ["training"])
      this.lines.push(pythonCall(`${part} = ${part}.with_inputs`, expressions.map(pythonText)));
  }

  /** Writes the model, if it is another one, and its numbers; returns whether it is. */
  model(before, now) {
    const { config, examples, numbers } = now;
    const isOther = !before || !sameShapeOf(before, now);
    if (isOther) {
      this.names.add("MLP");
      const activations = config.layers.map(({ activation }) =>
        activation === "linear" ? null : activation,
      );
      const isOne = new Set(activations).size <= 1;
      const written = isOne
        ? quotedName(activations[0] ?? null)
        : `[${[...activations, null].map(quotedName).join(", ")}]`;
      const isKept = before && !numbers;
      if (isKept) this.lines.push("numbers = model.state_dict()");
      const sizes = `[${sizesOf(now).join(", ")}]`;
      const drawnBy = `init="${config.init}", seed=${config.seed}`;
      const inputs = examples.inputs[0].length;
      this.lines.push(`model = MLP(${inputs}, ${sizes}, ${written}, ${drawnBy})`);
      if (isKept) this.lines.push("model.load_state_dict(numbers)");
    }
    if (numbers) {
      this.lines.push(
        `numbers = ${pythonList(Array.from(numbers, pythonFloat))}`,
        "model.load_state_dict(dict(zip(model.named_parameters(), numbers, strict=True)))",
      );
    }
    return isOther;
  }

  /** The settings of an optimiser as arguments, by name. */
  settingsOf(config) {
    const written = (x) => (typeof x === "boolean" ? (x ? "True" : "False") : pythonFloat(x));
    const betas = pythonTuple([config.beta1, config.beta2].map(pythonFloat));
    const names = Object.keys(this.facts.optimizers[config.optimizer].usual);
    return Object.fromEntries(
      names.map((name) => [name, name === "betas" ? betas : written(config[name])]),
    );
  }

  optimizer(now, isKept) {
    const { config, step } = now;
    const { remember, recall, optimizers } = this.facts;
    const { kind, usual } = optimizers[config.optimizer];
    this.names.add(kind);
    if (isKept) this.lines.push(this.pins ? remember : "kept = optimizer.state_dict()");
    let parameters = "model.parameters()";
    if (this.pins) {
      if (!isKept) this.lines.push("memory = {}");
      this.lines.push(
        `pinned = [${config.pinned.join(", ")}]`,
        `moving = [i for i in range(${countIn(now)}) if i not in pinned]`,
      );
      parameters = "[model.parameters()[i] for i in moving]";
    }
    const changed = Object.entries(this.settingsOf(config)).filter(
      ([name, written]) => written !== usual[name],
    );
    const isConstant = config.schedule === "constant";
    if (!isConstant) this.names.add(config.schedule);
    const rate = isConstant ? pythonFloat(config.rate) : this.rate(config);
    this.lines.push(
      pythonCall(`optimizer = ${kind}`, [parameters, rate, ...changed.map((one) => one.join("="))]),
    );
    if (isKept) this.lines.push(this.pins ? recall : "optimizer.load_state_dict(kept)");
    for (const [name, column] of Object.entries(now.slots)) {
      const numbers = pythonList(Array.from(column, pythonFloat));
      if (this.pins)
        this.lines.push(
          `column = ${numbers}`,
          `memory |= {("${name}", i): x for i, x in enumerate(column)}`,
        );
      else this.lines.push(`optimizer.state["${name}"] = ${numbers}`);
    }
    if (Object.keys(now.slots).length && this.pins) this.lines.push(recall);
    if (step && (this.pins || !isKept)) this.lines.push(`optimizer.steps = ${step}`);
  }

  /** The schedule of the rate. */
  rate({ schedule, rate, period, factor }) {
    const first = `${schedule}(rate=${pythonFloat(rate)}`;
    if (schedule === "cosine") return `${first}, steps=${period}, lowest=0.0)`;
    return schedule === "step_decay"
      ? `${first}, every=${period}, factor=${pythonFloat(factor)})`
      : `${first})`;
  }

  trainer({ loss, batch, penalty, norm, seed }) {
    const args = ["model", "training", `loss="${loss}"`, "optimizer=optimizer"];
    if (batch) args.push(`batch_size=${batch}`);
    if (penalty) args.push(`penalty=${pythonFloat(penalty)}`);
    if (penalty && norm !== this.facts.defaults.norm) args.push(`norm="${norm}"`);
    this.lines.push(pythonCall("trainer = Trainer", [...args, `seed=${seed}`]));
  }

  place({ epoch, batch }) {
    this.lines.push(`trainer.epoch, trainer.batch = ${epoch}, ${batch}`);
  }

  updates(stretch, count) {
    const inEpoch = batchesIn(stretch);
    let start = stretch.batch;
    if (start + count >= inEpoch) {
      this.lines.push(`trainer.run(${Math.floor((start + count) / inEpoch)}, progress=False)`);
      count = (start + count) % inEpoch;
      start = 0;
    }
    if (count)
      this.lines.push(
        `for batch in trainer.batches()[${start}:${start + count}]:`,
        "    trainer.run_batch(batch)",
      );
  }
}

const floatsIn = (one) =>
  Array.isArray(one) ? pythonTuple(one.map(pythonFloat)) : pythonFloat(one);

// Runs what a page without Python does by itself in Node, for test_page_alone.py:
// node page_alone.mjs FOLDER TASK < cases.json > answers.json

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, task] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(`${folder}/${name}.js`));

const inColumns = ({ parameters, slots, ...rest }, columnOf) => ({
  ...rest,
  ...(parameters && { parameters: columnOf(parameters) }),
  ...(slots && { slots: Object.fromEntries(Object.entries(slots).map(([name, column]) => [name, columnOf(column)])) }),
});

const tasks = {
  async written(cases) {
    const { pythonFloat, pythonText } = await from("in_python");
    return cases.map((one) => (typeof one === "string" ? pythonText(one) : pythonFloat(one)));
  },

  async code({ facts, runs }) {
    const { codeOf } = await from("code_of_run");
    const { columnOf } = await from("columns");
    const texts = [];
    for (const { marks, last, looked } of runs) {
      const look = (data) => {
        const [, examples, drawn] = looked.find(([one]) => JSON.stringify(one) === JSON.stringify(data));
        return { examples, drawn: columnOf(drawn) };
      };
      texts.push(await codeOf(marks.map((mark) => inColumns(mark, columnOf)), last, facts, look));
    }
    return texts;
  },

  async tables({ texts, limits }) {
    const { examplesInTable, onOneLine } = await from("table");
    return texts.map((text) => {
      try {
        return examplesInTable(text, limits);
      } catch (error) {
        return { trouble: onOneLine(error.message) };
      }
    });
  },

  /** Why addresses make no sense; "" where they may. */
  async addresses({ texts, settings }) {
    const { settingsInAddress } = await from("address");
    return texts.map((text) => {
      globalThis.location = { hash: `#${text}` };
      return settingsInAddress(settings).wrong ?? "";
    });
  },

  async expressions({ texts, aliases, points }) {
    const { examplesOfExpression, inputsOfExpression, readExpression } = await from("expression");
    return texts.map((text) => {
      try {
        const read = readExpression(text, aliases);
        return examplesOfExpression(read, inputsOfExpression(read.names), points);
      } catch (error) {
        return { trouble: error.message };
      }
    });
  },

  async moments(columns) {
    const { exactDeviation, exactMean } = await from("exact");
    return columns.map((column) => [exactMean(column), exactDeviation(column)]);
  },

  async files(cases) {
    const { modelFile } = await from("model_file");
    const { columnOf, textOf } = await from("columns");
    const made = cases.map(({ inputs, layers, parameters, about }) => modelFile(inputs, layers, columnOf(parameters), about));
    return (await Promise.all(made)).map(textOf);
  },
};

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(await tasks[task](cases)));

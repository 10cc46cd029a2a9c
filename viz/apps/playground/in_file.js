// The host of an exported page: a worker, made of text in the page, answers. It knows rows and no
// names of data sets, so these are looked up here, among the numbers that came with the page.

import playground, { settingsInAddress } from "./playground.js";

document.body.lastElementChild.remove(); // this script, which a copy of the page unpacks by itself
const source = document.documentElement.outerHTML;
const { settings, shipped, worker: text } = await globalThis.stepgradState;
const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
const waiting = [];
worker.onmessage = ({ data }) => waiting.shift()(data.answer);
worker.onerror = ({ message }) => waiting.splice(0).forEach((settle) => settle({ trouble: message }));

const answered = (message) => new Promise((resolve) => {
  waiting.push(resolve);
  worker.postMessage({ id: waiting.length, message });
});

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The rows of a data set, as the worker takes them; or the trouble with it. */
function rowsOf(data) {
  const { name, points, noise = 0, share = 0, seed = 0 } = data;
  if (name === "own") return { rows: data.rows, share, seed };
  if (same(data, settings.data)) return settings.examples;
  const set = shipped[name];
  if (!set) return { trouble: `${name} needs Python: start stepgrad play, or viz.playground() in a notebook` };
  const count = Math.min(points ?? set.inputs.length, set.inputs.length);
  const rows = set.inputs.slice(0, count).map((x, i) => {
    const offset = set.offsets?.[i] ?? 0;
    const moved = set.classes ? x.map((a, k) => a + noise * (offset[k] ?? 0)) : x;
    return [...moved, set.targets[i] + (set.classes ? 0 : noise * offset)];
  });
  const { classes, names } = set;
  return { rows, share, seed, classes, names };
}

async function ask(message) {
  if (message.do === "settings") return settings;
  if (message.do !== "data") return answered(message);
  const { names, class_names, said, trouble, ...rows } = rowsOf(message.data);
  if (trouble) return { trouble };
  const answer = await answered({ do: "data", data: rows });
  if (answer.trouble) return answer;
  return { ...answer, ...(names && { names }), ...(class_names && { class_names }), said: said ?? "" };
}

const el = document.getElementById("playground");
settings.given = settings.state; // what is in the page is there whenever it is opened
const address = location.protocol !== "about:"; // inside another page there is none
const begun = address ? settingsInAddress(settings) : settings;
playground.render({ backend: { ask }, el, settings: begun, host: { name: "file", source, address } });
if (window === window.top) el.focus({ preventScroll: true }); // a page around this one needs keys itself

// The address of the page, which holds the whole state: the settings and the data at the beginning,
// what was changed at which step, and the step.

import { inShort } from "./checking.js";

const MOST_CHANGES = 1000;

/** What an address says of a session, if it makes sense: it goes on from the first state, whatever
 * the host has reached since. `without` are the settings to begin with where it does not fit, and
 * `wrong` says why it cannot. What is no session at all, such as the name of a place, is left
 * alone. */
export function settingsInAddress(settings) {
  const kept = keptInAddress();
  if (!kept) return settings;
  const { config, data, changes = [], step = 0 } = kept;
  const { looks = settings.looks ?? [], hide = settings.hide ?? [] } = kept;
  const wrong =
    troubleWith({ config, data, changes, step }) ||
    troubleWithNames(looks, settings.choices.looks, "look") ||
    troubleWithNames(hide, settings.choices.controls, "control");
  if (wrong) return { ...settings, without: settings, wrong };
  const { state, given, ...rest } = settings;
  return {
    ...rest,
    changes,
    step,
    looks,
    hide,
    given,
    ...(given && { state: given }),
    without: settings,
    config: { ...settings.config, ...config },
    data: { ...settings.data, ...data },
  };
}

/** The address without controls of these names. */
export function addressWithout(names) {
  const address = new URL(location.href);
  address.hash = encodeURIComponent(JSON.stringify({ ...keptInAddress(), hide: names }));
  return address.href;
}

function keptInAddress() {
  try {
    const kept = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    return isObject(kept) ? kept : null;
  } catch {
    return null;
  }
}

const isObject = (x) => typeof x === "object" && x !== null && !Array.isArray(x);
const isFromZero = (x) => Number.isSafeInteger(x) && x >= 0;
const areCounts = (list) => Array.isArray(list) && list.every(isFromZero);

/** Why an address cannot be followed, as far as its form tells; "" where it can. What is in it is
 * checked where it is used. */
function troubleWith({ config = {}, data = {}, changes, step }) {
  if (!isObject(config)) return "settings are given by name";
  if (!isObject(data)) return "data are named in a message";
  if (!areCounts(config.pinned ?? [])) return "pinned are the numbers of parameters";
  if (!isFromZero(step)) return "a step is a whole number from 0";
  if (!Array.isArray(changes) || !changes.every(isObject))
    return "changes are a list of what was changed at which step";
  if (changes.length > MOST_CHANGES)
    return `${changes.length} changes are too many: ${MOST_CHANGES} is the limit`;
  const steps = changes.map((change) => change.step);
  if (!areCounts(steps) || steps.some((at, i) => i > 0 && at < steps[i - 1]))
    return "changes have steps, in their order";
  for (const { config, data, weights, redraw, kept } of changes) {
    if (!isObject(weights ?? {})) return "weights are given by their places";
    if (redraw && !(areCounts(redraw) && redraw.length === 2))
      return "a neuron is named by its layer and its place";
    if (kept && !(Array.isArray(kept) && kept.every((l) => l === null || isFromZero(l))))
      return "what is kept are the numbers of layers";
    const inside = troubleWith({ config: config ?? {}, data: data ?? {}, changes: [], step: 0 });
    if (inside) return inside;
  }
  return "";
}

/** Why a list has to have other names; "" where it is all right. */
function troubleWithNames(names, known, what) {
  if (!Array.isArray(names)) return `${what}s are named in a list`;
  const unknown = names.find((name) => !known.includes(name));
  return unknown === undefined ? "" : `there is no ${what} named ${inShort(unknown)}`;
}

/** Keep a session in the address, where it can: no address tells of a first state that was reached
 * otherwise. */
export class Address {
  constructor({ state, given, hide }) {
    Object.assign(this, { canTell: state === given, hide, written: "" });
  }

  write(session, looks) {
    if (!this.canTell) return;
    const [first] = session.timeline.parts;
    const kept = {
      config: first.config,
      data: first.wanted,
      changes: session.changes(),
      step: session.step,
      ...(looks.size && { looks: [...looks] }),
      ...(this.hide?.length && { hide: this.hide }),
    };
    const text = `#${encodeURIComponent(JSON.stringify(kept))}`;
    if (text === this.written) return;
    this.written = text;
    history.replaceState(null, "", text);
  }
}

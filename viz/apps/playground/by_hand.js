// Points of one's own: set, moved and taken away in the picture.

import { pointsOf } from "./plane.js";

const FEWEST = 2; // points

/** The change that sets a point of a class. */
export const pointAdded =
  ([x, y], kind) =>
  (session) => ({
    data: { rows: [...rowsOfOwn(session), [x, y, kind]] },
    what: "a point more",
  });

/** The change that moves the point that an example is; `to` gives its new place from the old one.
 */
export function pointMoved([index, heldOut], to) {
  return (session) => {
    const rows = [...rowsOfOwn(session)];
    const row = rowOf(session, index, heldOut);
    if (row < 0) return null;
    const [x, y, kind] = rows[row];
    rows[row] = [...to([x, y]), kind];
    return { data: { rows }, what: "a point moved" };
  };
}

/** The example that lies at a place: [index, whether it is held out], or null. */
export function exampleAt({ data }, [x, y]) {
  for (const heldOut of [false, true]) {
    const part = heldOut ? data.held_out : data;
    const rows = part ? pointsOf(part) : [];
    const index = rows.findLastIndex((row) => row[0] === x && row[1] === y);
    if (index >= 0) return [index, heldOut];
  }
  return null;
}

/** The change that takes the point away that an example is. */
export function takenAway({ index, heldOut }) {
  return (session) => {
    const rows = rowsOfOwn(session);
    if (rows.length <= FEWEST) throw new Error("Two points are the least: set another one first.");
    const row = rowOf(session, index, heldOut);
    return { data: { rows: rows.filter((_, i) => i !== row) }, what: "a point less" };
  };
}

const rowsOfOwn = ({ timeline, step }) => timeline.partAt(step).wanted.rows ?? [];

/** Which of the points of one's own an example is: those held out are drawn by lot, so their order
 * is another. */
function rowOf(session, index, heldOut) {
  const { data } = session;
  const part = heldOut ? data.held_out : data;
  const { targets } = part;
  const places = pointsOf(part);
  const rows = rowsOfOwn(session);
  const isThere = ([x, y]) => x === places[index]?.[0] && y === places[index]?.[1];
  const exact = rows.findIndex((row) => isThere(row) && row[2] === targets[index]);
  return exact < 0 ? rows.findIndex(isThere) : exact;
}

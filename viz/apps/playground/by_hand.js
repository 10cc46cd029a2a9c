// Points of one's own: set, moved and taken away in the picture.

import { pointsOf } from "./plane.js";

const FEWEST = 2; // points

/** The change that sets a point of a class, or moves that which an example is. */
export function placed([x, y], index, kind) {
  return (session) => {
    const rows = [...rowsOfOwn(session)];
    const row = index === null ? -1 : rowOf(session, index, false);
    if (row < 0) rows.push([x, y, kind]);
    else rows[row] = [x, y, rows[row][2]];
    return { data: { rows }, what: index === null ? "a point more" : "a point moved" };
  };
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

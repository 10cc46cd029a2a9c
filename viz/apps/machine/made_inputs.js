// Inputs that are made of two coordinates: expressions, which were read elsewhere, as one program.

import { Refusal, Tape, computed, prepared, program } from "./record.js";

const COORDINATES = 2;

export class MadeInputs {
  /** `expressions` are recipes of the two coordinates, each with the `text` that stands for it. */
  constructor(expressions) {
    const tape = new Tape(COORDINATES);
    const columns = expressions.map((one) => tape.replay(prepared(one), [0, 1]));
    this.texts = expressions.map(({ text }) => text);
    this.program = program(tape, COORDINATES, { sums: [], columns });
    this.key = JSON.stringify(expressions);
  }

  /** A row of inputs for each row of coordinates, with a nan where one has no value. */
  rowsAt(points) {
    return points.map((point) => {
      const read = computed(this.program, Float64Array.from(point));
      return this.program.columns.map(read);
    });
  }

  /** The same for examples. Throws a sentence where an input has no value, or a larger one than it
   * may have. */
  rowsOf(points, largest) {
    const rows = this.rowsAt(points);
    for (const row of rows) row.forEach((value, i) => this.check(value, i, largest));
    return rows;
  }

  check(value, i, largest) {
    if (Math.abs(value) <= largest) return;
    const problem = Number.isFinite(value) ? `is larger than ${largest}` : "has no value";
    throw new Refusal(`the input ${this.texts[i]} ${problem} for one of the examples`);
  }
}

// The machine: memory, and a function that runs programs in it, in WebAssembly or, where that is
// refused, in JavaScript. Both compute the same bits. What each kernel does is said in
// `kernels.py`.

import { PRIMITIVES } from "./primitives.js";
import { KERNELS, ROW_KERNELS, WASM } from "./printed.js";

const PAGE = 65536; // bytes
const GAP = 64; // behind every piece of memory, for what kernels compute in whole pairs

/** Memory that is handed out piece by piece, and `run(pc, stop, bytes, order, at)`. */
export class Machine {
  constructor(kind = bestKind()) {
    this.kind = kind;
    if (kind === "wasm") {
      const memory = new WebAssembly.Memory({ initial: 1 });
      // V8 knows Math.exp itself, and not an arrow function that calls it.
      const host = Object.fromEntries(
        Object.entries(PRIMITIVES).map(([name, { value }]) => [name, Math[name] ?? value]),
      );
      this.memory = memory;
      this.run = new WebAssembly.Instance(compiled(), { host: { ...host, memory } }).exports.run;
    } else {
      this.memory = { buffer: new ArrayBuffer(PAGE) };
      this.run = (pc, stop, bytes, order, at) => {
        const [m, w] = [this.doubles(), this.words()];
        for (let p = pc >> 2; p < stop >> 2;)
          p = IN_JAVASCRIPT[w[p]](m, w, p, bytes >> 3, order, at);
      };
    }
    this.reset();
  }

  /** All memory is free again. */
  reset() {
    this.top = GAP;
  }

  /** The address of so many bytes, a multiple of 16. Views of the memory may be void then. */
  take(bytes) {
    const at = this.top;
    this.top = (at + bytes + GAP + 15) & ~15;
    const missing = this.top - this.memory.buffer.byteLength;
    if (missing > 0) this.grow(Math.ceil(missing / PAGE) + 16);
    return at;
  }

  grow(pages) {
    if (this.kind === "wasm") this.memory.grow(pages);
    else {
      const larger = new ArrayBuffer(this.memory.buffer.byteLength + PAGE * pages);
      new Uint8Array(larger).set(new Uint8Array(this.memory.buffer));
      this.memory.buffer = larger;
    }
  }

  /** The memory as numbers, and as words. */
  doubles() {
    return this.views().m;
  }

  words() {
    return this.views().w;
  }

  views() {
    const { buffer } = this.memory;
    if (this.kept?.m.buffer !== buffer) {
      this.kept = { m: new Float64Array(buffer), w: new Int32Array(buffer) };
    }
    return this.kept;
  }

  /** The address of a column with these numbers, or with room for so many. */
  column(numbers) {
    const count = typeof numbers === "number" ? numbers : numbers.length;
    const at = this.take(8 * count);
    if (count !== numbers) this.doubles().set(numbers, at >> 3);
    else this.doubles().fill(0, at >> 3, (at >> 3) + count);
    return at;
  }

  read(address, count) {
    return this.doubles().slice(address >> 3, (address >> 3) + count);
  }
}

let module;

function compiled() {
  module ??= new WebAssembly.Module(Uint8Array.from(atob(WASM), (letter) => letter.charCodeAt(0)));
  return module;
}

let best;

/** "wasm", or "js" where there is no WebAssembly, none with SIMD, or the page must not compile it.
 */
function bestKind() {
  if (!best) {
    try {
      compiled();
      best = "wasm";
    } catch {
      best = "js";
    }
  }
  return best;
}

// The kernels in JavaScript, on m, the memory as numbers, and w, the memory as words

const OWN_KERNELS = {
  read(m, w, p, n, order, at) {
    const [to, from] = [w[p + 1] >> 3, (w[p + 2] + at) >> 3];
    for (let i = 0; i < n; i++) m[to + i] = m[from + i];
    return p + 3;
  },
  gather(m, w, p, n, order) {
    const [to, from, place] = [w[p + 1] >> 3, w[p + 2] >> 3, order >> 2];
    for (let i = 0; i < n; i++) m[to + i] = m[from + w[place + i]];
    return p + 3;
  },
  write(m, w, p, n, order, at) {
    const [from, to] = [w[p + 1] >> 3, (w[p + 2] + at) >> 3];
    for (let i = 0; i < n; i++) m[to + i] = m[from + i];
    return p + 3;
  },
  pairs(m, w, p) {
    const [to, from, count] = [w[p + 1] >> 3, w[p + 2] >> 3, w[p + 3]];
    for (let i = 0; i < count; i++) m[to + 2 * i] = m[to + 2 * i + 1] = m[from + i];
    return p + 4;
  },
  finite(m, w, p) {
    const [to, from, count] = [w[p + 1] >> 3, w[p + 2] >> 3, w[p + 3]];
    for (let i = from; i < from + count; i++) if (m[i] - m[i] !== 0) m[to] = NaN;
    return p + 4;
  },
  chain(m, w, p, n) {
    const [to, start, by, next] = [
      w[p + 1] >> 3,
      w[p + 2] >> 3,
      w[p + 3] >> 4,
      p + 5 + 2 * w[p + 4],
    ];
    for (let i = 0; i < n; i++) m[to + i] = m[start + i * by];
    for (let q = p + 5; q < next; q += 2) {
      const [u, x] = [m[w[q] >> 3], w[q + 1] >> 3];
      for (let i = 0; i < n; i++) m[to + i] += u * m[x + i];
    }
    return next;
  },
};

const dots = (count) => (m, w, p, n) => {
  const x = w[p + 1] >> 3;
  for (let k = 0; k < count; k++) {
    const [y, to] = [w[p + 2 + k] >> 3, w[p + 2 + count + k] >> 3];
    let sum = m[to];
    for (let i = 0; i < n; i++) sum += m[x + i] * m[y + i];
    m[to] = sum;
  }
  return p + 2 + 2 * count;
};

const IN_JAVASCRIPT = KERNELS.map((name) => {
  if (name.startsWith("dots")) return dots(Number(name.slice(4)));
  return OWN_KERNELS[name] ?? ROW_KERNELS[name];
});

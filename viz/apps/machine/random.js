// Python's random numbers: `random.Random(seed)` for whole numbers and for texts, and what `nn`
// draws with it, so that first weights and batches are Python's for the same seed.
//
// M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM Transactions on Modeling and Computer
// Simulation 8 (1998); SHA-512: FIPS 180-4.

import { called } from "./record.js";

const SIZE = 624;

/** `random.Random(seed)`: a whole number or a text. */
export class Random {
  constructor(seed) {
    const key = typeof seed === "string" ? wordsOfText(seed) : wordsOfNumber(seed);
    this.state = new Uint32Array(SIZE);
    this.next = SIZE;
    this.spare = null; // gauss makes two numbers at a time
    this.seed(key);
  }

  seed(key) {
    const { state } = this;
    const last = SIZE - 1;
    let before = (state[0] = 19650218);
    for (let i = 1; i < SIZE; i++)
      state[i] = before = (Math.imul(1812433253, mixed(before)) + i) | 0;
    let i = 1;
    before = state[0];
    for (let k = Math.max(SIZE, key.length), j = 0; k > 0; k--) {
      before = state[i] = ((state[i] ^ Math.imul(mixed(before), 1664525)) + key[j] + j) | 0;
      j = j + 1 < key.length ? j + 1 : 0;
      if (i === last) state[0] = before;
      i = i === last ? 1 : i + 1;
    }
    for (let k = last; k > 0; k--) {
      before = state[i] = ((state[i] ^ Math.imul(mixed(before), 1566083941)) - i) | 0;
      if (i === last) state[0] = before;
      i = i === last ? 1 : i + 1;
    }
    state[0] = 0x80000000;
  }

  /** 32 random bits. */
  word() {
    const { state } = this;
    if (this.next === SIZE) {
      for (let i = 0; i < SIZE; i++) {
        const bits = (state[i] & 0x80000000) | (state[i + 1 < SIZE ? i + 1 : 0] & 0x7fffffff);
        state[i] =
          state[i < SIZE - 397 ? i + 397 : i + 397 - SIZE] ^
          (bits >>> 1) ^
          (bits & 1 ? 0x9908b0df : 0);
      }
      this.next = 0;
    }
    let y = state[this.next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** A number from 0 to below 1. */
  random() {
    const [high, low] = [this.word() >>> 5, this.word() >>> 6];
    return (high * 67108864 + low) / 9007199254740992;
  }

  uniform(a, b) {
    return a + (b - a) * this.random();
  }

  gauss(mean, deviation) {
    let z = this.spare;
    this.spare = null;
    if (z === null) {
      const angle = this.random() * 2 * Math.PI;
      const radius = Math.sqrt(-2 * Math.log(1 - this.random()));
      z = Math.cos(angle) * radius;
      this.spare = Math.sin(angle) * radius;
    }
    return mean + z * deviation;
  }
}

const ENCODER = new TextEncoder();

const mixed = (x) => x ^ (x >>> 30);

/** The words of a whole number's size, the lowest first. */
function wordsOfNumber(seed) {
  const words = [];
  for (let left = BigInt(Math.abs(seed)); left > 0n; left >>= 32n)
    words.push(Number(left & 0xffffffffn));
  return words.length ? words : [0];
}

/** The words of a text followed by its SHA-512, as one large number, the lowest first. */
function wordsOfText(text) {
  const bytes = ENCODER.encode(text);
  const words = Array.from(sha512(bytes).reverse());
  for (let i = bytes.length - 1; i >= 0; i -= 4) {
    words.push(
      (bytes[i] | (bytes[i - 1] << 8) | (bytes[i - 2] << 16) | (bytes[i - 3] << 24)) >>> 0,
    );
  }
  while (words.at(-1) === 0) words.pop();
  return words;
}

/** The first `count` prime numbers. */
function primes(count) {
  const found = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p)) found.push(n);
  return found;
}

/** The first 64 bits behind the point of the square or cube root, as two words. */
function fractionOfRoot(n, power) {
  const wanted = BigInt(n) << BigInt(64 * power);
  let [low, high] = [0n, 1n << 70n];
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(power) <= wanted) low = middle;
    else high = middle;
  }
  return [Number((low >> 32n) & 0xffffffffn), Number(low & 0xffffffffn)];
}

const ROUNDS = Uint32Array.from(primes(80).flatMap((p) => fractionOfRoot(p, 3)));
const BEGINNING = primes(8).flatMap((p) => fractionOfRoot(p, 2));

/** The SHA-512 of bytes, in words. Numbers of 64 bits are two words each, the high one first. */
function sha512(bytes) {
  const length = Math.ceil((bytes.length + 17) / 128) * 128;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(length - 4, 8 * bytes.length);
  const hash = Uint32Array.from(BEGINNING);
  const w = new Uint32Array(160);
  for (let block = 0; block < length; block += 128) {
    for (let i = 0; i < 32; i++) w[i] = view.getUint32(block + 4 * i);
    for (let i = 32; i < 160; i += 2) extended(w, i);
    compressed(hash, w);
  }
  return hash;
}

/** One half of a number of 64 bits turned to the right; the other half is that of (low, high). */
const turned = (high, low, by) =>
  by < 32 ? (high >>> by) | (low << (32 - by)) : (low >>> (by - 32)) | (high << (64 - by));

/** What a sum of low words carries to the high ones. */
const carried = (low) => (low / 4294967296) | 0;

function extended(w, i) {
  const [h15, l15, h2, l2] = [w[i - 30], w[i - 29], w[i - 4], w[i - 3]];
  const low15 = turned(l15, h15, 1) ^ turned(l15, h15, 8) ^ ((l15 >>> 7) | (h15 << 25));
  const high15 = turned(h15, l15, 1) ^ turned(h15, l15, 8) ^ (h15 >>> 7);
  const low2 = turned(l2, h2, 19) ^ turned(l2, h2, 61) ^ ((l2 >>> 6) | (h2 << 26));
  const high2 = turned(h2, l2, 19) ^ turned(h2, l2, 61) ^ (h2 >>> 6);
  const low = (low15 >>> 0) + (low2 >>> 0) + w[i - 31] + w[i - 13];
  w[i + 1] = low;
  w[i] = (high15 >>> 0) + (high2 >>> 0) + w[i - 32] + w[i - 14] + carried(low);
}

function compressed(hash, w) {
  let [ah, al, bh, bl, ch, cl, dh, dl, eh, el, fh, fl, gh, gl, hh, hl] = hash;
  for (let i = 0; i < 160; i += 2) {
    const turnedE = turned(el, eh, 14) ^ turned(el, eh, 18) ^ turned(el, eh, 41);
    const turnedEHigh = turned(eh, el, 14) ^ turned(eh, el, 18) ^ turned(eh, el, 41);
    const low1 = hl + (turnedE >>> 0) + (((el & fl) ^ (~el & gl)) >>> 0) + ROUNDS[i + 1] + w[i + 1];
    const high1 =
      hh +
      (turnedEHigh >>> 0) +
      (((eh & fh) ^ (~eh & gh)) >>> 0) +
      ROUNDS[i] +
      w[i] +
      carried(low1);
    const turnedA = turned(al, ah, 28) ^ turned(al, ah, 34) ^ turned(al, ah, 39);
    const turnedAHigh = turned(ah, al, 28) ^ turned(ah, al, 34) ^ turned(ah, al, 39);
    const lowE = dl + (low1 >>> 0);
    const lowA = (low1 >>> 0) + (turnedA >>> 0) + (((al & bl) ^ (al & cl) ^ (bl & cl)) >>> 0);
    const highA =
      high1 + (turnedAHigh >>> 0) + (((ah & bh) ^ (ah & ch) ^ (bh & ch)) >>> 0) + carried(lowA);
    // one after the other: a swap of so many in brackets would take longer than all the rest
    hh = gh;
    hl = gl;
    gh = fh;
    gl = fl;
    fh = eh;
    fl = el;
    eh = (dh + high1 + carried(lowE)) >>> 0;
    el = lowE >>> 0;
    dh = ch;
    dl = cl;
    ch = bh;
    cl = bl;
    bh = ah;
    bl = al;
    ah = highA >>> 0;
    al = lowA >>> 0;
  }
  const after = [ah, al, bh, bl, ch, cl, dh, dl, eh, el, fh, fl, gh, gl, hh, hl];
  for (let i = 14; i >= 0; i -= 2) {
    const low = hash[i + 1] + after[i + 1];
    hash[i + 1] = low;
    hash[i] = hash[i] + after[i] + carried(low);
  }
}

/** 0 … count − 1 in the order of `nn.data.seeded.random_order`. */
export function randomOrder(count, purpose, ...numbers) {
  const rng = new Random([purpose, ...numbers].join(" "));
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = rng.random();
  return orderOf(keys);
}

/** The places of numbers between 0 and 1 from the least to the largest, in linear time, as every
 * epoch needs it: each goes about where it belongs if they are spread evenly, and from there to
 * its place. */
function orderOf(keys) {
  const count = keys.length;
  const starts = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) starts[Math.floor(keys[i] * count) + 1]++;
  for (let i = 0; i < count; i++) starts[i + 1] += starts[i];
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[starts[Math.floor(keys[i] * count)]++] = i;
  for (let i = 1; i < count; i++) {
    const one = order[i];
    let place = i;
    for (; place > 0 && keys[order[place - 1]] > keys[one]; place--)
      order[place] = order[place - 1];
    order[place] = one;
  }
  return order;
}

// The first weights of a neuron and its bias, as `nn.initial` draws them

const drawn = (count, draw) => Array.from({ length: count }, draw);

const INITIALIZERS = {
  uniform: (rng, inputs) => [...drawn(inputs, () => rng.uniform(-1, 1)), 0],
  lecture: (rng, inputs) => drawn(inputs + 1, () => rng.uniform(-1, 1)),
  xavier(rng, inputs, neurons) {
    const bound = Math.sqrt(6 / (inputs + neurons));
    return [...drawn(inputs, () => rng.uniform(-bound, bound)), 0];
  },
  he: (rng, inputs) => [...drawn(inputs, () => rng.gauss(0, Math.sqrt(2 / inputs))), 0],
  zero: (rng, inputs) => drawn(inputs + 1, () => 0),
};

/** The parameters that `nn.MLP(inputs, sizes, init=init, seed=seed)` begins with. */
export function firstParameters(inputs, sizes, init, seed) {
  const draw = called(init, INITIALIZERS, "init");
  const rng = new Random(seed);
  return Float64Array.from(
    sizes.flatMap((size, l) => {
      const before = l ? sizes[l - 1] : inputs;
      return drawn(size, () => draw(rng, before, size)).flat();
    }),
  );
}

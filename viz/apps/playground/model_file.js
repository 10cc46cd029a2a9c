// The file of a model as `nn.save` writes it, byte for byte: numbers by name in the format of
// safetensors, a description of the layers beside them, and a checksum of both.

/** The bytes of the file. `layers` are all of them, {size, activation}; `about` is the rest of the
 * description: its format, version and decision, and the names of the classes. */
export async function modelFile(inputs, layers, parameters, about) {
  const arrays = arraysOf(inputs, layers, parameters);
  const info = {
    ...about,
    inputs,
    layers: layers.map(({ size, activation }) => ({
      neurons: size,
      activation: activation === "linear" ? null : activation,
    })),
    parameters: parameters.length,
  };
  const header = {};
  let end = 0;
  for (const [name, { shape, numbers }] of arrays) {
    header[name] = { dtype: "F64", shape, data_offsets: [end, (end += 8 * numbers.length)] };
  }
  const numbers = littleEndian(arrays.flatMap(([, array]) => array.numbers));
  const utf8 = new TextEncoder();
  const sealed = joinedBytes(utf8.encode(sortedJson([header, info])), numbers);
  const metadata = { stepgrad: sortedJson({ ...info, sha256: await sha256(sealed) }, ",", ":") };
  const text = JSON.stringify({ __metadata__: metadata, ...header });
  const written = utf8.encode(text.padEnd(8 * Math.ceil(text.length / 8)));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, written.length, true);
  return joinedBytes(length, written, numbers);
}

/** The arrays by name, in the order of the file: layer1.bias, layer1.weight with a row per neuron.
 */
function arraysOf(inputs, layers, parameters) {
  const arrays = [];
  let next = 0;
  for (const [l, { size }] of layers.entries()) {
    const width = l ? layers[l - 1].size : inputs;
    const rows = Array.from({ length: size }, () => [
      ...parameters.slice(next, (next += width + 1)),
    ]);
    arrays.push([`layer${l + 1}.bias`, { shape: [size], numbers: rows.map((row) => row[width]) }]);
    const weights = rows.flatMap((row) => row.slice(0, width));
    arrays.push([`layer${l + 1}.weight`, { shape: [size, width], numbers: weights }]);
  }
  return arrays.sort(([a], [b]) => (a < b ? -1 : 1));
}

function littleEndian(numbers) {
  const view = new DataView(new ArrayBuffer(8 * numbers.length));
  numbers.forEach((x, i) => view.setFloat64(8 * i, x, true));
  return new Uint8Array(view.buffer);
}

/** JSON as `json.dumps(thing, sort_keys=True)` of Python writes it: in ASCII, with these between.
 */
function sortedJson(thing, comma = ", ", colon = ": ") {
  if (Array.isArray(thing))
    return `[${thing.map((one) => sortedJson(one, comma, colon)).join(comma)}]`;
  if (thing === null || typeof thing !== "object") return inAscii(JSON.stringify(thing));
  const entries = Object.keys(thing)
    .sort()
    .map(
      (name) => `${inAscii(JSON.stringify(name))}${colon}${sortedJson(thing[name], comma, colon)}`,
    );
  return `{${entries.join(comma)}}`;
}

const inAscii = (json) =>
  json.replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

const joinedBytes = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

async function sha256(bytes) {
  if (!globalThis.crypto?.subtle) {
    throw new Error(
      "this page cannot make the model file: browsers compute its checksum only in pages that " +
        "came from disk or over https",
    );
  }
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

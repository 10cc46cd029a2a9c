// Columns of numbers as they cross to Python: base64 of their bits. A worker of the page sends them
// as they are.

/** The numbers of a column, as the host sent it. */
export function columnOf(sent) {
  return typeof sent === "string" ? new Float64Array(bytesIn(sent).buffer) : sent;
}

/** The numbers of a picture, which have half as many bits. */
export function shadesOf(sent) {
  return typeof sent === "string" ? new Float32Array(bytesIn(sent).buffer) : sent;
}

function bytesIn(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

const AT_ONCE = 0x8000; // as many arguments as every browser takes in a call

/** A column as text. */
export function textOf(column) {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += AT_ONCE) {
    text += String.fromCharCode(...bytes.subarray(i, i + AT_ONCE));
  }
  return btoa(text);
}

/** A state, whose columns are numbers, whatever they were sent as. */
export function stateOf({ parameters, slots, ...counts }) {
  const columns = Object.entries(slots ?? {}).map(([name, column]) => [name, columnOf(column)]);
  return { ...counts, parameters: columnOf(parameters), slots: Object.fromEntries(columns) };
}

/** A message whose columns are text, for a host that speaks JSON. */
export function inText(message) {
  if (ArrayBuffer.isView(message)) return textOf(message);
  if (Array.isArray(message)) return message.map(inText);
  if (typeof message !== "object" || message === null) return message;
  return Object.fromEntries(Object.entries(message).map(([name, part]) => [name, inText(part)]));
}

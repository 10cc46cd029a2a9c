// Runs in the page, for test_playground_numbers.py: goes to a moment of a training, and gives what is
// drawn then, and the numbers behind it.
(() => {
  const page = document.getElementById("playground").playground;
  const { session, network } = page;

  async function go({ config, data, first, change, then, back, unit, example }) {
    page.chosen.close();
    await session.change({ config, data, reset: true, what: "" });
    await session.train(first);
    if (Object.keys(change).length) await session.change({ config: change, what: "" });
    await session.train(then);
    if (back < 0.5) await session.go(Math.floor(2 * back * session.step));
    const { layers } = session.shape;
    const l = Math.floor(unit[0] * layers.length);
    page.unit = null;
    page.choose(l, Math.floor(unit[1] * layers[l].size));
    await page.chosen.choose(Math.floor(example * session.data.inputs.length), false);
    page.chosen.open();
  }

  const text = (one) => one.textContent;
  const kind = (one) => one.getAttribute("d") && one.getAttribute("class"); // "" where nothing is drawn
  const all = (where, read) => [...document.querySelectorAll(where)].map(read);
  const cells = (where) => all(`${where} tr`, (row) => [...row.children].map(text));

  /** The colour in the middle of the map of each hidden neuron. */
  function colours() {
    const { width, height } = network.canvas;
    const pen = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    pen.drawImage(network.canvas, 0, 0);
    const scale = network.canvas.width / network.W;
    const middle = (network.size * 13.5) / 26; // of the cell in row and column 13
    const at = ({ left, top }) => [...pen.getImageData(Math.floor((left + middle) * scale), Math.floor((top + middle) * scale), 1, 1).data];
    const hidden = network.cards.filter(({ l }) => l >= 0 && l < session.shape.layers.length - 1);
    return hidden.map((card) => ({ column: network.columnOf(card.l, card.neuron), colour: at(card) }));
  }

  function look() {
    const { frame, shape, config, data } = session;
    const { unit, chosen: { example, story }, answers: { columns, size, bounds } } = page;
    const found = {
      frame, shape, config, data, unit, columns, size, bounds, example, story,
      wanted: session.timeline.partAt(session.step).wanted,
      heads: all(".update thead th", text),
      rows: cells(".update tbody"),
      said: text(document.querySelector(".losses-said")),
      sizes: all(".layer-head small", text),
      labels: all("[data-label]", (one) => [...one.querySelectorAll("text")].map(text)),
      wires: network.wires.map(({ place, path, point }) => [place, kind(path), kind(point)]),
      biases: network.cards.filter(({ bias }) => bias).map((card) => [network.biasOf(card)[0], kind(card.bias), kind(card.flow)]),
      states: network.cards.filter(({ state }) => state).map(({ l, neuron, state }) => [l, neuron, text(state)]),
      colours: colours(),
      cards: all(".opened .card", (one) => [one.dataset.card, ...[...one.querySelectorAll(".figure")].map(text)]),
      inside: cells(".opened tbody"),
      sum: cells(".opened tfoot"),
      told: all(".opened dd", text),
    };
    // As text: Playwright takes far longer to bring the numbers of the maps over one by one.
    return JSON.stringify(found, (_, x) => (ArrayBuffer.isView(x) ? [...x] : x));
  }

  return { go, look };
})()

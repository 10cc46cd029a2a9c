"""Training in a page, beside a graph of objects in the shape of TensorFlow Playground's, in one
browser: `python -m benchmarks.page` prints a table. It needs Chromium and playwright."""

from collections.abc import Iterable
from pathlib import Path
from shutil import which
from typing import Any

from viz.apps.machine.printed import worker_script
from viz.apps.playground.settings import config_of

CASES: dict[str, dict[str, Any]] = {
    "2-16-16-1 relu, 100 examples": {"hidden": [16, 16], "activation": "relu", "batch": 100},
    "2-16-16-1 tanh, 100 examples": {"hidden": [16, 16], "activation": "tanh", "batch": 100},
    "2-4-2-1 tanh, 10 examples": {"hidden": [4, 2], "activation": "tanh", "batch": 10},
    "2-100-100-1 relu, 100 examples": {"hidden": [100, 100], "activation": "relu", "batch": 100},
    "2-100-100-1 tanh, 100 examples": {"hidden": [100, 100], "activation": "tanh", "batch": 100},
}
ASK = """([text, asked]) => new Promise((done, failed) => {
  const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  worker.onmessage = ({ data }) => { worker.terminate(); done(data); };
  worker.onerror = (error) => failed(new Error(error.message));
  worker.postMessage(asked);
})"""


def asked(hidden: list[int], activation: str, batch: int) -> dict[str, Any]:
    """A network with the settings of a playground, and so many examples, taken all at once."""
    layers = [{"size": size, "activation": activation} for size in hidden]
    config = config_of({"layers": layers, "loss": "mse", "rate": 1e-3, "batch": 0, "seed": 1})
    return {"config": config.as_json(), "batch": batch}


def rows(
    browser: Any, names: Iterable[str] = CASES, milliseconds: float = 50
) -> dict[str, dict[str, Any]]:
    """What was measured of some of CASES, in turns of so many milliseconds: microseconds of an
    update and of a picture, and milliseconds until another architecture is seen."""
    text = f"{worker_script()}\n{(Path(__file__).parent / 'object_graph.js').read_text('utf-8')}"
    tab = browser.new_page()
    found = {
        name: tab.evaluate(ASK, [text, asked(**CASES[name]) | {"milliseconds": milliseconds}])
        for name in names
    }
    tab.close()
    for name, row in found.items():
        assert row["apart"] < 1e-15, f"{name}: an update is another one, by {row['apart']}"
    return found


def main() -> None:
    from playwright.sync_api import sync_playwright

    print("| network | parameters | an update: wasm, JavaScript, objects (µs) | ratio "
          "| a picture of 100×100 (ms) | ratio | a change shows (ms) |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        found = rows(browser)
        browser.close()
    for name, row in found.items():
        update, picture = row["updates"], row["pictures"]
        in_ms = {kind: time / 1000 for kind, time in picture.items()}
        print(
            f"| {name} | {row['parameters']} "
            f"| {update['wasm']:.3g}, {update['js']:.3g}, {update['objects']:.3g} "
            f"| {update['objects'] / update['wasm']:.3g}× "
            f"| {in_ms['wasm']:.3g}, {in_ms['js']:.3g}, {in_ms['objects']:.3g} "
            f"| {picture['objects'] / picture['wasm']:.3g}× | {row['change']:.3g} |"
        )


if __name__ == "__main__":
    main()

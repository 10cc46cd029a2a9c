"""What several files of tests need: hostile labels, and the rules about skipping.

CI sets STEPGRAD_NO_SKIPS: there, a test that something is missing for has failed.
"""

import os
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from shutil import which

import pytest

from autograd import engine

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "markup": "<b>bold</b>",
    "closes the attribute and adds a node": 'x"]; evil [label="y',
    "adds a link": 'x", URL="javascript:alert(1)',
    "Graphviz's name of the node": r"\N",
    "Graphviz's name of the graph": r"\G",
    "two backslashes": r"a\\b",
    "ends in a backslash": "a\\",
    "record": "{a|b}<p>",
    "a quote": '"',
    "entity": "a&lt;b",
    "numeric entity": "&#x3c;img src=x onerror=alert(1)>",
    "control character": "bell\a and escape\x1b",
    "NUL": "a\0b",
    "20,000 characters": "x" * 20_000,
    "half a character": "\ud800",
    "no characters": "\ufffe\uffff",
    "Greek, emoji, right to left": "αβγ 🙂 \u202eabc",
    "lines": "a\nb\n\nc",
    "ends of things": "]]></title></svg></style></div>-->",
    "blank": "   ",
}


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def label(request):
    return request.param


# Its shell, which has no windows, opens a page in a third of the time.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="there is no playwright: pip install playwright"
    )
    program = next(filter(None, map(which, CHROMIUM)), None)
    if program is None:
        pytest.skip(f"there is no Chromium: install the program `{CHROMIUM[0]}`")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program,
            # letters as wide as they are drawn elsewhere, which the shell rounds to pixels
            args=["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"],
        )
        yield running
        running.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("STEPGRAD_NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
    return report


# What takes its numbers from the engine and does not care which one it is: files, pages, pictures,
# texts. `make test` runs these on one engine, and `make versions` on the other.
ONCE = {
    "test_board_page", "test_cli", "test_data", "test_descent", "test_descent_page", "test_devices",
    "test_docs", "test_dot", "test_draw", "test_experiment_commands", "test_export", "test_files",
    "test_fold", "test_frameworks", "test_gif", "test_grade", "test_house", "test_interrupts",
    "test_labels", "test_languages", "test_latex", "test_lessons", "test_made_inputs",
    "test_mutants", "test_mutated_code", "test_networks", "test_notebook", "test_one_row",
    "test_packages", "test_page_alone", "test_page_machine", "test_playground_controls",
    "test_playground_data", "test_playground_hosts", "test_playground_inputs",
    "test_playground_kept", "test_playground_numbers", "test_playground_page",
    "test_playground_shown", "test_plots", "test_published", "test_render", "test_server",
    "test_stepper_asks", "test_stepper_looks", "test_stepper_network", "test_stepper_page",
    "test_stepper_picture", "test_sweep", "test_sweep_crashes", "test_sweep_shown",
    "test_teaching_commands", "test_walk", "test_what_if", "test_widget",
}  # fmt: skip


def pytest_collection_modifyitems(config, items):
    """Tests of the compiled engine are left out where the readable one was asked for, and skipped
    where nothing was compiled."""
    for item in items:
        if item.path.stem in ONCE or item.path.is_relative_to(config.rootpath / "viz"):
            item.add_marker("once")
    if find_spec("torch") is None:
        growing = [item for item in items if item.get_closest_marker("growing")]
        config.hook.pytest_deselected(items=growing)
        items[:] = [item for item in items if not item.get_closest_marker("growing")]
    if os.environ.get("STEPGRAD_ENGINE") == "python":
        native = [item for item in items if item.get_closest_marker("native")]
        config.hook.pytest_deselected(items=native)
        items[:] = [item for item in items if not item.get_closest_marker("native")]
    elif engine() == "python":
        reason = "there is no compiled engine: this was installed without a C compiler"
        for item in items:
            if item.get_closest_marker("native"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(params=["with dot", "without dot"])
def graphviz(request, monkeypatch):
    """Graphviz, with and without its program."""
    if request.param == "without dot":
        monkeypatch.setenv("PATH", "")
    elif which("dot") is None:
        pytest.skip("there is no `dot` program")


@pytest.fixture
def playing(browser, tmp_path):
    """Opens a playground: as a file from disk, or as the local page."""
    from tests.playgrounds import playground_in

    return partial(playground_in, browser, tmp_path)


@pytest.fixture
def opened(browser, tmp_path):
    """Opens the page of a graph, and with `show` those of others in the same tab; nothing may be
    complained about, and nothing fetched."""
    import viz

    @contextmanager
    def open(y, hash="", fold=None, **options):
        tab = browser.new_page(**options)
        complaints, requests = [], []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url.split("#")[0]))

        pages = []

        def show(y, hash=""):
            path = tmp_path / f"lesson{len(pages)}.html"
            viz.save(y, path, names=False, fold=fold)
            pages.append(path.as_uri())
            tab.goto(pages[-1] + hash)
            tab.locator(".sg-stepper").wait_for(state="attached")

        tab.show = show
        show(y, hash)
        yield tab
        assert complaints == []
        assert {one for one in requests if not one.startswith(("data:", "blob:"))} == set(pages)
        tab.close()

    return open

// Runs pytest in the newest CPython there is as an npm package: Pyodide, which is WebAssembly in node.
//
//     node --stack-size=30000 tests/pyodide.mjs FOLDER WORDS...
//
// FOLDER has node_modules/pyodide, and pytest and mpmath in site/. Only the standard library is there
// besides, no threads and no processes: what needs more is skipped, and counted.
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [folder, ...words] = process.argv.slice(2);
const find = createRequire(pathToFileURL(`${resolve(folder)}/`));
const { loadPyodide } = await import(pathToFileURL(find.resolve("pyodide/pyodide.mjs")));

const python = await loadPyodide({ env: { HOME: "/home", STEPGRAD_ENGINE: "python", PYTHONDONTWRITEBYTECODE: "1" } });
python.mountNodeFS("/repository", resolve(dirname(fileURLToPath(import.meta.url)), ".."));
python.mountNodeFS("/site", resolve(folder, "site"));
python.globals.set("words", python.toPy(words));

process.exitCode = python.runPython(`
import os, sys

sys.path[:0] = ["/repository", "/site"]
os.chdir("/repository")
print("CPython", sys.version)

import pytest

LACKING = (ModuleNotFoundError, "No module named"), (RuntimeError, "start new thread"), (OSError, "process")


class Lacking:
    """What fails for want of a module, a thread or a process is skipped."""

    def missing(self, error):
        told = [error, *getattr(error, "failures", ())]  # a doctest wraps what was raised in it
        errors = [one.exc_info[1] if hasattr(one, "exc_info") else one for one in told]
        return any(isinstance(one, kind) and words in str(one) for one in errors for kind, words in LACKING)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if report.failed and self.missing(call.excinfo.value):
            report.outcome = "skipped"
            report.longrepr = (str(item.path), 0, str(call.excinfo.value))
        return report


int(pytest.main(["-p", "no:cacheprovider", *words], plugins=[Lacking()]))
`);

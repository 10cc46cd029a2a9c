"""CI sets STEPGRAD_NO_SKIPS: there, a test that something is missing for has failed."""

import os

import pytest

from autograd import engine


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("STEPGRAD_NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
    return report


def pytest_collection_modifyitems(config, items):
    """Tests of the compiled engine are left out where the readable one was asked for, and skipped
    where nothing was compiled."""
    if os.environ.get("STEPGRAD_ENGINE") == "python":
        native = [item for item in items if item.get_closest_marker("native")]
        config.hook.pytest_deselected(items=native)
        items[:] = [item for item in items if not item.get_closest_marker("native")]
    elif engine() == "python":
        reason = "there is no compiled engine: this was installed without a C compiler"
        for item in items:
            if item.get_closest_marker("native"):
                item.add_marker(pytest.mark.skip(reason=reason))

"""What all tests share."""

import os
from collections.abc import Generator

import pytest


def pytest_configure() -> None:
    """A developer's own settings and keys must not change what a test sees."""
    for name in list(os.environ):
        if name.startswith("POINTSMAN_") or name.endswith(("_API_KEY", "_BASE_URL")):
            del os.environ[name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In the full check a test that skips fails: a check that was left out must be seen."""
    report = yield
    if "CI" in os.environ and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which the full check does not allow: {report.longrepr}"
    return report

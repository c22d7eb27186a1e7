"""What all tests share."""

import os
from collections.abc import Generator, Iterator

import pytest
from pointsman_server.storage.databases import migrate

from tests.postgres import PostgresServer, postgres_server


def pytest_configure() -> None:
    """A developer's own settings and keys must not change what a test sees."""
    for name in list(os.environ):
        if name.startswith("POINTSMAN_") or name.endswith(("_API_KEY", "_BASE_URL")):
            del os.environ[name]
    os.environ["XDG_CONFIG_HOME"] = "/nonexistent"  # no test sees a login of the developer's


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In the full check a test that skips fails: a check that was left out must be seen."""
    report = yield
    if "CI" in os.environ and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which the full check does not allow: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test run, with a migrated database to use again and one to copy."""
    with postgres_server() as server:
        server.run("CREATE DATABASE migrated")
        migrate(server.url("migrated"))
        server.run("CREATE DATABASE reused TEMPLATE migrated")
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """The address of a migrated database that is empty when the test begins."""
    return postgres.empty("reused")

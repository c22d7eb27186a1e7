"""Changes the ledger's model in thousands of small ways, and counts how many of them a test notices.

mutmut makes the mutants and runs, against each, the tests that reach it. It knows packages at the root or under
``src`` alone, so that it works on a copy. A mutant that nobody can tell from the original is listed in
``tests/unit/ledger/equivalent_mutants.toml`` with the reason.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
STAGE = ROOT / "build" / "mutation"
EQUIVALENT = ROOT / "tests" / "unit" / "ledger" / "equivalent_mutants.toml"

MODULES = (
    "amounts",
    "audit",
    "batch",
    "book",
    "comparison",
    "fold",
    "generations",
    "meters",
    "money",
    "opening",
    "rates",
    "recovery",
    "refusals",
    "replicas",
    "unknown",
    "windows",
)
"""The modules of ``pointsman_server.ledger`` that decide, without I/O of their own; ``adjustments`` has nothing that
mutmut changes.
"""

LOWEST_PERCENT = 90

_CONFIGURATION = """
[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
asyncio_mode = "auto"
asyncio_default_fixture_loop_scope = "function"
addopts = ["--strict-markers", "--import-mode=importlib", "-p", "no:cacheprovider"]
filterwarnings = ["error", "ignore::DeprecationWarning:multiprocessing"]
timeout = 60
markers = ["full: takes minutes"]

[tool.mutmut]
source_paths = ["src"]
only_mutate = {only}
also_copy = ["tests", "clients"]
pytest_add_cli_args = ["-q", "-k", "not postgresql and not thousand and not five_hundred", "-m", "not full"]
pytest_add_cli_args_test_selection = {tests}
timeout_multiplier = 10.0
timeout_constant = 5.0
use_git_change_detection = false
track_dependencies = false
"""

_TESTS = ["tests/unit/ledger", "tests/conformance/ledger"]


@dataclass(frozen=True)
class Mutant:
    """A change that no test noticed.

    Attributes:
        function: where it is, as module and function.
        change: the changed lines, as they were and as they became.
    """

    name: str
    function: str
    change: str


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("modules", nargs="*", default=MODULES, metavar="MODULE")
    modules: tuple[str, ...] = tuple(arguments.parse_args().modules)
    equivalent = {(row["function"], row["change"]) for row in tomllib.loads(EQUIVALENT.read_text())["mutant"]}
    killed_count = survived_count = equivalent_count = 0
    for module in modules:
        killed, unnoticed = _mutate(module)
        survived = [each for each in unnoticed if (each.function, each.change) not in equivalent]
        killed_count += killed
        survived_count += len(survived)
        equivalent_count += len(unnoticed) - len(survived)
        print(f"{module}: {killed} noticed, {len(survived)} not", flush=True)
        for mutant in survived:
            print(f"  {mutant.function}: {mutant.change}", flush=True)
    return _judge(killed_count, survived_count, equivalent_count)


def _judge(killed_count: int, survived_count: int, equivalent_count: int) -> int:
    count = killed_count + survived_count
    percent = 100 * killed_count / count
    print(f"{killed_count} of {count} mutants noticed: {percent:.1f} %; {equivalent_count} more are equivalent")
    return 0 if percent >= LOWEST_PERCENT else 1


def _mutate(module: str) -> tuple[int, list[Mutant]]:
    """Runs all mutants of a module: how many were noticed, and the others."""
    _stage(module)
    with (STAGE / "log").open("w") as log:
        ran = subprocess.run(
            _mutmut("run", "--max-children", "2"), cwd=STAGE, env=_environment(), stdout=log, stderr=log, check=False
        )
    results = _output("results", "--all", "true")
    states = dict(line.strip().split(": ") for line in results.splitlines() if ": " in line)
    if not states or "not checked" in states.values():
        sys.exit(f"mutmut did not finish with {module} ({ran.returncode}): see {STAGE / 'log'}")
    unnoticed = [name for name, state in states.items() if state in {"survived", "no tests", "suspicious"}]
    return len(states) - len(unnoticed), [_mutant(module, name) for name in unnoticed]


def _stage(module: str) -> None:
    shutil.rmtree(STAGE, ignore_errors=True)
    (STAGE / "src").mkdir(parents=True)
    nothing = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "server" / "pointsman_server", STAGE / "src" / "pointsman_server", ignore=nothing)
    shutil.copytree(ROOT / "clients" / "python", STAGE / "clients" / "python", ignore=nothing)
    shutil.copytree(ROOT / "tests", STAGE / "tests", ignore=nothing)
    only = [f"src/pointsman_server/ledger/{module}.py"]
    (STAGE / "pyproject.toml").write_text(_CONFIGURATION.format(only=only, tests=_TESTS))


def _mutant(module: str, name: str) -> Mutant:
    lines = _output("show", name).splitlines()
    was, became = (" ".join(line[1:].strip() for line in lines if _is_changed(line, sign)) for sign in "-+")
    function = name.rsplit(".", 1)[1].rsplit("__mutmut_", 1)[0].replace("xǁ", "").replace("ǁ", ".").removeprefix("x_")
    return Mutant(name, f"{module}.{function}", f"{was} => {became}")


def _is_changed(line: str, sign: str) -> bool:
    return line.startswith(sign) and not line.startswith(3 * sign)


def _output(*arguments: str) -> str:
    return subprocess.run(
        _mutmut(*arguments), cwd=STAGE, env=_environment(), capture_output=True, text=True, check=True
    ).stdout


def _mutmut(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mutmut", *arguments]


def _environment() -> dict[str, str]:
    paths = {"PYTHONPATH": str(STAGE / "clients" / "python")}
    return {**os.environ, **paths, "LEDGER_EXAMPLES": "100"}


if __name__ == "__main__":
    sys.exit(main())

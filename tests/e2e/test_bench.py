"""The benchmarks themselves, in small."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.full
def test_the_benchmark_puts_pointsman_beside_the_bare_relay() -> None:
    command = [sys.executable, "-m", "bench", "--rounds", "1", "--scale", "0.05"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert found.returncode == 0, found.stderr
    loads = ("streamed burst, 1 caller", "whole burst, 50 callers", "Route, 50 callers", "streamed paced, 60/s")
    for load in loads:
        for program in ("bare relay", "Pointsman"):
            assert f"| {load} | {program} | " in found.stdout


@pytest.mark.full
def test_the_ledgers_benchmark_puts_the_databases_side_by_side() -> None:
    command = [sys.executable, "-m", "bench.ledger", "--seconds", "0.2", "--callers", "1", "4"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stderr
    for row in ("SQLite | 1", "SQLite | 4", "PostgreSQL | 1", "PostgreSQL | 4"):
        assert f"| {row} | " in found.stdout

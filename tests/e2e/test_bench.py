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
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert found.returncode == 0, found.stderr
    for database in ("SQLite", "PostgreSQL"):
        for meters in ("none", "rate and slots", "all four"):
            for callers in (1, 4):
                assert f"| {database} | {meters} | {callers} | " in found.stdout
        assert f"| {database} | 12 | " in found.stdout

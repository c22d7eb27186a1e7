"""A power cut takes nothing that was acknowledged. The tests that must see a loss show that this one would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FULL_ROUNDS = int(os.environ.get("POWER_ROUNDS", "300"))


def report_of(rounds: int, *options: str) -> dict[str, Any]:
    """What came of the rounds, which run in a process of their own: two builds of SQLite share none with others."""
    command = [sys.executable, "-m", "tests.power.rounds", f"--rounds={rounds}", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def check_nothing_is_lost(rounds: int) -> None:
    report = report_of(rounds)
    assert (report["lost"], report["faults"]) == ([], []), report
    assert report["rounds"] == rounds
    # So much must have happened that the rounds say something.
    assert report["cut"] >= rounds // 2
    assert report["checkpoints"] >= rounds // 2
    assert report["commits"] >= 4 * rounds
    assert report["acknowledged"] >= 10 * rounds


def test_a_power_cut_takes_nothing_that_was_acknowledged() -> None:
    check_nothing_is_lost(12)


def test_without_a_sync_at_each_commit_something_is_lost_and_the_rest_is_whole() -> None:
    report = report_of(40, "--normal")
    assert report["lost"]
    assert not report["faults"]


def test_on_a_disk_that_lies_about_its_syncs_something_is_lost() -> None:
    report = report_of(40, "--lies")
    assert report["lost"] or report["faults"]


@pytest.mark.full
@pytest.mark.timeout(max(300, 2 * FULL_ROUNDS))
def test_hundreds_of_power_cuts_take_nothing_that_was_acknowledged() -> None:
    check_nothing_is_lost(FULL_ROUNDS)

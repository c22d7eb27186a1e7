"""docs/walkthrough-tenant.md: every command is run, in order, and prints what the page says."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.processes import START_SECONDS, Server, environment

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]

PAGE = (Path(__file__).parents[2] / "docs" / "walkthrough-tenant.md").read_text("utf-8")
STEPS = re.compile(r"```(sh|console)\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
# What is another one with each run: ids, hashes, times, figures of an answer, the size of the catalog.
VARYING = re.compile(
    r"(?<=_)[0-9a-z]{26}\b|\b[0-9a-f]{64}\b|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC|[\d.]+ m?s\b|\$[\d.]+"
    r"|\d+ in \+ \d+ out \(\d+ reasoning\)|sandbox/\w+|\d+ of \d+ models"
)


def run(command: str, directory: Path, server: Server) -> str:
    """What a command prints. The page's words call the command line and buf of this environment."""
    programs = str(Path(sys.executable).parent)
    found = subprocess.run(
        ["bash", "-c", command.replace("127.0.0.1:50051", server.grpc_address)],
        cwd=directory,
        env=environment(
            PATH=os.pathsep.join((programs, os.environ["PATH"])),
            POINTSMAN_ADDRESS=server.grpc_address,
            XDG_CONFIG_HOME=str(directory / "config"),
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    return found.stdout.replace(server.grpc_address, "127.0.0.1:50051")


def plain(text: str) -> list[str]:
    """The lines of a text without what varies, and without the width that it gives to tables."""
    return [re.sub(r" {2,}", "  ", VARYING.sub("…", line)).rstrip() for line in text.splitlines()]


def test_every_command_prints_what_the_page_says(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve()
    assert server.data_dir == tmp_path / "data"  # where the page finds the first administrator's key
    (toml,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "drafting.toml").write_text(toml, "utf-8")
    beforehand, ran = "", 0
    for language, text in STEPS.findall(PAGE):
        if language == "sh":
            beforehand += text
            continue
        for command, expected in COMMAND.findall(text):
            printed = run(f"{beforehand}{command}", tmp_path, server)
            assert plain(printed) == plain(expected), f"$ {command}\n{printed}"
            ran += 1
    assert ran == PAGE.count("\n$ ") > 20

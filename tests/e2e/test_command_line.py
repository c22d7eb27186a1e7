"""A newcomer's first minute: a fresh server with nothing configured, and the command line."""

import json
import re
from pathlib import Path

from tests.e2e.processes import Server, run


def pointsman(server: Server, directory: Path, *arguments: str, stdin: str = "") -> str:
    """Runs the command; what it printed."""
    program = ("-c", "from pointsman.cli import main; main()")
    found = run(
        *program,
        *arguments,
        directory=directory,
        stdin=stdin,
        POINTSMAN_ADDRESS=server.grpc_address,
        POINTSMAN_TOKEN=server.token,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def test_chat_answers_and_shows_model_tokens_cost_and_time(server: Server, tmp_path: Path) -> None:
    printed = pointsman(server, tmp_path, "chat", "hello")
    assert "hello" in printed  # the sandbox repeats what it was asked
    assert re.search(r"sandbox/\w+", printed)
    assert re.search(r"\d+ in \+ \d+ out .*tokens", printed)
    assert re.search(r"\$0\.\d+", printed)
    assert re.search(r"\d m?s\b", printed)


def test_complete_reads_its_question_and_writes_json(server: Server, tmp_path: Path) -> None:
    printed = json.loads(pointsman(server, tmp_path, "complete", "--json", stdin="What is a pointsman?"))
    assert "What is a pointsman?" in json.dumps(printed)


def test_what_was_asked_is_in_the_usage(server: Server, tmp_path: Path) -> None:
    pointsman(server, tmp_path, "complete", stdin="hello")
    assert re.search(r"sandbox/\w+", pointsman(server, tmp_path, "usage", "--by", "model"))


def test_route_says_why_not(server: Server, tmp_path: Path) -> None:
    printed = pointsman(server, tmp_path, "route", "hello")
    assert "sandbox/" in printed

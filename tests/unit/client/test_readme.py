"""The examples of the client's README run."""

import re
import subprocess
import sys
from pathlib import Path

import grpc
from pointsman import tool_result
from pointsman.v1.completion_pb2 import PROFILE_CHEAPEST
from scripted_server import Script, finished, refusal, response, started

README = Path(__file__).parents[3] / "clients" / "python" / "README.md"
TEN_LINES, ASYNCIO, MORE, ERRORS = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


def run(program: str, address: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"POINTSMAN_ADDRESS": address},
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


def test_ten_lines(script: Script, address: str, tmp_path: Path) -> None:
    assert len(TEN_LINES.splitlines()) <= 10
    found = run(TEN_LINES, address, tmp_path)
    assert (found.stdout, found.stderr) == ("Hello!\nopenai/gpt-4o-mini cost 123000 nano-dollars\n", "")
    _, feedback = script.requests
    assert (feedback.completion_id, feedback.rating) == ("cmp_1", 1.0)


def test_asyncio(address: str, tmp_path: Path) -> None:
    found = run(ASYNCIO, address, tmp_path)
    assert (found.stdout, found.stderr) == ("Hello!", "")


def test_asking_for_more(script: Script, address: str, tmp_path: Path) -> None:
    script.steps = (response(started(), finished(message=tool_result("c", "x"))),)
    script.decision.explanation = "the only one"
    (tmp_path / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    found = run(MORE, address, tmp_path)
    assert (found.stdout, found.stderr) == ("the only one  []\n", "")
    assert [request.specification.hints.profile for request in script.requests] == [PROFILE_CHEAPEST] * 2


def test_errors(script: Script, address: str, tmp_path: Path) -> None:
    script.refusals["Complete"] = [
        refusal(
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_FIELD",
            "the request is wrong",
            fields={"specification.messages": "at least one"},
            metadata={"request_id": "req_1"},
        )
    ]
    found = run(ERRORS, address, tmp_path)
    assert found.stderr == ""
    assert found.stdout == (
        "INVALID_FIELD the request is wrong"
        " (FieldViolation(path='specification.messages', description='at least one'),) None req_1\n"
    )

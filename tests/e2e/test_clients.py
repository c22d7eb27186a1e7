"""The stubs of the other languages: that they are current, and that each one's example streams from a live server."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub

from tests.e2e.processes import Server
from tests.e2e.requests import CALL_SECONDS, Answer, asking, collected

ROOT = Path(__file__).parent.parent.parent
# The first build fetches what it needs.
BUILD_SECONDS = 600
# The sandbox reads the directive.
QUESTION = "Who sets the points? [[sandbox: tokens=20 gap_ms=100]]"
STREAM_SECONDS = 2
PROGRAMS = {"go": ("go",), "typescript": ("node", "npm"), "java": ("java", "mvn")}

pytestmark = [pytest.mark.full, pytest.mark.timeout(BUILD_SECONDS + 60)]


def environment(**settings: str) -> dict[str, str]:
    """What make and the toolchains need of ours; nothing of a make that runs these tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))} | settings


def make(target: str) -> None:
    command = ["make", "--silent", target]
    found = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr


def require(*languages: str) -> None:
    missing = [name for language in languages for name in PROGRAMS[language] if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@contextmanager
def example(language: str, server: Server) -> Generator[subprocess.Popen[str], None, None]:
    """A language's example while it asks a server."""
    command = ["make", "--silent", f"example-{language}", f"QUESTION={QUESTION}"]
    settings = environment(POINTSMAN_ADDRESS=server.grpc_address, POINTSMAN_TOKEN=server.token)
    process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield process
        finally:
            process.terminate()


def read_until(stream: IO[str], awaited: str) -> str:
    """Reads as far as some text, not further."""
    found = ""
    while awaited not in found:
        character = stream.read(1)
        assert character, f"no {awaited!r} in {found!r}"
        found += character
    return found


def summary(answer: Answer) -> str:
    """The last line of an example."""
    finished = answer.finished
    used = f"{finished.usage.input_tokens} tokens in, {finished.usage.output_tokens} out"
    return f"{finished.model_id}: {used}, {finished.cost_nanos / 1e9:.9f} dollars"


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_example_streams_what_the_python_stubs_receive(
    language: str, server: Server, router: Callable[[Server], RouterServiceStub]
) -> None:
    require(language)
    make(f"client-{language}")
    expected = collected(router(server).Complete(asking(QUESTION), timeout=CALL_SECONDS))

    with example(language, server) as process:
        assert process.stdout is not None
        beginning = read_until(process.stdout, "Who")
        began = time.monotonic()
        printed = beginning + process.stdout.read()
        assert process.wait(CALL_SECONDS) == 0

    assert expected.finished.cost_nanos > 0
    assert printed == f"{expected.text}\n{summary(expected)}\n"
    assert time.monotonic() - began > STREAM_SECONDS / 2


def test_the_stubs_are_what_the_protos_generate() -> None:
    require(*PROGRAMS)
    make("generators")
    command = [sys.executable, "tools/check_generated.py", "--clients"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr

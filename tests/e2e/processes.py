"""Programs under test as processes of their own: started, watched, ended."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from pointsman import Client

T = TypeVar("T")

START_SECONDS = 30
END_SECONDS = 30
# What a program keeps of the environment: a developer's keys and settings are not among it. Coverage's variables let
# it measure the program, PYTHONPATH says which code is under test, and XDG_CONFIG_HOME that there is no login.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_", "PYTHONPATH", "XDG_CONFIG_HOME")


def environment(**settings: str) -> dict[str, str]:
    """The environment of a program under test."""
    return {name: value for name, value in os.environ.items() if name.startswith(KEPT)} | settings


@dataclass(frozen=True, slots=True)
class Process:
    """A process that runs; its output goes to a file."""

    popen: subprocess.Popen[bytes]
    output: Path

    def text(self) -> str:
        """All that it printed so far."""
        return self.output.read_text("utf-8")

    def events(self, name: str) -> list[dict[str, object]]:
        """The log lines of one event."""
        lines = [line for line in self.text().splitlines() if line.startswith("{") and line.endswith("}")]
        return [event for event in map(json.loads, lines) if event.get("event") == name]

    def wait_for(self, found: Callable[[], T | None]) -> T:
        """Waits until something is found in what it printed."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if (result := found()) is not None:
                return result
            assert self.popen.poll() is None, f"ended with {self.popen.returncode}:\n{self.text()}"
            time.sleep(0.01)
        raise AssertionError(f"still not there:\n{self.text()}")

    def wait_for_event(self, name: str) -> dict[str, object]:
        """Waits for a log line."""
        return self.wait_for(lambda: next(iter(self.events(name)), None))

    def end(self) -> int:
        """Asks it to end, if it still runs, and waits. Returns its exit code."""
        if self.popen.poll() is None:
            self.popen.terminate()
        if self.popen.stdin is not None:
            self.popen.stdin.close()
        return self.popen.wait(END_SECONDS)


@dataclass(frozen=True, slots=True)
class Server:
    """A Pointsman that serves.

    Attributes:
        token: the first administrator's; empty where another server's data directory has it.
    """

    process: Process
    data_dir: Path
    grpc_address: str
    http_address: str
    token: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What a call as the first administrator carries."""
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    def client(self, *, timeout: float = 30) -> Client:
        """A client of the first administrator."""
        return Client(self.grpc_address, token=self.token, timeout=timeout)

    def channel(self) -> grpc.Channel:
        """A channel of the first administrator."""
        return grpc.intercept_channel(grpc.insecure_channel(self.grpc_address), _Bearer(self.headers))


class _Bearer(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[type-arg]  # they are generic in the stubs alone
    """Puts a token into every call."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._metadata = tuple(headers.items())

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Message) -> Any:
        return continuation(client_call_details._replace(metadata=self._metadata), request)

    intercept_unary_stream = intercept_unary_unary


def start(output: Path, *command: str, **settings: str) -> Process:
    """Starts a Python program."""
    with output.open("wb") as sink:
        popen = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=environment(**settings),
            cwd=output.parent,
        )
    return Process(popen, output)


def server_settings(data_dir: Path, **settings: str) -> dict[str, str]:
    """The settings of a server that takes free ports and looks for no local model servers."""
    defaults = {
        "POINTSMAN_DATA_DIR": str(data_dir),
        "POINTSMAN_GRPC_ADDRESS": "127.0.0.1:0",
        "POINTSMAN_HTTP_ADDRESS": "127.0.0.1:0",
        "POINTSMAN_LOCAL_DISCOVERY": "false",
    }
    return defaults | settings


def start_server(directory: Path, **settings: str) -> Server:
    """Starts a server with its data in ``directory`` and waits until it serves."""
    data_dir = directory / "data"
    process = start(
        directory / "server.log", "-m", "pointsman_server", "serve", **server_settings(data_dir, **settings)
    )
    try:
        serving = process.wait_for_event("serving")
    except AssertionError:
        process.end()
        raise
    addresses = (str(serving["grpc_address"]), str(serving["http_address"]))
    return Server(process, data_dir, *addresses, admin_token(data_dir))


def admin_token(data_dir: Path) -> str:
    """The token that a new server made for its first administrator; empty: this one made none."""
    file = data_dir / "admin-token"
    return file.read_text("utf-8").strip() if file.exists() else ""


def run(*command: str, directory: Path, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs a Python program to its end."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=directory,
        env=environment(**settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )

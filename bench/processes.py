"""The processes of a benchmark: started, measured, ended."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from bench.upstream import MODEL

START_SECONDS = 60
END_SECONDS = 30
PROVIDER = """
[provider]
id = "bench"
display_name = "Benchmark"
dialect = "openai"
base_url = "{upstream}"
access = "loopback"
auth = {{ required = false }}

[[models]]
external_id = "{model}"
context_window_tokens = 128000
max_output_tokens = 4096
prices = {{ input = "1.50", output = "6.00" }}
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A process that runs, the address that it serves at, and the token that it asks for."""

    process: psutil.Popen
    address: str
    token: str = field(default="", repr=False)

    def tree(self) -> list[psutil.Process]:
        """The process and all that it started."""
        return [psutil.Process(self.process.pid), *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """What the tree has used of the processors so far."""
        times = [process.cpu_times() for process in self.tree()]
        return float(sum(used.user + used.system for used in times))

    def memory_bytes(self) -> int:
        """What the tree holds in memory now."""
        return sum(int(process.memory_info().rss) for process in self.tree())


def program(
    *arguments: str, address: Callable[[str], str | None], **environment: str
) -> AbstractContextManager[Program]:
    """Runs a Python program; as ``executable``."""
    return executable(sys.executable, *arguments, address=address, **environment)


@contextmanager
def executable(*command: str, address: Callable[[str], str | None], **environment: str) -> Iterator[Program]:
    """Runs a program; ``address`` finds its address in a line of what it prints."""
    kept = {
        name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR", "LANG", "PYTHONPATH"}
    }
    with tempfile.NamedTemporaryFile("w+") as output:
        process = psutil.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=kept | environment)
        try:
            yield Program(process, wait_for_address(process, Path(output.name), address))
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(END_SECONDS)
            except psutil.TimeoutExpired:
                process.kill()
            process.stdin.close()


def wait_for_address(process: psutil.Popen, output: Path, address: Callable[[str], str | None]) -> str:
    """Reads what a process prints until its address is in it."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for line in output.read_text().splitlines():
            if found := address(line):
                return found
        time.sleep(0.02)
    raise RuntimeError(f"did not start: {output.read_text()}")


def upstream(pace_ms: int = 0) -> AbstractContextManager[Program]:
    """The upstream; see ``bench/upstream.py``."""
    return program("-m", "bench.upstream", "--pace-ms", str(pace_ms), address=printed)


def floor(base_url: str) -> AbstractContextManager[Program]:
    """The bare relay in front of an upstream."""
    return program("-m", "bench.floor", base_url, address=printed)


@contextmanager
def pointsman(
    data_dir: Path, base_url: str, *, command: Sequence[str] = ("pointsman_server", "serve"), **environment: str
) -> Iterator[Program]:
    """Pointsman in front of an upstream, with an empty database; ``command`` is the module that serves."""
    (data_dir / "providers").mkdir()
    (data_dir / "providers" / "bench.toml").write_text(PROVIDER.format(upstream=base_url, model=MODEL), "utf-8")
    serving = program(
        *("-m", *command),
        address=logged,
        **environment,
        POINTSMAN_DATA_DIR=str(data_dir),
        POINTSMAN_GRPC_ADDRESS="127.0.0.1:0",
        POINTSMAN_HTTP_ADDRESS="127.0.0.1:0",
        POINTSMAN_LOCAL_DISCOVERY="false",
    )
    with serving as started:
        yield replace(started, token=(data_dir / "admin-token").read_text("utf-8").strip())


def printed(line: str) -> str | None:
    """An address that stands alone in its line."""
    return line.strip() or None


def logged(line: str) -> str | None:
    """The gRPC address in the server's first log line."""
    if not line.startswith("{"):
        return None
    event = json.loads(line)
    return str(event["grpc_address"]) if event.get("event") == "serving" else None

"""Other gateways beside Pointsman, in one run: LiteLLM from PyPI and Portkey's gateway from npm.

``python -m bench.peers`` installs them into build/peers where they are missing, puts the same loads on all, and
prints a table; ``--write`` also writes it to bench/results/peers.md. A peer that cannot be installed or does not start
is named with its error. They speak the OpenAI wire and record nothing here; Pointsman meters, durably.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from pointsman.v1.completion_pb2 import Delivery

from bench.calls import Calls, chatting, completing, is_answer, is_relayed
from bench.load import Closed
from bench.measure import Result, Scenario, Target, measure
from bench.processes import Program, executable, floor, pointsman, upstream
from bench.report import page
from bench.upstream import MODEL

ROOT = Path(__file__).parent.parent
HOME = ROOT / "build" / "peers"
RESULTS = Path(__file__).parent / "results" / "peers.md"
INSTALL_SECONDS = 600
NOTE = (
    "Pointsman and the bare relay are called over gRPC, the others over HTTP with the OpenAI wire. Every program runs "
    "as one process, with its logs as they are by default. The upstream sends 20 deltas at once, or the whole answer "
    "in one document to those who ask for it; Pointsman always asks for a stream."
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Another gateway.

    Attributes:
        installing: the commands that install it, where ``program`` is missing.
        headers: what its callers send; ``{upstream}`` stands for the upstream's address.
        arguments: of its program; ``{port}`` and ``{config}`` stand for what their names say.
        config: the text of its configuration file, as JSON, which is YAML too.
    """

    name: str
    installing: Sequence[Sequence[str]]
    program: Path
    arguments: Sequence[str]
    path: str
    ready: str
    headers: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, object] = field(default_factory=dict)

    def install(self) -> None:
        """Installs it where it is missing.

        Raises:
            RuntimeError: that failed.
        """
        if self.program.exists():
            return
        HOME.mkdir(parents=True, exist_ok=True)
        for command in self.installing:
            done = subprocess.run(
                command, cwd=HOME, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
            )
            if done.returncode:
                raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-300:]}")

    def start(self, directory: Path, base_url: str) -> AbstractContextManager[Program]:
        """Starts it in front of an upstream."""
        config = directory / f"{self.name}.yaml"
        config.write_text(json.dumps(self.config).replace("{upstream}", base_url), "utf-8")
        port = _free_port()
        command = [each.format(port=port, config=config) for each in self.arguments]
        return executable(
            str(self.program),
            *command,
            address=lambda line: f"http://127.0.0.1:{port}{self.path}" if self.ready in line else None,
            **self.environment,
        )

    def calls(self, program: Program, base_url: str, *, stream: bool) -> Calls:
        """How it is called."""
        headers = {name: value.replace("{upstream}", base_url) for name, value in self.headers.items()}
        return chatting(program.address, headers, stream=stream)


LITELLM = Peer(
    name="LiteLLM",
    installing=(
        (sys.executable, "-m", "venv", "litellm"),
        ("litellm/bin/python", "-m", "pip", "install", "--quiet", "litellm[proxy]"),
    ),
    program=HOME / "litellm" / "bin" / "litellm",
    arguments=("--config", "{config}", "--host", "127.0.0.1", "--port", "{port}", "--telemetry", "False"),
    path="/v1",
    ready="Uvicorn running on",
    environment={
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        # It listens on loopback alone, for as long as the benchmark takes.
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
    },
    config={
        "model_list": [
            {
                "model_name": MODEL,
                "litellm_params": {"model": f"openai/{MODEL}", "api_base": "{upstream}", "api_key": "none"},
            }
        ]
    },
)
PORTKEY = Peer(
    name="Portkey",
    installing=(("npm", "install", "--prefix", "portkey", "--no-audit", "--no-fund", "@portkey-ai/gateway"),),
    program=HOME / "portkey" / "node_modules" / ".bin" / "gateway",
    arguments=("--port={port}", "--headless"),
    path="/v1",
    ready="localhost:",
    headers={
        "authorization": "Bearer none",
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": "{upstream}",
    },
    environment={"TRUSTED_CUSTOM_HOSTS": "127.0.0.1"},
)


def run(rounds: int, scale: float) -> tuple[list[Result], dict[str, float], list[str]]:
    """Measures all that start; also returns their memory before the first call, and what became of the others."""
    failed: list[str] = []
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        behind = stack.enter_context(upstream()).address
        bare = stack.enter_context(floor(behind))
        own = stack.enter_context(pointsman(directory, behind))
        programs = {"bare relay": bare, "Pointsman": own}
        for peer in (LITELLM, PORTKEY):
            try:
                peer.install()
                programs[peer.name] = stack.enter_context(peer.start(directory, behind))
            except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                failed.append(f"{peer.name} could not be measured: {error}")
        idle = {name: program.memory_bytes() / 1e6 for name, program in programs.items()}
        results = [result for each in _scenarios(behind, programs, scale, failed) for result in measure(each, rounds)]
    return results, idle, failed


def _scenarios(behind: str, programs: Mapping[str, Program], scale: float, failed: list[str]) -> Iterator[Scenario]:
    """The loads, each on those who answer it rightly; ``failed`` takes what the others said."""
    for kind, delivery in (("streamed", Delivery.DELIVERY_STREAM), ("whole", Delivery.DELIVERY_WHOLE)):
        stream = kind == "streamed"
        bare, own = programs["bare relay"], programs["Pointsman"]
        targets = [
            Target("upstream", chatting(behind, {}, stream=True)),
            Target("bare relay", completing(bare.address, delivery, is_relayed), bare),
            Target("Pointsman", completing(own.address, delivery, is_answer, token=own.token), own),
        ]
        for peer in (LITELLM, PORTKEY):
            if peer.name in programs:
                calls = peer.calls(programs[peer.name], behind, stream=stream)
                try:
                    uvloop.run(Closed(1).run(calls, 1))
                    targets.append(Target(peer.name, calls, programs[peer.name]))
                except ExceptionGroup as errors:
                    failed.append(f"{peer.name}, {kind}: {errors.exceptions[0]}")
        yield Scenario(f"{kind} burst", Closed(1), round(50 * scale), targets, "bare relay", "upstream")
        yield Scenario(f"{kind} burst", Closed(20), round(300 * scale), targets, "bare relay", "upstream")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def main() -> None:
    """Runs the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each load (default 3)")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the number of calls (default 1)")
    parser.add_argument("--write", action="store_true", help=f"write results/{RESULTS.name} too")
    options = parser.parse_args()
    results, idle, failed = run(options.rounds, options.scale)
    text = page(
        "Pointsman beside other gateways", results, rounds=options.rounds, idle_mb=idle, notes=(NOTE, "", *failed)
    )
    print(text)
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

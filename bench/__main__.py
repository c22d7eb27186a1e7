"""What a call costs: Pointsman and a bare relay under the same loads, in one run.

``python -m bench`` prints a table; ``--write`` also writes it to bench/results/pointsman.md. See docs/performance.md
for what the columns mean.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pointsman.v1.completion_pb2 import Delivery

from bench.calls import chatting, completing, is_answer, is_relayed, routing
from bench.load import Closed, Load, Open
from bench.measure import Result, Scenario, Target, measure
from bench.processes import Program, floor, pointsman, upstream
from bench.report import page

RESULTS = Path(__file__).parent / "results" / "pointsman.md"
PACE_MS = 20
UPSTREAM, FLOOR, POINTSMAN = "upstream", "bare relay", "Pointsman"
NOTE = (
    "Load generator, programs and upstream share the machine. The upstream sends 20 deltas, in a burst or "
    f"{PACE_MS} ms apart. Pointsman routes, meters and records durably in SQLite; the bare relay (`bench/floor.py`) "
    "does nothing but relay. CPU is that of the program's whole process tree for each call; the ratio is to the bare "
    "relay in the same round. Added time is beside a plain HTTP client that calls the upstream itself."
)
_STREAM, _WHOLE = Delivery.DELIVERY_STREAM, Delivery.DELIVERY_WHOLE


@dataclass(frozen=True, slots=True)
class Stage:
    """An upstream, and the programs that stand in front of it."""

    upstream: str
    floor: Program
    pointsman: Program

    def completions(self, name: str, delivery: Delivery.ValueType, load: Load, count: int) -> Scenario:
        """A load of ``Complete``. The upstream is called as both programs call it: streamed."""
        own = self.pointsman
        targets = (
            Target(UPSTREAM, chatting(self.upstream, {}, stream=True)),
            Target(FLOOR, completing(self.floor.address, delivery, is_relayed), self.floor),
            Target(POINTSMAN, completing(own.address, delivery, is_answer, token=own.token), own),
        )
        return Scenario(name, load, count, targets, FLOOR, UPSTREAM)

    def routings(self, name: str, load: Load, count: int, *, pinned: bool) -> Scenario:
        """A load of ``Route``."""
        targets = tuple(
            Target(label, routing(program.address, pinned=pinned, token=program.token), program)
            for label, program in ((FLOOR, self.floor), (POINTSMAN, self.pointsman))
        )
        return Scenario(name, load, count, targets, FLOOR)


def burst(stage: Stage, scale: float) -> Iterator[Scenario]:
    """The loads with an upstream that answers at once."""
    for name, delivery in (("streamed burst", _STREAM), ("whole burst", _WHOLE)):
        yield stage.completions(name, delivery, Closed(1), round(200 * scale))
        yield stage.completions(name, delivery, Closed(50), round(800 * scale))
        yield stage.completions(name, delivery, Open(100), round(400 * scale))
    for name, pinned in (("Route, pinned", True), ("Route", False)):
        yield stage.routings(name, Closed(1), round(300 * scale), pinned=pinned)
        yield stage.routings(name, Closed(50), round(1_000 * scale), pinned=pinned)


def paced(stage: Stage, scale: float) -> Iterator[Scenario]:
    """The loads with an upstream that takes its time."""
    for name, delivery in (("streamed paced", _STREAM), ("whole paced", _WHOLE)):
        yield stage.completions(name, delivery, Open(60), round(300 * scale))


@contextmanager
def standing(pace_ms: int) -> Iterator[Stage]:
    """Starts the programs."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        behind = stack.enter_context(upstream(pace_ms)).address
        yield Stage(behind, stack.enter_context(floor(behind)), stack.enter_context(pointsman(directory, behind)))


def run(rounds: int, scale: float) -> tuple[list[Result], dict[str, float]]:
    """Measures everything; also returns what the programs hold in memory before the first call, in megabytes."""
    with standing(0) as stage:
        idle = {FLOOR: stage.floor.memory_bytes() / 1e6, POINTSMAN: stage.pointsman.memory_bytes() / 1e6}
        results = [result for scenario in burst(stage, scale) for result in measure(scenario, rounds)]
    with standing(PACE_MS) as stage:
        results += [result for scenario in paced(stage, scale) for result in measure(scenario, rounds)]
    return results, idle


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each load (default 3)")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the number of calls (default 1)")
    parser.add_argument("--write", action="store_true", help=f"write results/{RESULTS.name} too")
    options = parser.parse_args()
    results, idle = run(options.rounds, options.scale)
    text = page("Pointsman beside a bare relay", results, rounds=options.rounds, idle_mb=idle, notes=(NOTE,))
    print(text)
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

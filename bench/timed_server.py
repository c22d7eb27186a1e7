"""The server with its ledger timed: what ``bench/ledger.py`` runs to see what the ledger adds to a completion.

``python -m bench.timed_server FILE`` serves like ``pointsman-server serve``, and at its end writes to the file how long
each reserve and each settle took, and what the ledger's thread used of a processor.
"""

import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pointsman_server.__main__ import main
from pointsman_server.ledger.ledger import GroupCommitLedger
from pointsman_server.ledger.writer import GroupCommitWriter

Method = Callable[..., Awaitable[Any]]


def timed(method: Method, times_ms: list[float]) -> Method:
    """The method, which notes how long each call took."""

    async def call(*arguments: object, **named: object) -> object:
        began = time.perf_counter()
        try:
            return await method(*arguments, **named)
        finally:
            times_ms.append((time.perf_counter() - began) * 1e3)

    return call


def serve(file: Path) -> None:
    """Serves until SIGTERM, then writes what was seen."""
    seen: dict[str, list[float]] = {"reserve_ms": [], "settle_ms": [], "writer_cpu_ms": []}
    for name in ("reserve", "settle"):
        setattr(GroupCommitLedger, name, timed(getattr(GroupCommitLedger, name), seen[f"{name}_ms"]))
    run = GroupCommitWriter._run  # noqa: SLF001  # the thread's whole life

    def lived(writer: GroupCommitWriter[Any]) -> None:
        run(writer)
        seen["writer_cpu_ms"].append(time.thread_time() * 1e3)

    setattr(GroupCommitWriter, run.__name__, lived)
    try:
        main(["serve"])
    finally:
        file.write_text(json.dumps(seen), "utf-8")


if __name__ == "__main__":
    serve(Path(sys.argv[1]))

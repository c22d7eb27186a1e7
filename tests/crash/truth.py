"""What must hold after a crash, by the database's rows, the sandbox's meter and what callers were told."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
from pointsman_server.storage.database import Address

from tests.crash.load import LABEL, Told

HELD = ("open", "unknown")
_TAG = re.compile(r"huge_bytes=(\d+)")

_ENTRIES = """
    SELECT entry.completion_id, entry.attempt, entry.cost_nanos, entry.model_id, held.labels
    FROM usage_entries AS entry JOIN reservations AS held
    ON held.tenant_id = entry.tenant_id AND held.reservation_id = entry.reservation_id
"""
_RESERVATIONS = "SELECT completion_id, attempt, state, model_id, labels, worst_case_cost_nanos FROM reservations"
_COUNT = "SELECT count(*) FROM usage_entries"


@dataclass(frozen=True, slots=True)
class Rows:
    """What the database holds."""

    entries: list[tuple[Any, ...]]
    entry_count: int
    reservations: list[tuple[Any, ...]]

    @property
    def unresolved(self) -> list[str]:
        """The completions with an attempt that a server which died left open."""
        return [row[0] for row in self.reservations if row[2] == "open"]


def rows(address: Address) -> Rows:
    """Reads the database without the product."""
    if isinstance(address, str):
        with psycopg.connect(address) as server:
            found: list[list[tuple[Any, ...]]] = [
                server.execute(query.encode()).fetchall() for query in (_ENTRIES, _COUNT, _RESERVATIONS)
            ]
    else:
        with closing(sqlite3.connect(f"{address.as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("BEGIN")
            found = [connection.execute(query).fetchall() for query in (_ENTRIES, _COUNT, _RESERVATIONS)]
    entries, ((entry_count,),), reservations = found
    return Rows(entries, entry_count, reservations)


def metered(sandbox_url: str) -> Counter[tuple[str, str]]:
    """What the sandbox generated for each call and model, in nano-dollars."""
    report = httpx.get(sandbox_url.removesuffix("/v1") + "/_sandbox/meter", timeout=20).json()
    assert report["forgotten"] == 0
    costs: Counter[tuple[str, str]] = Counter()
    for request in report["requests"]:
        if tag := _TAG.search(request["fault"]):
            costs[tag[1], f"sandbox/{request['model']}"] += request["cost_nanos"]
    return costs


def faults(found: Rows, told: Told, costs: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """Says what is wrong; nothing, where all is as it must be."""
    yield from _lost(found.entries, told)
    yield from _twice(found)
    yield from _charged_again(found)
    yield from _uncharged(found, costs)


def _lost(entries: Sequence[tuple[Any, ...]], told: Told) -> Iterator[str]:
    booked: Counter[str] = Counter()
    for completion_id, _, cost_nanos, _, _ in entries:
        booked[completion_id] += cost_nanos
    for completion_id, cost_nanos in told.costs.items():
        if booked[completion_id] != cost_nanos:
            yield f"{completion_id} cost {cost_nanos}, as its caller was told, and {booked[completion_id]} is booked"


def _twice(found: Rows) -> Iterator[str]:
    attempts = Counter(entry[:2] for entry in found.entries)
    yield from (f"{attempt} has {count} entries" for attempt, count in attempts.items() if count > 1)
    settled = {row[:2] for row in found.reservations if row[2] == "settled"}
    if settled != attempts.keys() or found.entry_count != len(found.entries):
        yield f"entries without a settled reservation, or the other way round: {sorted(settled ^ attempts.keys())}"
    made = Counter(row[:2] for row in found.reservations)
    yield from (f"{attempt} has {count} reservations" for attempt, count in made.items() if count > 1)


def _charged_again(found: Rows) -> Iterator[str]:
    """The calls that were made once more under their id, though they had been charged."""
    charged: defaultdict[str, set[str]] = defaultdict(set)
    for completion_id, _, cost_nanos, _, labels in found.entries:
        if cost_nanos:
            charged[_label(labels)].add(completion_id)
    for completion_id, _, state, _, labels, _ in found.reservations:
        if state in HELD:
            charged[_label(labels)].add(completion_id)
    yield from (f"call {call} is charged as {made}" for call, made in charged.items() if len(made) > 1)


def _uncharged(found: Rows, costs: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """What reached the provider and is neither booked nor held."""
    charged: Counter[tuple[str, str]] = Counter()
    for _, _, cost_nanos, model_id, labels in found.entries:
        charged[_label(labels), model_id] += cost_nanos
    for _, _, state, model_id, labels, worst_case_nanos in found.reservations:
        if state in HELD:
            charged[_label(labels), model_id] += worst_case_nanos
    for attempt, cost_nanos in costs.items():
        if charged[attempt] < cost_nanos:
            yield f"call and model {attempt}: {cost_nanos} metered, {charged[attempt]} booked or held"


def _label(labels: str) -> str:
    return str(json.loads(labels).get(LABEL, ""))

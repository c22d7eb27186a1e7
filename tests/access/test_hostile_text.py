"""Hostile text in every string of every request: a clear answer, no defect, and nothing of the store harmed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from pointsman_server.identity.model import PLATFORM_TENANT

from tests.access.test_recorded import caller, left_open, proof
from tests.access.tour import TENANT, steps
from tests.access.world import world

HOSTILE = ("'; DROP TABLE tenants; --", "a\x00b", "%(id)s _ \\ Ω\u202e🚂")
DEFECTS = {"INTERNAL", "STORE_UNAVAILABLE", "UNSPECIFIED"}

# A second sign-up finds the access token used. A completion takes its time, and reads what Route reads.
NOT_REPEATED = {"TenantService/SignUp", "RouterService/Complete"}

_DEEPEST = 5

Place = Callable[[Message, str], None]


def places(kind: type[Message], depth: int = 0) -> Iterator[tuple[str, Place]]:
    """Every string of a kind of message, those of messages within it too: its path, and how to put text there."""
    for field in kind.DESCRIPTOR.fields:
        if field.type == FieldDescriptor.TYPE_STRING:
            yield field.name, _placed(field)
        elif field.type == FieldDescriptor.TYPE_MESSAGE and depth < _DEEPEST and not _is_map(field):
            for path, place in places(GetMessageClass(field.message_type), depth + 1):
                yield f"{field.name}.{path}", _within(field, place)


def _is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type.GetOptions().map_entry)


def _placed(field: FieldDescriptor) -> Place:
    def place(message: Message, text: str) -> None:
        if field.is_repeated:
            getattr(message, field.name)[:] = [text]
        else:
            setattr(message, field.name, text)

    return place


def _within(field: FieldDescriptor, place: Place) -> Place:
    def inner(message: Message, text: str) -> None:
        found = getattr(message, field.name)
        if field.is_repeated:
            place(found[0] if found else found.add(), text)
        else:
            place(found, text)

    return inner


async def test_hostile_text_gets_a_clear_answer_everywhere_and_harms_nothing(tmp_path: Path) -> None:
    reservation_id = await left_open(tmp_path / "data" / "pointsman.db")
    seen: dict[str, Any] = {}
    defects: list[tuple[str, str, str, str]] = []
    tried = 0
    async with world(tmp_path) as served:
        for step in steps(reservation_id):
            whose = caller(step, seen)
            request = step.request(seen)
            outcome = await served.call(whose, step.name, request)
            assert outcome.error is None, (step.name, outcome.told)
            seen[step.name.partition("/")[2]] = outcome.answers[-1]
            for path, place in () if step.name in NOT_REPEATED else places(type(request)):
                for text in HOSTILE:
                    hostile = type(request)()
                    hostile.CopyFrom(request)
                    place(hostile, text)
                    outcome = await served.call(whose, step.name, hostile)
                    tried += 1
                    if outcome.reason in DEFECTS:
                        defects.append((step.name, path, text, outcome.reason))
        proofs = [await proof(served, chain) for chain in (TENANT, PLATFORM_TENANT)]
    assert defects == []
    assert proofs == [0, 0]
    assert tried > 800

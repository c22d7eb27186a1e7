"""Recorded answers of every dialect through its real decoder: golden events, the same for every cut.

``UPDATE_GOLDENS=1`` writes the goldens anew; read the difference before it is committed.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.adapters.base import Decoder
from pointsman_server.adapters.dialects import DIALECTS

HERE = Path(__file__).parent
RECORDINGS = sorted(HERE.glob("*/recordings/*"))
STREAMS = [path for path in RECORDINGS if path.suffix == ".sse"]

Decode = Callable[..., dict[str, Any]]


def named(path: Path) -> str:
    return f"{dialect_of(path)}-{path.name}"


def dialect_of(path: Path) -> str:
    return path.parent.parent.name


def decoder_of(path: Path) -> Decoder:
    return DIALECTS[dialect_of(path)].decoder("")


def golden_of(path: Path) -> Path:
    return path.parent.parent / "goldens" / f"{path.name}.json"


def written(decoded: dict[str, Any]) -> str:
    events = ",\n".join("    " + json.dumps(event, ensure_ascii=False) for event in decoded["events"])
    return f'{{\n  "failure": {json.dumps(decoded["failure"])},\n  "events": [\n{events}\n  ]\n}}\n'


def test_every_recording_has_a_golden_and_every_golden_a_recording() -> None:
    assert {golden_of(path) for path in RECORDINGS} == set(HERE.glob("*/goldens/*"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_recordings(dialect: str) -> None:
    assert len([path for path in RECORDINGS if dialect_of(path) == dialect]) >= 12


@pytest.mark.parametrize("path", RECORDINGS, ids=named)
def test_events_are_golden(path: Path, decode: Decode) -> None:
    decoded = decode(decoder_of(path), [path.read_bytes()])
    if os.environ.get("UPDATE_GOLDENS"):
        golden_of(path).parent.mkdir(exist_ok=True)
        golden_of(path).write_text(written(decoded), "utf-8")
    assert decoded == json.loads(golden_of(path).read_text("utf-8"))


@pytest.mark.parametrize("path", RECORDINGS, ids=named)
def test_one_cut_anywhere_changes_nothing(path: Path, decode: Decode) -> None:
    body = path.read_bytes()
    expected = decode(decoder_of(path), [body])
    for cut in range(len(body) + 1):
        assert decode(decoder_of(path), [body[:cut], body[cut:]]) == expected, f"cut at {cut}"


@pytest.mark.parametrize("path", RECORDINGS, ids=named)
def test_byte_by_byte_changes_nothing(path: Path, decode: Decode) -> None:
    body = path.read_bytes()
    pieces = [body[at : at + 1] for at in range(len(body))]
    assert decode(decoder_of(path), pieces) == decode(decoder_of(path), [body])


@given(st.sampled_from(RECORDINGS), st.data())
def test_many_cuts_change_nothing(decode: Decode, path: Path, data: st.DataObject) -> None:
    body = path.read_bytes()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)), max_size=12)))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert decode(decoder_of(path), pieces) == decode(decoder_of(path), [body])


@pytest.mark.parametrize("line_end", [b"\r\n", b"\r"])
@pytest.mark.parametrize("path", STREAMS, ids=named)
def test_line_ends_change_nothing(path: Path, line_end: bytes, decode: Decode) -> None:
    body = path.read_bytes().replace(b"\r\n", b"\n")
    other = body.replace(b"\n", line_end)
    pieces = [other[at : at + 1] for at in range(len(other))]
    assert decode(decoder_of(path), pieces) == decode(decoder_of(path), [body])

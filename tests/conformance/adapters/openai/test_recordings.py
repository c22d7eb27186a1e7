"""Recorded answers through the real decoder: golden events, the same for every cut.

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
from pointsman_server.adapters.openai import OpenAIDialect

HERE = Path(__file__).parent
RECORDINGS = sorted((HERE / "recordings").iterdir())
DIALECT = OpenAIDialect()

Decode = Callable[..., dict[str, Any]]


def golden_of(path: Path) -> Path:
    return HERE / "goldens" / f"{path.name}.json"


def written(decoded: dict[str, Any]) -> str:
    events = ",\n".join("    " + json.dumps(event, ensure_ascii=False) for event in decoded["events"])
    return f'{{\n  "failure": {json.dumps(decoded["failure"])},\n  "events": [\n{events}\n  ]\n}}\n'


def test_every_recording_has_a_golden_and_every_golden_a_recording() -> None:
    assert {golden_of(path) for path in RECORDINGS} == set((HERE / "goldens").iterdir())
    assert len(RECORDINGS) > 30


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_events_are_golden(path: Path, decode: Decode) -> None:
    decoded = decode(DIALECT.decoder(""), [path.read_bytes()])
    if os.environ.get("UPDATE_GOLDENS"):
        golden_of(path).write_text(written(decoded), "utf-8")
    assert decoded == json.loads(golden_of(path).read_text("utf-8"))


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_one_cut_anywhere_changes_nothing(path: Path, decode: Decode) -> None:
    body = path.read_bytes()
    expected = decode(DIALECT.decoder(""), [body])
    for cut in range(len(body) + 1):
        assert decode(DIALECT.decoder(""), [body[:cut], body[cut:]]) == expected, f"cut at {cut}"


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_byte_by_byte_changes_nothing(path: Path, decode: Decode) -> None:
    body = path.read_bytes()
    pieces = [body[at : at + 1] for at in range(len(body))]
    assert decode(DIALECT.decoder(""), pieces) == decode(DIALECT.decoder(""), [body])


@given(st.sampled_from(RECORDINGS), st.data())
def test_many_cuts_change_nothing(decode: Decode, path: Path, data: st.DataObject) -> None:
    body = path.read_bytes()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)), max_size=12)))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert decode(DIALECT.decoder(""), pieces) == decode(DIALECT.decoder(""), [body])


@pytest.mark.parametrize("line_end", [b"\r\n", b"\r"])
@pytest.mark.parametrize("path", [path for path in RECORDINGS if path.suffix == ".sse"], ids=lambda path: path.name)
def test_line_ends_change_nothing(path: Path, line_end: bytes, decode: Decode) -> None:
    body = path.read_bytes().replace(b"\r\n", b"\n")
    other = body.replace(b"\n", line_end)
    pieces = [other[at : at + 1] for at in range(len(other))]
    assert decode(DIALECT.decoder(""), pieces) == decode(DIALECT.decoder(""), [body])

"""Page tokens of usage reports: what they carry comes back, and nothing else is let in."""

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.router_service_pb2 import UsageDimension, UsageFilter
from pointsman_server.errors import InvalidRequest
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.storage.usage_query import Period
from pointsman_server.storage.usage_token import Position, read_token, write_token

QUERY = UsageQuery(
    group_by=(UsageDimension.USAGE_DIMENSION_PROJECT, UsageDimension.USAGE_DIMENSION_DAY),
    filters=UsageFilter(labels={"team": "blue", "stage": "test"}),
)
PERIOD = Period(0, 10**15)

signed = st.integers(-(2**63) + 1, 2**63 - 1)
characters = st.characters(exclude_categories=["Cs"])


@given(st.tuples(signed, signed, signed, st.text(characters)))
def test_a_token_gives_back_its_position(after: tuple[int, int, int, str]) -> None:
    position = Position(PERIOD, after)
    assert read_token(replace(QUERY, page_token=write_token(QUERY, position))) == position


def encode(values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


GENUINE = json.loads(base64.urlsafe_b64decode(write_token(QUERY, Position(PERIOD, (1, 2, 3, "a")))))


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "ä",
        "====",
        encode({}),
        encode(7),
        encode([]),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        encode(["0" * 16, *GENUINE[1:]]),
        encode(GENUINE[:-1]),
        encode([*GENUINE, "b"]),
        encode([*GENUINE[:-1], 4]),
        encode([*GENUINE[:-1], "\ud800"]),
        encode([*GENUINE[:3], True, *GENUINE[4:]]),
        encode([*GENUINE[:3], 2**63, *GENUINE[4:]]),
        encode([*GENUINE[:3], None, *GENUINE[4:]]),
        encode([GENUINE[0], -1, *GENUINE[2:]]),
        encode([GENUINE[0], 0, 2**62, *GENUINE[3:]]),
    ],
)
def test_anything_else_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_token(replace(QUERY, page_token=token))
    assert caught.value.fields[0].field == "page_token"


def test_the_genuine_parts_are_taken() -> None:
    assert read_token(replace(QUERY, page_token=encode(GENUINE))).after == (1, 2, 3, "a")

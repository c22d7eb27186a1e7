"""Page tokens of usage reports: the period that the first page settled on, and the last row that was shown."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from pointsman_server.errors import FieldViolation, InvalidRequest
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.storage.times import to_micros
from pointsman_server.storage.usage_query import WIDTHS_MICROS, Period, sort_names

_VIOLATION = FieldViolation(
    "page_token", "Send the next_page_token of the last answer, with all other fields as they were."
)

# JSON can spell halves of characters, which no text column takes.
_SURROGATE = re.compile("[\ud800-\udfff]")
_LAST_TIME = to_micros(datetime.max.replace(tzinfo=UTC))
_INTEGER_BOUND = 2**63


class Position(NamedTuple):
    """Where a report goes on.

    Attributes:
        after: the last row's values of ``sort_names``; empty: at the start.
    """

    period: Period
    after: tuple[str | int, ...]


def write_token(query: UsageQuery, position: Position) -> str:
    """Returns the token, for this query alone."""
    body = json.dumps([_digest(query), *position.period, *position.after], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode()


def read_token(query: UsageQuery) -> Position:
    """Returns where the query's token points.

    Raises:
        InvalidRequest: it is no such token, or another query's.
    """
    try:
        digest, start, end, *after = json.loads(base64.b64decode(query.page_token, altchars=b"-_", validate=True))
        position = Position(Period(start, end), tuple(after))
        genuine = digest == _digest(query) and _fits(query, position)
    except (ValueError, TypeError, RecursionError):
        genuine = False
    if not genuine:
        raise InvalidRequest("The page token does not belong to this report.", fields=(_VIOLATION,))
    return position


def _fits(query: UsageQuery, position: Position) -> bool:
    """Whether the values are of the types and sizes that the query compares them with."""
    names = sort_names(query)
    times = all(type(time) is int and 0 <= time <= _LAST_TIME for time in position.period)
    return times and len(names) == len(position.after) and all(map(partial(_is_value, query), names, position.after))


def _is_value(query: UsageQuery, name: str, value: object) -> bool:
    is_key = name.startswith("key_")
    if is_key and query.group_by[int(name.removeprefix("key_"))] not in WIDTHS_MICROS:
        return isinstance(value, str) and _SURROGATE.search(value) is None
    return type(value) is int and abs(value) < _INTEGER_BOUND


def _digest(query: UsageQuery) -> str:
    """Names what a query asks for, page size and token aside."""
    asked: list[Any] = [
        query.start and query.start.isoformat(),
        query.end and query.end.isoformat(),
        *query.group_by,
        query.label_key,
        query.filters.SerializeToString(deterministic=True).hex(),
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]

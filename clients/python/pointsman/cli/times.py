"""Times as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import typer
from google.protobuf.timestamp_pb2 import Timestamp

_SPAN = re.compile(r"\d{1,6}[mhdw]")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def timestamp(text: str, option: str, now: datetime) -> Timestamp | None:
    """The point in time that the text names, ``7d`` being so long ago; nothing for nothing."""
    if not text:
        return None
    return _stamp(now - _span(text) if _SPAN.fullmatch(text) else _moment(text, option))


def ahead(text: str, option: str, now: datetime) -> Timestamp | None:
    """The same, ``7d`` being so long from now."""
    if not text:
        return None
    return _stamp(now + _span(text) if _SPAN.fullmatch(text) else _moment(text, option))


def span(text: str, option: str) -> timedelta:
    """How long the text says: ``30m``, ``7d``, or 0."""
    if text == "0":
        return timedelta()
    if not _SPAN.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is no span such as 30m, 12h or 7d", param_hint=option)
    return _span(text)


def _span(text: str) -> timedelta:
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


def _moment(text: str, option: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day, time or 7d", param_hint=option) from error


def _stamp(when: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(when if when.tzinfo else when.replace(tzinfo=UTC))
    return stamp

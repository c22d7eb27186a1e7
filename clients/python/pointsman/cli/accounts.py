"""Reads what a provider exports of its account: CSV, or the JSON of its usage and cost reports.

What a file holds is told by the names of its columns and fields. Tokens may be stated whole or by class: where input
that met no cache is a column of its own, all input is the sum of its classes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from pointsman.v1.budget_service_pb2 import BilledUsage

_NANOS_PER_DOLLAR = 10**9
_NANOS_PER_CENT = 10**7
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)

_START = ("start_time_iso", "start_time", "starting_at", "usage_date_utc", "usage_date", "date", "day", "timestamp")
_END = ("end_time_iso", "end_time", "ending_at")
_MODEL = ("model", "model_version", "model_name", "model_id")
_INPUT = ("input_tokens", "prompt_tokens")
_UNCACHED = ("uncached_input_tokens", "usage_input_tokens_no_cache", "input_uncached_tokens")
_CACHE_READ = (
    "input_cached_tokens",
    "cached_tokens",
    "cache_read_tokens",
    "cache_read_input_tokens",
    "usage_input_tokens_cache_read",
)
_CACHE_WRITTEN = (
    "input_cache_write_tokens",
    "cache_creation.ephemeral_5m_input_tokens",
    "cache_creation.ephemeral_1h_input_tokens",
    "usage_input_tokens_cache_write_5m",
    "usage_input_tokens_cache_write_1h",
)
_OUTPUT = ("output_tokens", "completion_tokens", "usage_output_tokens")
_NANOS = ("cost_nanos",)
_DOLLARS = ("cost_usd", "amount_usd", "cost", "amount", "amount.value", "amount_value")
_CENTS = ("amount_cents",)


class AccountError(Exception):
    """A file cannot be read as a provider's account; says where and why."""


@dataclass(slots=True)
class Account:
    """What a provider says that it billed.

    Attributes:
        start, end: the period that its rows cover, end exclusive; ``None``: they name no times.
    """

    rows: list[BilledUsage] = field(default_factory=list)
    start: datetime | None = None
    end: datetime | None = None

    def cover(self, start: datetime, end: datetime) -> None:
        """Widens the period."""
        self.start = start if self.start is None else min(self.start, start)
        self.end = end if self.end is None else max(self.end, end)


def read_account(text: str) -> Account:
    """Reads a file; the rows of one model are added up.

    Raises:
        AccountError: it is none, or a value in it is wrong.
    """
    records = _json_records(text) if text.lstrip()[:1] in {"{", "["} else _csv_records(text)
    account = Account()
    by_model: dict[str, BilledUsage] = {}
    for place, record in records:
        try:
            if (row := _row(record)) is not None:
                _add(by_model.setdefault(row.model, BilledUsage(model=row.model)), row)
            if (period := _period(record)) is not None:
                account.cover(*period)
        except (ValueError, ArithmeticError) as error:
            raise AccountError(f"{place}: {error}") from error
    account.rows = list(by_model.values())
    if not account.rows:
        raise AccountError("no row states tokens or money that were billed")
    return account


def _csv_records(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        for record in reader:
            if None in record:
                raise AccountError(f"line {reader.line_num}: has more values than there are columns")
            yield f"line {reader.line_num}", {_name(key): value for key, value in record.items()}
    except csv.Error as error:
        raise AccountError(f"line {reader.line_num}: {error}") from error


def _json_records(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The results of all buckets of all pages, each with its bucket's times; or a plain list of records."""
    try:
        document = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise AccountError(f"line {error.lineno}: {error.msg}") from error
    for place, bucket in enumerate(_buckets(document), 1):
        if not isinstance(bucket, dict):
            raise AccountError(f"record {place}: is no object")
        results = bucket.get("results")
        times = {name: bucket[name] for name in (*_START, *_END) if name in bucket}
        for result in [bucket] if results is None else results:
            if not isinstance(result, dict):
                raise AccountError(f"record {place}: its results are no objects")
            yield f"record {place}", times | _flat(result) | _in_cents(bucket, result)


def _buckets(document: Any) -> Iterable[Any]:  # noqa: ANN401  # whatever the file holds
    pages = document if isinstance(document, list) else [document]
    for page in pages:
        inside = page.get("data") if isinstance(page, dict) else None
        yield from inside if isinstance(inside, list) else [page]


def _flat(result: Mapping[str, Any]) -> dict[str, Any]:
    """The fields by name, those of objects inside with a dot."""
    flat: dict[str, Any] = {}
    for key, value in result.items():
        inner = value.items() if isinstance(value, dict) else ()
        flat |= {f"{_name(key)}.{_name(name)}": each for name, each in inner} or {_name(key): value}
    return flat


def _in_cents(bucket: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """Reports whose buckets begin at ``starting_at`` state money as a decimal text in cents."""
    if "starting_at" in bucket and isinstance(result.get("amount"), str):
        return {"amount": None, "amount_cents": result["amount"]}
    return {}


def _name(column: str) -> str:
    return column.strip().lower().replace(" ", "_")


def _row(record: Mapping[str, Any]) -> BilledUsage | None:
    uncached, read = _count(record, _UNCACHED), _count(record, _CACHE_READ)
    whole = _count(record, _INPUT)
    if uncached is not None:
        whole = uncached + (read or 0) + (_count(record, _CACHE_WRITTEN) or 0)
    figures = {
        "input_tokens": whole,
        "cache_read_tokens": read,
        "output_tokens": _count(record, _OUTPUT),
        "cost_nanos": _cost_nanos(record),
    }
    if all(figure is None for figure in figures.values()):
        return None
    return BilledUsage(model=str(_first(record, _MODEL) or ""), **figures)


def _first(record: Mapping[str, Any], names: Iterable[str]) -> Any:  # noqa: ANN401  # a text or a number
    return next((record[name] for name in names if record.get(name) not in {None, ""}), None)


def _count(record: Mapping[str, Any], names: Iterable[str]) -> int | None:
    """The sum of the columns that are there."""
    found = [(name, record[name]) for name in names if record.get(name) not in {None, ""}]
    return sum(_whole(name, value) for name, value in found) if found else None


def _whole(name: str, value: Any) -> int:  # noqa: ANN401  # a text or a number
    number = _decimal(name, value)
    if number != number.to_integral_value() or number < 0:
        raise ValueError(f"{name} is {value}; a count of tokens is a whole number")
    return int(number)


def _cost_nanos(record: Mapping[str, Any]) -> int | None:
    for names, factor in ((_NANOS, 1), (_CENTS, _NANOS_PER_CENT), (_DOLLARS, _NANOS_PER_DOLLAR)):
        if (value := _first(record, names)) is not None:
            return round(_decimal(names[0], value) * factor)
    return None


def _decimal(name: str, value: Any) -> Decimal:  # noqa: ANN401  # a text or a number
    try:
        number = Decimal(str(value).replace(",", "").removeprefix("$"))
    except InvalidOperation as error:
        raise ValueError(f"{name} is {value!r}, which is no number") from error
    if not number.is_finite():
        raise ValueError(f"{name} is {value!r}, which is no number")
    return number


def _period(record: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    """What the record covers: to its end where it states one, else a day, or an hour where a time of day begins it."""
    stated = _first(record, _START)
    if stated is None:
        return None
    start = _moment(stated)
    end = _first(record, _END)
    if end is not None:
        return start, _moment(end)
    return start, start + (_DAY if start == start.replace(hour=0, minute=0, second=0, microsecond=0) else _HOUR)


def _moment(value: Any) -> datetime:  # noqa: ANN401  # a text or a number
    text = str(value).strip()
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(int(Decimal(text)), UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no day or time") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _add(total: BilledUsage, row: BilledUsage) -> None:
    for descriptor, value in row.ListFields():
        if descriptor.name != "model":
            setattr(total, descriptor.name, getattr(total, descriptor.name) + value)

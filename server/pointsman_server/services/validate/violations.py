"""Collects what is wrong with a request, and checks single values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.message import Message

from pointsman_server.errors import FieldViolation, InvalidRequest
from pointsman_server.services.validate import limits

MAX_REPORTED = 10
"""How many violations an error names; the message says how many there are."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+=~-]*")
_CHOSEN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What google.protobuf.Timestamp and Duration can hold.
_TIMESTAMP_SECONDS = (-62_135_596_800, 253_402_300_799)
_DURATION_SECONDS = 315_576_000_000
_NANOS_PER_SECOND = 1_000_000_000


class Violations:
    """The violations of one request, in the order of its fields. Each says what is wrong and what to do."""

    def __init__(self) -> None:
        self._first: list[FieldViolation] = []
        self._count = 0

    def add(self, field: str, description: str) -> None:
        """Notes that a field is wrong. Beyond the number that an error names, only the count grows."""
        self._count += 1
        if len(self._first) < MAX_REPORTED:
            self._first.append(FieldViolation(field, description))

    def __len__(self) -> int:
        return self._count

    def raise_if_any(self) -> None:
        """Refuses the request where anything is wrong.

        Raises:
            InvalidRequest: names the fields.
        """
        if not self._count:
            return
        first = self._first[0]
        more = f" ({self._count - 1} more in the details)" if self._count > 1 else ""
        raise InvalidRequest(
            f"{first.field}: {first.description}{more}",
            metadata={"violation_count": str(self._count)},
            fields=tuple(self._first),
        )

    def enum(self, message: Message, name: str, path: str, *, required: bool = False) -> None:
        """Checks that an enum field holds a known number, and where required not the unspecified one."""
        value = getattr(message, name)
        field = message.DESCRIPTOR.fields_by_name[name]
        assert field.enum_type is not None
        self._enum_value(field.enum_type, value, path, required=required)

    def enums(self, message: Message, name: str, path: str) -> None:
        """Checks that each element of a repeated enum field is known, specified and there once."""
        values: Sequence[int] = getattr(message, name)
        field = message.DESCRIPTOR.fields_by_name[name]
        assert field.enum_type is not None
        for index, value in enumerate(values):
            self._enum_value(field.enum_type, value, f"{path}[{index}]", required=True)
        self.unique(values, path)

    def _enum_value(self, enum: Any, value: int, path: str, *, required: bool) -> None:  # noqa: ANN401  # EnumDescriptor has two homes
        if value in enum.values_by_number and (value or not required):
            return
        known = ", ".join(entry.name for entry in enum.values if entry.number or not required)
        if value or not required:
            self.add(path, f"is {value}, which {enum.name} does not have; use one of {known}")
        else:
            self.add(path, f"is not set; use one of {known}")

    def identifier(self, value: str, path: str, *, required: bool = False) -> None:
        """Checks an id: letters, digits and ``. _ : / @ + = ~ -``, beginning with a letter or digit."""
        if not value:
            if required:
                self.add(path, "is not set; give an id")
        elif len(value) > limits.MAX_ID_CHARACTERS:
            self.add(path, f"has {len(value)} characters; use at most {limits.MAX_ID_CHARACTERS}")
        elif not _IDENTIFIER.fullmatch(value):
            self.add(path, "has characters that ids may not have; use letters, digits and . _ : / @ + = ~ -")

    def chosen_id(self, value: str, path: str, *, required: bool = False) -> None:
        """Checks an id that somebody chooses: letters, digits and ``. _ -``, beginning with a letter or digit."""
        if not value:
            if required:
                self.add(path, "is not set; choose an id")
        elif len(value) > limits.MAX_CHOSEN_ID_CHARACTERS:
            self.add(path, f"has {len(value)} characters; use at most {limits.MAX_CHOSEN_ID_CHARACTERS}")
        elif not _CHOSEN_ID.fullmatch(value):
            self.add(path, "is no id; begin with a letter or digit, and use letters, digits and . _ - alone")

    def mask(self, request: Any, updatable: Sequence[str]) -> frozenset[str]:  # noqa: ANN401  # every request with a mask
        """Checks that ``update_mask`` names something, and nothing that cannot be changed; returns what it names."""
        paths = request.update_mask.paths
        if not paths:
            self.add("update_mask", f"names nothing; name some of {', '.join(updatable)}")
        for index, path in enumerate(paths):
            if path not in updatable:
                self.add(f"update_mask.paths[{index}]", f"cannot be changed; use {', '.join(updatable)}")
        return frozenset(paths)

    def unset(self, message: Message, path: str, fields: Iterable[str], cure: str = "leave it unset") -> None:
        """Checks that fields which the server sets are not set."""
        given = {field.name for field, _ in message.ListFields()}
        for name in fields:
            if name in given:
                self.add(f"{path}.{name}", f"is the server's to set; {cure}")

    def text(self, value: str, path: str, most: int, *, required: bool = False) -> None:
        """Checks one line of text: its length, and that it has no control characters."""
        if required and not value:
            self.add(path, "is empty; fill it")
        elif len(value) > most:
            self.add(path, f"has {len(value)} characters; use at most {most}")
        elif _CONTROL.search(value):
            self.add(path, "has control characters; remove them")

    def names(self, values: Sequence[str], path: str) -> None:
        """Checks a list of names: how many, each one's form, none twice."""
        if len(values) > limits.MAX_HINT_NAMES:
            self.add(path, f"has {len(values)} names; use at most {limits.MAX_HINT_NAMES}")
            return
        for index, value in enumerate(values):
            self.text(value, f"{path}[{index}]", limits.MAX_MODEL_NAME_CHARACTERS, required=True)
        self.unique(values, path)

    def unique(self, values: Iterable[object], path: str) -> None:
        """Checks that no value is there twice."""
        seen: dict[object, int] = {}
        for index, value in enumerate(values):
            first = seen.setdefault(value, index)
            if first != index:
                self.add(f"{path}[{index}]", f"repeats {path}[{first}]; name it once")

    def number(
        self, value: float, path: str, low: float | None, high: float | None, *, above_low: bool = False
    ) -> None:
        """Checks that a number lies in its range, ends included unless ``above_low``. NaN lies in none."""
        too_low = low is not None and (value <= low if above_low else value < low)
        too_high = high is not None and value > high
        if too_low or too_high or not math.isfinite(value):
            self.add(path, f"is {value:g}; {_range(low, high, above_low=above_low)}")

    def page(self, message: Any, prefix: str = "") -> None:  # noqa: ANN401  # every paged request
        """Checks the two fields that ask for a page. The token's own content is ``paging``'s to check."""
        if not 0 <= message.page_size <= limits.MAX_PAGE_SIZE:
            self.add(f"{prefix}page_size", f"is {message.page_size}; use 0 to {limits.MAX_PAGE_SIZE}")
        self.text(message.page_token, f"{prefix}page_token", limits.MAX_PAGE_TOKEN_CHARACTERS)

    def timestamp(self, value: Any, path: str) -> bool:  # noqa: ANN401  # Timestamp's stub hides its fields behind a mixin
        """Checks that a timestamp is one that ``google.protobuf.Timestamp`` allows; says whether it is."""
        low, high = _TIMESTAMP_SECONDS
        if low <= value.seconds <= high and 0 <= value.nanos < _NANOS_PER_SECOND:
            return True
        self.add(path, "is no time between the years 1 and 9999")
        return False

    def period(self, message: Any, *, required: bool = False, prefix: str = "") -> None:  # noqa: ANN401  # every message with a period
        """Checks ``start_time`` and ``end_time``, each where it is set; where required, both."""
        ends = ("start_time", "end_time")
        given = [name for name in ends if message.HasField(name)]
        for name in ends if required else ():
            if name not in given:
                self.add(f"{prefix}{name}", "is not set; give a time")
        valid = [self.timestamp(getattr(message, name), f"{prefix}{name}") for name in given]
        if len(given) == len(ends) and all(valid):
            start, end = message.start_time, message.end_time
            if (start.seconds, start.nanos) >= (end.seconds, end.nanos):
                self.add(f"{prefix}end_time", "is not after start_time; the end is exclusive")

    def positive_duration(self, value: Any, path: str) -> None:  # noqa: ANN401  # as timestamp
        """Checks that a duration is well formed and longer than nothing."""
        in_range = 0 <= value.seconds <= _DURATION_SECONDS and 0 <= value.nanos < _NANOS_PER_SECOND
        if not in_range or (value.seconds == 0 and value.nanos == 0):
            self.add(path, "is no duration above 0; set a longer one or leave it unset")


def _range(low: float | None, high: float | None, *, above_low: bool) -> str:
    if low is None:
        return f"use at most {high:g}"
    start = f"above {low:g}" if above_low else f"{low:g}"
    if high is None:
        return f"use {start}" if above_low else f"use {start} or more"
    return f"use {start}, at most {high:g}" if above_low else f"use {start} to {high:g}"

"""What the sandbox can be told to do wrong: by code, over HTTP, or by a directive in the text that it is sent."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Final, Literal, get_args

UsageFault = Literal[
    "missing",
    "zero",
    "negative",
    "low",
    "above",
    "huge",
    "overflow",
    "enormous",
    "string",
    "float",
    "null",
    "repeated",
    "shrinking",
    "after_end",
]
BodyFault = Literal["html", "not_json", "not_http", "empty", "huge"]

# Written in place of each true figure.
FIGURES: Final[Mapping[str, Callable[[int], object]]] = {
    "zero": lambda _: 0,
    "negative": lambda tokens: -tokens - 1,
    "low": lambda _: 1,
    "above": lambda tokens: tokens + 5_000,
    "huge": lambda _: 10**12,
    "overflow": lambda _: 2**63,
    "enormous": lambda _: 10**40,
    "string": str,
    "float": lambda tokens: tokens + 0.5,
    "null": lambda _: None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What one request meets. Fields can be combined; those left out change nothing.

    Attributes:
        status: answer with this HTTP status and an error body in the wire's form.
        retry_after: the value of its ``Retry-After`` header: seconds, or a date.
        code: the code in its error body.
        redirect: answer with this redirecting status.
        body: answer 200 with an HTML page, text that is not JSON, nothing, or ``huge_bytes`` of JSON; or not with HTTP.
        content_type: of the answer, instead of the right one.
        hang: wait for ever before the headers.
        hang_after: wait for ever after so many deltas.
        cut_after: break the connection after so many deltas.
        garbage_after: send bytes that mean nothing after so many deltas, then break the connection.
        error_after: send an error event after so many deltas and end the stream.
        bytes_per_second: send the body byte by byte.
        first_ms: the time to the first token.
        gap_ms: the time between two deltas.
        burst: send everything at once.
        tokens: how many tokens the text shall have.
        text: what to say.
        usage: leave the usage out, report it wrongly, in every delta (``repeated``; ``shrinking``: and less of it at
            the end), or after what ends the stream.
        no_done: leave out what ends the stream on the wire.
        no_finish: leave out the finish reason.
        times: how many requests meet it.
        model: the one model that it is for.
    """

    status: int | None = None
    retry_after: str | None = None
    code: str | None = None
    redirect: int | None = None
    body: BodyFault | None = None
    huge_bytes: int = 100_000_000
    content_type: str | None = None
    hang: bool = False
    hang_after: int | None = None
    cut_after: int | None = None
    garbage_after: int | None = None
    error_after: int | None = None
    bytes_per_second: float | None = None
    first_ms: float | None = None
    gap_ms: float | None = None
    burst: bool | None = None
    tokens: int | None = None
    text: str | None = None
    usage: UsageFault | None = None
    no_done: bool = False
    no_finish: bool = False
    times: int | None = None
    model: str | None = None

    @property
    def breaks_after(self) -> int | None:
        """After how many deltas the answer breaks; ``None``: it does not."""
        points = (self.hang_after, self.cut_after, self.garbage_after, self.error_after)
        return min((point for point in points if point is not None), default=None)


@lru_cache(maxsize=256)
def describe(fault: Fault) -> str:
    """The fields that are set, for the meter; without the text."""
    changed = (f for f in fields(fault) if f.name != "text" and getattr(fault, f.name) != f.default)
    return " ".join(f"{f.name}={getattr(fault, f.name)}" for f in changed)


NO_FAULT: Final = Fault()


class InvalidFault(ValueError):
    """A fault that does not exist, or a value that is none of its field's."""


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise InvalidFault(f"not a number: {value}")
    return float(value)


def _whole(value: object) -> int:
    number = _number(value)
    if number != int(number) or number < 0:
        raise ValueError
    return int(number)


def _flag(value: object) -> bool:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[str(value).lower()]


def _one_of(*names: str) -> Callable[[object], str]:
    known: dict[object, str] = {name: name for name in names}
    return known.__getitem__


_READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    **dict.fromkeys(("status", "redirect", "huge_bytes", "tokens", "times"), _whole),
    **dict.fromkeys(("hang_after", "cut_after", "garbage_after", "error_after"), _whole),
    **dict.fromkeys(("bytes_per_second", "first_ms", "gap_ms"), _number),
    **dict.fromkeys(("hang", "burst", "no_done", "no_finish"), _flag),
    **dict.fromkeys(("retry_after", "code", "content_type", "text", "model"), str),
    "usage": _one_of(*get_args(UsageFault)),
    "body": _one_of(*get_args(BodyFault)),
}


def read_fault(values: Mapping[str, object]) -> Fault:
    """Makes a fault of names and values, as JSON or a directive gives them.

    Raises:
        InvalidFault: a name or a value is wrong; says which.
    """
    read: dict[str, Any] = {}
    for name, value in values.items():
        try:
            read[name] = _READERS[name](value)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise InvalidFault(f"no such fault: {name}={value}") from None
    return Fault(**read)


_DIRECTIVE = re.compile(r"\[\[sandbox:(.*?)\]\]", re.DOTALL)


def directives(text: str) -> list[Fault]:
    """The faults that a text asks for, such as ``[[sandbox: status=503 retry_after=2]]``.

    Raises:
        InvalidFault: a directive is wrong; says which part.
    """
    if "[[sandbox:" not in text:
        return []
    return [_read_directive(found) for found in _DIRECTIVE.findall(text)]


@lru_cache(maxsize=256)
def _read_directive(text: str) -> Fault:
    try:
        words = [word.partition("=") for word in shlex.split(text)]
    except ValueError as error:
        raise InvalidFault(f"{error}: {text}") from None
    return read_fault({name: value if equals else "true" for name, equals, value in words})


class Script:
    """The faults that the next requests meet."""

    def __init__(self) -> None:
        self.queue: list[Fault] = []
        self._met: Counter[tuple[str, int, Fault]] = Counter()

    def push(self, fault: Fault, *, model: str | None = None, times: int | None = None) -> None:
        """Queues a fault for the next requests (one, unless ``times`` says), or for those to one model."""
        self.queue.append(
            replace(fault, model=fault.model if model is None else model, times=times or fault.times or 1)
        )

    def clear(self) -> None:
        """Empties the queue and forgets which directives were met."""
        self.queue.clear()
        self._met.clear()

    def take(self, model: str, text: str) -> Fault:
        """What a request to the model with this text meets: what is queued first, else its directives together.

        Raises:
            InvalidFault: a directive is wrong.
        """
        for index, fault in enumerate(self.queue):
            if fault.model in (None, model):
                left = (fault.times or 1) - 1
                self.queue[index : index + 1] = [replace(fault, times=left)] if left else []
                return replace(fault, times=None, model=None)
        met = NO_FAULT
        for fault in directives(text):
            if fault.model in (None, model) and self._still_due(model, text, fault):
                met = fault if met is NO_FAULT else _combined(met, fault)
        return met

    def _still_due(self, model: str, text: str, fault: Fault) -> bool:
        if fault.times is None:
            return True
        key = (model, hash(text), fault)
        self._met[key] += 1
        return self._met[key] <= fault.times


def _combined(first: Fault, second: Fault) -> Fault:
    changed = {f.name: getattr(second, f.name) for f in fields(second) if getattr(second, f.name) != f.default}
    return replace(first, **changed)

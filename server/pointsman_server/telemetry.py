"""Logs: structured, with the call's request id, and without keys, content or the texts of exceptions."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from google.protobuf.message import Message
from structlog.typing import EventDict, Processor, WrappedLogger

_MAX_TEXT_CHARACTERS = 500
_SECRET_NAME = re.compile(r"authorization|api_?key|cookie|password|secret", re.IGNORECASE)
_ENCODER = json.JSONEncoder(default=repr)
_FRAMES = "exception"
"""Holds places in the code, without texts: never cut, since what raised stands last."""
_QUIET_LOGGERS = ("aiosqlite", "alembic", "asyncio", "grpc", "httpcore", "httpx", "uvicorn")
"""Libraries whose remarks below warnings are of no use to an operator."""


def configure(level: str, log_format: str, stream: TextIO = sys.stderr) -> None:
    """Sets up the logs of this process, those of libraries included.

    Args:
        level: the least level that is logged: debug, info, warning or error.
        log_format: console, json, or auto: console on a terminal, else json.
        stream: where the lines go.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    # Our own lines go straight to the stream: by way of logging each would take several times as long.
    structlog.configure(
        processors=[*_shared(), _renderer(log_format, stream)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Lines(stream))),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(log_format, stream)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


class _Lines:
    """The stream of our own lines. One that it cannot take, as on a full disk, is lost, like those of ``logging``:
    whatever was about to be told must happen all the same, and there is nowhere left to tell of it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def log_loop_error(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """An event loop's exception handler: asyncio's own would print the exception's text."""
    error = context.get("exception")
    structlog.get_logger().error("loop_error", detail=context.get("message", ""), exc_info=error)


def frames(error: BaseException) -> str:
    """What an exception is and where it came from, its causes included, without texts: those may hold content."""
    lines: list[str] = []
    for link in _chain(error):
        lines.append(type(link).__qualname__)
        lines.extend(
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(link.__traceback__, limit=-20)
        )
    return "\n".join(lines)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _frames_for_exceptions,
        _redact,
    ]


def _renderer(log_format: str, stream: TextIO) -> Processor:
    console = log_format == "console" or (log_format == "auto" and stream.isatty())
    if console:
        return structlog.dev.ConsoleRenderer(colors=stream.isatty())
    return structlog.processors.JSONRenderer(serializer=_json)


def _json(event: EventDict, **_: object) -> str:
    # json.dumps would make an encoder for each line.
    return _ENCODER.encode(event)


def _frames_for_exceptions(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces ``exc_info`` with frames."""
    if (error := _exception(event.pop("exc_info", None))) is not None:
        event[_FRAMES] = frames(error)
    return event


def _exception(exc_info: object) -> BaseException | None:
    match exc_info:
        case BaseException():
            return exc_info
        case (type(), BaseException() as error, TracebackType() | None):
            return error
        case None | False | (None, None, None):
            return None
        case _:
            return sys.exc_info()[1]


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Shows neither keys nor content: messages by their type, bytes by their number, long texts cut."""
    for name, value in event.items():
        if _is_secret(name):
            event[name] = "***"
        elif isinstance(value, str):
            if len(value) > _MAX_TEXT_CHARACTERS and name != _FRAMES:
                event[name] = value[:_MAX_TEXT_CHARACTERS] + "…"
        elif isinstance(value, BaseException):
            event[name] = type(value).__qualname__
        elif isinstance(value, Message):
            event[name] = f"<{value.DESCRIPTOR.full_name}>"
        elif isinstance(value, (bytes, bytearray, memoryview)):
            event[name] = f"<{len(value)} bytes>"
    return event

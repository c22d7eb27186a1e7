"""Logs carry the request id, and neither keys, nor content, nor the texts of exceptions."""

import asyncio
import errno
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pointsman.v1.content_pb2 import TextPart
from pointsman_server import telemetry
from pointsman_server.secrets.model import Secret


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class FullDisk(io.StringIO):
    """Takes no line while it is full."""

    full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    telemetry.configure("info", "auto", stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_level_time_and_request_id(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req_1"):
        structlog.get_logger().info("call", status="OK")
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "call", "level": "info", "request_id": "req_1", "status": "OK"}


def test_what_is_below_the_level_is_not_logged(stream: io.StringIO) -> None:
    structlog.get_logger().debug("no")
    logging.getLogger("some.library").debug("no")
    assert lines(stream) == []


def test_neither_keys_nor_content_are_shown(stream: io.StringIO) -> None:
    structlog.get_logger().warning(
        "x",
        key=Secret("sk-1"),
        api_key="sk-2",
        Authorization="Bearer sk-3",
        message=TextPart(text="content"),
        body=b"content",
        error=ValueError("content"),
        long="a" * 600,
    )
    (line,) = lines(stream)
    assert "sk-" not in stream.getvalue()
    assert "content" not in stream.getvalue()
    assert line["key"] == "Secret(***)"
    assert (line["api_key"], line["Authorization"]) == ("***", "***")
    assert (line["message"], line["body"], line["error"]) == ("<pointsman.v1.TextPart>", "<7 bytes>", "ValueError")
    assert len(line["long"]) == 501


def fail() -> None:
    try:
        {}["content"]
    except KeyError as error:
        raise ValueError("content") from error


def test_an_exception_is_logged_by_its_type_and_place(stream: io.StringIO) -> None:
    try:
        fail()
    except ValueError as error:
        structlog.get_logger().exception("broken")
        structlog.get_logger().error("broken", exc_info=error)
        logging.getLogger("some.library").exception("broken")
        logging.getLogger("some.library").critical("broken", exc_info=(type(error), error, error.__traceback__))
    for line in lines(stream):
        assert line["exception"].startswith("ValueError\n")
        assert "KeyError" in line["exception"]
        assert "in fail" in line["exception"]
    assert len(lines(stream)) == 4
    assert "content" not in stream.getvalue()


def deep(levels: int) -> None:
    if levels:
        deep(levels - 1)
    fail()


def test_the_place_that_raised_is_never_cut_off(stream: io.StringIO) -> None:
    try:
        deep(10)
    except ValueError:
        structlog.get_logger().exception("broken")
    assert "in fail" in lines(stream)[0]["exception"]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_line_that_cannot_be_written_ends_nothing(log_format: str) -> None:
    stream = FullDisk()
    telemetry.configure("info", log_format, stream)
    structlog.get_logger().error("lost")
    stream.full = False
    structlog.get_logger().error("kept")
    assert "lost" not in stream.getvalue()
    assert "kept" in stream.getvalue()


def test_a_stream_that_is_closed_ends_nothing() -> None:
    stream = io.StringIO()
    telemetry.configure("info", "json", stream)
    stream.close()
    structlog.get_logger().error("lost")
    assert stream.closed


def test_no_exception_is_none(stream: io.StringIO) -> None:
    structlog.get_logger().info("fine", exc_info=False)
    structlog.get_logger().info("fine", exc_info=(None, None, None))
    assert all("exception" not in line for line in lines(stream))


def test_remarks_of_libraries_are_left_out(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert [line["event"] for line in lines(stream)] == ["Invalid HTTP request received."]


@pytest.mark.parametrize(("log_format", "terminal"), [("auto", True), ("console", False), ("console", True)])
def test_people_get_lines_to_read(log_format: str, terminal: bool) -> None:  # noqa: FBT001  # a parameter of the test
    stream = Terminal() if terminal else io.StringIO()
    telemetry.configure("info", log_format, stream)
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("broken", status="OK")
    assert "broken" in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert "content" not in stream.getvalue()
    assert ("\x1b[" in stream.getvalue()) == terminal


def test_json_on_a_terminal_where_it_is_asked_for() -> None:
    stream = Terminal()
    telemetry.configure("info", "json", stream)
    structlog.get_logger().info("x")
    assert lines(stream)[0]["event"] == "x"


async def test_what_a_loop_reports_is_without_texts(stream: io.StringIO) -> None:
    loop = asyncio.get_running_loop()
    telemetry.log_loop_error(
        loop, {"message": "Task exception was never retrieved", "exception": ValueError("content")}
    )
    telemetry.log_loop_error(loop, {"message": "something"})
    first, second = lines(stream)
    assert (first["detail"], first["exception"]) == ("Task exception was never retrieved", "ValueError")
    assert "exception" not in second

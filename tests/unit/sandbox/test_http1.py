"""The sandbox's HTTP server, byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from pointsman_server.sandbox.http1 import HttpServer, Reply, Request


async def echo(request: Request, reply: Reply) -> None:
    reply.send(200, "text/plain", f"{request.method} {request.path} ".encode() + request.body)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = HttpServer(echo)
    yield await server.start("127.0.0.1", 0)
    await server.stop()


async def talk(port: int, *pieces: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
    return head + body


async def test_a_sized_body(port: int) -> None:
    answer = await ask(port, b"POST /a?b=c HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")
    assert answer.endswith(b"\r\n\r\nPOST /a hello")


async def test_a_chunked_body(port: int) -> None:
    request = b"POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=1\r\nlo\r\n0\r\n\r\n"
    assert (await ask(port, request)).endswith(b"POST /a hello")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /a HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello",
        b"POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ],
)
async def test_a_request_cut_at_every_byte(port: int, request_bytes: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for cut in range(1, len(request_bytes)):
        writer.write(request_bytes[:cut])
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(request_bytes[cut:])
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(13) == b"POST /a hello"
    writer.close()
    await writer.wait_closed()


async def test_requests_in_one_write_are_answered_in_order(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nconnection: close\r\n\r\n")
    answer = await reader.read()
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.index(b"GET /1 ") < answer.index(b"GET /2 ")
    writer.close()
    await writer.wait_closed()


async def test_a_client_that_asks_first_is_told_to_go_on(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /a HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"ok")
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /\r\n\r\n", b"400"),
        (b"GET / HTTP/2\r\n\r\n", b"400"),
        (b"\x16\x03\x01\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n folded: x\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\ncontent-length: 1e3\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\ncontent-length: 999999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffff\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000, b"431"),
    ],
)
async def test_what_is_no_request_is_refused(port: int, request_bytes: bytes, status: bytes) -> None:
    answer = await talk(port, request_bytes)
    assert answer.split(b" ")[1] == status


async def test_a_handler_that_fails_is_reported_and_drops_the_connection() -> None:
    async def fail(_request: Request, _reply: Reply) -> None:
        raise KeyError("defect")

    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
    server = HttpServer(fail)
    port = await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    await server.stop()
    assert isinstance(reported[0], KeyError)


async def test_a_reader_that_is_slow_holds_the_server_back() -> None:
    sent = 0

    async def pour(_request: Request, reply: Reply) -> None:
        nonlocal sent
        reply.start(200, "text/plain")
        for _ in range(400):
            reply.write(b"x" * 100_000)
            sent += 1
            await reply.drain()
        reply.end()

    server = HttpServer(pour)
    port = await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
    writer.write(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n")
    await asyncio.sleep(0.05)
    assert sent < 400
    total = 0
    while data := await reader.read(1 << 20):
        total += len(data)
    assert total > 40_000_000
    writer.close()
    await writer.wait_closed()
    await server.stop()


async def test_stopping_ends_what_runs() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait(_request: Request, _reply: Reply) -> None:
        begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    server = HttpServer(wait)
    await server.stop()  # before the start, too
    port = await server.start("127.0.0.1", 0)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    await begun.wait()
    await server.stop()
    assert ended.is_set()
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)

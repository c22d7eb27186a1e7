"""The transport, against real servers on loopback: pool, timeouts, caps, cancellation, guard."""

from __future__ import annotations

import asyncio
import gzip
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from pointsman.v1.completion_pb2 import FailureKind
from pointsman_server.adapters.base import HttpCall, ProviderFailure
from pointsman_server.adapters.transport import Response, Timeouts, Transport
from pointsman_server.catalog.model import Access, Provider
from pointsman_server.errors import ConfigurationError

PATIENT = Timeouts(connect_ms=5_000, first_byte_ms=5_000, chunk_ms=5_000, total_ms=10_000)
KEY = "sk-canary"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A server that answers each request with what the test says, and counts its connections."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.connections = 0
        self.open: set[asyncio.StreamWriter] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.all_closed = asyncio.Event()
        self.asked = asyncio.Event()
        self.requests: list[bytes] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.open.add(writer)
        self.all_closed.clear()
        try:
            while head := await _head(reader):
                self.requests.append(head)
                self.asked.set()
                await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, which is what some tests are about
        finally:
            writer.close()
            self.open.discard(writer)
            if not self.open:
                self.all_closed.set()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[Server]:
    server = Server(serve)
    listener = await asyncio.start_server(server.connected, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)
        await listener.wait_closed()


def answering(*pieces: bytes, pause_s: float = 0) -> Serve:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return serve


def whole(body: bytes, headers: str = "content-type: application/json", status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


async def never(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await writer.wait_closed()


CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    made = Transport(max_response_bytes=100_000)
    yield made
    await made.close()


def provider(access: Access = Access.LOOPBACK, private_hosts: tuple[str, ...] = ()) -> Provider:
    return Provider("p", "P", "openai", "http://unused", access=access, private_hosts=private_hosts)


def call(url: str, body: bytes = b"{}") -> HttpCall:
    return HttpCall("POST", url, {"authorization": f"Bearer {KEY}", "content-type": "application/json"}, body)


async def fetch(
    transport: Transport, url: str, timeouts: Timeouts = PATIENT, served_by: Provider | None = None
) -> tuple[Response, bytes]:
    async with transport.exchange(call(url), served_by or provider(), timeouts) as response:
        return response, b"".join([data async for data in response.chunks()])


async def failure(
    transport: Transport, url: str, timeouts: Timeouts = PATIENT, served_by: Provider | None = None
) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        await fetch(transport, url, timeouts, served_by)
    return caught.value


async def test_the_call_arrives_as_it_is_and_the_answer_comes_back(transport: Transport) -> None:
    async with serving(
        answering(whole(b'{"a": 1}', "Content-Type: Application/JSON; charset=utf-8\r\nX-Id: 7"))
    ) as server:
        response, body = await fetch(transport, f"{server.url}/v1/chat?api-version=1&q=a%20b")
    assert (response.status, response.content_type, body) == (200, "application/json", b'{"a": 1}')
    assert response.headers["x-id"] == "7"
    head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/chat?api-version=1&q=a%20b HTTP/1.1\r\n")
    assert b"authorization: bearer sk-canary" in head.lower()
    assert b"accept-encoding: identity" in head.lower()
    assert b"cookie" not in head.lower()
    assert sent == b"{}"


async def test_an_error_status_is_an_answer(transport: Transport) -> None:
    async with serving(answering(whole(b"busy", "retry-after: 3", "429 Too Many Requests"))) as server:
        response, body = await fetch(transport, server.url)
    assert (response.status, response.headers["retry-after"], body) == (429, "3", b"busy")


async def test_connections_are_kept_for_the_next_call(transport: Transport) -> None:
    async with serving(answering(whole(b"{}"))) as server:
        for _ in range(5):
            await fetch(transport, server.url)
        assert (server.connections, len(server.requests)) == (1, 5)


async def test_chunks_come_as_they_arrive(transport: Transport) -> None:
    asked = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + chunk(b"one"))
        await asked.wait()
        writer.write(chunk(b"two") + LAST_CHUNK)

    async with serving(serve) as server, transport.exchange(call(server.url), provider(), PATIENT) as response:
        chunks = response.chunks()
        assert await anext(chunks) == b"one"
        asked.set()
        assert [data async for data in chunks] == [b"two"]


async def test_a_body_above_a_megabyte_is_sent(transport: Transport) -> None:
    body = b"x" * 3_000_000
    async with serving(answering(whole(b"{}"))) as server:
        async with transport.exchange(call(server.url, body), provider(), PATIENT) as response:
            await response.read(100)
        assert server.requests[0].endswith(b"\r\n\r\n" + body)


async def test_a_call_without_a_body_sends_none(transport: Transport) -> None:
    async with serving(answering(whole(b"{}"))) as server:
        async with transport.exchange(HttpCall("GET", server.url, {}), provider(), PATIENT) as response:
            assert await response.read(100) == b"{}"
        assert server.requests[0].startswith(b"GET / HTTP/1.1")
        assert b"content-length" not in server.requests[0].lower()


class TestPool:
    async def test_an_abandoned_stream_closes_its_connection(self, transport: Transport) -> None:
        async with serving(answering(CHUNKED + chunk(b"one"), b"", pause_s=0.02)) as server:
            async with transport.exchange(call(server.url), provider(), PATIENT) as response:
                assert await anext(response.chunks()) == b"one"
            await asyncio.wait_for(server.all_closed.wait(), 1)

    async def test_an_unread_answer_closes_its_connection(self, transport: Transport) -> None:
        async with serving(answering(CHUNKED, chunk(b"one"), pause_s=0.02)) as server:
            async with transport.exchange(call(server.url), provider(), PATIENT) as response:
                assert response.status == 200
            await asyncio.wait_for(server.all_closed.wait(), 1)

    @pytest.mark.parametrize("pieces", [(), (CHUNKED,), (CHUNKED + chunk(b"one"),)], ids=["headers", "first", "next"])
    async def test_a_cancelled_call_closes_its_connection(
        self, transport: Transport, pieces: tuple[bytes, ...]
    ) -> None:
        reached = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.writelines(pieces)
            await writer.drain()
            reached.set()
            await reader.read()

        async with serving(serve) as server:
            task = asyncio.create_task(fetch(transport, server.url))
            await reached.wait()
            await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(server.all_closed.wait(), 1)

    async def test_cancelling_at_any_moment_leaves_no_connection_half_read(self, transport: Transport) -> None:
        answer = [CHUNKED + chunk(b"a"), chunk(b"b"), chunk(b"c") + LAST_CHUNK]
        async with serving(answering(*answer, pause_s=0.001)) as server:
            for turn in range(40):
                task = asyncio.create_task(fetch(transport, server.url))
                await asyncio.sleep(turn * 0.0002)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                _, body = await fetch(transport, server.url)
                assert body == b"abc"

    async def test_a_failed_stream_closes_its_connection(self, transport: Transport) -> None:
        async with serving(answering(CHUNKED + chunk(b"x" * 200_000), pause_s=0.02)) as server:
            assert (await failure(transport, server.url)).kind == FailureKind.FAILURE_KIND_TOO_LARGE
            await asyncio.wait_for(server.all_closed.wait(), 1)

    async def test_a_full_pool_is_a_failure_to_connect(self) -> None:
        transport = Transport(connections_per_host=1)
        async with serving(never) as server:
            task = asyncio.create_task(fetch(transport, server.url))
            await server.asked.wait()
            hurried = Timeouts(connect_ms=10, first_byte_ms=5_000, chunk_ms=5_000, total_ms=5_000)
            assert (await failure(transport, server.url, hurried)).kind == FailureKind.FAILURE_KIND_CONNECT
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await transport.close()

    async def test_a_closed_transport_sends_nothing(self, transport: Transport) -> None:
        async with serving(answering(whole(b"{}"))) as server:
            await transport.close()
            assert (await failure(transport, server.url)).kind == FailureKind.FAILURE_KIND_INTERNAL
            assert server.connections == 0


class TestTimeouts:
    @pytest.mark.parametrize("pieces", [(), (b"HTTP/1.1 200 OK\r\n",), (CHUNKED,)], ids=["nothing", "half", "headers"])
    async def test_no_first_byte(self, transport: Transport, pieces: tuple[bytes, ...]) -> None:
        limits = Timeouts(connect_ms=1_000, first_byte_ms=40, chunk_ms=5_000, total_ms=5_000)
        async with serving(answering(*pieces, pause_s=1)) as server:
            begun = asyncio.get_running_loop().time()
            assert (await failure(transport, server.url, limits)).kind == FailureKind.FAILURE_KIND_TIMEOUT
            assert 0.03 < asyncio.get_running_loop().time() - begun < 0.5

    async def test_headers_that_trickle_in_are_cut_off(self, transport: Transport) -> None:
        limits = Timeouts(connect_ms=20, first_byte_ms=40, chunk_ms=5_000, total_ms=5_000)
        head = b"HTTP/1.1 200 OK\r\nx-filler: " + b"x" * 500
        async with serving(answering(*(head[at : at + 1] for at in range(len(head))), pause_s=0.005)) as server:
            begun = asyncio.get_running_loop().time()
            assert (await failure(transport, server.url, limits)).kind == FailureKind.FAILURE_KIND_TIMEOUT
            assert asyncio.get_running_loop().time() - begun < 0.5

    async def test_no_next_chunk(self, transport: Transport) -> None:
        limits = Timeouts(connect_ms=1_000, first_byte_ms=5_000, chunk_ms=40, total_ms=5_000)
        async with serving(answering(CHUNKED + chunk(b"one"), b"", pause_s=1)) as server:
            begun = asyncio.get_running_loop().time()
            found = await failure(transport, server.url, limits)
            assert (found.kind, found.http_status) == (FailureKind.FAILURE_KIND_TIMEOUT, 200)
            assert asyncio.get_running_loop().time() - begun < 0.5

    async def test_a_slow_first_byte_leaves_the_chunks_their_own_time(self, transport: Transport) -> None:
        limits = Timeouts(connect_ms=1_000, first_byte_ms=1_000, chunk_ms=50, total_ms=5_000)
        pieces = (CHUNKED, chunk(b"a"), chunk(b"b") + LAST_CHUNK)

        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for piece, pause_s in zip(pieces, (0.08, 0.01, 0), strict=True):
                writer.write(piece)
                await asyncio.sleep(pause_s)

        async with serving(serve) as server:
            _, body = await fetch(transport, server.url, limits)
            assert body == b"ab"

    async def test_the_whole_takes_too_long(self, transport: Transport) -> None:
        limits = Timeouts(connect_ms=1_000, first_byte_ms=1_000, chunk_ms=1_000, total_ms=60)
        async with serving(answering(CHUNKED, *[chunk(b"x")] * 200, pause_s=0.01)) as server:
            begun = asyncio.get_running_loop().time()
            assert (await failure(transport, server.url, limits)).kind == FailureKind.FAILURE_KIND_TIMEOUT
            assert 0.05 < asyncio.get_running_loop().time() - begun < 0.3

    async def test_the_whole_bounds_silence_too(self, transport: Transport) -> None:
        limits = Timeouts(connect_ms=1_000, first_byte_ms=1_000, chunk_ms=1_000, total_ms=60)
        async with serving(answering(CHUNKED + chunk(b"x"), b"", pause_s=1)) as server:
            begun = asyncio.get_running_loop().time()
            assert (await failure(transport, server.url, limits)).kind == FailureKind.FAILURE_KIND_TIMEOUT
            assert 0.05 < asyncio.get_running_loop().time() - begun < 0.3

    async def test_no_timer_is_left_on_a_connection_in_the_pool(self, transport: Transport) -> None:
        limits = Timeouts(connect_ms=1_000, first_byte_ms=30, chunk_ms=30, total_ms=60)
        async with serving(answering(CHUNKED + chunk(b"x") + LAST_CHUNK)) as server:
            await fetch(transport, server.url, limits)
            await asyncio.sleep(0.1)
            await fetch(transport, server.url, limits)
            assert server.connections == 1


class TestSize:
    async def test_an_announced_size_above_the_cap(self, transport: Transport) -> None:
        answer = b"HTTP/1.1 200 OK\r\ncontent-length: 100001\r\n\r\n"
        async with serving(answering(answer, pause_s=0.01)) as server:
            assert (await failure(transport, server.url)).kind == FailureKind.FAILURE_KIND_TOO_LARGE

    async def test_a_body_up_to_the_cap(self, transport: Transport) -> None:
        async with serving(answering(CHUNKED + chunk(b"x" * 100_000) + LAST_CHUNK)) as server:
            _, body = await fetch(transport, server.url)
            assert len(body) == 100_000

    async def test_a_body_above_the_cap(self, transport: Transport) -> None:
        async with serving(answering(CHUNKED + chunk(b"x" * 100_001) + LAST_CHUNK)) as server:
            assert (await failure(transport, server.url)).kind == FailureKind.FAILURE_KIND_TOO_LARGE

    async def test_what_unpacks_above_the_cap(self, transport: Transport) -> None:
        bomb = gzip.compress(b"\0" * 50_000_000)
        assert len(bomb) < 100_000
        async with serving(answering(whole(bomb, "content-encoding: gzip"))) as server:
            assert (await failure(transport, server.url)).kind == FailureKind.FAILURE_KIND_TOO_LARGE

    async def test_read_takes_no_more_than_it_is_told(self, transport: Transport) -> None:
        async with serving(answering(whole(b"x" * 1_000, status="500 Internal Server Error"))) as server:
            async with transport.exchange(call(server.url), provider(), PATIENT) as response:
                assert len(await response.read(1_000)) == 1_000
            async with transport.exchange(call(server.url), provider(), PATIENT) as response:
                with pytest.raises(ProviderFailure) as caught:
                    await response.read(999)
        assert (caught.value.kind, caught.value.http_status) == (FailureKind.FAILURE_KIND_TOO_LARGE, 500)


class TestFailures:
    async def test_nothing_listens(self, transport: Transport) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            found = await failure(transport, f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert found.kind == FailureKind.FAILURE_KIND_CONNECT
        assert isinstance(found.__cause__, ConnectionRefusedError)

    async def test_a_name_that_does_not_resolve(self, transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
        def resolve(*_: object, **__: object) -> list[object]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        found = await failure(transport, "http://provider.example/v1")
        assert found.kind == FailureKind.FAILURE_KIND_CONNECT
        assert isinstance(found.__cause__, OSError)

    async def test_no_encryption_where_it_is_expected(self, transport: Transport) -> None:
        async def speak_plainly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(whole(b"{}"))
            writer.close()

        listener = await asyncio.start_server(speak_plainly, "127.0.0.1", 0)
        async with listener:
            found = await failure(transport, f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/")
        assert found.kind == FailureKind.FAILURE_KIND_CONNECT

    async def test_encryption_that_is_never_agreed_on(self, transport: Transport) -> None:
        limits = Timeouts(connect_ms=40, first_byte_ms=5_000, chunk_ms=5_000, total_ms=5_000)
        async with serving(never) as server:
            found = await failure(transport, server.url.replace("http:", "https:"), limits)
        assert found.kind == FailureKind.FAILURE_KIND_CONNECT

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"HTTP/1.1 200 OK\r\ncontent-type: text/ev",
            CHUNKED + chunk(b"one"),
            CHUNKED + b"10\r\nhalf",
            b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        ],
        ids=["nothing", "head", "chunks", "chunk", "length"],
    )
    async def test_the_connection_breaks(self, transport: Transport, answer: bytes) -> None:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(answer)
            writer.close()

        async with serving(serve) as server:
            assert (await failure(transport, server.url)).kind == FailureKind.FAILURE_KIND_CUT

    async def test_the_connection_is_reset(self, transport: Transport) -> None:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(CHUNKED + chunk(b"one"))
            await writer.drain()
            writer.transport.abort()

        async with serving(serve) as server:
            assert (await failure(transport, server.url)).kind == FailureKind.FAILURE_KIND_CUT

    @pytest.mark.parametrize(
        "answer", [b"\xff\xfe\x00nonsense\r\n\r\n", b"SSH-2.0-server\r\n", b"HTTP/1.1 abc\r\n\r\n"]
    )
    async def test_what_answers_is_no_http(self, transport: Transport, answer: bytes) -> None:
        async with serving(answering(answer)) as server:
            assert (await failure(transport, server.url)).kind == FailureKind.FAILURE_KIND_GARBAGE

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
    async def test_a_redirect_is_not_followed(self, transport: Transport, status: int) -> None:
        async with serving(answering(whole(b"", "location: /elsewhere", f"{status} Elsewhere"))) as server:
            found = await failure(transport, server.url)
        assert (found.kind, found.http_status) == (FailureKind.FAILURE_KIND_GARBAGE, status)
        assert len(server.requests) == 1

    async def test_a_header_that_cannot_be_sent(self, transport: Transport) -> None:
        async with serving(answering(whole(b"{}"))) as server:
            broken = HttpCall("POST", server.url, {"authorization": f"{KEY}\r\nx-evil: 1"}, b"{}")
            with pytest.raises(ProviderFailure) as caught:
                async with transport.exchange(broken, provider(), PATIENT):
                    pass
            assert server.requests == []
        assert caught.value.kind == FailureKind.FAILURE_KIND_INTERNAL
        assert KEY not in "".join(traceback.format_exception(caught.value))

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"HTTP/1.1 200 OK\r\nx-secret \x01 sk-canary\r\n\r\n",
            CHUNKED + b"sk-canary",
            whole(b"", "location: /", "302 X"),
        ],
    )
    async def test_no_text_holds_a_key_or_an_answer(self, transport: Transport, answer: bytes) -> None:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(answer)
            writer.close()

        hurried = Timeouts(connect_ms=50, first_byte_ms=50, chunk_ms=50, total_ms=100)
        async with serving(serve) as server:
            found = await failure(transport, f"{server.url}/v1?key={KEY}", hurried)
        assert KEY not in "".join(traceback.format_exception(found))
        assert KEY not in found.provider_text

    async def test_a_connect_timeout_names_no_url(self) -> None:
        transport = Transport(connections_per_host=1)
        async with serving(never) as server:
            task = asyncio.create_task(fetch(transport, server.url))
            await server.asked.wait()
            hurried = Timeouts(connect_ms=5, first_byte_ms=100, chunk_ms=100, total_ms=100)
            found = await failure(transport, f"{server.url}/?key={KEY}", hurried)
            assert KEY not in "".join(traceback.format_exception(found))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await transport.close()

    def test_nothing_shows_the_key(self) -> None:
        assert KEY not in repr(call("http://127.0.0.1/"))


class TestGuard:
    @pytest.mark.parametrize(
        ("access", "url"),
        [
            (Access.PUBLIC, "https://127.0.0.1:{port}/"),
            (Access.PUBLIC, "https://localhost:{port}/"),
            (Access.PUBLIC, "https://[::1]:{port}/"),
            (Access.PUBLIC, "https://[::ffff:127.0.0.1]:{port}/"),
            (Access.PUBLIC, "https://0.0.0.0:{port}/"),
            (Access.PUBLIC, "https://[::]:{port}/"),
            (Access.PUBLIC, "https://2130706433:{port}/"),
            (Access.PUBLIC, "http://localhost:{port}/"),
            (Access.PRIVATE, "http://127.0.0.1:{port}/"),
            (Access.PRIVATE, "http://localhost:{port}/"),
            (Access.LOOPBACK, "http://0.0.0.0:{port}/"),
            (Access.LOOPBACK, "http://[::]:{port}/"),
            (Access.LOOPBACK, "http://[::ffff:127.0.0.1]:{port}/"),
            (Access.LOOPBACK, "http://user@127.0.0.1:{port}/"),
            (Access.LOOPBACK, "http://0x7f.1:{port}/"),
            (Access.LOOPBACK, "ftp://127.0.0.1:{port}/"),
        ],
    )
    async def test_a_blocked_address_sees_no_connection(self, access: Access, url: str) -> None:
        transport = Transport(private_networks=["0.0.0.0/0", "::/0"])
        allowed = provider(access, ("0.0.0.0/0", "::/0"))
        async with serving(answering(whole(b"{}"))) as server:
            found = await failure(transport, url.format(port=server.port), served_by=allowed)
            assert found.kind == FailureKind.FAILURE_KIND_BLOCKED_ADDRESS
            assert server.connections == 0
        await transport.close()

    async def test_a_loopback_provider_is_reached_by_name(self, transport: Transport) -> None:
        async with serving(answering(whole(b"{}"))) as server:
            response, _ = await fetch(transport, f"http://localhost:{server.port}/")
            assert response.status == 200

    @pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "", "localhost"])
    async def test_our_own_address_is_never_reached(self, transport: Transport, host: str) -> None:
        async with serving(answering(whole(b"{}"))) as server:
            transport.forbid(host, server.port)
            found = await failure(transport, server.url)
            assert found.kind == FailureKind.FAILURE_KIND_BLOCKED_ADDRESS
            assert server.connections == 0

    async def test_a_name_that_resolves_to_another_address_each_time(
        self, transport: Transport, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The check is on the connected address, so an answer that changes after a check cannot pass it."""
        answers = iter(["127.0.0.1", "169.254.169.254", "10.0.0.1", "127.0.0.1"])

        def resolve(_host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        async with serving(answering(whole(b"{}", "connection: close"))) as server:
            seen = []
            for turn in range(4):
                # A name of its own each time, since answers are kept for some seconds.
                url = f"http://rebind-{turn}.example:{server.port}/"
                try:
                    seen.append((await fetch(transport, url))[0].status)
                except ProviderFailure as error:
                    seen.append(error.kind)
        blocked = FailureKind.FAILURE_KIND_BLOCKED_ADDRESS
        assert seen == [200, blocked, blocked, 200]

    async def test_a_name_whose_addresses_are_all_blocked(
        self, transport: Transport, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def resolve(_host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("10.0.0.1", "10.0.0.2")
            ]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        found = await failure(transport, "http://many.example/")
        assert found.kind == FailureKind.FAILURE_KIND_BLOCKED_ADDRESS

    async def test_a_pooled_connection_serves_no_other_class(self, transport: Transport) -> None:
        async with serving(answering(whole(b"{}"))) as server:
            await fetch(transport, server.url)
            found = await failure(transport, server.url, served_by=provider(Access.PRIVATE))
            assert found.kind == FailureKind.FAILURE_KIND_BLOCKED_ADDRESS
            assert len(server.requests) == 1

    async def test_a_provider_whose_networks_are_none(self) -> None:
        transport = Transport(private_networks=["10.0.0.0/8"])
        found = await failure(transport, "http://10.0.0.1/", served_by=provider(Access.PRIVATE, ("ten",)))
        assert found.kind == FailureKind.FAILURE_KIND_BLOCKED_ADDRESS
        await transport.close()

    def test_a_private_network_that_is_none_stops_the_start(self) -> None:
        with pytest.raises(ConfigurationError, match=r"10\.1\.0\.0/16"):
            Transport(private_networks=["ten"])

    async def test_no_proxy_is_taken_from_the_environment(
        self, transport: Transport, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with serving(answering(whole(b"proxied"))) as proxy, serving(answering(whole(b"{}"))) as server:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("http_proxy", proxy.url)
            monkeypatch.setenv("NO_PROXY", "")
            _, body = await fetch(transport, server.url)
            assert (body, proxy.connections) == (b"{}", 0)

    async def test_no_cookie_is_kept(self, transport: Transport) -> None:
        async with serving(answering(whole(b"{}", "set-cookie: a=1"))) as server:
            await fetch(transport, server.url)
            await fetch(transport, server.url)
            assert b"cookie" not in server.requests[1].lower()


async def test_many_calls_at_once_get_their_own_answers(transport: Transport) -> None:
    async def echo(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = server.requests[-1].split(b" ")[1]
        await asyncio.sleep(0.001)
        writer.write(whole(path))

    async with serving(echo) as server:
        answers = await asyncio.gather(*(fetch(transport, f"{server.url}/{number}") for number in range(200)))
    assert [body for _, body in answers] == [f"/{number}".encode() for number in range(200)]

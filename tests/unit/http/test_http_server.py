"""The HTTP side on a real socket: the unary RPCs as JSON, and nothing else."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import stat
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from pointsman.v1 import router_service_pb2 as pb
from pointsman.v1.decision_pb2 import Decision
from pointsman_server.clock import SystemClock
from pointsman_server.errors import (
    ConfigurationError,
    CredentialInvalid,
    FieldViolation,
    PointsmanError,
    ProviderKeyRejected,
)
from pointsman_server.http.app import make_app
from pointsman_server.http.server import HttpServer
from pointsman_server.identity.credentials import Presented
from pointsman_server.identity.model import LOCAL_ADMIN, Principal
from pointsman_server.ids import new_id
from pointsman_server.services.boundary import Authenticate, Boundary
from pointsman_server.services.call import Call

from tests.callers import local_admin

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMIT = 100_000
ROUTE = "/pointsman.v1.RouterService/Route"
USAGE = "/pointsman.v1.RouterService/Usage"
HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "UNIMPLEMENTED": 501,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
    "CANCELLED": 499,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "PERMISSION_DENIED": 403,
    "INTERNAL": 500,
    "UNAUTHENTICATED": 401,
}


@dataclass
class Scripted:
    """A servicer that does what a test says."""

    descriptor: ServiceDescriptor = pb.DESCRIPTOR.services_by_name["RouterService"]
    answer: Callable[[Call], Message] = lambda _call: pb.RouteResponse(decision=Decision(decision_id="dec", seed=2**60))
    seen: list[tuple[Message, Call]] = field(default_factory=list)
    left: list[Call] = field(default_factory=list)

    async def route(self, request: pb.RouteRequest, call: Call) -> Message:
        self.seen.append((request, call))
        if call.metadata.get("behave") == "wait":
            try:
                await asyncio.sleep(30)
            finally:
                self.left.append(call)
        return self.answer(call)

    async def complete(self, _request: pb.CompleteRequest, _call: Call) -> AsyncGenerator[Message, None]:
        yield pb.CompleteResponse()

    async def resume(self, _request: pb.ResumeRequest, _call: Call) -> AsyncGenerator[Message, None]:
        yield pb.ResumeResponse()

    async def record_feedback(self, request: pb.RecordFeedbackRequest, call: Call) -> Message:
        self.seen.append((request, call))
        return pb.RecordFeedbackResponse()

    async def usage(self, request: pb.UsageRequest, call: Call) -> Message:
        self.seen.append((request, call))
        return pb.UsageResponse(total_size=2**60)


@dataclass
class Running:
    servicer: Scripted
    boundary: Boundary
    client: httpx.AsyncClient
    address: str

    async def post(self, path: str, body: object = None, **headers: str) -> httpx.Response:
        headers = {"content-type": "application/json"} | {key.replace("_", "-"): v for key, v in headers.items()}
        content = body if isinstance(body, (str, bytes)) else json.dumps(body or {})
        return await self.client.post(path, content=content, headers=headers)


@asynccontextmanager
async def running(
    address: str, authenticate: Authenticate = local_admin
) -> AsyncIterator[tuple[Scripted, Boundary, str]]:
    servicer, boundary = Scripted(), Boundary(SystemClock(), new_id, authenticate)
    app = make_app([servicer], boundary, allowed_hosts=("localhost", "127.0.0.1", "[::1]"), max_request_bytes=LIMIT)
    server = HttpServer(app, address=address)
    bound = await server.start()
    try:
        yield servicer, boundary, bound
    finally:
        await server.stop()


@asynccontextmanager
async def with_client() -> AsyncIterator[Running]:
    async with (
        running("127.0.0.1:0") as (servicer, boundary, bound),
        httpx.AsyncClient(base_url=f"http://{bound}", trust_env=False) as client,
    ):
        yield Running(servicer, boundary, client, bound)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Running]:
    async with with_client() as server:
        yield server


@pytest.fixture
def served(shared: Running) -> Running:
    """One server for all tests, since each end of uvicorn takes a quarter of a second."""
    shared.servicer.seen.clear()
    shared.servicer.answer = Scripted().answer
    return shared


def reason_of(response: httpx.Response) -> str:
    details: list[dict[str, Any]] = response.json()["details"]
    info = details[0]["debug"]
    assert details[0]["type"] == "google.rpc.ErrorInfo"
    assert info["metadata"]["request_id"] == response.headers["x-request-id"]
    assert len(response.content) <= 16_384
    return str(info["reason"])


def field_of(response: httpx.Response) -> str:
    (violations,) = (d["debug"] for d in response.json()["details"] if d["type"] == "google.rpc.BadRequest")
    return str(violations["fieldViolations"][0]["field"])


async def test_a_call_and_its_answer_are_json(served: Running) -> None:
    body = {"specification": {"systemText": "hello", "hints": {"max_cost_nanos": "5"}}}
    response = await served.post(ROUTE, body, x_request_id="mine")
    assert response.status_code == 200
    assert response.json() == {"decision": {"decisionId": "dec", "seed": str(2**60)}}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-request-id"] == "mine"
    assert response.headers["cache-control"] == "no-store"
    request, call = served.servicer.seen[0]
    assert isinstance(request, pb.RouteRequest)
    assert (request.specification.system_text, request.specification.hints.max_cost_nanos) == ("hello", 5)
    assert (call.request_id, call.deadline) == ("mine", None)


async def test_the_other_unary_methods_are_there(served: Running) -> None:
    assert (await served.post(USAGE)).json() == {"totalSize": str(2**60)}
    assert (await served.post("/pointsman.v1.RouterService/RecordFeedback")).status_code == 200


async def test_a_client_that_goes_ends_its_call(served: Running) -> None:
    served.servicer.left.clear()
    host, _, port = served.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {ROUTE} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\nbehave: wait\r\n"
    writer.write(f"{head}content-length: 2\r\n\r\n{{}}".encode())
    async with asyncio.timeout(5):
        while not served.servicer.seen:  # noqa: ASYNC110  # what is waited for is behind a socket
            await asyncio.sleep(0.005)
        assert not served.servicer.left
        writer.close()
        while not served.servicer.left:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.005)
    assert not await reader.read()
    assert (await served.post(ROUTE)).status_code == 200


async def test_a_key_that_is_revoked_while_the_body_comes_opens_nothing() -> None:
    revoked = asyncio.Event()
    known = asyncio.Event()

    async def authenticate(_presented: Presented) -> Principal:
        known.set()
        if revoked.is_set():
            raise CredentialInvalid("revoked")
        return LOCAL_ADMIN

    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        async with asyncio.timeout(5):
            await known.wait()
        revoked.set()
        yield b"}"

    async with running("127.0.0.1:0", authenticate) as (servicer, _, bound), httpx.AsyncClient() as client:
        response = await client.post(
            f"http://{bound}{ROUTE}", content=slowly(), headers={"content-type": "application/json"}
        )
    assert response.status_code == 401
    assert not servicer.seen


@pytest.mark.parametrize("method", ["Complete", "Resume"])
async def test_streams_are_pointed_to_grpc(served: Running, method: str) -> None:
    response = await served.post(f"/pointsman.v1.RouterService/{method}")
    assert (response.status_code, response.json()["code"]) == (501, "unimplemented")
    assert "gRPC" in response.json()["message"]


@pytest.mark.parametrize("cls", PointsmanError.__subclasses__(), ids=lambda cls: cls.__name__)
async def test_every_error_becomes_its_http_status(served: Running, cls: type[PointsmanError]) -> None:
    def raise_it(_call: Call) -> Message:
        raise cls("what was wrong", fields=(FieldViolation("a", "b" * 200),) * 50)

    served.servicer.answer = raise_it
    response = await served.post(ROUTE)
    special = {"PROVIDER_KEY_REJECTED": 502, "MESSAGE_TOO_LARGE": 413}
    assert response.status_code == special.get(cls.reason, HTTP_STATUS[cls.status.name])
    assert response.json()["message"] == "what was wrong"
    assert reason_of(response) == cls.reason


async def test_a_rejected_provider_key_is_a_bad_gateway(served: Running) -> None:
    def raise_it(_call: Call) -> Message:
        raise ProviderKeyRejected("the key")

    served.servicer.answer = raise_it
    response = await served.post(ROUTE)
    assert (response.status_code, response.json()["code"]) == (502, "failed_precondition")


async def test_no_exception_text_reaches_the_caller(served: Running) -> None:
    def raise_it(_call: Call) -> Message:
        raise ValueError("the user's words")

    served.servicer.answer = raise_it
    response = await served.post(ROUTE)
    assert (response.status_code, reason_of(response)) == (500, "INTERNAL")
    assert "words" not in response.text


async def test_what_goes_wrong_inside_is_no_deadline(served: Running) -> None:
    def raise_it(_call: Call) -> Message:
        raise TimeoutError

    served.servicer.answer = raise_it
    assert reason_of(await served.post(ROUTE)) == "INTERNAL"


async def test_an_answer_of_the_wrong_kind_is_a_clean_defect(served: Running) -> None:
    served.servicer.answer = lambda _call: None  # type: ignore[arg-type,return-value]
    response = await served.post(ROUTE)
    assert (response.status_code, reason_of(response)) == (500, "INTERNAL")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("127.0.0.1:8051", 200),
        ("[::1]:8051", 200),
        ("[::1]", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("evil.localhost", 403),
        ("localhost.", 403),
        ("localhost@evil.example", 403),
        ("localhost:1:2", 403),
        ("", 403),
    ],
)
async def test_only_our_own_hosts_are_answered(served: Running, host: str, status: int) -> None:
    for response in (await served.post(ROUTE, host=host), await served.client.get("/healthz", headers={"host": host})):
        assert response.status_code == status
        assert status == 200 or reason_of(response) == "HOST_NOT_ALLOWED"


async def raw(address: str, request: bytes) -> bytes:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


async def test_a_missing_or_doubled_host_is_refused(served: Running) -> None:
    assert b" 403 " in await raw(served.address, b"GET /healthz HTTP/1.0\r\n\r\n")
    doubled = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert (await raw(served.address, doubled)).split()[1] in {b"400", b"403"}


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("https://127.0.0.1", 200),
        ("http://evil.example", 403),
        ("null", 403),
        ("file://localhost", 403),
        ("http://localhost/path", 403),
    ],
)
async def test_foreign_sites_are_refused(served: Running, origin: str, status: int) -> None:
    response = await served.post(ROUTE, origin=origin)
    assert response.status_code == status
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; Charset=UTF-8", 200),
        ('application/json;charset="utf-8"', 200),
        ("application/json; charset=latin-1", 415),
        ("application/json; boundary=x", 415),
        ("application/jsonp", 415),
        ("text/plain", 415),
        ("text/plain; application/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/proto", 415),
        ("", 415),
    ],
)
async def test_only_json_is_taken(served: Running, content_type: str, status: int) -> None:
    response = await served.post(ROUTE, content_type=content_type)
    assert response.status_code == status
    assert status == 200 or reason_of(response) == "INVALID_HTTP_REQUEST"


async def test_no_content_type_and_compressed_bodies_are_refused(served: Running) -> None:
    assert (await served.client.post(ROUTE, content=b"{}")).status_code == 415
    assert (await served.post(ROUTE, content_encoding="gzip")).status_code == 415
    assert (await served.post(ROUTE, content_encoding="identity")).status_code == 200
    assert len(served.servicer.seen) == 1


@pytest.mark.parametrize("path", ["/", "/healthz/", ROUTE + "/", "/pointsman.v1.RouterService/Nothing", "/docs", "//"])
async def test_nothing_else_is_answered(served: Running, path: str) -> None:
    for response in (await served.client.get(path), await served.post(path)):
        assert response.status_code == 404
        assert reason_of(response) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path", "allow"), [("GET", ROUTE, "POST"), ("PUT", ROUTE, "POST"), ("POST", "/healthz", "GET")]
)
async def test_other_verbs_are_refused(served: Running, method: str, path: str, allow: str) -> None:
    response = await served.client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allow)
    assert reason_of(response) == "INVALID_HTTP_REQUEST"


async def test_health() -> None:
    async with with_client() as served:
        response = await served.client.get("/healthz")
        assert (response.status_code, response.json()) == (200, {"status": "SERVING"})
        await served.boundary.drain(0)
        response = await served.client.get("/healthz")
        assert (response.status_code, response.json()) == (503, {"status": "NOT_SERVING"})
        assert reason_of(await served.post(ROUTE)) == "SHUTTING_DOWN"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "line 1, column 1"),
        ("{", "line 1, column 2"),
        ("[]", "no JSON object"),
        ("null", "no JSON object"),
        (b"\xff", "no JSON in UTF-8"),
        ("[" * 1500, "nested too deep"),
        ('{"a": ' + "9" * 1500 + "}", "request.a"),
    ],
)
async def test_bodies_that_are_no_json(served: Running, body: str | bytes, says: str) -> None:
    response = await served.post(ROUTE, body)
    assert response.status_code == 400
    if says.startswith("request."):
        assert field_of(response) == "a"
    else:
        assert says in response.json()["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"nothing": 1}, "nothing"),
        ({"\ud800": 1}, "?"),
        ({"specification": {"\ud800": 1}}, "specification.?"),
        ({"specification": {"system_text": "\ud800"}}, "specification.system_text"),
        ({"specification": 1}, "specification"),
        ({"specification": {"nothing": 1}}, "specification.nothing"),
        ({"specification": {"seed": "words"}}, "specification.seed"),
        ({"specification": {"messages": "words"}}, "specification.messages"),
        ({"specification": {"messages": [{}, {"role": "ROLE_WORDS"}]}}, "specification.messages[1].role"),
        (
            {"specification": {"messages": [{"parts": [{"image": {"data": "a"}}]}]}},
            "specification.messages[0].parts[0].image.data",
        ),
        ({"specification": {"hints": {"maxLatency": "words"}}}, "specification.hints.max_latency"),
        ({"specification": {"labels": {"a": ["words"]}}}, "specification.labels"),
        ({"specification": {"messages": [{"parts": [{"text": {}, "image": {}}]}]}}, "specification.messages[0].parts"),
    ],
)
async def test_fields_that_do_not_fit_are_named_and_not_repeated(
    served: Running, body: dict[str, object], field: str
) -> None:
    response = await served.post(ROUTE, body)
    assert (response.status_code, reason_of(response)) == (400, "INVALID_FIELD")
    assert field_of(response) == field
    assert "words" not in response.text.lower()


async def test_a_body_that_is_too_large_is_no_call(served: Running) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * LIMIT

    response = await served.client.post(ROUTE, content=chunks(), headers={"content-type": "application/json"})
    assert (response.status_code, reason_of(response)) == (413, "MESSAGE_TOO_LARGE")
    assert served.servicer.seen == []


async def test_a_message_that_is_too_large_is_told_its_field(served: Running) -> None:
    response = await served.post(ROUTE, {"specification": {"systemText": "x" * LIMIT}})
    assert (response.status_code, field_of(response)) == (413, "specification.system_text")


async def test_a_timeout_becomes_a_deadline(served: Running) -> None:
    response = await served.post(ROUTE, connect_timeout_ms="20", behave="wait")
    assert (response.status_code, response.json()["code"]) == (504, "deadline_exceeded")
    _, call = served.servicer.seen[0]
    assert call.deadline is not None
    assert call.deadline - call.received_at == pytest.approx(0.02)


@pytest.mark.parametrize("milliseconds", ["-1", "1.5", "x", "", "1" * 11])
async def test_a_timeout_that_is_none(served: Running, milliseconds: str) -> None:
    response = await served.post(ROUTE, connect_timeout_ms=milliseconds)
    assert (response.status_code, reason_of(response)) == (400, "INVALID_HTTP_REQUEST")


async def test_a_body_that_is_cut_off_is_no_call(served: Running) -> None:
    host, _, port = served.address.rpartition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {ROUTE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
    writer.write(head.encode() + b"{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await served.post(USAGE)).status_code == 200
    assert all(not isinstance(request, pb.RouteRequest) for request, _ in served.servicer.seen)


async def test_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    async with running(f"unix:{path}") as (_, _, bound):
        assert bound == f"unix:{path}"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            assert (await client.get("/healthz")).status_code == 200
    assert not path.exists()


async def test_signals_stay_the_programs() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with running("127.0.0.1:0"):
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


async def test_an_address_that_is_taken_stops_the_start(served: Running, tmp_path: Path) -> None:
    app = make_app([Scripted()], served.boundary, allowed_hosts=(), max_request_bytes=1)
    (tmp_path / "file").write_text("")
    for address in (served.address, f"unix:{tmp_path}/file", f"unix:{tmp_path}/none/s"):
        with pytest.raises(ConfigurationError, match="cannot listen"):
            await HttpServer(app, address=address).start()
    await HttpServer(app, address=served.address).stop()

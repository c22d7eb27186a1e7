"""The gRPC binding on a real Unix socket: errors, ids, deadlines, cancellation, sizes and the end."""

from __future__ import annotations

import asyncio
import stat
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from pointsman.v1 import router_service_pb2 as pb
from pointsman.v1.completion_pb2 import CompletionEvent, CompletionSpecification, TextDelta
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub
from pointsman_server.clock import SystemClock
from pointsman_server.errors import ConfigurationError, FieldViolation, PointsmanError
from pointsman_server.ids import new_id
from pointsman_server.rpc.server import GrpcServer
from pointsman_server.services.boundary import Boundary
from pointsman_server.services.call import Call

from tests.callers import local_admin

LIMIT = 100_000
ERRORS = PointsmanError.__subclasses__()


@dataclass
class Scripted:
    """A servicer that does what a test says."""

    descriptor: ServiceDescriptor = pb.DESCRIPTOR.services_by_name["RouterService"]
    answer: Callable[[Call], Message] = lambda _call: pb.RouteResponse()
    calls: list[Call] = field(default_factory=list)
    events: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def route(self, _request: pb.RouteRequest, call: Call) -> Message:
        self.calls.append(call)
        if call.metadata.get("behave") == "wait":
            self.events.put_nowait("entered")
            await asyncio.sleep(30)
        if call.metadata.get("behave") == "stray":
            task = asyncio.ensure_future(asyncio.sleep(30))
            task.cancel()
            await task
        return self.answer(call)

    async def complete(self, _request: pb.CompleteRequest, call: Call) -> AsyncGenerator[Message, None]:
        self.calls.append(call)
        text = TextDelta(text="x" * int(call.metadata.get("text_bytes", "0")))
        events = [CompletionEvent(text_delta=text)] if text.text else []
        try:
            for sequence in range(int(call.metadata.get("responses", "3"))):
                yield pb.CompleteResponse(first_sequence=sequence, events=events)
            if call.metadata.get("behave") == "wait":
                self.events.put_nowait("waiting")
                await asyncio.sleep(30)
            self.answer(call)
        finally:
            # Cleanup that needs the loop, and time, must be able to run.
            await asyncio.sleep(0.01)
            self.events.put_nowait("closed")

    async def resume(self, _request: pb.ResumeRequest, _call: Call) -> AsyncGenerator[Message, None]:
        yield pb.ResumeResponse()

    async def record_feedback(self, _request: pb.RecordFeedbackRequest, _call: Call) -> Message:
        return pb.RecordFeedbackResponse()

    async def usage(self, _request: pb.UsageRequest, _call: Call) -> Message:
        return pb.UsageResponse()


@dataclass
class Running:
    server: GrpcServer
    boundary: Boundary
    servicer: Scripted
    channel: grpc.aio.Channel
    stub: RouterServiceStub
    address: str


def serving(servicer: Scripted, boundary: Boundary, address: str, *, stalled_reader_ms: int = 30_000) -> GrpcServer:
    return GrpcServer(
        [servicer], boundary, address=address, max_request_bytes=LIMIT, stalled_reader_ms=stalled_reader_ms
    )


@asynccontextmanager
async def running(tmp_path: Path, *, stalled_reader_ms: int = 30_000) -> AsyncIterator[Running]:
    boundary, servicer = Boundary(SystemClock(), new_id, local_admin), Scripted()
    server = serving(servicer, boundary, f"unix:{tmp_path}/s", stalled_reader_ms=stalled_reader_ms)
    address = await server.start()
    async with grpc.aio.insecure_channel(address, options=[("grpc.enable_retries", 0)]) as channel:
        try:
            yield Running(server, boundary, servicer, channel, RouterServiceStub(channel), address)
        finally:
            await server.drain(0)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as server:
        yield server


def status_of(error: grpc.aio.AioRpcError) -> Status:
    metadata = dict(error.trailing_metadata())
    status = Status.FromString(metadata["grpc-status-details-bin"])
    assert (status.code, status.message) == (error.code().value[0], error.details())
    assert len(metadata["grpc-status-details-bin"]) <= 4096
    return status


def info_of(error: grpc.aio.AioRpcError) -> ErrorInfo:
    info = ErrorInfo()
    assert status_of(error).details[0].Unpack(info)
    assert info.metadata["request_id"] == dict(error.trailing_metadata())["x-request-id"]
    return info


async def failure(call: grpc.aio.UnaryUnaryCall[Message, Message]) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


async def read_all(call: grpc.aio.UnaryStreamCall[pb.CompleteRequest, pb.CompleteResponse]) -> None:
    while await call.read():
        pass


@pytest.mark.parametrize("cls", ERRORS, ids=lambda cls: cls.__name__)
async def test_every_error_reaches_the_caller_with_status_reason_and_details(
    served: Running, cls: type[PointsmanError]
) -> None:
    def raise_it(_call: Call) -> Message:
        raise cls("what was wrong", fields=(FieldViolation("a", "b" * 200),) * 50)

    served.servicer.answer = raise_it
    unary = await failure(served.stub.Route(pb.RouteRequest()))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in served.stub.Complete(pb.CompleteRequest()):
            pass
    for error in (unary, caught.value):
        assert error.code().value[0] == cls.status
        assert error.details() == "what was wrong"
        assert info_of(error).reason == cls.reason


@pytest.mark.parametrize("raised", [ValueError("the user's words"), KeyError("the user's words")])
async def test_no_exception_text_reaches_the_caller(served: Running, raised: Exception) -> None:
    def raise_it(_call: Call) -> Message:
        raise raised

    served.servicer.answer = raise_it
    error = await failure(served.stub.Route(pb.RouteRequest()))
    assert error.code() == grpc.StatusCode.INTERNAL
    assert info_of(error).reason == "INTERNAL"
    assert "words" not in repr(error)


async def test_an_answer_of_the_wrong_kind_is_a_clean_defect(served: Running) -> None:
    served.servicer.answer = lambda _call: None  # type: ignore[arg-type,return-value]
    assert (await failure(served.stub.Route(pb.RouteRequest()))).code() == grpc.StatusCode.INTERNAL


async def test_a_stray_cancellation_does_not_leave_the_caller_hanging(served: Running) -> None:
    error = await failure(served.stub.Route(pb.RouteRequest(), metadata=(("behave", "stray"),), timeout=5))
    assert error.code() == grpc.StatusCode.INTERNAL


async def test_bytes_that_are_no_request(served: Running) -> None:
    call = served.channel.unary_unary("/pointsman.v1.RouterService/Route")
    error = await failure(call(b"\xff\xff"))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert info_of(error).reason == "INVALID_FIELD"


async def test_an_unknown_method(served: Running) -> None:
    error = await failure(served.channel.unary_unary("/pointsman.v1.RouterService/Nothing")(b""))
    assert error.code() == grpc.StatusCode.UNIMPLEMENTED


async def test_a_message_that_is_too_large_is_told_its_field(served: Running) -> None:
    request = pb.RouteRequest(specification=CompletionSpecification(system_text="x" * LIMIT))
    error = await failure(served.stub.Route(request))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    info = info_of(error)
    assert (info.reason, info.metadata["limit_bytes"]) == ("MESSAGE_TOO_LARGE", str(LIMIT))
    violations = BadRequest()
    assert status_of(error).details[1].Unpack(violations)
    assert violations.field_violations[0].field == "specification.system_text"
    far = pb.RouteRequest(specification=CompletionSpecification(system_text="x" * LIMIT * 2))
    assert (await failure(served.stub.Route(far))).code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    fits = pb.RouteRequest(specification=CompletionSpecification(system_text="x" * (LIMIT - 20)))
    await served.stub.Route(fits)


async def test_the_request_id_is_the_callers_or_a_fresh_one(served: Running) -> None:
    given = served.stub.Route(pb.RouteRequest(), metadata=(("x-request-id", "mine-1"),))
    await given
    assert dict(await given.trailing_metadata())["x-request-id"] == "mine-1"
    junk = served.stub.Route(pb.RouteRequest(), metadata=(("x-request-id", "a b;c"),))
    await junk
    assert dict(await junk.trailing_metadata())["x-request-id"].startswith("req_")
    stream = served.stub.Complete(pb.CompleteRequest(), metadata=(("x-request-id", "mine-2"),))
    assert [response.first_sequence async for response in stream] == [0, 1, 2]
    assert dict(await stream.trailing_metadata())["x-request-id"] == "mine-2"
    assert [call.request_id for call in served.servicer.calls][::2] == ["mine-1", "mine-2"]


async def test_metadata_reaches_the_servicer_as_text_and_without_credentials(served: Running) -> None:
    metadata = (("a", "1"), ("a", "2"), ("junk-bin", b"\xff\x00"), ("authorization", "Bearer key"), ("x", "~ !"))
    await served.stub.Route(pb.RouteRequest(), metadata=metadata)
    (call,) = served.servicer.calls
    assert call.metadata["a"] == "1"
    assert call.metadata["x"] == "~ !"
    assert not {"authorization", "junk-bin"} & set(call.metadata)


async def test_the_deadline_reaches_the_servicer(served: Running) -> None:
    await served.stub.Route(pb.RouteRequest(), timeout=20)
    await served.stub.Route(pb.RouteRequest())
    limited, unlimited = served.servicer.calls
    assert limited.deadline is not None
    # gRPC rounds what it sends.
    assert limited.deadline - time.monotonic() == pytest.approx(20, abs=1)
    assert unlimited.deadline is None


async def test_a_deadline_that_passes_ends_the_servicer(served: Running) -> None:
    call = served.stub.Complete(pb.CompleteRequest(), timeout=0.05, metadata=(("behave", "wait"),))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in call:
            pass
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert [await served.servicer.events.get() for _ in range(2)] == ["waiting", "closed"]


@pytest.mark.parametrize("read", [0, 1, 3])
async def test_a_cancel_at_any_response_reaches_the_servicers_cleanup(served: Running, read: int) -> None:
    call = served.stub.Complete(pb.CompleteRequest(), metadata=(("behave", "wait"),))
    for _ in range(read):
        await call.read()
    assert await served.servicer.events.get() == "waiting"
    call.cancel()
    assert await asyncio.wait_for(served.servicer.events.get(), 5) == "closed"


async def test_a_cancel_while_a_write_waits_reaches_the_servicers_cleanup(served: Running) -> None:
    call = served.stub.Complete(pb.CompleteRequest(), metadata=(("responses", "100000000"),))
    await call.read()
    await asyncio.sleep(0.05)
    assert served.servicer.events.empty()
    call.cancel()
    assert await asyncio.wait_for(served.servicer.events.get(), 5) == "closed"


async def test_the_end_of_a_call_waits_for_the_servicers_cleanup(served: Running) -> None:
    """Where a write waits, the generator stands still: its cleanup runs because the binding closes it."""
    call = served.stub.Complete(pb.CompleteRequest(), metadata=(("responses", "100000000"),))
    await call.read()
    await asyncio.sleep(0.05)
    await served.boundary.drain(0.001)
    assert served.servicer.events.get_nowait() == "closed"


async def test_a_caller_who_reads_nothing_does_not_hold_the_servicer(tmp_path: Path) -> None:
    async with running(tmp_path, stalled_reader_ms=25) as served:
        much = (("responses", "1000"), ("text_bytes", "1000000"))
        call = served.stub.Complete(pb.CompleteRequest(), metadata=much)
        await call.read()
        assert await asyncio.wait_for(served.servicer.events.get(), 5) == "closed"
        await asyncio.wait_for(served.boundary.drain(5), 1)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read_all(call)
        assert info_of(caught.value).reason == "STREAM_BROKEN"


async def test_health(served: Running) -> None:
    health = health_pb2_grpc.HealthStub(served.channel)
    for service in ("", "pointsman.v1.RouterService"):
        answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    watch = health.Watch(health_pb2.HealthCheckRequest())
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
    drain = asyncio.ensure_future(served.server.drain(5))
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
    await asyncio.wait_for(drain, 2)


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_lists_and_describes_the_services(served: Running, version: str) -> None:
    reflect = served.channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    asked = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="pointsman.v1.RouterService"),
    ]
    listed, described = [answer async for answer in reflect(iter(asked))]
    assert {service.name for service in listed.list_services_response.service} == {
        "pointsman.v1.RouterService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }
    assert described.file_descriptor_response.file_descriptor_proto


async def test_draining_tells_running_and_new_calls_why(served: Running) -> None:
    waiting = asyncio.ensure_future(failure(served.stub.Route(pb.RouteRequest(), metadata=(("behave", "wait"),))))
    assert await served.servicer.events.get() == "entered"
    drain = asyncio.ensure_future(served.server.drain(0.1))
    await asyncio.sleep(0.01)
    refused = await failure(served.stub.Route(pb.RouteRequest()))
    assert info_of(refused).reason == "SHUTTING_DOWN"
    assert info_of(await waiting).reason == "SHUTTING_DOWN"
    await drain


async def test_two_hundred_streams_at_once_are_not_mixed_up(served: Running) -> None:
    async def stream(number: int) -> list[int]:
        call = served.stub.Complete(pb.CompleteRequest(), metadata=(("responses", str(number)),))
        return [response.first_sequence async for response in call]

    results = await asyncio.gather(*(stream(number) for number in range(200)))
    assert results == [list(range(number)) for number in range(200)]


async def test_the_socket_is_its_owners_alone(served: Running, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600
    assert served.address == f"unix:{tmp_path}/s"


async def test_port_zero_picks_one_and_a_taken_port_stops_the_start() -> None:
    first = serving(Scripted(), Boundary(SystemClock(), new_id, local_admin), "127.0.0.1:0")
    address = await first.start()
    host, _, port = address.rpartition(":")
    assert host == "127.0.0.1"
    assert int(port) > 0
    async with grpc.aio.insecure_channel(address) as channel:
        await RouterServiceStub(channel).Route(pb.RouteRequest())
    second = serving(Scripted(), Boundary(SystemClock(), new_id, local_admin), address)
    with pytest.raises(ConfigurationError, match="cannot listen"):
        await second.start()
    await first.drain(0)

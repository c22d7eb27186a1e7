"""The boundary lets through answers and our own errors, and nothing else."""

import asyncio
from datetime import UTC, datetime

import pytest
from pointsman_server.errors import InternalError, NotFound, ShuttingDown
from pointsman_server.identity.credentials import Presented
from pointsman_server.identity.model import LOCAL_ADMIN, Principal
from pointsman_server.services.boundary import Arrival, Boundary
from pointsman_server.services.call import Call
from structlog.testing import capture_logs

from tests.callers import local_admin

ARRIVAL = Arrival(
    "pointsman.v1.Service/Method",
    "req_1",
    {"authorization": "Bearer key", "user-agent": "test"},
    2.5,
    "127.0.0.1:9",
    Presented(("Bearer key",)),
)


class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return 100.0


@pytest.fixture
def boundary() -> Boundary:
    return Boundary(StoppedClock(), lambda prefix: f"{prefix}_fresh", local_admin)


async def test_a_call_knows_who_asks_and_until_when(boundary: Boundary) -> None:
    async def body(call: Call) -> Call:
        return call

    assert await boundary.run(ARRIVAL, body) == Call(
        principal=LOCAL_ADMIN,
        request_id="req_1",
        received_at=100.0,
        deadline=102.5,
        metadata={"user-agent": "test"},
        source="127.0.0.1:9",
        method="Service/Method",
    )


async def test_a_call_without_a_deadline(boundary: Boundary) -> None:
    async def body(call: Call) -> float | None:
        return call.deadline

    assert await boundary.run(Arrival("S/M", "r"), body) is None


async def test_the_principal_comes_from_the_credential() -> None:
    someone = Principal("tenant", "user", frozenset())

    async def authenticate(presented: Presented) -> Principal:
        assert presented.authorization == ("Bearer key",)
        return someone

    async def body(call: Call) -> Principal:
        return call.principal

    boundary = Boundary(StoppedClock(), lambda prefix: prefix, authenticate)
    assert await boundary.run(ARRIVAL, body) is someone


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("abc-1.2:3_4", "abc-1.2:3_4"),
        ("", "req_fresh"),
        ("a b", "req_fresh"),
        ("x" * 129, "req_fresh"),
        ("ä", "req_fresh"),
    ],
)
def test_a_request_id_is_the_callers_where_it_is_sane(boundary: Boundary, given: str, expected: str) -> None:
    assert boundary.request_id_of({"x-request-id": given}) == expected


async def test_our_own_errors_pass_and_are_logged(boundary: Boundary) -> None:
    async def body(_call: Call) -> None:
        raise NotFound("no")

    with capture_logs() as logs, pytest.raises(NotFound):
        await boundary.run(ARRIVAL, body)
    assert logs == [
        {
            "event": "call",
            "log_level": "info",
            "method": "pointsman.v1.Service/Method",
            "status": "NOT_FOUND",
            "reason": "NOT_FOUND",
            "duration_ms": 0.0,
        }
    ]


async def test_an_unforeseen_exception_says_nothing_to_the_caller(boundary: Boundary) -> None:
    async def body(_call: Call) -> None:
        raise ValueError("the user's words")

    with capture_logs() as logs, pytest.raises(InternalError) as caught:
        await boundary.run(ARRIVAL, body)
    assert "words" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "words" not in str(logs)
    assert [entry["event"] for entry in logs] == ["call_raised", "call"]
    assert logs[0]["exception"].startswith("ValueError\n")
    assert "test_boundary.py" in logs[0]["exception"]


async def test_a_stray_cancellation_is_a_defect_not_a_cancel(boundary: Boundary) -> None:
    async def body(_call: Call) -> None:
        other = asyncio.ensure_future(asyncio.sleep(10))
        other.cancel()
        await other

    with pytest.raises(InternalError):
        await boundary.run(ARRIVAL, body)


async def test_the_callers_own_cancel_is_raised_again(boundary: Boundary) -> None:
    entered = asyncio.Event()

    async def body(_call: Call) -> None:
        entered.set()
        await asyncio.sleep(10)

    task = asyncio.ensure_future(boundary.run(ARRIVAL, body))
    await entered.wait()
    task.cancel()
    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await task
    assert logs[0]["status"] == "CANCELLED"


async def test_draining_waits_for_what_runs_and_refuses_what_comes(boundary: Boundary) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def body(_call: Call) -> str:
        entered.set()
        await leave.wait()
        return "done"

    running = asyncio.ensure_future(boundary.run(ARRIVAL, body))
    await entered.wait()
    assert boundary.serving
    drain = asyncio.ensure_future(boundary.drain(10))
    await asyncio.sleep(0)
    assert not boundary.serving
    with pytest.raises(ShuttingDown) as caught:
        await boundary.run(ARRIVAL, body)
    assert caught.value.retry_after is not None
    assert not drain.done()
    leave.set()
    assert await running == "done"
    await drain


async def test_after_the_grace_calls_are_told_why_they_end(boundary: Boundary) -> None:
    entered = asyncio.Event()

    async def body(_call: Call) -> None:
        entered.set()
        await asyncio.sleep(10)

    running = asyncio.ensure_future(boundary.run(ARRIVAL, body))
    await entered.wait()
    await boundary.drain(0.001)
    with pytest.raises(ShuttingDown):
        await running

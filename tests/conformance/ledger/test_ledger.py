"""What every ledger does, seen through the seam: reserve, settle, void, and the records that they leave."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pointsman.v1.router_service_pb2 import UsageRow
from pointsman_server.errors import StoreUnavailable
from pointsman_server.ledger.ledger import MAX_COST_NANOS
from pointsman_server.ledger.model import AttemptOutcome
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import (
    TENANT,
    USER,
    SetClock,
    decision,
    failed,
    outcome,
    request,
    settlement,
)

OpenStorage = Callable[[], Awaitable[Storage]]


async def total_of(storage: Storage) -> UsageRow:
    return (await storage.usage.report(TENANT, UsageQuery())).total


async def test_a_settled_attempt_leaves_its_one_entry(storage: Storage) -> None:
    reservation = await storage.ledger.reserve(request(), decision())
    await storage.ledger.settle(reservation, settlement(), outcome())

    total = await total_of(storage)
    assert (total.attempts, total.completions, total.failed_attempts) == (1, 1, 0)
    assert (total.cost_nanos, total.unpriced_attempts) == (4_321, 0)
    assert total.tokens == settlement().usage
    assert total.mean_latency_ms == 120


async def test_a_reservation_names_its_request_and_when_it_was_made(storage: Storage, clock: SetClock) -> None:
    reservation = await storage.ledger.reserve(request())
    assert reservation.request == request()
    assert reservation.created_at == clock.now()


async def test_a_second_settlement_changes_nothing(storage: Storage) -> None:
    reservation = await storage.ledger.reserve(request(), decision())
    await storage.ledger.settle(reservation, settlement(), outcome())
    await storage.ledger.settle(reservation, settlement(cost_nanos=1), outcome(status="UNAVAILABLE"))

    assert (await total_of(storage)).cost_nanos == 4_321
    assert (await storage.decisions.get(TENANT, USER, "dec_1")).outcome.status == "OK"


async def test_of_two_ends_at_once_the_first_counts(storage: Storage) -> None:
    reservation = await storage.ledger.reserve(request(), decision())
    await asyncio.gather(
        storage.ledger.settle(reservation, settlement(cost_nanos=5)),
        storage.ledger.void(reservation, outcome(status="CANCELLED")),
        storage.ledger.settle(reservation, settlement(cost_nanos=6)),
    )
    total = await total_of(storage)
    assert (total.attempts, total.cost_nanos) == (1, 5)
    assert not (await storage.decisions.get(TENANT, USER, "dec_1")).HasField("outcome")


async def test_a_void_leaves_no_entry_and_cannot_be_settled(storage: Storage) -> None:
    reservation = await storage.ledger.reserve(request(), decision())
    await storage.ledger.void(reservation, outcome(status="UNAVAILABLE", model_id=""))
    await storage.ledger.settle(reservation, settlement())

    assert (await total_of(storage)).attempts == 0
    stored = await storage.decisions.get(TENANT, USER, "dec_1")
    assert stored.outcome.status == "UNAVAILABLE"


async def test_a_failed_attempt_and_the_next_share_a_transaction(storage: Storage) -> None:
    first = await storage.ledger.reserve(request(), decision())
    second = await storage.ledger.settle_and_reserve(first, failed(), request(attempt=2))
    await storage.ledger.settle(second, settlement(), outcome())

    assert second.reservation_id != first.reservation_id
    assert second.request.attempt == 2
    total = await total_of(storage)
    assert (total.attempts, total.completions, total.failed_attempts) == (2, 1, 1)


async def test_what_cannot_be_written_leaves_no_half(storage: Storage) -> None:
    first = await storage.ledger.reserve(request(), decision())
    unwritable = settlement(latency_ms=2**63)
    with pytest.raises(StoreUnavailable):
        await storage.ledger.settle_and_reserve(first, unwritable, request(attempt=2))
    assert (await total_of(storage)).attempts == 0

    await storage.ledger.settle(first, settlement())
    assert (await total_of(storage)).attempts == 1


async def test_an_unknown_price_is_not_zero(storage: Storage) -> None:
    reservation = await storage.ledger.reserve(request())
    await storage.ledger.settle(reservation, settlement(cost_nanos=None, time_to_first_token_ms=None))
    total = await total_of(storage)
    assert (total.cost_nanos, total.unpriced_attempts) == (0, 1)


async def test_a_cost_beyond_every_column_is_booked_as_the_largest(storage: Storage) -> None:
    reservation = await storage.ledger.reserve(request())
    await storage.ledger.settle(reservation, settlement(cost_nanos=2**70))
    assert (await total_of(storage)).cost_nanos == MAX_COST_NANOS


async def test_a_cancelled_attempt_is_no_failed_one(storage: Storage) -> None:
    reservation = await storage.ledger.reserve(request())
    await storage.ledger.settle(reservation, settlement(outcome=AttemptOutcome.CANCELLED, failure_kind="cancelled"))
    total = await total_of(storage)
    assert (total.cancelled_attempts, total.failed_attempts) == (1, 0)


async def test_a_decision_is_recorded_without_a_reservation(storage: Storage) -> None:
    await storage.ledger.record(decision())
    assert await storage.decisions.get(TENANT, USER, "dec_1") == decision().decision


async def test_a_second_record_of_a_decision_adds_its_outcome(storage: Storage) -> None:
    await storage.ledger.record(decision())
    await storage.ledger.record(decision(), outcome(status="FAILED_PRECONDITION"))
    stored = await storage.decisions.get(TENANT, USER, "dec_1")
    assert stored.outcome == outcome(status="FAILED_PRECONDITION").outcome


async def test_five_hundred_callers_at_once_lose_nothing(storage: Storage) -> None:
    async def caller(number: int) -> None:
        ids = {"completion_id": f"cmp_{number}", "decision_id": f"dec_{number}"}
        first = await storage.ledger.reserve(request(**ids), decision(ids["decision_id"]))
        second = await storage.ledger.settle_and_reserve(first, failed(), request(attempt=2, **ids))
        await storage.ledger.settle(second, settlement(cost_nanos=number), outcome(ids["decision_id"]))

    await asyncio.gather(*(caller(number) for number in range(500)))

    total = await total_of(storage)
    assert (total.completions, total.attempts, total.failed_attempts) == (500, 1_000, 500)
    assert total.cost_nanos == sum(range(500))


async def test_one_that_cannot_be_written_fails_alone(storage: Storage) -> None:
    held = [await storage.ledger.reserve(request(completion_id=f"cmp_{number}")) for number in range(40)]
    latencies = [2**63 if number == 17 else number for number in range(40)]
    ends = [storage.ledger.settle(each, settlement(latency_ms=ms)) for each, ms in zip(held, latencies, strict=True)]
    results = await asyncio.gather(*ends, return_exceptions=True)

    assert [number for number, result in enumerate(results) if result is not None] == [17]
    assert isinstance(results[17], StoreUnavailable)
    assert (await total_of(storage)).attempts == 39


async def test_a_caller_that_is_cancelled_loses_no_settlement(storage: Storage) -> None:
    reservation = await storage.ledger.reserve(request())
    task = asyncio.create_task(storage.ledger.settle(reservation, settlement()))
    await asyncio.sleep(0)  # it is queued now
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await storage.ledger.record(decision("dec_after"))  # what was queued before is done by now
    assert (await total_of(storage)).attempts == 1


async def test_a_cancelled_reserve_holds_no_room(storage: Storage, open_storage: OpenStorage) -> None:
    task = asyncio.create_task(storage.ledger.reserve(request(), decision()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await storage.close()

    async with await open_storage() as reopened:
        assert reopened.orphans == 0
        assert await reopened.decisions.get(TENANT, USER, "dec_1") == decision().decision


async def test_a_cancelled_next_attempt_settles_the_last_one(storage: Storage, open_storage: OpenStorage) -> None:
    first = await storage.ledger.reserve(request())
    task = asyncio.create_task(storage.ledger.settle_and_reserve(first, failed(), request(attempt=2)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await storage.close()

    async with await open_storage() as reopened:
        assert reopened.orphans == 0
        assert (await total_of(reopened)).failed_attempts == 1


async def test_close_writes_what_is_waiting(storage: Storage, open_storage: OpenStorage) -> None:
    held = await storage.ledger.reserve(request(), decision())
    settling = asyncio.create_task(storage.ledger.settle(held, settlement()))
    await asyncio.sleep(0)
    await storage.close()
    await settling

    with pytest.raises(StoreUnavailable):
        await storage.ledger.reserve(request())
    async with await open_storage() as reopened:
        assert (await total_of(reopened)).attempts == 1


async def test_reservations_that_were_left_open_stay_open(storage: Storage, open_storage: OpenStorage) -> None:
    for _ in range(3):
        held = await storage.ledger.reserve(request())
    await storage.ledger.settle(held, settlement())
    await storage.close()

    for _ in range(2):
        async with await open_storage() as reopened:
            assert reopened.orphans == 2
            assert (await total_of(reopened)).attempts == 1


async def test_one_that_was_left_open_can_still_be_settled(storage: Storage, open_storage: OpenStorage) -> None:
    held = await storage.ledger.reserve(request())
    await storage.close()
    async with await open_storage() as reopened:
        await reopened.ledger.settle(held, settlement())
        assert (await total_of(reopened)).attempts == 1


async def test_a_reservation_that_was_never_made_cannot_be_settled(storage: Storage) -> None:
    held = await storage.ledger.reserve(request())
    elsewhere = type(held)("rsv_unknown", held.request, held.created_at)
    with pytest.raises(StoreUnavailable):
        await storage.ledger.settle(elsewhere, settlement())
    assert (await total_of(storage)).attempts == 0

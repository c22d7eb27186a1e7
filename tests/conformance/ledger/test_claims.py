"""Claims on request ids: under one id, one call is let in; what the others are told; when an id is free again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from pointsman.v1.completion_pb2 import CompletionFailure
from pointsman_server.errors import BudgetExhausted, PointsmanError
from pointsman_server.identity.model import SERVER
from pointsman_server.ledger.claims import AlreadyClaimed, Claim, ClaimEnd, ClaimKey
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import OutcomeEntry, Reservation
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.claims import FORGOTTEN_AT_ONCE
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import START, TENANT, USER, decision, outcome, request, settlement

OpenStorage = Callable[[], Awaitable[Storage]]

KEY = ClaimKey(TENANT, USER, "once")
TOLD = CompletionFailure(completion_id="cmp_1", decision_id="dec_1", cost_nanos=4_321)


def claim(number: int = 1, request_id: str = "once", *, user_id: str = USER) -> Claim:
    """The claim of a call of its own."""
    return Claim(ClaimKey(TENANT, user_id, request_id), "digest", f"cmp_{number}", f"dec_{number}", START)


async def reserve(storage: Storage, made: Claim) -> Reservation:
    charge = {"completion_id": made.completion_id, "decision_id": made.decision_id, "user_id": made.key.user_id}
    return await storage.ledger.reserve(request(**charge), decision(made.decision_id), claim=made)


def ending(made: Claim, told: CompletionFailure | None) -> OutcomeEntry:
    entry = outcome(made.decision_id)
    return OutcomeEntry(entry.tenant_id, entry.decision_id, entry.outcome, ClaimEnd(made, "OK", told))


async def attempts(storage: Storage) -> int:
    return (await storage.usage.report(TENANT, UsageQuery())).total.attempts


async def test_of_many_calls_with_one_id_one_is_let_in(storage: Storage) -> None:
    calls = await asyncio.gather(*(reserve(storage, claim(number)) for number in range(50)), return_exceptions=True)
    [reservation] = [call for call in calls if isinstance(call, Reservation)]
    assert [type(call) for call in calls].count(AlreadyClaimed) == 49

    await storage.ledger.settle(reservation, settlement(), ending(claim(), TOLD))
    assert await attempts(storage) == 1


async def test_whoever_loses_harms_nobody_in_the_same_batch(storage: Storage) -> None:
    calls = await asyncio.gather(
        *(reserve(storage, claim(number, f"id-{number % 10}")) for number in range(40)), return_exceptions=True
    )
    assert [type(call) for call in calls].count(Reservation) == 10
    assert [type(call) for call in calls].count(AlreadyClaimed) == 30


async def test_the_loser_leaves_no_decision(storage: Storage) -> None:
    await reserve(storage, claim(1))
    with pytest.raises(AlreadyClaimed):
        await reserve(storage, claim(2))
    with pytest.raises(PointsmanError):
        await storage.decisions.get(TENANT, USER, "dec_2")


async def test_ids_belong_to_their_user(storage: Storage) -> None:
    await reserve(storage, claim(1))
    await reserve(storage, claim(2, user_id="bob"))


async def test_a_running_call_is_seen_to_run(storage: Storage) -> None:
    assert await storage.claims.find(KEY) is None
    await reserve(storage, claim())
    found = await storage.claims.find(KEY)
    assert found is not None
    assert (found.body_digest, found.status, found.running) == ("digest", "", True)
    assert found.told == CompletionFailure(completion_id="cmp_1", decision_id="dec_1")


async def test_an_ended_call_tells_what_it_used(storage: Storage) -> None:
    made = claim()
    await storage.ledger.settle(await reserve(storage, made), settlement(), ending(made, TOLD))
    found = await storage.claims.find(KEY)
    assert found is not None
    assert (found.status, found.running, found.told) == ("OK", False, TOLD)
    with pytest.raises(AlreadyClaimed):
        await reserve(storage, claim(2))


async def test_a_call_that_took_nothing_leaves_its_id_free(storage: Storage) -> None:
    made = claim()
    await storage.ledger.void(await reserve(storage, made), ending(made, None))
    assert await storage.claims.find(KEY) is None
    await reserve(storage, claim(2))


async def test_only_its_own_call_ends_a_claim(storage: Storage) -> None:
    await reserve(storage, claim(1))
    await storage.ledger.record(decision("dec_2"), ending(claim(2), None))
    await storage.ledger.record(decision("dec_3"), ending(claim(3), TOLD))
    found = await storage.claims.find(KEY)
    assert found is not None
    assert (found.status, found.running) == ("", True)


async def test_a_budget_that_refuses_leaves_the_id_free(storage: Storage) -> None:
    meter = Meter(MeterKey(TENANT, "bud_1"), "calls", Scope.TENANT, "", Unit.REQUESTS, MeterKind.MONTH, 0, 0, False)
    await storage.budgets.create(meter, SERVER)
    with pytest.raises(BudgetExhausted):
        await reserve(storage, claim())
    assert await storage.claims.find(KEY) is None


async def test_a_caller_who_did_not_wait_leaves_the_id_free(storage: Storage) -> None:
    reserving = asyncio.ensure_future(reserve(storage, claim()))
    await asyncio.sleep(0)
    reserving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reserving
    await storage.ledger.record(decision("dec_9"))  # behind the withdrawal
    assert await storage.claims.find(KEY) is None


async def test_after_a_crash_the_call_does_not_run_and_keeps_its_id(open_storage: OpenStorage) -> None:
    async with await open_storage() as before:
        await reserve(before, claim())
    async with await open_storage() as after:
        found = await after.claims.find(KEY)
        assert found is not None
        assert (found.status, found.running) == ("", False)
        with pytest.raises(AlreadyClaimed):
            await reserve(after, claim(2))


async def test_old_claims_are_forgotten_in_small_steps(storage: Storage) -> None:
    count = FORGOTTEN_AT_ONCE + 10
    await asyncio.gather(*(reserve(storage, claim(number, f"id-{number}")) for number in range(count)))

    assert await storage.claims.forget(START) == 0
    moment = START + timedelta(seconds=1)
    assert [await storage.claims.forget(moment) for _ in range(3)] == [FORGOTTEN_AT_ONCE, 10, 0]
    await reserve(storage, claim(count, "id-0"))

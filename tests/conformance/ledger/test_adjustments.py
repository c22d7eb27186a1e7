"""Settlements that come after somebody else resolved the reservation, on every store: corrected once, never dropped."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
from pointsman.v1.usage_pb2 import USAGE_FLAG_OVERRUN, TokenUsage
from pointsman_server.errors import NotFound
from pointsman_server.identity.model import SERVER
from pointsman_server.ledger.adjustments import Resolver
from pointsman_server.ledger.audit import Summary
from pointsman_server.ledger.batch import Orphan
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.reports import UsageQuery
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import (
    DECISIONS,
    METER_COUNTERS,
    RESERVATIONS,
    USAGE_ADJUSTMENTS,
    USAGE_ENTRIES,
    USAGE_LABELS,
)
from sqlalchemy import Select, select

from tests.conformance.builders import START, TENANT, SetClock, decision, outcome, request, settlement

GUESS = settlement(cost_nanos=2_000, usage=TokenUsage(input_tokens=5, estimated=True), failure_kind="unknown")
ASKED = replace(request(), input_tokens_bound=40, max_output_tokens=40)
LATE = settlement(at_ceiling=True, usage_flags=(USAGE_FLAG_OVERRUN,))


def meter(name: str, unit: Unit, kind: MeterKind, limit: int) -> Meter:
    return Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", unit, kind, 0, limit)


METERS = (
    meter("calls", Unit.REQUESTS, MeterKind.MONTH, 100),
    meter("money", Unit.NANOS, MeterKind.HOUR, 20_000),
    meter("slots", Unit.REQUESTS, MeterKind.SLOTS, 10),
    meter("tokens", Unit.TOKENS, MeterKind.MONTH, 1_000),
)


async def unknown(storage: Storage) -> Reservation:
    """A reservation on every meter, whose server is thought to be gone."""
    for each in METERS:
        await storage.budgets.create(each, SERVER)
    held = await storage.ledger.reserve(ASKED)
    await storage.ledger._writer.apply(Orphan(held), admission=False)
    return held


async def counted(storage: Storage) -> dict[str, int]:
    """What is posted; nothing stays reserved, and the audit agrees."""
    (summary,) = [finding async for finding in storage.budgets.verify(TENANT)]
    assert isinstance(summary, Summary)
    balances = [(await storage.budgets.get((TENANT,), each.name)).balance for each in METERS]
    assert [balance.reserved for balance in balances] == [0] * len(METERS)
    return {balance.meter.name: balance.posted for balance in balances}


async def rows(storage: Storage, statement: Select[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return await storage.ledger._writer.control(lambda execute: execute(statement, {}))


ENTRY = select(
    USAGE_ENTRIES.c.cost_nanos,
    USAGE_ENTRIES.c.input_tokens,
    USAGE_ENTRIES.c.estimated,
    USAGE_ENTRIES.c.outcome,
    USAGE_ENTRIES.c.failure_kind,
    USAGE_ENTRIES.c.latency_ms,
    USAGE_ENTRIES.c.time_to_first_token_ms,
    USAGE_ENTRIES.c.at_ceiling,
    USAGE_ENTRIES.c.usage_flags,
)
CORRECTED = (4_321, 11, False, "succeeded", "", 120, 35, True, "overrun")
STATE = select(RESERVATIONS.c.state, RESERVATIONS.c.resolved_by)
MONEY = select(METER_COUNTERS.c.posted, METER_COUNTERS.c.reserved).where(METER_COUNTERS.c.meter_id == "money")
KEPT = select(*USAGE_ADJUSTMENTS.columns)


@pytest.mark.parametrize("resolver", [Resolver.OPERATOR, Resolver.POLICY])
async def test_what_was_guessed_is_corrected_to_what_the_provider_reported(
    storage: Storage, clock: SetClock, resolver: Resolver
) -> None:
    held = await unknown(storage)
    await storage.ledger.settle(held, GUESS, resolver=resolver)
    assert await rows(storage, STATE) == [("settled", resolver.value)]
    assert await counted(storage) == {"calls": 1, "money": 2_000, "slots": 0, "tokens": 5}

    clock.advance(hours=2)
    with structlog.testing.capture_logs() as logs:
        await storage.ledger.settle(held, LATE)
    assert [log["event"] for log in logs] == ["ledger_adjusted"]
    assert await rows(storage, ENTRY) == [CORRECTED]
    assert await rows(storage, STATE) == [("settled", "")]
    (kept,) = await rows(storage, KEPT)
    reason = f"settled by its own server after the {resolver.value} had resolved it"
    at = 1_000_000 * 2 * 3_600
    assert kept[:4] == (TENANT, held.reservation_id, 1, reason)
    assert kept[4] == 1_000 * 1_000 * int(START.timestamp()) + 250 + at
    before, after = TokenUsage.FromString(kept[5]), TokenUsage.FromString(kept[6])  # type: ignore[arg-type]
    assert (before, after, kept[7:]) == (GUESS.usage, LATE.usage, (2_000, 4_321))

    # It counts in the hour that admitted it, in the counter and in the report.
    assert await counted(storage) == {"calls": 1, "money": 0, "slots": 0, "tokens": 64}
    assert await rows(storage, MONEY) == [(4_321, 0)]
    page = await storage.usage.report(TENANT, UsageQuery(START, START + timedelta(hours=1)))
    assert (page.total.cost_nanos, page.total.tokens.output_tokens) == (4_321, LATE.usage.output_tokens)


async def test_what_was_voided_gets_its_entry_with_its_labels(storage: Storage) -> None:
    held = await unknown(storage)
    await storage.ledger.void(held, resolver=Resolver.OPERATOR)
    assert await rows(storage, STATE) == [("voided", "operator")]
    assert await counted(storage) == {"calls": 0, "money": 0, "slots": 0, "tokens": 0}
    await storage.ledger.settle(held, LATE, outcome())
    assert await rows(storage, ENTRY) == [CORRECTED]
    assert await rows(storage, STATE) == [("settled", "")]
    assert len(await rows(storage, select(USAGE_LABELS.c.key))) == 2
    (kept,) = await rows(storage, KEPT)
    assert (TokenUsage.FromString(kept[5]), kept[7:]) == (TokenUsage(), (0, 4_321))  # type: ignore[arg-type]
    assert await counted(storage) == {"calls": 1, "money": 4_321, "slots": 0, "tokens": 64}


async def test_a_second_settlement_changes_nothing_whoever_made_the_first(storage: Storage) -> None:
    held = await unknown(storage)
    await storage.ledger.settle(held, GUESS, resolver=Resolver.OPERATOR)
    for resolver in (Resolver.OPERATOR, Resolver.POLICY):
        with pytest.raises(NotFound):
            await storage.ledger.settle(held, settlement(cost_nanos=1), resolver=resolver)
        with pytest.raises(NotFound):
            await storage.ledger.void(held, resolver=resolver)
    assert (await counted(storage))["money"] == 2_000
    await storage.ledger.settle(held, settlement())
    for cost_nanos in (1, 9_999):
        await storage.ledger.settle(held, settlement(cost_nanos=cost_nanos))
    assert (await counted(storage))["money"] == 4_321
    assert len(await rows(storage, KEPT)) == 1


async def test_what_its_own_server_settled_is_never_adjusted(storage: Storage) -> None:
    held = await unknown(storage)
    await storage.ledger.settle(held, settlement())
    await storage.ledger.settle(held, settlement(cost_nanos=5))
    assert (await counted(storage))["money"] == 4_321
    assert await rows(storage, KEPT) == []


async def test_late_costs_above_what_was_held_pass_the_limit_with_an_alarm(storage: Storage) -> None:
    held = await unknown(storage)
    await storage.ledger.settle(held, GUESS, resolver=Resolver.POLICY)
    with structlog.testing.capture_logs() as logs:
        await storage.ledger.settle(held, settlement(cost_nanos=21_000))
    (alarm,) = (log for log in logs if log["event"] == "ledger_overrun")
    assert (alarm["meter_id"], alarm["held"], alarm["posted"]) == ("money", 9_000, 21_000)
    assert (await counted(storage))["money"] == 21_000


async def test_an_operator_and_the_server_itself_in_one_batch_leave_what_the_server_says(storage: Storage) -> None:
    held = await unknown(storage)
    ledger = storage.ledger
    await asyncio.gather(ledger.settle(held, GUESS, resolver=Resolver.OPERATOR), ledger.settle(held, settlement()))
    assert (await counted(storage))["money"] == 4_321
    again = await ledger.reserve(ASKED)
    await asyncio.gather(ledger.void(again, resolver=Resolver.OPERATOR), ledger.settle(again, settlement(cost_nanos=1)))
    assert (await counted(storage))["money"] == 4_322
    assert [row[2:] for row in await rows(storage, KEPT)] != []
    assert await rows(storage, STATE) == [("settled", "")] * 2


async def test_a_call_that_goes_on_is_admitted_anew(storage: Storage) -> None:
    held = await unknown(storage)
    await storage.ledger.void(held, resolver=Resolver.OPERATOR)
    following = await storage.ledger.settle_and_reserve(held, settlement(cost_nanos=10), request(attempt=2))
    slots = (await storage.budgets.get((TENANT,), "slots")).balance
    assert slots.reserved == 1
    await storage.ledger.settle(following, settlement())
    assert await counted(storage) == {"calls": 1, "money": 4_331, "slots": 0, "tokens": 128}


@pytest.mark.parametrize("resolver", [Resolver.OPERATOR, Resolver.POLICY])
async def test_what_was_guessed_of_an_attempt_that_was_never_made_is_corrected_to_nothing(
    storage: Storage, resolver: Resolver
) -> None:
    held = await unknown(storage)
    await storage.ledger.settle(held, GUESS, resolver=resolver)
    for _ in range(2):
        await storage.ledger.void(held)
    assert [row[:3] for row in await rows(storage, ENTRY)] == [(0, 0, False)]
    assert await rows(storage, STATE) == [("settled", "")]
    (kept,) = await rows(storage, KEPT)
    assert kept[7:] == (2_000, 0)
    assert await counted(storage) == {"calls": 1, "money": 0, "slots": 0, "tokens": 0}


async def test_the_end_of_a_call_is_kept_whose_attempt_was_voided_already(storage: Storage) -> None:
    for each in METERS:
        await storage.budgets.create(each, SERVER)
    held = await storage.ledger.reserve(ASKED, decision())
    await storage.ledger._writer.apply(Orphan(held), admission=False)
    await storage.ledger.void(held, resolver=Resolver.OPERATOR)
    await storage.ledger.void(held, outcome(status="CANCELLED"))
    assert await rows(storage, select(DECISIONS.c.status)) == [("CANCELLED",)]
    assert await rows(storage, KEPT) == []

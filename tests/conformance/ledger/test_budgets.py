"""Many budgets on every store: listed with few statements, and never more at one scope than it may have."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.errors import TooManyBudgets
from pointsman_server.identity.model import SERVER
from pointsman_server.ledger.budgets import MAX_BUDGETS_AT_SCOPE, BudgetQuery
from pointsman_server.ledger.meters import Meter, MeterKey, Scope, Unit
from pointsman_server.ledger.windows import MeterKind
from pointsman_server.storage import budgets
from pointsman_server.storage.control import Execute
from pointsman_server.storage.database import Address
from pointsman_server.storage.storage import Storage
from sqlalchemy import event

from tests.conformance.builders import TENANT, SetClock, request, settlement

OpenStorage = Callable[[], Awaitable[Storage]]
KINDS = (
    (MeterKind.MONTH, 0),
    (MeterKind.HOUR, 0),
    (MeterKind.ROLLING, 600),
    (MeterKind.ROLLING, 7_200),
    (MeterKind.RATE, 60),
    (MeterKind.SLOTS, 0),
)


def meter(name: str, **fields: Any) -> Meter:
    usual = Meter(MeterKey(TENANT, name), name, Scope.TENANT, "", Unit.REQUESTS, MeterKind.MONTH, 0, 1_000)
    return replace(usual, **fields)


@contextmanager
def counting(storage: Storage) -> Iterator[list[str]]:
    """The statements that readers run meanwhile."""
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engine = storage._readers.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", count)


async def test_a_page_shows_what_each_budget_shows_alone(storage: Storage, clock: SetClock) -> None:
    for number, (kind, period_s) in enumerate(KINDS):
        await storage.budgets.create(meter(f"bud_{number}", kind=kind, period_s=period_s), SERVER)
    for number in range(6):
        held = await storage.ledger.reserve(request(completion_id=f"cmp_{number}"))
        clock.advance(minutes=11)
        if number % 2:
            await storage.ledger.settle(held, settlement())
    page, total = await storage.budgets.page(BudgetQuery((TENANT,)))
    assert page == [await storage.budgets.get((TENANT,), f"bud_{number}") for number in range(len(KINDS))]
    assert total == len(KINDS)
    assert [(each.balance.posted, each.balance.reserved) for each in page[:3]] == [(3, 3), (2, 1), (0, 0)]


async def test_a_page_takes_as_many_statements_for_one_as_for_many(storage: Storage) -> None:
    counts = []
    for number in range(MAX_BUDGETS_AT_SCOPE):
        await storage.budgets.create(meter(f"bud_{number:02}"), SERVER)
        with counting(storage) as statements:
            await storage.budgets.page(BudgetQuery((TENANT,)))
        counts.append(len(statements))
    assert counts == counts[:1] * MAX_BUDGETS_AT_SCOPE
    assert counts[0] <= 5


async def test_a_thousand_budgets_are_one_page(storage: Storage) -> None:
    made = [meter(f"{number:04}", scope=Scope.USER, scope_id=str(number)) for number in range(1_000)]

    def write(execute: Execute) -> None:
        for each in made:
            execute(budgets._INSERT, budgets._row(each, 0))

    await storage.ledger._writer.control(write)
    page, total = await storage.budgets.page(BudgetQuery((TENANT,), page_size=1_001))
    assert ([budget.meter.name for budget in page], total) == ([f"{number:04}" for number in range(1_000)], 1_000)


async def test_a_scope_takes_no_more_than_it_may_have(storage: Storage) -> None:
    for number in range(MAX_BUDGETS_AT_SCOPE):
        await storage.budgets.create(meter(f"bud_{number}", scope=Scope.PROJECT, scope_id="apollo"), SERVER)
    with pytest.raises(TooManyBudgets) as refused:
        await storage.budgets.create(meter("more", scope=Scope.PROJECT, scope_id="apollo"), SERVER)
    assert refused.value.metadata == {"scope": "project", "scope_id": "apollo", "limit": "20"}
    assert "project apollo" in refused.value.message

    await storage.budgets.create(meter("elsewhere", scope=Scope.PROJECT, scope_id="gemini"), SERVER)
    await storage.budgets.create(
        meter("theirs", key=MeterKey("other", "m"), scope=Scope.PROJECT, scope_id="apollo"), SERVER
    )
    await storage.budgets.delete((TENANT,), "bud_3", SERVER)
    await storage.budgets.create(meter("more", scope=Scope.PROJECT, scope_id="apollo"), SERVER)


async def test_many_who_make_budgets_at_once_pass_the_bound_no_more_than_one_after_the_other(
    storage: Storage, open_storage: OpenStorage, database: Address
) -> None:
    storages = [storage] if not isinstance(database, str) else [storage, await open_storage()]
    making = (storages[number % len(storages)].budgets.create(meter(f"bud_{number}"), SERVER) for number in range(60))
    results = await asyncio.gather(*making, return_exceptions=True)
    refused = [result for result in results if isinstance(result, BaseException)]
    assert {type(error) for error in refused} == {TooManyBudgets}
    assert len(results) - len(refused) == MAX_BUDGETS_AT_SCOPE
    assert (await storage.budgets.page(BudgetQuery((TENANT,))))[1] == MAX_BUDGETS_AT_SCOPE
    for other in storages[1:]:
        await other.close()

"""What every usage report does, against a plain account of the same entries in Python."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pointsman.v1.router_service_pb2 import UsageDimension, UsageFilter, UsageRow
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.errors import InvalidRequest
from pointsman_server.ledger.model import AttemptOutcome, ReserveRequest, Settlement
from pointsman_server.ledger.reports import UsagePage, UsageQuery
from pointsman_server.storage.database import Address
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import START, TENANT, SetClock, request, settlement

PROVIDER = UsageDimension.USAGE_DIMENSION_PROVIDER
MODEL = UsageDimension.USAGE_DIMENSION_MODEL
TASK_TYPE = UsageDimension.USAGE_DIMENSION_TASK_TYPE
PURPOSE = UsageDimension.USAGE_DIMENSION_PURPOSE
TASK_CODE = UsageDimension.USAGE_DIMENSION_TASK_CODE
PROJECT = UsageDimension.USAGE_DIMENSION_PROJECT
AGENT = UsageDimension.USAGE_DIMENSION_AGENT
LABEL = UsageDimension.USAGE_DIMENSION_LABEL
DAY = UsageDimension.USAGE_DIMENSION_DAY
HOUR = UsageDimension.USAGE_DIMENSION_HOUR

Shared = tuple[asyncio.Runner, Storage, SetClock]

LARGEST = 2**63 - 1
MONTH = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
WHOLE_MONTH = UsageQuery(*MONTH)


@dataclass(frozen=True)
class Entry:
    """One attempt, as it was asked for and as it was settled."""

    request: ReserveRequest
    settlement: Settlement
    ended_at: datetime = START


async def book(storage: Storage, entries: Sequence[Entry], clock: SetClock | None = None) -> None:
    """Books the entries one after the other, each at its time where there is a clock to set."""
    now = clock.time if clock else START
    for entry in entries:
        if clock:
            clock.time = entry.ended_at
        await storage.ledger.settle(await storage.ledger.reserve(entry.request), entry.settlement)
    if clock:
        clock.time = now


async def all_pages(storage: Storage, query: UsageQuery, tenant_id: str) -> list[UsagePage]:
    pages = [await storage.usage.report(tenant_id, query)]
    while token := pages[-1].next_page_token:
        pages.append(await storage.usage.report(tenant_id, replace(query, page_token=token)))
    return pages


def of_tenant(asked: ReserveRequest, tenant_id: str) -> ReserveRequest:
    return replace(asked, charge=replace(asked.charge, tenant_id=tenant_id))


def test_account_of_a_key() -> None:
    """The oracle itself, once by hand."""
    row = account([Entry(request(), settlement(cost_nanos=7))], ("openai",))
    assert (row.keys, row.attempts, row.cost_nanos) == (["openai"], 1, 7)


# --- the oracle -------------------------------------------------------------------------------------------------------


def key_of(entry: Entry, dimension: UsageDimension.ValueType, label_key: str) -> str:
    charge = entry.request.charge
    ended_at = entry.ended_at
    return {
        PROVIDER: entry.request.provider_id,
        MODEL: entry.request.model_id,
        TASK_TYPE: charge.task_type,
        PURPOSE: charge.purpose,
        TASK_CODE: charge.task_code,
        PROJECT: charge.project_id,
        AGENT: charge.agent_id,
        LABEL: charge.labels.get(label_key, ""),
        DAY: f"{ended_at:%Y-%m-%d}",
        HOUR: f"{ended_at:%Y-%m-%dT%H}:00:00Z",
    }[dimension]


def matches(entry: Entry, query: UsageQuery) -> bool:
    assert query.start is not None
    assert query.end is not None
    charge, filters = entry.request.charge, query.filters
    wanted = [
        (filters.provider_id, entry.request.provider_id),
        (filters.model_id, entry.request.model_id),
        (filters.task_type, charge.task_type),
        (filters.run_id, charge.run_id),
        *((value, charge.labels.get(key)) for key, value in filters.labels.items()),
    ]
    in_period = query.start <= entry.ended_at < query.end
    return in_period and all(asked in ("", found) for asked, found in wanted)


def account(entries: Sequence[Entry], keys: tuple[str, ...]) -> UsageRow:
    ends = [entry.settlement for entry in entries]
    fields = [name for name in TokenUsage.DESCRIPTOR.fields_by_name if name != "estimated"]
    tokens = {name: min(sum(getattr(end.usage, name) for end in ends), LARGEST) for name in fields}
    estimated = sum(end.usage.estimated for end in ends)
    row = UsageRow(
        keys=keys,
        completions=len({entry.request.charge.completion_id for entry in entries}),
        attempts=len(ends),
        failed_attempts=sum(end.outcome is AttemptOutcome.FAILED for end in ends),
        cancelled_attempts=sum(end.outcome is AttemptOutcome.CANCELLED for end in ends),
        tokens=TokenUsage(**tokens, estimated=estimated > 0),
        cost_nanos=min(sum(end.cost_nanos or 0 for end in ends), LARGEST),
        unpriced_attempts=sum(end.cost_nanos is None for end in ends),
        estimated_attempts=estimated,
    )
    if ends:
        row.mean_latency_ms = (sum(end.latency_ms for end in ends) * 2 + len(ends)) // (2 * len(ends))
    return row


def expected(entries: Sequence[Entry], query: UsageQuery) -> list[UsageRow]:
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        keys = tuple(key_of(entry, dimension, query.label_key) for dimension in query.group_by)
        groups.setdefault(keys, []).append(entry)

    def place(keys: tuple[str, ...]) -> tuple[list[str], int, list[str]]:
        pairs = list(zip(query.group_by, keys, strict=True))
        times = [key for dimension, key in pairs if dimension in (DAY, HOUR)]
        others = [key for dimension, key in pairs if dimension not in (DAY, HOUR)]
        return times, -sum(entry.settlement.cost_nanos or 0 for entry in groups[keys]), others

    return [account(groups[keys], keys) for keys in sorted(groups, key=place)]


# --- any entries, any report ------------------------------------------------------------------------------------------

amounts = st.integers(0, 50) | st.integers(0, LARGEST)
names = st.sampled_from(["", "a", "b", "ä"])
usages = st.builds(
    TokenUsage,
    **{name: amounts for name in TokenUsage.DESCRIPTOR.fields_by_name if name != "estimated"},
    estimated=st.booleans(),
)
requests = st.builds(
    lambda provider_id, model_id, **charge: replace(request(**charge), provider_id=provider_id, model_id=model_id),
    provider_id=names,
    model_id=names,
    completion_id=st.sampled_from(["cmp_1", "cmp_2", "cmp_3"]),
    task_type=names,
    purpose=names,
    task_code=names,
    project_id=names,
    agent_id=names,
    run_id=names,
    labels=st.dictionaries(st.sampled_from(["team", "stage"]), names),
)
settlements = st.builds(
    Settlement,
    outcome=st.sampled_from(AttemptOutcome),
    failure_kind=st.just(""),
    usage=usages,
    cost_nanos=st.none() | amounts,
    latency_ms=st.integers(0, 10**6),
    time_to_first_token_ms=st.none(),
)
entry_times = st.datetimes(datetime(2026, 10, 30), datetime(2026, 12, 2), timezones=st.just(UTC))  # noqa: DTZ001
queries = st.builds(
    UsageQuery,
    start=st.just(MONTH[0]),
    end=st.just(MONTH[1]),
    group_by=st.lists(st.sampled_from([*UsageDimension.values()[1:]]), max_size=3, unique=True).map(tuple),
    label_key=st.sampled_from(["team", "stage"]),
    filters=st.builds(
        UsageFilter,
        provider_id=names,
        model_id=st.just("") | names,
        task_type=st.just(""),
        run_id=st.just("") | names,
        labels=st.dictionaries(st.just("team"), st.sampled_from(["a", "b"])),
    ),
    page_size=st.integers(1, 3),
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """One database for all examples, each of which is a tenant of its own."""
    count = itertools.count()
    address: Address = tmp_path_factory.mktemp("usage") / "pointsman.db"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres").new_database("migrated")
    with asyncio.Runner() as runner:
        clock = SetClock()
        opening = Storage.open(address, clock=clock, new_id=lambda kind: f"{kind}_{next(count)}")
        storage = runner.run(opening)
        yield runner, storage, clock
        runner.run(storage.close())


tenant_count = itertools.count()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(entries=st.lists(st.builds(Entry, requests, settlements, entry_times), max_size=12), query=queries)
def test_a_report_is_what_plain_python_adds_up(shared: Shared, entries: list[Entry], query: UsageQuery) -> None:
    runner, storage, clock = shared
    tenant_id = f"tenant_{next(tenant_count)}"
    theirs = [replace(entry, request=of_tenant(entry.request, tenant_id)) for entry in entries]
    counted = [entry for entry in theirs if matches(entry, query)]

    runner.run(book(storage, theirs, clock))
    pages = runner.run(all_pages(storage, query, tenant_id))
    rows = expected(counted, query) if query.group_by else []
    assert [row for page in pages for row in page.rows] == rows
    assert {page.total_size for page in pages} == {len(rows)}
    assert all(page.total == account(counted, ()) for page in pages)


# --- period, pages and tokens -----------------------------------------------------------------------------------------


async def test_another_tenants_entries_do_not_count(storage: Storage) -> None:
    await book(storage, [Entry(request(tenant_id="other"), settlement())])
    page = await storage.usage.report(TENANT, WHOLE_MONTH)
    assert page.total == UsageRow(tokens=TokenUsage())
    assert not page.total.HasField("mean_latency_ms")


async def test_the_period_holds_its_start_and_not_its_end(storage: Storage, clock: SetClock) -> None:
    microsecond = timedelta(microseconds=1)
    ends = [MONTH[0] - microsecond, MONTH[0], MONTH[1] - microsecond, MONTH[1]]
    await book(storage, [Entry(request(), settlement(cost_nanos=10**i), end) for i, end in enumerate(ends)], clock)
    assert (await storage.usage.report(TENANT, WHOLE_MONTH)).total.cost_nanos == 110


async def test_unset_the_period_is_this_month_until_now(storage: Storage, clock: SetClock) -> None:
    last_month = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
    ends = [last_month, MONTH[0], START, START + timedelta(seconds=1)]
    await book(storage, [Entry(request(), settlement(cost_nanos=10**i), end) for i, end in enumerate(ends)], clock)
    page = await storage.usage.report(TENANT, UsageQuery())
    assert page.total.cost_nanos == 110
    assert (page.start, page.end - clock.now()) == (MONTH[0], timedelta(microseconds=1))


async def test_a_page_token_keeps_the_period_of_its_first_page(storage: Storage, clock: SetClock) -> None:
    query = UsageQuery(group_by=(PROJECT,), page_size=1)
    await book(storage, [Entry(request(project_id=f"p{i}"), settlement(cost_nanos=i)) for i in range(3)])
    first = await storage.usage.report(TENANT, query)

    clock.advance(hours=1)
    await book(storage, [Entry(request(project_id="late"), settlement(cost_nanos=99))])
    second = await storage.usage.report(TENANT, replace(query, page_token=first.next_page_token))

    assert [row.keys[0] for row in (*first.rows, *second.rows)] == ["p2", "p1"]
    assert (second.start, second.end, second.total_size) == (first.start, first.end, 3)


async def test_a_page_may_have_another_size_than_the_last(storage: Storage) -> None:
    query = replace(WHOLE_MONTH, group_by=(PROJECT,), page_size=1)
    await book(storage, [Entry(request(project_id=f"p{i}"), settlement(cost_nanos=i)) for i in range(4)])
    first = await storage.usage.report(TENANT, query)
    rest = await storage.usage.report(TENANT, replace(query, page_size=10, page_token=first.next_page_token))
    assert ([row.keys[0] for row in rest.rows], rest.next_page_token) == (["p2", "p1", "p0"], "")


async def test_entries_without_the_label_have_an_empty_key(storage: Storage) -> None:
    blue, none = request(labels={"team": "blue"}), request(labels={})
    await book(storage, [Entry(blue, settlement(cost_nanos=1)), Entry(none, settlement(cost_nanos=2))])
    query = replace(WHOLE_MONTH, group_by=(LABEL,), label_key="team")
    rows = (await storage.usage.report(TENANT, query)).rows
    assert [(row.keys[0], row.cost_nanos) for row in rows] == [("", 2), ("blue", 1)]


@pytest.mark.parametrize(
    "changed",
    [{"group_by": (AGENT,)}, {"filters": UsageFilter(agent_id="x")}, {"start": START}, {"label_key": "team"}],
    ids=lambda changed: next(iter(changed)),
)
async def test_another_querys_token_is_refused(storage: Storage, changed: dict[str, object]) -> None:
    query = replace(WHOLE_MONTH, group_by=(PROJECT,), page_size=1)
    await book(storage, [Entry(request(project_id=f"p{i}"), settlement()) for i in range(2)])
    token = (await storage.usage.report(TENANT, query)).next_page_token
    with pytest.raises(InvalidRequest) as caught:
        await storage.usage.report(TENANT, replace(query, page_token=token, **changed))
    assert [violation.field for violation in caught.value.fields] == ["page_token"]


async def test_many_small_costs_come_before_one_that_is_less(storage: Storage) -> None:
    many = [Entry(request(project_id="many"), settlement(cost_nanos=2**31 - 1)) for _ in range(2)]
    await book(storage, [*many, Entry(request(project_id="one"), settlement(cost_nanos=2**31))])
    rows = (await storage.usage.report(TENANT, replace(WHOLE_MONTH, group_by=(PROJECT,)))).rows
    assert [(row.keys[0], row.cost_nanos) for row in rows] == [("many", 2**32 - 2), ("one", 2**31)]


async def test_days_and_hours_come_in_order_of_time_whatever_they_cost(storage: Storage, clock: SetClock) -> None:
    ends = [START, START + timedelta(hours=1), START + timedelta(days=1)]
    await book(storage, [Entry(request(), settlement(cost_nanos=i), end) for i, end in enumerate(ends)], clock)
    days = (await storage.usage.report(TENANT, replace(WHOLE_MONTH, group_by=(DAY,)))).rows
    assert [(row.keys[0], row.attempts) for row in days] == [("2026-11-20", 2), ("2026-11-21", 1)]
    hours = (await storage.usage.report(TENANT, replace(WHOLE_MONTH, group_by=(PROJECT, HOUR)))).rows
    assert [list(row.keys) for row in hours] == [
        ["apollo", "2026-11-20T10:00:00Z"],
        ["apollo", "2026-11-20T11:00:00Z"],
        ["apollo", "2026-11-21T10:00:00Z"],
    ]

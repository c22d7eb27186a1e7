"""Times what every call passes before anything is planned: authentication, then policy.

``python -m bench.policy`` makes 1,000 tenants with 10,000 users, their keys, plans, rules and overrides in a database,
and prints how long the two take together inside the server; ``--write`` also writes bench/results/policy.md.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pointsman_server.clock import SystemClock
from pointsman_server.identity.authenticator import Authenticator
from pointsman_server.identity.credentials import Presented
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.identity.times import Times
from pointsman_server.identity.tokens import Digests, mint
from pointsman_server.ids import new_id
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.policy.hours import Hours
from pointsman_server.policy.keeper import PolicyKeeper
from pointsman_server.policy.limits import ServerLimits
from pointsman_server.policy.plans import ModelAccess, Plan, PlanTask
from pointsman_server.policy.rule import Condition, PolicyScope, Rule, Value
from pointsman_server.router.model import Facts
from pointsman_server.storage.control import Execute
from pointsman_server.storage.offer_rows import PLAN
from pointsman_server.storage.policy_rows import rule_row
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import ACCESS_TOKENS, API_KEYS, PLANS, POLICY_RULES, TENANTS, USERS
from pointsman_server.storage.times import to_micros
from sqlalchemy import Insert, Table, insert

RESULTS = Path(__file__).parent / "results" / "policy.md"
TENANTS_MADE, USERS_EACH, CALLS = 1_000, 10, 50_000
BAR_US = 1_000
TASKS = ("LLM1_PRIOR_ART", "LLM2_DRAFT", "LLM3_DIAGRAM")
PLAN_IDS = ("BENCH_S", "BENCH_M", "BENCH_L")
NOW = datetime.now(UTC)
TIMES = Times(NOW, NOW)
OFFICE = Condition(hours=Hours(frozenset(range(5)), 540, 1_020, "Europe/Berlin"))
DIGESTS = Digests(b"k" * 32)
CALL = Facts(
    input_tokens_bound=400,
    input_tokens_expected=100,
    token_counter="bytes",
    max_output_tokens=500,
    required_capabilities=frozenset(),
)

_FOREVER = (None, None)
"""It does not expire and was not revoked."""

Rows = tuple[Insert, Iterable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Figure:
    """How long something took, each time, in microseconds."""

    name: str
    times_us: list[float]
    cpu_us: list[float]


def _rule(number: int, scope: PolicyScope, key: str, value: Value, **more: Any) -> Rule:  # noqa: ANN401  # its fields
    made = Rule(f"pol_{number:06}", "", scope <= PolicyScope.PLAN, scope, "", key, value, times=TIMES)
    return replace(made, **more)


def rules() -> Iterator[Rule]:
    """Those of the platform, the plans, the tenants and the users: tens of thousands."""
    number = iter(range(10**6))
    yield _rule(next(number), PolicyScope.PLATFORM, "max_tokens_in", 200_000, mandatory=True)
    yield _rule(next(number), PolicyScope.PLATFORM, "denied_regions", frozenset({"nowhere"}), mandatory=True)
    for plan_id in PLAN_IDS:
        yield _rule(next(number), PolicyScope.PLAN, "max_tokens_out", 4_000, scope_id=plan_id)
        for task in TASKS:
            yield _rule(next(number), PolicyScope.PLAN, "max_concurrent", 3, scope_id=plan_id, task_code=task)
    for tenant in range(TENANTS_MADE):
        own = {"tenant_id": f"t_{tenant}"}
        yield _rule(next(number), PolicyScope.TENANT, "max_tokens_out", 3_000, **own)
        yield _rule(next(number), PolicyScope.TENANT, "requests_per_minute", 600, **own)
        yield _rule(next(number), PolicyScope.TENANT, "denied_providers", frozenset({"elsewhere"}), **own)
        yield _rule(next(number), PolicyScope.TENANT, "max_tokens_out", 1_000, condition=OFFICE, **own)
        for user in range(USERS_EACH):
            about = {**own, "scope_id": f"u_{tenant}_{user}"}
            yield _rule(next(number), PolicyScope.USER, "max_tokens_out", 8_000, overrides=True, **about)
            yield _rule(next(number), PolicyScope.USER, "requests_per_minute", 60, **about)


def _row(table: Table, *values: object) -> dict[str, object]:
    """A row with these values in its columns, made now."""
    now = to_micros(NOW)
    return dict(zip((column.name for column in table.columns), (*values, now, now), strict=True))


def populate(keys: dict[str, str]) -> Iterator[Rows]:
    """The rows of all tables; notes each user's key."""
    now = to_micros(NOW)
    access = ModelAccess(any_class=True)
    tasks = tuple(PlanTask(task, access) for task in TASKS)
    plans = [Plan(plan_id, plan_id, tasks=tasks, general_access=access) for plan_id in PLAN_IDS]
    yield insert(PLANS), (PLAN.row(plan, now, now) for plan in plans)
    tenants = [(f"t_{number}", PLAN_IDS[number % len(PLAN_IDS)]) for number in range(TENANTS_MADE)]
    yield (
        insert(ACCESS_TOKENS),
        (
            _row(
                ACCESS_TOKENS,
                PLATFORM_TENANT,
                f"at_{tenant_id}",
                "x",
                plan_id,
                tenant_id,
                tenant_id.encode(),
                *_FOREVER,
            )
            for tenant_id, plan_id in tenants
        ),
    )
    yield (
        insert(TENANTS),
        (_row(TENANTS, tenant_id, "x", "active", f"at_{tenant_id}", "") for tenant_id, _ in tenants),
    )
    users = [(f"t_{tenant}", f"u_{tenant}_{user}") for tenant in range(TENANTS_MADE) for user in range(USERS_EACH)]
    yield (
        insert(USERS),
        (_row(USERS, tenant_id, user_id, "x", "", "person", '["user"]', "active") for tenant_id, user_id in users),
    )
    tokens = {user_id: mint(new_id("pmk")) for _, user_id in users}
    keys.update({user_id: token.reveal() for user_id, token in tokens.items()})
    yield (
        insert(API_KEYS),
        (
            _row(
                API_KEYS,
                tenant_id,
                f"key_{user_id}",
                "x",
                user_id,
                "",
                "[]",
                DIGESTS.of(tokens[user_id]),
                *_FOREVER,
                "",
            )
            for tenant_id, user_id in users
        ),
    )
    yield insert(POLICY_RULES), (rule_row(rule, 1) for rule in rules())


async def fill(storage: Storage) -> dict[str, str]:
    """Writes everything; returns each user's key."""
    keys: dict[str, str] = {}
    for statement, rows in populate(keys):

        def write(execute: Execute, statement: Insert = statement, rows: Iterable[Mapping[str, object]] = rows) -> None:
            for row in rows:
                execute(statement, row)

        await storage._control.control(write)  # noqa: SLF001  # a bench fills tables that no store fills so fast
    return keys


async def timed(name: str, works: Iterable[Callable[[], Awaitable[object]]]) -> Figure:
    """Times each of the works, one after the other."""
    figure = Figure(name, [], [])
    for work in works:
        begin, used = time.perf_counter_ns(), time.thread_time_ns()
        await work()
        figure.times_us.append((time.perf_counter_ns() - begin) / 1_000)
        figure.cpu_us.append((time.thread_time_ns() - used) / 1_000)
    return figure


def quantile(values: list[float], share: float) -> float:
    """What the share of all are at the most."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def measure(storage: Storage, keys: dict[str, str]) -> list[Figure]:
    """Measures the first and the later calls of all users."""
    authenticate = Authenticator(storage.credentials, DIGESTS, SystemClock())
    engine = PolicyEngine(ServerLimits(1_000, 10_000, max_attempts=4, allow_fallback=True))
    keeper = PolicyKeeper(storage.policy, engine)
    picked = random.Random(5)
    facts = [replace(CALL, task_code=task) for task in ("", *TASKS)]
    presented = [Presented(authorization=(f"Bearer {key}",)) for key in keys.values()]

    async def one(who: Presented, call: Facts) -> None:
        principal = await authenticate(who)
        await keeper.at_least(0)
        verdict = engine.evaluate(principal, call, datetime.now(UTC))
        assert not verdict.refusals
        assert verdict.max_output_tokens == 4_000, "the plan's, since the user's own displaces the tenant's alone"

    def asks(count: int) -> Iterator[Callable[[], Awaitable[object]]]:
        for _ in range(count):
            who, call = picked.choice(presented), picked.choice(facts)
            yield lambda who=who, call=call: one(who, call)  # type: ignore[misc]  # mypy cannot infer defaults

    loading = await timed("load all rules and plans", [keeper.load])
    first = await timed("a user's first call", ([lambda who=who: one(who, facts[0]) for who in presented]))  # type: ignore[misc]  # as above
    again = await timed("load them again, none changed", [keeper.load] * 5)
    swapped = await timed(
        "a user's first call under new rules",
        ([lambda who=who: one(who, facts[0]) for who in presented]),  # type: ignore[misc]  # as above
    )
    later = await timed("calls of random users and tasks", asks(CALLS))
    return [later, swapped, first, loading, again]


def page(figures: Iterable[Figure]) -> str:
    """The results as a page."""
    made = f"{TENANTS_MADE:,} tenants on {len(PLAN_IDS)} plans, {TENANTS_MADE * USERS_EACH:,} users with a key each"
    where = f"{platform.machine()}, Python {platform.python_version()}"
    lines = [
        "# Authentication and policy",
        "",
        "Made by `python -m bench.policy --write`: what every call passes before anything is planned, in the server.",
        f"{made}, {sum(1 for _ in rules()):,} rules; SQLite; one call after the other; {where}.",
        f"The bar for calls is {BAR_US / 1_000:g} ms at p99.",
        "CPU is that of the server's own thread: where others use the machine, it tells what the time does not.",
        "A user's first call reads its credential from the store; so do one a minute and the first after a revocation.",
        "",
        "| what | times | time p50 | p99 | CPU p50 | p99 |",
        "|---|---|---|---|---|---|",
    ]
    for figure in figures:
        told = (quantile(each, share) for each in (figure.times_us, figure.cpu_us) for share in (0.5, 0.99))
        lines.append(f"| {figure.name} | {len(figure.times_us):,} | " + " | ".join(map(_told, told)) + " |")
    return "\n".join(lines) + "\n"


def _told(microseconds: float) -> str:
    return f"{microseconds:.0f} µs" if microseconds < 10_000 else f"{microseconds / 1_000:.0f} ms"


async def run() -> list[Figure]:
    """Fills a database and measures."""
    with tempfile.TemporaryDirectory() as directory:
        async with await Storage.open(Path(directory) / "p.db", new_id=new_id) as storage:
            return await measure(storage, await fill(storage))


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write results/{RESULTS.name} too")
    options = parser.parse_args()
    text = page(asyncio.run(run()))
    print(text)
    if options.write:
        RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

"""Meters: counters with a limit, and the words in which the ledger speaks of them.

The invariants, which ``book.Book`` keeps and every test of it checks:

1. No admission makes ``posted + reserved`` of a window, or the slots in use, exceed the limit then in force. Lowering
   a limit or freezing a meter refuses what comes next and cuts nothing. ``posted`` passes a limit only by an overrun:
   a line that posted more than it held, because the provider billed more than the bound that it was given.
2. Each line of a reservation ends once: what it held is given back, and what was used is posted in the bucket that
   admitted it, whatever the time of its end.
3. A refusal changes nothing, and what is held on several meters is held on all of them or on none.
4. A counter equals the sum over its lines: reserved over the open ones, posted over the ended ones. Rates are state,
   not sums: they let through at most the limit at once and the limit in a period after that.
5. The time of a meter never goes back, whatever the store's clock does: what it counted stays counted for as long as
   its window says, and a rate refills once for each second.
6. Amounts are integers, never negative. A model without a price cannot be held on a meter of money: it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pointsman_server.ledger.windows import EPOCH, MeterKind, bounds

MAX_AMOUNT = 2**63 - 1
"""The largest amount that can be stored; larger sums are kept as this."""


class Unit(StrEnum):
    """What a meter counts. Money is nano-dollars; input and output tokens are those of every class of theirs, cache
    writes those of both lifetimes.
    """

    NANOS = "nanos"
    TOKENS = "tokens"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    REQUESTS = "requests"
    CACHE_READ_TOKENS = "cache_read_tokens"
    CACHE_WRITE_TOKENS = "cache_write_tokens"
    INPUT_AUDIO_TOKENS = "input_audio_tokens"
    REASONING_TOKENS = "reasoning_tokens"
    OUTPUT_AUDIO_TOKENS = "output_audio_tokens"


class NamedUnit(StrEnum):
    """What else a meter counts, by its name: what a call itself says that it brings. Nothing else can be limited, so
    that a limit on a misspelt name is refused; a service that charges a further one adds it here.
    """

    IMAGES = "images"
    DOCUMENTS = "documents"
    AUDIO_CLIPS = "audio_clips"


UNITS: Mapping[str, Unit | NamedUnit] = {each.value: each for each in (*Unit, *NamedUnit)}
"""Every unit by the name under which it is stored and told."""


class Scope(StrEnum):
    """Whose use a meter counts. The platform owns those of all tenants together and of providers."""

    GLOBAL = "global"
    TENANT = "tenant"
    PROJECT = "project"
    USER = "user"
    AGENT = "agent"
    PROVIDER = "provider"
    POLICY = "policy"
    """Whatever a plan or a rule says: the id names whose use it is."""


BUDGET = "budget"
"""The source of a meter that people made."""

PLATFORM_SCOPES = frozenset({Scope.GLOBAL, Scope.PROVIDER})


class MeterKey(NamedTuple):
    """Names a meter; the tenant is its owner."""

    tenant_id: str
    meter_id: str


class ScopeKey(NamedTuple):
    """Names whose use is counted; ``scope_id`` is empty for a whole tenant and for all tenants."""

    tenant_id: str
    scope: Scope
    scope_id: str


class CounterKey(NamedTuple):
    """Names a counter: a meter's, for the span of time that begins with the bucket."""

    tenant_id: str
    meter_id: str
    bucket: int


@dataclass(frozen=True, slots=True)
class Meter:
    """A limit on what is used at a scope.

    Attributes:
        period_s: how long a rolling window or a rate's period is; 0 for the other kinds.
        limit: in the unit; at most so much in one window, in a rate's period, or in use at once.
        frozen: whether nothing more is admitted, whatever is left.
        source: ``BUDGET``, or what sets the limit: ``plan:PRO``, ``rule:pol_1``.
    """

    key: MeterKey
    name: str
    scope: Scope
    scope_id: str
    unit: Unit | NamedUnit
    kind: MeterKind
    period_s: int
    limit: int
    frozen: bool = False
    source: str = BUDGET

    @property
    def scope_key(self) -> ScopeKey:
        """Whose use it counts."""
        return ScopeKey(self.key.tenant_id, self.scope, self.scope_id)

    @property
    def of_call(self) -> bool:
        """Whether it counts a call once, however many attempts that takes.

        Money and tokens are each attempt's own; a provider gets the request, and all that it brings, with each attempt.
        """
        return self.counts_calls and self.scope is not Scope.PROVIDER

    @property
    def of_policy(self) -> bool:
        """Whether a plan or a rule sets it: each call brings the limit that holds for it."""
        return self.scope is Scope.POLICY

    @property
    def counts_calls(self) -> bool:
        """Whether it counts calls or what they bring, which no usage entry tells."""
        return self.unit is Unit.REQUESTS or isinstance(self.unit, NamedUnit)

    def window(self, now: datetime) -> tuple[datetime, datetime] | None:
        """When its window began, and when that next lets go of something; ``None``: it has no window."""
        return bounds(self.kind, self.period_s, now)


@dataclass(slots=True)
class Counter:
    """What a meter holds in one bucket.

    Attributes:
        arrival_nanos: a rate's theoretical arrival time, since 1970.
        decided_at: the latest time at which it changed. It says when, not what, and counts in no comparison.
    """

    posted: int = 0
    reserved: int = 0
    arrival_nanos: int = 0
    decided_at: datetime = field(default=EPOCH, compare=False)


class Line(NamedTuple):
    """What one reservation holds on one meter.

    Attributes:
        bucket: the bucket that admitted it.
        span_nanos: what the amount held of a rate's time, at the limit then in force; 0 for the other kinds.
        posted: what was used in the end; ``None``: it is open.
    """

    tenant_id: str
    meter_id: str
    bucket: int
    amount: int
    span_nanos: int = 0
    posted: int | None = None

    @property
    def meter(self) -> MeterKey:
        """The meter."""
        return MeterKey(self.tenant_id, self.meter_id)

    @property
    def counter(self) -> CounterKey:
        """The counter."""
        return CounterKey(self.tenant_id, self.meter_id, self.bucket)


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left on a meter at one moment; ``remaining`` is never negative."""

    meter: Meter
    posted: int
    reserved: int
    remaining: int


class Cause(StrEnum):
    """Why a meter admits nothing."""

    FULL = "full"
    FROZEN = "frozen"
    NO_PRICE = "no_price"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What kept one alternative out.

    Attributes:
        needed: what it would have held; 0 where that is not known.
        wait: when the meter next lets go of something by itself; ``None``: never, or not known.
    """

    model_id: str
    balance: Balance
    cause: Cause
    needed: int
    wait: timedelta | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """No alternative fits: what kept out each, in their order."""

    hindrances: tuple[Hindrance, ...]

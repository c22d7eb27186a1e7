"""What the ledger holds: reservations and usage entries."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pointsman.v1.decision_pb2 import Decision, DecisionOutcome
from pointsman.v1.usage_pb2 import TokenUsage, UsageFlag

from pointsman_server.catalog.model import Prices
from pointsman_server.ledger.claims import ClaimEnd
from pointsman_server.ledger.generations import Generations
from pointsman_server.ledger.meters import Line, Meter, NamedUnit


class AttemptOutcome(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Charge:
    """Who is charged for a completion, and how reports split it. ``tenant_id`` leads every stored key."""

    tenant_id: str
    user_id: str
    completion_id: str
    decision_id: str
    project_id: str = ""
    agent_id: str = ""
    run_id: str = ""
    purpose: str = ""
    task_code: str = ""
    task_type: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clamp:
    """How far the output cap may be lowered to fit, and the prices that say what that saves."""

    min_output_tokens: int
    prices: Prices | None


@dataclass(frozen=True, slots=True)
class ReserveRequest:
    """Asks for room for one attempt.

    Attributes:
        attempt: its number in the completion, from 1.
        worst_case_cost_nanos: the most that it can cost; ``None``: the model has no known price.
        input_tokens_bound: the most input tokens that it can use, of all classes together.
        max_output_tokens: the output cap that will be enforced.
        clamp: ``None``: the cap stays as it is.
        input_tokens_estimate: what rates of tokens hold for the input; ``None``: its bound.
        generations: what it was planned under; ``None``: under nothing that changes.
        named_units: the most that it uses of each; of what is missing none.
        policy_meters: the limits that plans and rules set for the call. That they exist, and what their limits are, is
            the request's word; their keys are the store's to give. Alternatives for one attempt have the same.
    """

    charge: Charge
    attempt: int
    provider_id: str
    model_id: str
    worst_case_cost_nanos: int | None
    input_tokens_bound: int = 0
    max_output_tokens: int = 0
    clamp: Clamp | None = None
    input_tokens_estimate: int | None = None
    generations: Generations | None = None
    named_units: Mapping[NamedUnit, int] = field(default_factory=dict)
    policy_meters: tuple[Meter, ...] = ()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What an attempt that runs has used so far, at the most.

    Attributes:
        cost_nanos: ``None``: the model has no known price.
    """

    at: datetime
    input_tokens: int
    output_tokens: int
    cost_nanos: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What becomes a checkpoint of a reservation."""

    tenant_id: str
    reservation_id: str
    input_tokens: int
    output_tokens: int
    cost_nanos: int | None


@dataclass(frozen=True, slots=True)
class Reservation:
    """Room held for one attempt; ends exactly once, by settle or void.

    Attributes:
        created_at: the store's time at the admission; until then, when its server asked.
        lines: what it holds on each meter that applies.
        replica_id: the server whose attempt it is.
        expires_at: when it is unknown at the latest, since no attempt takes so long; ``None``: never.
        checkpoint: the last one; ``None``: there is none yet.
    """

    reservation_id: str
    request: ReserveRequest
    created_at: datetime
    lines: tuple[Line, ...] = ()
    replica_id: str = ""
    expires_at: datetime | None = None
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Who makes reservations.

    Attributes:
        largest_life: how long one may last; ``None``: for ever.
    """

    replica_id: str = ""
    largest_life: timedelta | None = None

    def expiry(self, created_at: datetime) -> datetime | None:
        """When what was made then expires."""
        return None if self.largest_life is None else created_at + self.largest_life


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an attempt that may have reached a provider used and cost.

    Attributes:
        failure_kind: the name of the ``FailureKind`` in lower case without prefix; empty: none.
        cost_nanos: ``None``: the model has no known price, which is not zero.
        usage: ``usage.estimated`` says whether Pointsman counted.
        time_to_first_token_ms: ``None``: no token came.
        at_ceiling: whether the cost is at a ceiling price, since nobody knows the model's real ones.
        usage_flags: what was odd about the provider's count.
        named_units: what it used of each; of what is missing all that was held.
    """

    outcome: AttemptOutcome
    failure_kind: str
    usage: TokenUsage
    cost_nanos: int | None
    latency_ms: int
    time_to_first_token_ms: int | None
    at_ceiling: bool = False
    usage_flags: tuple[UsageFlag.ValueType, ...] = ()
    named_units: Mapping[NamedUnit, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    """A decision to be stored, with the principal that it belongs to."""

    tenant_id: str
    user_id: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class OutcomeEntry:
    """What became of a stored decision, and with it of the claim on the call's request id, if it has one."""

    tenant_id: str
    decision_id: str
    outcome: DecisionOutcome
    claim_end: ClaimEnd | None = None


def flag_names(flags: Iterable[UsageFlag.ValueType]) -> Iterator[str]:
    """The flags as records write them, such as ``too_low``."""
    return (UsageFlag.Name(flag).removeprefix("USAGE_FLAG_").lower() for flag in flags)

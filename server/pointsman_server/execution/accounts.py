"""What an attempt used and cost, from what is known of it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pointsman.v1.completion_pb2 import FAILURE_KIND_UNSPECIFIED, FailureKind
from pointsman.v1.model_pb2 import CAPABILITY_REASONING
from pointsman.v1.usage_pb2 import (
    USAGE_FLAG_IMPLAUSIBLE,
    USAGE_FLAG_MISSING,
    USAGE_FLAG_OVERRUN,
    USAGE_FLAG_TOO_LOW,
    TokenUsage,
    UsageFlag,
)

from pointsman_server.execution.attempts import Tally
from pointsman_server.execution.reading_on import bills_on
from pointsman_server.execution.reported import input_total, output_total
from pointsman_server.ledger.ledger import MAX_COST_NANOS
from pointsman_server.ledger.model import AttemptOutcome, Progress, Reservation, Settlement
from pointsman_server.ledger.money import cost_nanos
from pointsman_server.router.model import Candidate

IMPLAUSIBLE_FACTOR = 16
"""How many times a bound a provider's count may be. Images may cost some ten times what their bound assumes."""

LONGEST_TOKEN_BYTES = 64
"""More than any vocabulary's tokens have over a whole answer: what would need longer ones was not counted."""

ON_ITS_WAY_TOKENS = 32
"""What a provider may have put out, and we not yet read, when we hang up."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What is booked of an attempt, and what was odd about the provider's count."""

    usage: TokenUsage
    flags: tuple[UsageFlag.ValueType, ...] = ()


def booked(tally: Tally, candidate: Candidate) -> Booked:
    """The provider's own count where it gave a plausible one; nothing where it refused; else a safe bound, marked
    estimated.

    The bound takes the provider's count of the input, or else the input's bound, and a token for each byte of output
    that the provider had not counted, since no tokenizer makes more tokens than bytes. A model that thinks unseen is
    booked with its whole output cap, and so is an answer that we cut off though its provider bills it whole. So an
    attempt is never booked below what the provider may bill.
    """
    if tally.refused or not tally.dispatched:
        return Booked(TokenUsage())
    flags = tally.reported.flags | _judgement(tally, candidate)
    usage, stated = TokenUsage(), tally.reported.usage
    if stated is not None and USAGE_FLAG_IMPLAUSIBLE not in flags:
        usage.CopyFrom(stated)
    if not input_total(usage):
        usage.input_tokens = candidate.input_tokens_bound
        usage.estimated = True
    if USAGE_FLAG_IMPLAUSIBLE in flags or not _is_final(tally):
        usage.output_tokens = _bounded_output(usage, tally, candidate)
        usage.estimated = True
    return Booked(usage, tuple(sorted(flags)))


def _judgement(tally: Tally, candidate: Candidate) -> AbstractSet[UsageFlag.ValueType]:
    """Whether the count can be true: within the attempt's bounds, or near them, and enough for what came.

    A count above a bound is an overrun, to be booked and seen; one that is many times above it is rubbish, and booking
    it would empty every budget.
    """
    stated, whole = tally.reported.usage or TokenUsage(), tally.reported.whole
    used = (input_total(stated), output_total(stated))
    bounds = (candidate.input_tokens_bound, candidate.max_output_tokens)
    if any(amount > IMPLAUSIBLE_FACTOR * bound for amount, bound in zip(used, bounds, strict=True)):
        return {USAGE_FLAG_IMPLAUSIBLE}
    flags = set()
    if any(amount > bound for amount, bound in zip(used, bounds, strict=True)):
        flags.add(USAGE_FLAG_OVERRUN)
    if whole and (not used[0] or _is_too_little(stated, tally)):
        flags.add(USAGE_FLAG_TOO_LOW)
    if not whole and tally.finish_reason and not tally.hung_up:
        flags.add(USAGE_FLAG_MISSING)
    return flags


def _is_too_little(stated: TokenUsage, tally: Tally) -> bool:
    """Whether the output that was counted, where it was, cannot be all that came: by then, or at all once it ended."""
    reported = tally.reported
    counted_bytes = tally.output_bytes if tally.finish_reason else reported.output_bytes
    return reported.whole and output_total(stated) * LONGEST_TOKEN_BYTES < counted_bytes


def _is_final(tally: Tally) -> bool:
    """Whether the whole output is counted, or all that there was of an answer that broke."""
    reported = tally.reported
    if reported.usage is None or not reported.whole or _is_too_little(reported.usage, tally):
        return False
    return bool(tally.finish_reason) or (not tally.hung_up and tally.output_bytes == reported.output_bytes)


def _bounded_output(usage: TokenUsage, tally: Tally, candidate: Candidate) -> int:
    """The output at most: what was counted so far, and a token for each byte since, up to the cap."""
    cap = max(0, candidate.max_output_tokens - usage.reasoning_tokens - usage.output_audio_tokens)
    so_far = tally.output_bytes
    if output_total(usage) and not _is_too_little(usage, tally):
        so_far += usage.output_tokens - tally.reported.output_bytes
    if tally.hung_up:
        so_far += ON_ITS_WAY_TOKENS
    return max(usage.output_tokens, cap if _may_be_the_cap(tally, candidate) else min(cap, so_far))


def _may_be_the_cap(tally: Tally, candidate: Candidate) -> bool:
    """Whether what came says nothing of what is billed."""
    if tally.hung_up and bills_on(candidate):
        return True
    reasoning_shown = tally.reasoning_seen and not tally.reasoning_summarised
    return CAPABILITY_REASONING in candidate.model.capabilities and not reasoning_shown


def settlement(
    tally: Tally,
    candidate: Candidate,
    outcome: AttemptOutcome,
    kind: FailureKind.ValueType,
    *,
    ended_monotonic: float,
) -> Settlement:
    """What is booked for an attempt."""
    found = booked(tally, candidate)
    billed = tally.dispatched and not tally.refused
    return Settlement(
        outcome=outcome,
        failure_kind=kind_name(kind),
        usage=found.usage,
        cost_nanos=_cost_nanos(candidate, found.usage, billed=billed),
        latency_ms=_ms(ended_monotonic - tally.started_at),
        time_to_first_token_ms=None if tally.first_token_at is None else _ms(tally.first_token_at - tally.started_at),
        at_ceiling=billed and candidate.at_ceiling,
        usage_flags=found.flags,
    )


def progress(reservation: Reservation, tally: Tally, candidate: Candidate) -> Progress:
    """What would be booked for an attempt if it broke off now."""
    usage = booked(tally, candidate).usage
    return Progress(
        tenant_id=reservation.request.charge.tenant_id,
        reservation_id=reservation.reservation_id,
        input_tokens=input_total(usage),
        output_tokens=output_total(usage),
        cost_nanos=_cost_nanos(candidate, usage, billed=True),
    )


def _cost_nanos(candidate: Candidate, usage: TokenUsage, *, billed: bool) -> int | None:
    """The exact cost; an attempt that never arrived or was refused costs nothing, whatever the prices."""
    if not billed:
        return 0
    prices = candidate.model.prices
    return None if prices is None else min(cost_nanos(prices, usage), MAX_COST_NANOS)


def add(total: TokenUsage, usage: TokenUsage) -> None:
    """Adds ``usage`` to ``total``, class by class."""
    for descriptor, value in usage.ListFields():
        name = descriptor.name
        setattr(total, name, value if isinstance(value, bool) else getattr(total, name) + value)


def kind_name(kind: FailureKind.ValueType) -> str:
    """The kind as records write it, such as ``rate_limited``; empty for none."""
    if kind == FAILURE_KIND_UNSPECIFIED:
        return ""
    return FailureKind.Name(kind).removeprefix("FAILURE_KIND_").lower()


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

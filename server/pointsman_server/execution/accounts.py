"""What an attempt used and cost, from what is known of it."""

from __future__ import annotations

from pointsman.v1.completion_pb2 import FAILURE_KIND_UNSPECIFIED, FailureKind
from pointsman.v1.model_pb2 import CAPABILITY_REASONING
from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.execution.attempts import Tally
from pointsman_server.execution.reading_on import bills_on
from pointsman_server.ledger.ledger import MAX_COST_NANOS
from pointsman_server.ledger.model import AttemptOutcome, Settlement
from pointsman_server.ledger.money import cost_nanos
from pointsman_server.router.model import Candidate

IMPLAUSIBLE_FACTOR = 16
"""How many times a bound a provider's count may be. Images may cost some ten times what their bound assumes."""

ON_ITS_WAY_TOKENS = 32
"""What a provider may have put out, and we not yet read, when we hang up."""


def usage_of(tally: Tally, candidate: Candidate) -> TokenUsage:
    """The provider's own count where it gave a plausible one; nothing where it refused; else a safe bound, marked
    estimated.

    The bound takes the provider's count of the input, or else the input's bound, and a token for each byte of output,
    since no tokenizer makes more tokens than bytes. A model that thinks unseen is booked with its whole output cap, and
    so is an answer that we cut off though its provider bills it whole. So an attempt is never booked below what the
    provider may bill.
    """
    if tally.refused or not tally.dispatched:
        return TokenUsage()
    stated = tally.usage if tally.usage is not None and is_plausible(tally.usage, tally, candidate) else None
    if stated is not None and tally.usage_is_whole and (tally.finish_reason or not tally.hung_up):
        return stated
    usage = TokenUsage(input_tokens=candidate.input_tokens_bound)
    if stated is not None:
        usage.CopyFrom(stated)
    beside = usage.reasoning_tokens + usage.output_audio_tokens
    most = max(0, candidate.max_output_tokens - beside)
    usage.output_tokens = most if _may_be_the_cap(tally, candidate) else min(most, _counted_output(tally, usage))
    usage.estimated = True
    return usage


def _may_be_the_cap(tally: Tally, candidate: Candidate) -> bool:
    """Whether what came says nothing of what is billed."""
    if tally.hung_up and bills_on(candidate):
        return True
    reasoning_shown = tally.reasoning_seen and not tally.reasoning_summarised
    return CAPABILITY_REASONING in candidate.model.capabilities and not reasoning_shown


def _counted_output(tally: Tally, stated: TokenUsage) -> int:
    """A token for each byte that came, or what the provider had counted so far, and what was on its way."""
    so_far = max(tally.output_bytes, stated.output_tokens)
    return so_far + ON_ITS_WAY_TOKENS if tally.hung_up else so_far


def is_plausible(usage: TokenUsage, tally: Tally, candidate: Candidate) -> bool:
    """Whether a provider's count can be true: near the attempt's bounds, and some output where some came.

    A count above a bound is an overrun, to be booked and seen; one that is many times above it is rubbish, and booking
    it would empty every budget.
    """
    stated_input = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    stated_input += usage.cache_write_long_tokens + usage.input_audio_tokens
    stated_output = usage.output_tokens + usage.reasoning_tokens + usage.output_audio_tokens
    if stated_input > IMPLAUSIBLE_FACTOR * candidate.input_tokens_bound:
        return False
    if stated_output > IMPLAUSIBLE_FACTOR * candidate.max_output_tokens:
        return False
    return stated_output > 0 or not tally.output_bytes or not tally.usage_is_whole


def settlement(
    tally: Tally,
    candidate: Candidate,
    outcome: AttemptOutcome,
    kind: FailureKind.ValueType,
    *,
    ended_monotonic: float,
) -> Settlement:
    """What is booked for an attempt."""
    usage = usage_of(tally, candidate)
    billed = tally.dispatched and not tally.refused
    return Settlement(
        outcome=outcome,
        failure_kind=kind_name(kind),
        usage=usage,
        cost_nanos=_cost_nanos(candidate, usage, billed=billed),
        latency_ms=_ms(ended_monotonic - tally.started_at),
        time_to_first_token_ms=None if tally.first_token_at is None else _ms(tally.first_token_at - tally.started_at),
        at_ceiling=billed and candidate.at_ceiling,
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

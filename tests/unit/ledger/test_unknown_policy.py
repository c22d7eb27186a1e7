"""What a policy books for a reservation that nobody resolves: never above what is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.ledger.model import AttemptOutcome, Checkpoint, Reservation
from pointsman_server.ledger.unknown import UnknownPolicy

from tests.conformance.builders import REQUEST, START

AMOUNTS = st.integers(0, 2**62)
HELD = replace(REQUEST, input_tokens_bound=1_000, max_output_tokens=500, worst_case_cost_nanos=9_000)
POLICY = UnknownPolicy(timedelta(hours=24), margin_percent=20)


def unknown(checkpoint: Checkpoint | None, **held: int | None) -> Reservation:
    return Reservation("rsv_1", replace(HELD, **held), START, checkpoint=checkpoint)


def usage(input_tokens: int, output_tokens: int) -> TokenUsage:
    return TokenUsage(input_tokens=input_tokens, output_tokens=output_tokens, estimated=True)


def test_without_a_checkpoint_all_that_is_held_is_booked() -> None:
    booked = POLICY.settlement(unknown(None))
    assert (booked.usage, booked.cost_nanos) == (usage(1_000, 500), 9_000)
    assert (booked.outcome, booked.failure_kind) == (AttemptOutcome.FAILED, "unknown")


def test_the_margin_is_added_and_rounded_up() -> None:
    booked = POLICY.settlement(unknown(Checkpoint(START, 11, 3, 1_001)))
    assert (booked.usage, booked.cost_nanos) == (usage(14, 4), 1_202)


@pytest.mark.parametrize(("worst", "last"), [(None, None), (None, 5), (9_000, None)])
def test_without_a_price_the_cost_is_what_is_held(worst: int | None, last: int | None) -> None:
    booked = POLICY.settlement(unknown(Checkpoint(START, 11, 3, last), worst_case_cost_nanos=worst))
    assert booked.cost_nanos == worst


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.integers(0, 1_000))
def test_it_is_never_above_what_is_held_and_never_below_the_checkpoint(
    held: int, tokens: int, cost_nanos: int, margin_percent: int
) -> None:
    policy = UnknownPolicy(timedelta(), margin_percent)
    bounds = {"input_tokens_bound": held, "max_output_tokens": held, "worst_case_cost_nanos": held}
    booked = policy.settlement(unknown(Checkpoint(START, tokens, tokens, cost_nanos), **bounds))
    assert min(held, cost_nanos) <= (booked.cost_nanos or 0) <= held
    for amount in (booked.usage.input_tokens, booked.usage.output_tokens):
        assert min(held, tokens) <= amount <= held

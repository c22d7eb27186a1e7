"""What an attempt is booked with, from what is known of it."""

from dataclasses import replace

import pytest
from pointsman.v1.model_pb2 import Capability
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.catalog.model import Model, Provider
from pointsman_server.execution.accounts import usage_of
from pointsman_server.execution.attempts import Tally
from pointsman_server.router.model import Candidate

PLAIN = Model("p/m", "p", "m", "m", "M")
THINKER = replace(PLAIN, capabilities=frozenset({Capability.CAPABILITY_REASONING}))
INPUT = TokenUsage(input_tokens=10, cache_read_tokens=90)


def candidate(model: Model) -> Candidate:
    return Candidate(
        model,
        Provider("p", "P", "openai", "https://p"),
        score=0.0,
        terms=(),
        probability=1.0,
        max_output_tokens=1_000,
        input_tokens_bound=500,
        expected_cost_nanos=None,
        worst_case_cost_nanos=None,
    )


def tally(**known: object) -> Tally:
    made = Tally(started_at=0.0, dispatched=True)
    for name, value in known.items():
        setattr(made, name, value)
    return made


def test_a_whole_count_of_the_provider_is_booked_as_it_is() -> None:
    usage = TokenUsage(input_tokens=3, output_tokens=4)
    assert usage_of(tally(usage=usage, usage_is_whole=True, output_bytes=99), candidate(PLAIN)) == usage


def test_without_a_count_the_bounds_are_booked() -> None:
    expected = TokenUsage(input_tokens=500, output_tokens=40, estimated=True)
    assert usage_of(tally(output_bytes=40), candidate(PLAIN)) == expected


def test_a_count_of_the_input_alone_is_kept_and_the_output_bounded() -> None:
    expected = TokenUsage(input_tokens=10, cache_read_tokens=90, output_tokens=40, estimated=True)
    assert usage_of(tally(usage=INPUT, output_bytes=40), candidate(PLAIN)) == expected
    assert INPUT.output_tokens == 0


@pytest.mark.parametrize(
    ("seen", "summarised", "output_tokens"),
    [(False, False, 1_000), (True, False, 40), (True, True, 1_000), (False, True, 1_000)],
)
def test_thoughts_that_are_not_shown_whole_cost_the_whole_cap(
    *, seen: bool, summarised: bool, output_tokens: int
) -> None:
    known = tally(usage=INPUT, output_bytes=40, reasoning_seen=seen, reasoning_summarised=summarised)
    assert usage_of(known, candidate(THINKER)).output_tokens == output_tokens


def test_what_was_refused_or_never_sent_is_not_booked() -> None:
    assert usage_of(tally(refused=True, output_bytes=40), candidate(PLAIN)) == TokenUsage()
    assert usage_of(tally(dispatched=False), candidate(PLAIN)) == TokenUsage()

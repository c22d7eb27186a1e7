"""What an attempt is booked with, from what is known of it."""

from dataclasses import replace

import pytest
from pointsman.v1.completion_pb2 import FINISH_REASON_STOP
from pointsman.v1.model_pb2 import Capability
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.catalog.model import Model, OnCancel, Provider
from pointsman_server.execution.accounts import ON_ITS_WAY_TOKENS, Booked, booked
from pointsman_server.execution.attempts import Tally
from pointsman_server.execution.reported import Reported
from pointsman_server.ledger.model import flag_names
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


def tally(usage: TokenUsage | None = None, *, whole: bool = False, counted_bytes: int = 0, **known: object) -> Tally:
    reported = Reported(usage, whole=whole, output_bytes=counted_bytes)
    made = Tally(started_at=0.0, dispatched=True, reported=reported)
    for name, value in known.items():
        setattr(made, name, value)
    return made


def names(found: Booked) -> list[str]:
    return list(flag_names(found.flags))


def test_a_whole_count_of_the_provider_is_booked_as_it_is() -> None:
    usage = TokenUsage(input_tokens=3, output_tokens=4)
    known = tally(usage, whole=True, output_bytes=99, counted_bytes=99, finish_reason=FINISH_REASON_STOP)
    assert booked(known, candidate(PLAIN)) == Booked(usage)


def test_without_a_count_the_bounds_are_booked() -> None:
    expected = TokenUsage(input_tokens=500, output_tokens=40, estimated=True)
    assert booked(tally(output_bytes=40), candidate(PLAIN)) == Booked(expected)


def test_a_whole_answer_without_a_count_is_flagged() -> None:
    found = booked(tally(INPUT, output_bytes=40, finish_reason=FINISH_REASON_STOP), candidate(PLAIN))
    assert names(found) == ["missing"]
    assert found.usage.output_tokens == 40


def test_a_count_of_the_input_alone_is_kept_and_the_output_bounded() -> None:
    expected = TokenUsage(input_tokens=10, cache_read_tokens=90, output_tokens=40, estimated=True)
    assert booked(tally(INPUT, output_bytes=40), candidate(PLAIN)).usage == expected
    assert INPUT.output_tokens == 0


def test_what_came_after_the_last_count_is_added_by_its_bytes() -> None:
    usage = TokenUsage(input_tokens=3, output_tokens=10)
    found = booked(tally(usage, whole=True, counted_bytes=40, output_bytes=45), candidate(PLAIN))
    assert found.usage == TokenUsage(input_tokens=3, output_tokens=15, estimated=True)


@pytest.mark.parametrize(("on_cancel", "output_tokens"), [(OnCancel.ABORT, 40 + ON_ITS_WAY_TOKENS), (None, 1_000)])
def test_an_answer_that_we_cut_off_is_booked_by_what_its_provider_bills(
    on_cancel: OnCancel | None, output_tokens: int
) -> None:
    asked = candidate(PLAIN)
    asked = replace(asked, provider=replace(asked.provider, on_cancel=on_cancel))
    assert booked(tally(INPUT, output_bytes=40, hung_up=True), asked).usage.output_tokens == output_tokens


def test_an_answer_that_we_cut_off_after_its_last_count_is_booked_as_counted() -> None:
    usage = TokenUsage(input_tokens=3, output_tokens=4)
    known = tally(usage, whole=True, finish_reason=FINISH_REASON_STOP, hung_up=True)
    assert booked(known, candidate(PLAIN)) == Booked(usage)


@pytest.mark.parametrize(
    ("stated", "flags", "expected"),
    [
        ((0, 4), ["too_low"], (500, 4, True)),
        ((3, 0), ["too_low"], (3, 99, True)),
        ((3, 1), ["too_low"], (3, 99, True)),
        ((3, 2), [], (3, 2, False)),
        ((500, 1_000), [], (500, 1_000, False)),
        ((501, 4), ["overrun"], (501, 4, False)),
        ((3, 1_001), ["overrun"], (3, 1_001, False)),
        ((8_000, 16_000), ["overrun"], (8_000, 16_000, False)),
        ((8_001, 4), ["implausible"], (500, 99, True)),
        ((3, 16_001), ["implausible"], (500, 99, True)),
    ],
)
def test_a_count_is_judged_by_the_bounds_and_by_what_came(
    stated: tuple[int, int], flags: list[str], expected: tuple[int, int, bool]
) -> None:
    usage = TokenUsage(input_tokens=stated[0], output_tokens=stated[1])
    known = tally(usage, whole=True, output_bytes=99, counted_bytes=99, finish_reason=FINISH_REASON_STOP)
    found = booked(known, candidate(PLAIN))
    assert names(found) == flags
    assert (found.usage.input_tokens, found.usage.output_tokens, found.usage.estimated) == expected


@pytest.mark.parametrize(
    ("seen", "summarised", "output_tokens"),
    [(False, False, 1_000), (True, False, 40), (True, True, 1_000), (False, True, 1_000)],
)
def test_thoughts_that_are_not_shown_whole_cost_the_whole_cap(
    *, seen: bool, summarised: bool, output_tokens: int
) -> None:
    known = tally(INPUT, output_bytes=40, reasoning_seen=seen, reasoning_summarised=summarised)
    assert booked(known, candidate(THINKER)).usage.output_tokens == output_tokens


def test_what_was_refused_or_never_sent_is_not_booked() -> None:
    assert booked(tally(refused=True, output_bytes=40), candidate(PLAIN)) == Booked(TokenUsage())
    assert booked(tally(dispatched=False), candidate(PLAIN)) == Booked(TokenUsage())

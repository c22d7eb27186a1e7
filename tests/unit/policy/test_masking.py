from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pointsman_server.policy.checks.masking import LONGEST_TRAIL, Masker, NotWanted, ReadyCheck, mask, masked
from pointsman_server.policy.checks.model import CheckOrder, Found, Refused
from pointsman_server.policy.checks.table import CHECKS, loaded
from pointsman_server.policy.rule import Action

from tests.unit.policy.planted import PLANTED, plain

WINDOW, STEP = 256, 64


def ready(action: Action, *kinds: str) -> list[ReadyCheck]:
    checks = []
    for name in ("check_personal_data", "check_secrets"):
        check = loaded(name)
        assert check is not None
        actions = {kind: action for kind in sorted(CHECKS[name].kinds) if not kinds or kind in kinds}
        checks.append(ReadyCheck(CheckOrder(name, actions), check))
    return checks


MASKING, WARNING, REFUSING = ready(Action.MASK), ready(Action.WARN), ready(Action.REFUSE)


def streamed(text: str, cuts: list[int], checks: list[ReadyCheck]) -> tuple[str, Counter[Found]]:
    counts = Counter[Found]()
    masker = Masker(checks, counts, window=WINDOW, step=STEP)
    ends = sorted({cut % (len(text) + 1) for cut in cuts} | {len(text)})
    pieces = [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return "".join([*map(masker.feed, pieces), masker.close()]), counts


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text and what is planted in it."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    planted: list[str] = []
    words: list[str] = []
    for kind in draw(st.lists(st.sampled_from([*PLANTED, "", "", ""]), max_size=8)):
        if kind:
            planted.append(PLANTED[kind](rng))
        words.append(planted[-1] if kind else plain(rng))
    return draw(st.sampled_from([" ", "\n", ", ", "\nvalue: "])).join(words), planted


@given(texts(), st.lists(st.integers(0, 10_000), max_size=40))
@settings(max_examples=60, deadline=None)
def test_that_any_cut_gives_what_the_whole_gives(made: tuple[str, list[str]], cuts: list[int]) -> None:
    text, _ = made
    counts = Counter[Found]()
    whole = masked(text, MASKING, counts, step=32_768)
    assert streamed(text, cuts, MASKING) == (whole, counts)
    assert streamed(text, list(range(len(text))), MASKING) == (whole, counts)


@given(texts(), st.lists(st.integers(0, 10_000), max_size=40))
@settings(max_examples=60, deadline=None)
def test_that_nothing_planted_is_left(made: tuple[str, list[str]], cuts: list[int]) -> None:
    text, planted = made
    out, _ = streamed(text, cuts, MASKING)
    assert not [value for value in planted if value in out]


@given(texts())
@settings(max_examples=60, deadline=None)
def test_that_masks_are_idempotent(made: tuple[str, list[str]]) -> None:
    once = masked(made[0], MASKING, Counter(), step=32_768)
    counts = Counter[Found]()
    assert masked(once, MASKING, counts, step=32_768) == once
    assert not counts


@given(texts(), st.lists(st.integers(0, 10_000), max_size=40))
@settings(max_examples=60, deadline=None)
def test_that_warnings_change_nothing_and_count_the_same(made: tuple[str, list[str]], cuts: list[int]) -> None:
    text, _ = made
    counts = Counter[Found]()
    masked(text, MASKING, counts, step=32_768)
    out, warned = streamed(text, cuts, WARNING)
    assert out == text
    assert {(found.kind, count) for found, count in warned.items()} == {
        (found.kind, count) for found, count in counts.items()
    }


@pytest.mark.parametrize("kind", PLANTED)
def test_that_nothing_of_a_finding_leaves_before_the_refusal(kind: str) -> None:
    for seed in range(5):
        rng = random.Random(seed)
        before = masked(" ".join(plain(rng) for _ in range(10)) + " ", MASKING, Counter(), step=32_768)
        value = PLANTED[kind](rng)
        text = before + value + " " + "and so on. " * 60
        if kind == "basic_auth":  # the password alone is found
            before += value[: value.rindex(":") + 1]
        masker = Masker(ready(Action.REFUSE, kind), Counter(), window=WINDOW, step=STEP)
        out: list[str] = []
        with pytest.raises(Refused) as refused:
            out.extend(map(masker.feed, text))
        assert before.startswith("".join(out))
        assert kind in refused.value.kinds
        assert text[len(before) : len(before) + 12] not in str(refused.value)


def test_that_at_most_the_window_and_a_step_are_held_back() -> None:
    masker = Masker(MASKING, Counter(), window=WINDOW, step=STEP)
    text = "Just words and nothing else. " * 200
    given_out = 0
    for at, character in enumerate(text, start=1):
        given_out += len(masker.feed(character))
        assert at - given_out < WINDOW + STEP
    assert given_out + len(masker.close()) == len(text)


def test_that_a_key_without_an_end_is_masked_as_far_as_keys_go_and_not_for_ever() -> None:
    text = "-----BEGIN PRIVATE KEY-----\n" + "A" * (2 * LONGEST_TRAIL)
    out, counts = streamed(text, list(range(0, len(text), 7)), MASKING)
    assert out.startswith(mask("private_key") + "A")
    assert set(out.removeprefix(mask("private_key"))) == {"A"}
    assert counts.total() == 1


def test_that_a_token_that_does_not_end_is_bounded() -> None:
    masker = Masker(MASKING, Counter(), window=WINDOW, step=STEP)
    for _ in range(2_000):
        masker.feed("ghp_" + "a" * 60)
    assert len(masker._text) <= LONGEST_TRAIL + STEP


def test_that_what_nobody_wants_is_not_looked_at_to_its_end() -> None:
    wanted = iter([True, True, False])
    looks = Counter[Found]()
    with pytest.raises(NotWanted):
        masked("joe@example.com " * 1_000, MASKING, looks, step=1_024, is_wanted=lambda: next(wanted))
    assert 0 < looks.total() <= 2 * 1_024 / len("joe@example.com ")


def test_that_refusal_names_all_kinds_of_the_check_that_stand_together() -> None:
    with pytest.raises(Refused) as refused:
        masked("joe@example.com and +49 30 901820", REFUSING, Counter(), step=32_768)
    assert refused.value.check == "check_personal_data"
    assert refused.value.kinds == ("email", "phone")

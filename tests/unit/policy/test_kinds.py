"""Each kind of rule: its form, its words, what it refuses, and what contradicts."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest
from pointsman_server.policy.checks import table
from pointsman_server.policy.hours import Hours
from pointsman_server.policy.rule import Action, ContentCheck, Direction
from pointsman_server.policy.rules.base import Form
from pointsman_server.policy.rules.metered import MeteredKind
from pointsman_server.policy.rules.table import KINDS
from pointsman_server.policy.situation import NothingKnown, Situation
from pointsman_server.router.model import Facts
from pointsman_server.router.tokens import TokenCount

from tests.unit.policy.rules import ANN, CALL, MONDAY_NOON

AMOUNTS = {
    "max_tokens_in": replace(CALL, input_tokens_expected=8),
    "max_request_bytes": replace(CALL, request_bytes=8),
    "max_messages": replace(CALL, message_count=8),
    "max_images": replace(CALL, image_count=8),
    "max_documents": replace(CALL, document_count=8),
    "max_tools": replace(CALL, tool_count=8),
    "max_api_calls": replace(CALL, amounts={"max_api_calls": 8}),
    "retrieval_top_k": replace(CALL, amounts={"retrieval_top_k": 8}),
    "diagram_files_per_req": replace(CALL, amounts={"diagram_files_per_req": 8}),
}


def _asked(key: str, limit: Any, call: Facts) -> str | None:
    return KINDS[key].refusal(limit, Situation(ANN, call, MONDAY_NOON, NothingKnown()))


@pytest.mark.parametrize("key", AMOUNTS)
def test_an_amount_refuses_what_is_above_it(key: str) -> None:
    assert KINDS[key].refuses
    assert _asked(key, 8, AMOUNTS[key]) is None
    message = _asked(key, 7, AMOUNTS[key])
    assert message is not None
    assert message.startswith(f"{key} is 7, and the call has 8 ")


def test_an_amount_that_no_call_states_refuses_nothing() -> None:
    assert _asked("retrieval_top_k", 0, CALL) is None
    assert _asked("max_request_bytes", 1, CALL) is None


def test_the_input_is_counted_exactly_where_a_vocabulary_is_at_hand() -> None:
    counted = replace(CALL, counted={"o200k": TokenCount(40, 40), "cl100k": TokenCount(50, 50)})
    assert _asked("max_tokens_in", 50, counted) is None
    assert _asked("max_tokens_in", 49, counted) is not None


def test_hours_refuse_outside_of_them_and_say_when() -> None:
    limit = (Hours(frozenset(), 0, 60), Hours(frozenset(), 0, 1440))
    message = _asked("allowed_hours", limit, CALL)
    assert message == "calls are let in every day 00:00-01:00 UTC, and it is Mon 12:00 there; come back then."


def test_hours_are_refused_by_the_clocks_of_their_place() -> None:
    message = _asked("allowed_hours", (Hours(frozenset(), 540, 1020, "Asia/Tokyo"),), CALL)
    assert message == "calls are let in every day 09:00-17:00 Asia/Tokyo, and it is Mon 21:00 there; come back then."


@pytest.mark.parametrize("key", KINDS)
def test_every_kind_merges_in_any_order_and_says_its_limit(key: str) -> None:
    kind = KINDS[key]
    one, other = _VALUES[kind.form]
    assert kind.key == key
    assert kind.about
    assert kind.merge((one, other)) == kind.merge((other, one)) == kind.merge((one, other, one))
    assert kind.words(kind.merge((one, other)))
    assert kind.value_words(one)
    assert not kind.tighter(one, one)
    assert kind.problem(one) is None


_VALUES: dict[Form, tuple[Any, Any]] = {
    Form.AMOUNT: (5, 9),
    Form.NAMES: (frozenset({"a/x"}), frozenset({"a/x", "b/y"})),
    Form.HOURS: (Hours(frozenset(), 0, 60), Hours(frozenset(), 30, 90)),
    Form.CONTENT_CHECK: (ContentCheck(Direction.INPUT, Action.WARN), ContentCheck(Direction.BOTH, Action.REFUSE)),
}


@pytest.mark.parametrize(
    ("key", "tight", "loose"),
    [
        ("max_tools", 0, 1),
        ("allowed_classes", frozenset({"A"}), frozenset({"A", "B"})),
        ("denied_providers", frozenset({"a", "b"}), frozenset({"a"})),
        ("allowed_models", frozenset({"a/x", "a/y"}), frozenset({"a/*"})),
        ("allowed_models", frozenset({"fast"}), frozenset({"fast", "b/y"})),
        ("check_secrets", ContentCheck(Direction.BOTH, Action.MASK), ContentCheck(Direction.INPUT, Action.MASK)),
        ("check_secrets", ContentCheck(Direction.BOTH, Action.MASK), ContentCheck(Direction.BOTH, Action.WARN)),
        (
            "check_personal_data",
            ContentCheck(Direction.BOTH, Action.MASK),
            ContentCheck(Direction.BOTH, Action.MASK, frozenset({"email"})),
        ),
    ],
)
def test_which_of_two_is_tighter(key: str, tight: Any, loose: Any) -> None:
    assert KINDS[key].tighter(tight, loose)
    assert not KINDS[key].tighter(loose, tight)


@pytest.mark.parametrize(
    ("key", "one", "other", "contrary"),
    [
        ("max_tools", 0, 1, False),
        ("allowed_classes", frozenset({"A"}), frozenset({"B"}), True),
        ("allowed_classes", frozenset({"A"}), frozenset({"A", "B"}), False),
        ("denied_regions", frozenset({"A"}), frozenset({"B"}), False),
        ("allowed_models", frozenset({"a/*"}), frozenset({"b/*"}), True),
        ("allowed_models", frozenset({"a/*"}), frozenset({"a/x"}), False),
        ("allowed_models", frozenset({"fast"}), frozenset({"b/*"}), False),  # an alias may stand for any model
        ("allowed_hours", Hours(frozenset(), 0, 60), Hours(frozenset(), 60, 120), True),
        ("allowed_hours", Hours(frozenset(), 0, 60), Hours(frozenset(), 59, 120), False),
    ],
)
def test_which_two_leave_nothing(key: str, one: Any, other: Any, *, contrary: bool) -> None:
    assert KINDS[key].contrary(one, other) is contrary
    assert KINDS[key].contrary(other, one) is contrary


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("max_tokens_out", 0, "is 0; use 1 to 1000000000000000000"),
        ("max_tools", -1, "is -1; use 0 to 1000000000000000000"),
        ("max_tools", 0, None),
        ("requests_per_minute", 10**18 + 1, f"is {10**18 + 1}; use 1 to 1000000000000000000"),
        ("allowed_classes", frozenset(), "has 0 names; give 1 to 1000"),
        ("denied_models", frozenset({"a\nb"}), "has 'a\\nb', which is no name"),
        ("allowed_models", frozenset({" "}), "has ' ', which is no name"),
        ("allowed_models", frozenset({"x" * 257}), f"has '{'x' * 256}', which is no name"),
    ],
)
def test_what_is_wrong_with_a_value(key: str, value: Any, problem: str | None) -> None:
    assert KINDS[key].problem(value) == problem


def test_what_the_ledger_counts_is_in_its_words() -> None:
    from pointsman_server.ledger.meters import UNITS  # noqa: PLC0415  # policy itself must not know the ledger

    counted = [kind for kind in KINDS.values() if isinstance(kind, MeteredKind)]
    assert len(counted) == 4
    assert {kind.meter_unit for kind in counted} <= set(UNITS)


def test_long_lists_are_told_in_brief() -> None:
    told = KINDS["denied_providers"].words(frozenset(f"p{index:02}" for index in range(25)))
    assert told.endswith("p19 and 5 more")
    assert KINDS["allowed_regions"].words(frozenset()) == "none"


def test_a_content_check_says_what_it_does_and_where() -> None:
    kind = KINDS["check_personal_data"]
    limit = kind.merge(
        (
            ContentCheck(Direction.BOTH, Action.MASK, frozenset({"email", "phone"})),
            ContentCheck(Direction.INPUT, Action.REFUSE, frozenset({"card"})),
        )
    )
    assert kind.words(limit) == "in what is sent refuses card, masks email, phone; in answers masks email, phone"


def test_a_content_check_of_a_kind_that_does_not_exist_is_a_problem() -> None:
    problem = KINDS["check_secrets"].problem(ContentCheck(Direction.BOTH, Action.WARN, frozenset({"email"})))
    assert problem is not None
    assert problem.startswith("kinds has email, which check_secrets does not look for; use some of anthropic_key, ")


def test_a_content_check_without_its_library_is_a_problem_that_says_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    table.loaded.cache_clear()
    problem = KINDS["check_personal_data"].problem(ContentCheck(Direction.BOTH, Action.WARN))
    assert problem is not None
    assert "install pointsman-server[checks]" in problem

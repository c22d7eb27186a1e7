from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from pointsman_server.policy.checks import check_moderation, check_personal_data, check_secrets, table
from pointsman_server.policy.checks.merge import ordered
from pointsman_server.policy.checks.model import NO_CHECKS, CheckNotAvailable, CheckOrder
from pointsman_server.policy.model import CheckedContent
from pointsman_server.policy.rule import Action, ContentCheck, Direction

from tests.unit.policy.planted import IDENTIFIERS, PLANTED, SECRETS, plain

SECRET_CHECK = table.loaded("check_secrets")
PERSONAL_CHECK = table.loaded("check_personal_data")


def found(text: str) -> list[tuple[str, str]]:
    assert SECRET_CHECK is not None
    assert PERSONAL_CHECK is not None
    findings = [*SECRET_CHECK.find(text, check_secrets.KINDS), *PERSONAL_CHECK.find(text, check_personal_data.KINDS)]
    return [(finding.kind, text[finding.start : finding.end]) for finding in findings]


def test_that_every_kind_is_planted() -> None:
    assert set(SECRETS) == check_secrets.KINDS
    assert set(IDENTIFIERS) == check_personal_data.KINDS


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.parametrize("around", ["{}", "It is {}, keep it.", '{{"a": "{}"}}', "x={}\ny=2"])
def test_that_a_planted_one_is_found_whole(kind: str, around: str) -> None:
    for seed in range(20):
        value = PLANTED[kind](random.Random(seed))
        hits = [text for each, text in found(around.format(value)) if each == kind]
        expected = value.split(":")[2].partition("@")[0] if kind == "basic_auth" else value
        assert any(expected in hit for hit in hits), (kind, value)


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # the checksum is wrong
        "1234 5678 9012 3452",  # a right checksum, but no issuer has such numbers
        "DE89 3704 0044 0532 0130 01",
        "000-12-3456",
        "666-12-3456",
        "300.1.2.3",
        "version 1.2.3",
        "+1 23",
        "+999 123 456 789",  # a country that there is not
        "user@localhost",
        "eyJhbGciOiJIUzI1NiIs.eyJzdWIi",  # no header that can be read
        "sk-learn",
        "AKIA is how they begin",
    ],
)
def test_that_what_is_not_valid_is_left(text: str) -> None:
    assert found(text) == []


def test_that_a_number_in_a_longer_one_is_left() -> None:
    assert found("41111111111111110000000000") == []


def test_that_the_number_ends_where_it_is_valid() -> None:
    assert ("card", "4111 1111 1111 1111") in found("paid with 4111 1111 1111 1111 26 times")
    assert ("iban", "DE89 3704 0044 0532 0130 00") in found("DE89 3704 0044 0532 0130 00 AND MORE")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("card", "\u53f74111111111111111\u662f"),
        ("phone", "\u8bdd+49 30 901820\u8bf7"),
        ("iban", "\u53e3DE89370400440532013000\u3067"),
        ("ip_address", "\u574010.1.2.3\u7684"),
        ("us_ssn", "\u53f7219-09-9998\u53f7"),
        ("email", "ann@example.com\u7684"),
        ("email", "_ann@example.com_"),
        ("email", "write to ann@example.com-- or not"),
        ("email", "\u957f" * 80 + "ann@example.com"),
    ],
)
def test_that_letters_of_scripts_without_spaces_hide_nothing(kind: str, text: str) -> None:
    assert [each for each, _ in found(text)] == [kind]


@pytest.mark.parametrize(
    "unit", ["4 ", "3-", "+1 (2", "(+1 202-555-01", " +44 20 7946 0958", "5105 1051-0510 5100 ", "DE00A ", "123-45-"]
)
def test_that_numbers_upon_numbers_do_not_take_long(unit: str) -> None:
    """Every digit begins a candidate, and each may end in many places."""
    text = unit * (20_000 // len(unit))
    begin = time.process_time()
    found(text)
    assert time.process_time() - begin < 0.6


def test_how_much_of_a_made_up_corpus_is_found_and_how_much_beside_it() -> None:
    """The figures that docs/content-checks.md states."""
    rng = random.Random(20)
    missed, wrong = Counter[str](), Counter[str]()
    for kind, make in PLANTED.items():
        for _ in range(100):
            if kind not in {each for each, _ in found(f"{plain(rng)} {make(rng)} {plain(rng)}")}:
                missed[kind] += 1
    sentences = [plain(rng) for _ in range(5_000)]
    for sentence in sentences:
        wrong.update(kind for kind, _ in found(sentence))
    assert missed == {}
    assert wrong.total() <= 5, wrong


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("module", "load"),
    [
        ("detect_secrets.plugins.aws", check_secrets.load),
        ("stdnum", check_personal_data.load),
        ("phonenumbers", check_personal_data.load),
    ],
)
def test_that_a_check_without_its_library_says_what_to_install(
    module: str, load: type, without: pytest.MonkeyPatch
) -> None:
    without.setitem(sys.modules, module, None)
    with pytest.raises(CheckNotAvailable, match=r"install pointsman-server\[checks\]"):
        load()


def test_that_the_categories_of_the_endpoint_are_kinds() -> None:
    assert check_moderation.kind_of("self-harm/intent") in check_moderation.KINDS
    assert check_moderation.kind_of("hate") in check_moderation.KINDS
    assert table.loaded("check_moderation") is None


def rule(action: Action, *kinds: str, direction: Direction = Direction.BOTH) -> CheckedContent:
    return CheckedContent("check_personal_data", ContentCheck(direction, action, frozenset(kinds)), "r_1")


def test_that_rules_merge_to_the_strictest_action_of_each_kind() -> None:
    rules = [
        rule(Action.WARN),
        rule(Action.MASK, "email", "phone"),
        rule(Action.REFUSE, "phone", direction=Direction.INPUT),
    ]
    expected = dict.fromkeys(sorted(check_personal_data.KINDS), Action.WARN) | {"email": Action.MASK}
    for order in (rules, rules[::-1]):
        checks = ordered(tuple(order))
        assert checks.inputs == (CheckOrder("check_personal_data", expected | {"phone": Action.REFUSE}),)
        assert checks.outputs == (CheckOrder("check_personal_data", expected | {"phone": Action.MASK}),)


def test_that_no_rules_order_nothing() -> None:
    assert ordered(()) == NO_CHECKS
    assert ordered((rule(Action.WARN, direction=Direction.INPUT),)).outputs == ()

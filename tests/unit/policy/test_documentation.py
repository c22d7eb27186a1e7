"""docs/policy.md says what the code does: its keys are those of the code."""

from __future__ import annotations

from pathlib import Path

from pointsman_server.policy.rule import PolicyScope
from pointsman_server.policy.rule_store import MAX_RULES_FOR_KEY, MAX_RULES_OF_TENANT
from pointsman_server.policy.rules.table import KINDS

PAGE = (Path(__file__).parents[3] / "docs" / "policy.md").read_text()


def rows(header: str) -> list[list[str]]:
    """The cells of the table that begins with the header."""
    table = PAGE.split(f"| {header} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def test_the_keys_are_those_of_the_table() -> None:
    told = [(key.strip("`"), form, about) for key, form, about in rows("key | value | limits")]
    assert told == [(kind.key, kind.form.value, kind.about) for kind in KINDS.values()]


def test_the_scopes_stand_in_their_order() -> None:
    assert [scope.strip("`") for scope, *_ in rows("scope | holds for | written by")] == [
        each.name for each in PolicyScope
    ]


def test_the_figures_are_those_of_the_code() -> None:
    assert f"more than {MAX_RULES_FOR_KEY} rules of a key" in PAGE
    assert f"More than {MAX_RULES_OF_TENANT} rules" in PAGE

"""docs/routing.md says what the code does: its tables are those of the code."""

import re
from pathlib import Path

from pointsman_server.router.filters.table import FILTERS
from pointsman_server.router.model import Profile
from pointsman_server.router.strategies.table import STRATEGIES
from pointsman_server.router.tables import FALLBACK_CHAIN, PURPOSES, TASK_TYPE_KEYWORDS, TOOL_TASK_TYPES

PAGE = (Path(__file__).parents[3] / "docs" / "routing.md").read_text()


def rows(header: str) -> list[list[str]]:
    """The cells of the table that begins with the header, without back-ticks."""
    table = PAGE.split(f"| {header} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip().replace("`", "") for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def test_the_filters_stand_in_their_order() -> None:
    assert [reason for reason, _ in rows("reason | drops")] == [filter_.reason for filter_ in FILTERS]


def test_every_profile_is_explained() -> None:
    assert [name for name, *_ in rows("profile | score | where scores are equal")] == list(Profile) == list(STRATEGIES)


def test_the_purposes_are_those_of_the_table() -> None:
    told = {name: (prefers, profile) for name, prefers, profile in rows("purpose | prefers | profile")}
    assert told == {name: (", ".join(row.models), row.profile or "") for name, row in PURPOSES.items()}


def test_the_task_types_are_those_of_the_tables() -> None:
    told = rows("task type | tool | attachment | keywords")
    tools = {tool: task_type for task_type, tool, _, _ in told if tool}
    assert tools == TOOL_TASK_TYPES
    keywords = {task_type: tuple(words.split(", ")) for task_type, _, _, words in told if words}
    assert keywords == TASK_TYPE_KEYWORDS


def test_the_fallback_chain_stands_in_its_order() -> None:
    sentence = re.search(r"the fallback chain: (.*?), of each name", PAGE, re.DOTALL)
    assert sentence is not None
    assert tuple(re.findall(r"`([^`]+)`", sentence[1])) == FALLBACK_CHAIN

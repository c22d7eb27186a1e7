"""Kinds of rules that have content looked for: what any of them looks for is, and the strictest says what is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from pointsman_server.policy.checks.merge import ordered
from pointsman_server.policy.checks.model import CheckNotAvailable, CheckOrder
from pointsman_server.policy.checks.table import CHECKS, loaded
from pointsman_server.policy.model import CheckedContent
from pointsman_server.policy.rule import Action, ContentCheck
from pointsman_server.policy.rules.base import Form, Kind

_WORDS: Final = {Action.REFUSE: "refuses", Action.MASK: "masks", Action.WARN: "warns of"}


class ContentLimit(NamedTuple):
    """What is done about each kind, in what the caller sends and in what the model answers."""

    inputs: tuple[tuple[str, Action], ...]
    outputs: tuple[tuple[str, Action], ...]


@dataclass(frozen=True)
class ContentKind(Kind[ContentCheck, ContentLimit]):
    """One content check."""

    @property
    def form(self) -> Form:
        return Form.CONTENT_CHECK

    def merge(self, values: Sequence[ContentCheck]) -> ContentLimit:
        checks = ordered(tuple(CheckedContent(self.key, value, "") for value in values))
        return ContentLimit(_actions(checks.inputs), _actions(checks.outputs))

    def words(self, limit: ContentLimit) -> str:
        sides = (("what is sent", limit.inputs), ("answers", limit.outputs))
        return "; ".join(f"in {side} {_told(actions)}" for side, actions in sides if actions)

    def problem(self, value: ContentCheck) -> str | None:
        known = CHECKS[self.key].kinds
        unknown = sorted(value.kinds - known)
        if unknown:
            return f"kinds has {unknown[0]}, which {self.key} does not look for; use some of {', '.join(sorted(known))}"
        try:
            loaded(self.key)
        except CheckNotAvailable as missing:
            return f"{self.key} cannot be made on this server: {missing}"
        return None


def _actions(orders: Sequence[CheckOrder]) -> tuple[tuple[str, Action], ...]:
    return tuple(action for order in orders for action in order.actions.items())


def _told(actions: Sequence[tuple[str, Action]]) -> str:
    by_action = {action: [kind for kind, each in actions if each is action] for action in _WORDS}
    return ", ".join(f"{_WORDS[action]} {', '.join(kinds)}" for action, kinds in by_action.items() if kinds)

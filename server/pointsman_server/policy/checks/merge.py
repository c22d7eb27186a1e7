"""Merges what rules say of content: the union of what they look for, and for each kind the strictest action."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from pointsman_server.policy.checks.model import NO_CHECKS, CheckOrder, ContentChecks
from pointsman_server.policy.checks.table import CHECKS
from pointsman_server.policy.model import CheckedContent
from pointsman_server.policy.rule import Action, Direction

_STRICTNESS: Final = {Action.WARN: 1, Action.MASK: 2, Action.REFUSE: 3}


@lru_cache(maxsize=1024)
def ordered(rules: tuple[CheckedContent, ...]) -> ContentChecks:
    """What the rules of a verdict order together; their order does not matter."""
    if not rules:
        return NO_CHECKS
    return ContentChecks(
        inputs=_orders(rule for rule in rules if rule.check.direction is not Direction.OUTPUT),
        outputs=_orders(rule for rule in rules if rule.check.direction is not Direction.INPUT),
    )


def _orders(rules: Iterable[CheckedContent]) -> tuple[CheckOrder, ...]:
    actions: dict[str, dict[str, Action]] = {}
    for rule in rules:
        of_check = actions.setdefault(rule.key, {})
        for kind in rule.check.kinds or CHECKS[rule.key].kinds:
            of_check[kind] = max(rule.check.action, of_check.get(kind, Action.WARN), key=_STRICTNESS.__getitem__)
    return tuple(CheckOrder(check, dict(sorted(kinds.items()))) for check, kinds in sorted(actions.items()))

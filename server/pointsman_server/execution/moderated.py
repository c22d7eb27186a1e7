"""Lets texts pass that a moderation model does not flag, and does with the others what the rules say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from pointsman_server.execution.moderation import Moderator
from pointsman_server.policy.checks.masking import mask
from pointsman_server.policy.checks.model import CheckNotAvailable, CheckOrder, Found, Refused
from pointsman_server.policy.rule import Action

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ModerationOrder:
    """What is done about what a model flags.

    Attributes:
        counts: takes what was found.
        failed: takes the check's name where it could not be made, and only warns.
    """

    order: CheckOrder
    moderator: Moderator
    counts: Counter[Found]
    failed: list[str]

    async def passed(self, texts: Sequence[str]) -> list[str]:
        """The texts as they may stay: a model flags a text as a whole, so its mask replaces all of it.

        Raises:
            Refused: one is flagged with what the rules refuse; or nobody can tell, and the rules do more than warn.
        """
        actions = self.order.actions
        try:
            flagged = await self.moderator.kinds(texts)
        except CheckNotAvailable as missing:
            _log.warning("check_not_made", check=self.order.check, cause=str(missing))
            if any(action is not Action.WARN for action in actions.values()):
                raise Refused(self.order.check, [], unavailable=True) from missing
            self.failed.append(self.order.check)
            return list(texts)
        refused = {kind for kinds in flagged for kind in kinds if actions.get(kind) is Action.REFUSE}
        if refused:
            raise Refused(self.order.check, refused)
        return [self._passed(text, kinds) for text, kinds in zip(texts, flagged, strict=True)]

    def _passed(self, text: str, kinds: frozenset[str]) -> str:
        found = [(kind, self.order.actions[kind]) for kind in sorted(kinds) if kind in self.order.actions]
        for kind, action in found:
            self.counts[Found(self.order.check, kind, action)] += 1
        masking = [kind for kind, action in found if action is Action.MASK]
        return mask(masking[0]) if masking else text

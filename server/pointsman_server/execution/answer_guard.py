"""Stands between an attempt and its caller: lets out what the content checks have let pass."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from pointsman.v1.completion_pb2 import CompletionEvent

from pointsman_server.execution.moderated import ModerationOrder
from pointsman_server.execution.moderation import Moderator
from pointsman_server.policy.checks.answer import AnswerChecks, text_event
from pointsman_server.policy.checks.masking import ReadyCheck
from pointsman_server.policy.checks.model import CheckOrder, Found

BLOCK_CHARACTERS = 1_024
"""How much of a text a model is asked about at once while it streams. Until it has said, the block is held back."""

_LARGE = 16 * 1024
"""From so many characters on an answer is looked at on another thread: it takes some milliseconds."""

_TEXTS = ("text_delta", "reasoning_delta", "refusal_delta")


class AnswerGuard:
    """Checks the answer of one attempt: first here, then, where that is ordered, by a model.

    Attributes:
        counts: what was found so far.
        failed: the checks that could not be made and only warn.
    """

    def __init__(
        self, checks: Sequence[ReadyCheck], asked: CheckOrder | None, moderator: Moderator, *, window: int
    ) -> None:
        self._checks = AnswerChecks(checks, window=window)
        self.counts: Counter[Found] = self._checks.counts
        self.failed: list[str] = []
        self._moderation = None if asked is None else ModerationOrder(asked, moderator, self.counts, self.failed)
        self._blocks: dict[tuple[int, str], str] = {}

    async def feed(self, deltas: Sequence[CompletionEvent]) -> list[CompletionEvent]:
        """Takes deltas; returns those that may leave.

        Raises:
            Refused: something was found that ends the call.
        """
        safe = await self._aside(sum(map(CompletionEvent.ByteSize, deltas)), partial(self._checks.feed, deltas))
        if self._moderation is None:
            return safe
        return await self._asked(self._moderation, safe)

    async def close(self) -> list[CompletionEvent]:
        """Says that the answer is whole; returns the rest of it.

        Raises:
            Refused: as ``feed``.
        """
        rest = await self._aside(self._checks.waiting_characters, self._checks.close)
        if self._moderation is None:
            return rest
        return await self._last_asked(self._moderation, rest)

    async def _aside(self, size: int, look: Callable[[], list[CompletionEvent]]) -> list[CompletionEvent]:
        """Looks at much on another thread: other calls shall not wait for it."""
        return await asyncio.to_thread(look) if size > _LARGE else look()

    async def _asked(self, moderation: ModerationOrder, events: Sequence[CompletionEvent]) -> list[CompletionEvent]:
        """Asks about each block that is full; the rest waits."""
        blocks: list[tuple[tuple[int, str], str]] = []
        for event in events:
            key = (event.part_index, event.WhichOneof("kind") or "")
            held = self._blocks.get(key, "") + getattr(event, key[1]).text
            full = len(held) - len(held) % BLOCK_CHARACTERS
            blocks += [(key, held[at : at + BLOCK_CHARACTERS]) for at in range(0, full, BLOCK_CHARACTERS)]
            self._blocks[key] = held[full:]
        if not blocks:
            return []
        passed = await moderation.passed([text for _, text in blocks])
        return [text_event(*key, text) for (key, _), text in zip(blocks, passed, strict=True)]

    async def _last_asked(
        self, moderation: ModerationOrder, events: Sequence[CompletionEvent]
    ) -> list[CompletionEvent]:
        """Asks about what is left of each text, and about the arguments of calls."""
        for event in events:
            key = (event.part_index, event.WhichOneof("kind") or "")
            if key[1] in _TEXTS:
                text = getattr(event, key[1])
                text.text = self._blocks.pop(key, "") + text.text
        left = [text_event(*key, text) for key, text in self._blocks.items() if text]
        self._blocks.clear()
        rest = sorted([*left, *events], key=lambda event: event.part_index)
        texts = [_text_of(event) for event in rest]
        asked = [text for text in texts if text]
        after = dict(zip(asked, await moderation.passed(asked), strict=True)) if asked else {}
        for event, text in zip(rest, texts, strict=True):
            if after.get(text, text) != text:
                _replace(event, after[text])
        return rest


def _text_of(event: CompletionEvent) -> str:
    kind = event.WhichOneof("kind") or ""
    return str(getattr(event, kind).text) if kind in _TEXTS else event.tool_call_delta.arguments_json


def _replace(event: CompletionEvent, text: str) -> None:
    kind = event.WhichOneof("kind") or ""
    if kind not in _TEXTS:
        event.tool_call_delta.arguments_json = "{}"  # the mask is no JSON, and a call without arguments is harmless
        return
    getattr(event, kind).text = text
    if kind == "reasoning_delta":
        event.reasoning_delta.ClearField("opaque_state")

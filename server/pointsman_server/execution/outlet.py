"""Hands an attempt's deltas on to the caller; where content checks are ordered, only what they let pass."""

from __future__ import annotations

from pointsman.v1.completion_pb2 import CompletionEvent

from pointsman_server.execution.answer_guard import AnswerGuard
from pointsman_server.execution.attempts import Tally
from pointsman_server.execution.model import Completion
from pointsman_server.execution.narrator import Narrator
from pointsman_server.execution.relay import Relay
from pointsman_server.execution.shared_relay import SharedRelay
from pointsman_server.router.model import Candidate


class Outlet:
    """The way of one completion's content to its caller."""

    def __init__(self, completion: Completion, narrator: Narrator, relay: Relay | SharedRelay) -> None:
        self._make_guard = completion.content.guard
        self._narrator = narrator
        self._relay = relay
        self._guard: AnswerGuard | None = None
        self._attempt: tuple[int, Candidate, Tally] | None = None

    def begin(self, attempt: int, candidate: Candidate, tally: Tally) -> None:
        """Says whose deltas come next. What was held back of an earlier attempt is void, as its deltas are."""
        self._attempt = (attempt, candidate, tally)
        if self._make_guard is not None:
            self._guard = self._make_guard()
            self._narrator.guarded(self._guard)

    async def take(self, deltas: list[CompletionEvent]) -> None:
        """Takes deltas that arrived together.

        Raises:
            Refused: a content check found what ends the call.
            ReaderStalled: the caller read nothing for too long.
        """
        if self._guard is not None:
            deltas = await self._guard.feed(deltas)
        if events := self._events(deltas):
            await self._relay.send(events)

    async def close(self) -> None:
        """Says that the answer is whole: what was held back follows.

        Raises:
            Refused, ReaderStalled: as ``take``.
        """
        if self._guard is not None and (events := self._events(await self._guard.close())):
            await self._relay.send(events)

    def _events(self, deltas: list[CompletionEvent]) -> list[CompletionEvent]:
        assert self._attempt is not None, "deltas are some attempt's"
        return self._narrator.deltas(deltas, *self._attempt) if deltas else []

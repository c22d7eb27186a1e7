"""Makes the content checks that a verdict orders: on a request at once, on an answer while it streams."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from pointsman.v1.completion_pb2 import (
    WARNING_CODE_CONTENT_FOUND,
    WARNING_CODE_CONTENT_MASKED,
    CompletionFailure,
    CompletionSpecification,
    Warning,  # noqa: A004  # the contract's word
)
from pointsman.v1.decision_pb2 import ContentFinding

from pointsman_server.errors import ContentRefused
from pointsman_server.execution.answer_guard import AnswerGuard
from pointsman_server.execution.moderated import ModerationOrder
from pointsman_server.execution.moderation import Moderator
from pointsman_server.policy.checks import check_moderation
from pointsman_server.policy.checks.masking import ReadyCheck, masked
from pointsman_server.policy.checks.model import (
    NO_CHECKS,
    CheckNotAvailable,
    CheckOrder,
    ContentChecks,
    Found,
    Refused,
    TextCheck,
)
from pointsman_server.policy.checks.request import rewritten, texts
from pointsman_server.policy.checks.table import loaded
from pointsman_server.policy.rule import Action

_log = structlog.get_logger(__name__)

_LARGE_CHARACTERS = 4_096
"""Requests with more text than this are checked on another thread: it takes a millisecond or more."""

_LARGE_AT_ONCE = 2
"""How many of those are checked at once: texts that are made to take long shall not take all threads."""

_STEP = 16 * 1024
"""How much of a text is looked at at once, so that one look never holds the interpreter for long."""


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """A request that may be sent.

    Attributes:
        specification: the caller's own, or a copy with what was masked.
        counts: what was found in it.
        failed: the checks that could not be made and only warn.
        guard: makes what the answer of one attempt goes through; ``None``: nothing is ordered of it.
    """

    specification: CompletionSpecification = field(repr=False)
    counts: Mapping[Found, int]
    failed: tuple[str, ...]
    guard: Callable[[], AnswerGuard] | None

    def warnings(self) -> list[Warning]:
        """What to tell the caller of it."""
        return [*_unchecked(self.failed, "specification"), *_warnings(self.counts, "specification")]


def unchecked(specification: CompletionSpecification) -> CheckedRequest:
    """A request of which nothing is ordered."""
    return CheckedRequest(specification, {}, (), None)


class ContentChecker:
    """Makes content checks.

    Args:
        moderator: asks the model that moderates.
        window: how many characters of an answer are held back.
    """

    def __init__(self, moderator: Moderator, *, window: int) -> None:
        self._moderator = moderator
        self._window = window
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)
        self._checks: dict[str, TextCheck | None] = {}

    async def check(
        self, specification: CompletionSpecification, checks: ContentChecks, *, ask: bool
    ) -> CheckedRequest:
        """Checks a request.

        Args:
            specification: what the caller sent.
            checks: what is ordered of it and of its answer.
            ask: whether a provider may be asked; if not, its check is left out.

        Raises:
            ContentRefused: something was found that is refused, or a check that must be made cannot be.
        """
        if checks is NO_CHECKS:
            return unchecked(specification)
        guard = await self._guard(checks.outputs)
        ready = await self._ready(checks.inputs)
        counts: Counter[Found] = Counter()
        failed: list[str] = []
        try:
            if ready:
                specification = await self._local(specification, ready, counts)
            for order in checks.inputs if ask else ():
                if order.check == check_moderation.NAME:
                    orders = ModerationOrder(order, self._moderator, counts, failed)
                    specification = await _moderated(specification, orders)
        except Refused as refused:
            _log.info("content_refused", check=refused.check, kinds=refused.kinds)
            raise refusal(refused, "the request") from None
        return CheckedRequest(specification, counts, tuple(failed), guard)

    async def _guard(self, orders: Sequence[CheckOrder]) -> Callable[[], AnswerGuard] | None:
        """What cannot be checked is not asked for: that a check is missing shows here, and not with the answer."""
        if not orders:
            return None
        ready = await self._ready(orders)
        asked = next((order for order in orders if order.check == check_moderation.NAME), None)
        return lambda: AnswerGuard(ready, asked, self._moderator, window=self._window)

    async def _ready(self, orders: Iterable[CheckOrder]) -> list[ReadyCheck]:
        """The checks that are made here. The first time each brings its library, which takes half a second."""
        ready = []
        for order in orders:
            if order.check not in self._checks:
                try:
                    self._checks[order.check] = await asyncio.to_thread(loaded, order.check)
                except CheckNotAvailable as missing:
                    raise _cannot(order.check, missing) from missing
            check = self._checks[order.check]
            if check is not None:
                ready.append(ReadyCheck(order, check))
        return ready

    async def _local(
        self, specification: CompletionSpecification, ready: Sequence[ReadyCheck], counts: Counter[Found]
    ) -> CompletionSpecification:
        gone = threading.Event()

        def change(text: str) -> str:
            return masked(text, ready, counts, step=_STEP, is_wanted=lambda: not gone.is_set())

        if sum(map(len, texts(specification))) <= _LARGE_CHARACTERS:
            return rewritten(specification, change)
        async with self._large:
            try:
                return await asyncio.to_thread(rewritten, specification, change)
            finally:  # a thread cannot be ended from outside, so it asks
                gone.set()


async def _moderated(specification: CompletionSpecification, order: ModerationOrder) -> CompletionSpecification:
    before = texts(specification)
    after = dict(zip(before, await order.passed(before), strict=True))
    return rewritten(specification, lambda text: after.get(text, text), as_written=True)


def _cannot(check: str, missing: CheckNotAvailable) -> ContentRefused:
    return ContentRefused(
        f"A rule orders {check}, which this server cannot make: {missing}.",
        metadata={"check": check, "cause": "unavailable"},
    )


def refusal(refused: Refused, where: str, failure: CompletionFailure | None = None) -> ContentRefused:
    """The error for what was found, or for a check that had to be made and could not be."""
    decision = {} if failure is None else {"decision_id": failure.decision_id}
    if refused.unavailable:
        return ContentRefused(
            f"{refused.check} could not be made for {where}; try again later. The server's log says why.",
            metadata={**decision, "check": refused.check, "cause": "unavailable"},
            failure=failure,
        )
    kinds = ", ".join(refused.kinds)
    return ContentRefused(
        f"{refused.check} found {kinds} in {where}, which a rule refuses. Take it out, or have the rule changed.",
        metadata={**decision, "check": refused.check, "kinds": kinds},
        failure=failure,
    )


def findings(counts: Mapping[Found, int]) -> list[ContentFinding]:
    """The counts as they stand in records."""
    return [
        ContentFinding(check=found.check, kind=found.kind, action=found.action, count=count)
        for found, count in sorted(counts.items())
    ]


def answer_warnings(guard: AnswerGuard | None) -> list[Warning]:
    """What to tell the caller of a whole answer."""
    if guard is None:
        return []
    return [*_unchecked(guard.failed, "answer"), *_warnings(guard.counts, "answer")]


def _warnings(counts: Mapping[Found, int], field: str) -> Iterator[Warning]:
    for code, action in ((WARNING_CODE_CONTENT_FOUND, Action.WARN), (WARNING_CODE_CONTENT_MASKED, Action.MASK)):
        by_check: dict[str, list[str]] = {}
        for found, count in sorted(counts.items()):
            if found.action is action:
                by_check.setdefault(found.check, []).append(f"{found.kind} {count}")
        for check, told in by_check.items():
            yield Warning(code=code, field=field, message=f"{check}: {', '.join(told)}")


def _unchecked(failed: Iterable[str], field: str) -> Iterator[Warning]:
    for check in sorted(set(failed)):
        yield Warning(code=WARNING_CODE_CONTENT_FOUND, field=field, message=f"{check}: could not be made")

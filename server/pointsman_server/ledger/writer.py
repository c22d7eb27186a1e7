"""The one writer: a plain thread that commits whatever is waiting in one transaction, then tells everyone at once."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Generic, cast

import structlog

from pointsman_server.errors import Overloaded, StoreUnavailable
from pointsman_server.ledger import alarms
from pointsman_server.ledger.batch import (
    Changes,
    Known,
    Operation,
    Result,
    claims_of,
    depends_on_generations,
    ending_keys,
    late_keys,
    not_open,
)
from pointsman_server.ledger.fold import fold
from pointsman_server.ledger.generations import NEVER_CHANGED
from pointsman_server.ledger.membership import Membership
from pointsman_server.ledger.model import Owner
from pointsman_server.ledger.opening import MetersGone, open_book
from pointsman_server.ledger.store import AccessT, FateUnknown, LedgerStore, ResultT

MAX_BATCH = 256
"""The most submissions that one transaction takes. More would keep the first of them waiting for the last."""

MAX_WAITING = 4096
"""The most submissions that may wait before admissions are refused."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Submission(Generic[AccessT]):
    """What one caller asked for: operations that stand or fall together, or other work inside the transaction."""

    future: asyncio.Future[object]
    operations: tuple[Operation, ...] = ()
    work: Callable[[LedgerStore[AccessT]], object] | None = None


class GroupCommitWriter(Generic[AccessT]):
    """Owns the store's connection and its thread.

    It never waits for more work to arrive: under load a batch is what came while the last one was being committed.
    """

    def __init__(
        self,
        store: LedgerStore[AccessT],
        membership: Membership[AccessT] | None = None,
        *,
        max_batch: int = MAX_BATCH,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        """Starts the thread. Without a membership no reservation says whose it is."""
        self._store = store
        self._membership = membership
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._waiting: deque[_Submission[AccessT]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._announcer: asyncio.AbstractEventLoop | None = None
        # A daemon, so that a crash elsewhere ends the process; what was acknowledged is durable by then.
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    async def apply(self, *operations: Operation, admission: bool) -> Result:
        """Applies the operations in one transaction; returns what the last came to when they are durable.

        A caller that is cancelled takes nothing back: what is queued is applied.

        Args:
            operations: what to do, in order.
            admission: whether the operations let something in, and may be refused when too much is waiting.

        Raises:
            Overloaded: too much is waiting; nothing was queued.
            StoreUnavailable: the operations could not be written.
        """
        return cast("Result", await self.submit(*operations, admission=admission))

    def submit(self, *operations: Operation, admission: bool) -> asyncio.Future[object]:
        """Queues the operations as ``apply`` does, without waiting; the future tells the end."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._enqueue(_Submission(future, operations), admission=admission)
        return future

    async def control(self, write: Callable[[AccessT], ResultT], *, alone: str = "") -> ResultT:
        """Runs a write of the control side under the same lock; returns its result when it is durable.

        Where it raises, its transaction is rolled back and ``StoreUnavailable`` is raised here: a refusal that a
        caller should see is a result, not an exception.

        Raises:
            Overloaded: too much is waiting; nothing was queued.
            StoreUnavailable: the write could not be made.
        """
        del alone  # all writes run one after the other here
        return await self.inside(lambda store: store.control(write), admission=True)

    async def inside(self, work: Callable[[LedgerStore[AccessT]], ResultT], *, admission: bool) -> ResultT:
        """Does other work inside a transaction, after its operations; returns its result when it is durable.

        Where it raises, its transaction is rolled back and ``StoreUnavailable`` is raised here.

        Raises:
            Overloaded: too much is waiting; nothing was queued.
            StoreUnavailable: the work could not be done.
        """
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._enqueue(_Submission(future, work=work), admission=admission)
        return cast("ResultT", await future)

    async def close(self) -> None:
        """Writes what is waiting, then closes the store. Later submissions are refused."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _enqueue(self, submission: _Submission[AccessT], *, admission: bool) -> None:
        with self._changed:
            if self._closed:
                raise StoreUnavailable("The store is closed.")
            if admission and len(self._waiting) >= self._max_waiting:
                raise Overloaded("Too many writes are waiting for the store; try again shortly.")
            self._waiting.append(submission)
        loop = submission.future.get_loop()
        if self._announcer is not loop:
            self._announcer = loop
            loop.call_soon(self._announce)

    def _announce(self) -> None:
        """Wakes the thread once for all that a turn of the loop brought: woken for each, it would take some alone."""
        self._announcer = None
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        while batch := self._next_batch():
            self._commit(batch)
        self._store.close()

    def _next_batch(self) -> list[_Submission[AccessT]]:
        """Waits for work; an empty batch means that the writer is closed and nothing is left."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._max_batch))]

    def _commit(self, batch: Sequence[_Submission[AccessT]]) -> None:
        """Commits the batch. Where a submission is at fault, halves the batch until only that one fails."""
        try:
            results = self._decide(batch)
        except StoreUnavailable as error:
            _log.error("ledger_store_unavailable", submissions=len(batch), cause=repr(error.__cause__))
            _answer((submission.future, None, _unavailable(error)) for submission in batch)
        except Exception as error:  # noqa: BLE001  # a defect in one submission must not stop the writer
            if len(batch) > 1:
                half = len(batch) // 2
                self._commit(batch[:half])
                self._commit(batch[half:])
                return
            _log.error("ledger_operation_failed", exception=type(error).__name__)
            _answer([(batch[0].future, None, _unavailable(error))])
        else:
            _answer((submission.future, result, None) for submission, result in zip(batch, results, strict=True))

    def _decide(self, batch: Sequence[_Submission[AccessT]]) -> list[object]:
        try:
            return self._transaction(batch)
        except MetersGone:
            return self._transaction(batch)  # what is forgotten stood idle for long, so that it hardly goes again

    def _transaction(self, batch: Sequence[_Submission[AccessT]]) -> list[object]:
        operations = [operation for submission in batch for operation in submission.operations]
        changes = Changes()
        try:
            owner = self._begin()
            changes = self._apply(operations, owner)
            results = iter(changes.results)
            answers = [
                each.work(self._store) if each.work else [next(results) for _ in each.operations][-1] for each in batch
            ]
            self._store.commit()
        except FateUnknown:
            alarms.tell(changes)  # rather an alarm for what was not kept than none for what was
            self._store.rollback()
            raise
        except Exception:
            self._store.rollback()
            raise
        alarms.tell(changes)
        return answers

    def _begin(self) -> Owner:
        if self._membership is not None:
            return self._membership.begin(self._store)
        self._store.begin()
        return Owner()

    def _apply(self, operations: Sequence[Operation], owner: Owner) -> Changes:
        """Decides the operations against what the store holds now, and writes what they come to."""
        if not operations:
            return Changes()
        claims = claims_of(operations)
        claimed = self._store.claim(claims) if claims else ()
        ending = set(ending_keys(operations))
        held = self._store.held(ending) if ending else {}
        ended = not_open(ending, held)
        late = late_keys(operations, ended)
        book, now = open_book(self._store, operations, held.values())
        known = Known(
            not_open=ended,
            held=held,
            claimed=claimed,
            owner=owner,
            resolved=self._store.resolved(late) if late else {},
            # Last: what was changed while this waited for the rows is seen.
            generations=self._store.generations() if depends_on_generations(operations) else NEVER_CHANGED,
        )
        changes = fold(operations, now, book, known)
        self._store.write(changes)
        return changes


_Answer = tuple[asyncio.Future[Any], object, Exception | None]


def _unavailable(cause: Exception) -> StoreUnavailable:
    # One for each caller: an exception that many tasks raise collects all their tracebacks.
    if isinstance(cause, FateUnknown):
        error: StoreUnavailable = FateUnknown("The store did not say whether it kept what was written.")
    else:
        error = StoreUnavailable("The store cannot be written now; nothing was recorded.")
    error.__cause__ = cause
    return error


def _answer(answers: Iterable[_Answer]) -> None:
    """Resolves all futures with one call into each loop."""
    by_loop = sorted(((each[0].get_loop(), each) for each in answers), key=lambda pair: id(pair[0]))
    for loop, pairs in groupby(by_loop, key=lambda pair: pair[0]):
        try:
            loop.call_soon_threadsafe(_resolve, [each for _, each in pairs])
        except RuntimeError:  # the loop is closed: what was asked for is done, and no one is left to be told
            _log.warning("ledger_caller_gone")


def _resolve(answers: list[_Answer]) -> None:
    for future, result, error in answers:
        if future.done():  # its caller was cancelled
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

"""Changes of what is managed: checked, made, counted on, recorded and repeatable, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Select

from pointsman_server.clock import Clock
from pointsman_server.errors import PointsmanError
from pointsman_server.identity.audit import Change
from pointsman_server.identity.origin import Origin
from pointsman_server.ledger.generations import Generation
from pointsman_server.storage import audit_log
from pointsman_server.storage.control import ControlWriter, Execute, Statement
from pointsman_server.storage.generations import count_on
from pointsman_server.storage.request_ids import RequestKey, first_outcome, keep_outcome
from pointsman_server.storage.times import to_micros

ThingT = TypeVar("ThingT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Kind(Generic[ThingT]):
    """A kind of thing that is managed, for the audit log and for outcomes that are told again.

    Attributes:
        name: as the audit log and errors call it, such as ``user``.
        id_of: what one is called.
        message: writes one as the contract's message.
        read: reads one from such a message's bytes.
    """

    name: str
    id_of: Callable[[ThingT], str]
    message: Callable[[ThingT], Message]
    read: Callable[[bytes], ThingT]


@dataclass(slots=True)
class Changing:
    """A change while it is made. What refuses it must be raised before anything is written.

    Attributes:
        now: in microseconds since 1970.
        written: whether anything was.
    """

    origin: Origin
    at: datetime
    _execute: Execute
    written: bool = False
    _records: list[tuple[str, Change]] = field(default_factory=list)

    @property
    def now(self) -> int:
        """The time, in microseconds since 1970."""
        return to_micros(self.at)

    def execute(self, statement: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Runs one statement."""
        self.written = self.written or not isinstance(statement, Select)
        return self._execute(statement, parameters)

    def count_on(self, name: Generation) -> None:
        """Says that what calls are planned under has changed."""
        self.written = True
        count_on(self._execute, name)

    def record(self, owner: str, kind: Kind[ThingT], before: ThingT | None, after: ThingT | None) -> None:
        """Has the owner's audit log say what a thing was and what it is; ``None``: it was, or is, not there."""
        found = [thing for thing in (after, before) if thing is not None]
        change = Change(
            action=self.origin.action,
            resource=kind.name,
            resource_id=kind.id_of(found[0]),
            before=None if before is None else kind.message(before),
            after=None if after is None else kind.message(after),
        )
        self._records.append((owner, change))

    def first_outcome(self) -> bytes | None:
        """What came of the request when it came first; ``None``: it did not come before.

        Raises:
            RequestIdReused: another request had its id.
        """
        return first_outcome(self._execute, self._request_key, self.origin.body_digest)

    def keep_outcome(self, outcome: bytes) -> None:
        """Keeps what came of the request."""
        self.written = True
        keep_outcome(self._execute, self._request_key, self.origin.body_digest, outcome, self.now)

    @property
    def _request_key(self) -> RequestKey:
        actor = self.origin.actor
        return RequestKey(actor.tenant_id, actor.user_id, self.origin.action, self.origin.request_id)

    def finish(self) -> None:
        """Writes the records: last, since the end of a log stays locked until the commit."""
        for owner, change in sorted(self._records, key=lambda record: audit_log.order(record[0])):
            audit_log.append(self._execute, owner, self.origin.actor, change, self.at)


class Changes:
    """Runs changes, each in one transaction. Every method raises ``StoreUnavailable`` where that cannot be done."""

    def __init__(self, writer: ControlWriter, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    async def once(
        self, origin: Origin, kind: Kind[ThingT], work: Callable[[Changing], ThingT], *, alone: str = ""
    ) -> ThingT:
        """Makes a change, but under each request id once: a repetition is told what came of the first.

        Raises:
            RequestIdReused: the request id was used for something else.
            PointsmanError: the work refused; nothing was changed.
        """
        if not origin.request_id:
            return await self.make(origin, work, alone=alone)
        return await self.make(origin, lambda changing: _once(changing, kind, work), alone=alone)

    async def make(self, origin: Origin, work: Callable[[Changing], ResultT], *, alone: str = "") -> ResultT:
        """Makes a change, however often it is asked for.

        Args:
            origin: where it comes from.
            work: checks, then writes. It may run more than once, and sees what those before it wrote.
            alone: works of one name run one after the other.

        Raises:
            PointsmanError: the work refused; nothing was changed.
        """
        at = self._clock.now()

        def write(execute: Execute) -> ResultT | PointsmanError:
            changing = Changing(origin, at, execute)
            try:
                result = work(changing)
            except PointsmanError as refusal:
                if changing.written:  # a defect: only a write that raises is rolled back
                    raise
                return refusal
            changing.finish()
            return result

        result = await self._writer.control(write, alone=alone)
        if isinstance(result, PointsmanError):
            raise result
        return result


def _once(changing: Changing, kind: Kind[ThingT], work: Callable[[Changing], ThingT]) -> ThingT:
    first = changing.first_outcome()
    if first is not None:
        return kind.read(first)
    try:
        made = work(changing)
    except PointsmanError:
        # The same request may have come twice at once; the second then finds what the first made in its way.
        first = None if changing.written else changing.first_outcome()
        if first is None:
            raise
        return kind.read(first)
    changing.keep_outcome(kind.message(made).SerializeToString())
    return made

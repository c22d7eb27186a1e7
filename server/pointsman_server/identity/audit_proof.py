"""The proof of an audit chain: every hash computed again, in order, and where they do not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pointsman_server.identity.audit import NO_ENTRIES, Entry, Head, payload_hash

ERASE_ACTION: Final = "AuditService/EraseAuditPayload"
ERASED_RESOURCE: Final = "audit_entry"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it is kept.

    Attributes:
        hash: the one that was kept with it.
        payload: as it was hashed; empty: there was none, or it was erased.
    """

    entry: Entry
    hash: str
    payload: str

    @property
    def erased(self) -> bool:
        """Whether what it held is gone."""
        return bool(self.entry.payload_hash) and not self.payload


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain is broken."""

    sequence: int
    message: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What was proven."""

    entry_count: int
    erased_count: int
    break_count: int
    last_hash: str


Finding = Break | Summary


@dataclass(slots=True)
class Proof:
    """Reads a chain from its beginning: ``add`` each entry in order, then ``end``.

    Attributes:
        expected: an end that somebody noted before; ``NO_ENTRIES``: nobody did.
        last: the last entry that was added.
    """

    expected: Head = NO_ENTRIES
    last: Head = NO_ENTRIES
    _entry_count: int = 0
    _erased_count: int = 0
    _break_count: int = 0
    _unexplained: dict[int, None] = field(default_factory=dict)
    """The entries whose payload is gone, as long as no later entry says that it was erased."""

    def add(self, recorded: Recorded) -> Iterator[Break]:
        """Takes the next entry, and yields what is wrong with it."""
        entry = recorded.entry
        for message in (*self._link(recorded), *_content(recorded), *self._expectation(recorded)):
            yield self._broken(entry.sequence, message)
        if recorded.erased:
            self._erased_count += 1
            self._unexplained[entry.sequence] = None
        if entry.action == ERASE_ACTION and entry.resource_id.isdecimal():
            self._unexplained.pop(int(entry.resource_id), None)
        self._entry_count += 1
        self.last = Head(entry.sequence, recorded.hash)

    def end(self, head: Head) -> Iterator[Finding]:
        """Takes the chain's end as the store remembers it apart, and yields what is missing, and the summary."""
        for sequence in self._unexplained:
            yield self._broken(sequence, "what it held is gone, and no later entry says that it was erased")
        if self.last != head:
            yield self._broken(
                max(self.last.sequence, head.sequence),
                f"the chain ends with entry {self.last.sequence}, and its head names entry {head.sequence}: "
                f"entries were cut off or added, or the head was changed",
            )
        if self.expected.sequence > self.last.sequence:
            yield self._broken(self.expected.sequence, "the entry that was noted before is not there")
        yield Summary(self._entry_count, self._erased_count, self._break_count, self.last.hash)

    def _link(self, recorded: Recorded) -> Iterator[str]:
        entry, due = recorded.entry, self.last.sequence + 1
        if entry.sequence != due:
            yield f"entries {due} to {entry.sequence - 1} are missing"
        elif entry.previous_hash != self.last.hash:
            yield "it does not follow the entry before: that one, or this one, was replaced"

    def _expectation(self, recorded: Recorded) -> Iterator[str]:
        if recorded.entry.sequence == self.expected.sequence and recorded.hash != self.expected.hash:
            yield "it does not have the hash that was noted before"

    def _broken(self, sequence: int, message: str) -> Break:
        self._break_count += 1
        return Break(sequence, message)


def _content(recorded: Recorded) -> Iterator[str]:
    if recorded.entry.hash != recorded.hash:
        yield "it is not what was hashed"
    if recorded.payload and payload_hash(recorded.payload) != recorded.entry.payload_hash:
        yield "what it holds is not what was hashed"

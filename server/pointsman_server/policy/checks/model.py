"""What a content check is, what it finds, and what the merged rules order of it. Findings never hold the text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from pointsman_server.policy.rule import Action


@dataclass(frozen=True, slots=True)
class Finding:
    """Where something was found.

    Attributes:
        kind: what, such as ``email``.
        start, end: in characters; the end is exclusive.
        score: how sure the check is, 0 to 1.
    """

    kind: str
    start: int
    end: int
    score: float = 1.0


class TextCheck(Protocol):
    """Looks for kinds of content in a text, in this process. It neither logs nor keeps the text.

    A finding depends on nothing that is further than ``masking.LONGEST_FINDING`` characters from its start, but for its
    end: one that reaches the end of the text may go on in what follows. So a stream is checked piece by piece.
    """

    def find(self, text: str, kinds: Collection[str]) -> Sequence[Finding]:
        """Everything of these kinds, in any order; findings may overlap."""
        ...


class CheckNotAvailable(Exception):
    """A check cannot run on this server; the message says what an operator does about that."""


@dataclass(frozen=True, slots=True)
class CheckOrder:
    """One check to make, and what is done about each kind that it finds."""

    check: str
    actions: Mapping[str, Action]


@dataclass(frozen=True, slots=True)
class ContentChecks:
    """The checks that the merged rules order of a call, by name; empty: none."""

    inputs: tuple[CheckOrder, ...] = ()
    outputs: tuple[CheckOrder, ...] = ()


NO_CHECKS = ContentChecks()


class Found(NamedTuple):
    """A kind that was found, and what was done about it; a counter says how often."""

    check: str
    kind: str
    action: Action


class Refused(Exception):
    """A check found what it refuses, or could not be made though it had to be.

    Attributes:
        check: its name.
        kinds: what it found.
        unavailable: whether it could not be made.
    """

    def __init__(self, check: str, kinds: Collection[str], *, unavailable: bool = False) -> None:
        super().__init__(check)
        self.check = check
        self.kinds = tuple(sorted(set(kinds)))
        self.unavailable = unavailable

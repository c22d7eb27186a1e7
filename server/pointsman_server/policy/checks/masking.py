"""Puts the kind in the place of what was found, piece by piece: what was decided never changes with what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pointsman_server.policy.checks.model import CheckOrder, Finding, Found, Refused, TextCheck
from pointsman_server.policy.rule import Action

LONGEST_FINDING = 254
"""The most characters that a finding has before it can be told, and that tell what it is."""

_BEFORE = 64
"""How many characters before it a finding may depend on."""

LONGEST_TRAIL = 16 * 1024
"""The most characters that a finding goes on for. What a stream holds of one that does not end is bounded so."""


@dataclass(frozen=True, slots=True)
class ReadyCheck:
    """A check that can be made here, and what is done about what it finds."""

    order: CheckOrder
    check: TextCheck


class NotWanted(Exception):
    """Nobody waits for what is checked any more."""


def mask(kind: str) -> str:
    """What stands in the place of a finding."""
    return f"[{kind.upper()}]"


class Masker:
    """Takes one text in pieces and gives it back without what is masked; nothing of a finding leaves before that.

    What is done to a text does not depend on where it was cut: it is looked at whenever so many further characters
    are there, and at its end.

    Args:
        window: how many characters are held back, at least ``LONGEST_FINDING``.
        step: how many more are waited for before the text is looked at again.

    Attributes:
        changed: whether anything was masked so far.
    """

    def __init__(self, checks: Sequence[ReadyCheck], counts: Counter[Found], *, window: int, step: int) -> None:
        self.changed = False
        self._checks = checks
        self._counts = counts
        self._window = window
        self._step = step
        self._waiting = ""  # not looked at yet
        self._text = ""  # looked at, and what is before it
        self._emitted = 0  # up to here it was given out, or masked
        self._decided = 0  # findings that start before this were told
        self._trails: set[tuple[int, str]] = set()  # start and kind of the findings that may go on

    def feed(self, piece: str) -> str:
        """Takes more of the text; returns what is safe by now.

        Raises:
            Refused: something was found that ends the call.
        """
        self._waiting += piece
        if len(self._waiting) < self._step:
            return ""
        out: list[str] = []
        while len(self._waiting) >= (due := self._due()):
            self._text += self._waiting[:due]
            self._waiting = self._waiting[due:]
            out.append(self._look(max(self._decided, len(self._text) - self._window)))
            self._forget()
        return "".join(out)

    def close(self) -> str:
        """Says that the text is over; returns the rest of it.

        Raises:
            Refused: as ``feed``.
        """
        self._text += self._waiting
        self._waiting = ""
        return self._look(len(self._text))

    def _due(self) -> int:
        """How much more text is waited for: where a finding goes on for long, the more, since all of it is looked at
        again.
        """
        return max(self._step, len(self._text) // 4) if self._trails else self._step

    def _look(self, safe: int) -> str:
        """Decides everything that starts before ``safe``."""
        out: list[str] = []
        trails: set[tuple[int, str]] = set()
        for check, action, finding in self._found(safe):
            key = (finding.start, finding.kind)
            if key not in self._trails:
                self._counts[Found(check, finding.kind, action)] += 1
            if action is Action.MASK:
                self.changed = True
                if finding.start >= self._emitted:
                    out += (self._text[self._emitted : finding.start], mask(finding.kind))
                self._emitted = max(self._emitted, finding.end)
            if finding.end == len(self._text):
                trails.add(key)
        self._decided, self._trails = safe, trails
        if safe > self._emitted:
            out.append(self._text[self._emitted : safe])
            self._emitted = safe
        return "".join(out)

    def _found(self, safe: int) -> list[tuple[str, Action, Finding]]:
        found = [
            (ready.order.check, ready.order.actions[finding.kind], finding)
            for ready in self._checks
            for finding in ready.check.find(self._text, ready.order.actions)
            if self._decided <= finding.start < safe or (finding.start, finding.kind) in self._trails
        ]
        found.sort(key=lambda each: (each[2].start, -each[2].end, each[2].kind))
        for refusing in (check for check, action, _ in found if action is Action.REFUSE):
            kinds = {each.kind for check, action, each in found if check == refusing and action is Action.REFUSE}
            raise Refused(refusing, kinds)
        return found

    def _forget(self) -> None:
        """Lets go of what no later finding depends on."""
        keep_from = self._decided - _BEFORE
        if self._trails:
            first = min(self._trails)[0] - _BEFORE
            keep_from = max(min(keep_from, first), len(self._text) - LONGEST_TRAIL)
        if keep_from <= 0:
            return
        self._text = self._text[keep_from:]
        self._emitted -= keep_from
        self._decided -= keep_from
        self._trails = {(start - keep_from, kind) for start, kind in self._trails if start >= keep_from}


def masked(
    text: str,
    checks: Sequence[ReadyCheck],
    counts: Counter[Found],
    *,
    step: int,
    is_wanted: Callable[[], bool] = lambda: True,
) -> str:
    """The text without what is masked; the same text where nothing is.

    Args:
        text: what is checked.
        checks: what is looked for.
        counts: takes what was found.
        step: how much is looked at at once.
        is_wanted: asked before each step.

    Raises:
        Refused: something was found that refuses the call.
        NotWanted: nobody waits for it any more.
    """
    masker = Masker(checks, counts, window=2 * LONGEST_FINDING, step=step)
    out: list[str] = []
    for start in range(0, len(text), step):
        if not is_wanted():
            raise NotWanted
        out.append(masker.feed(text[start : start + step]))
    return "".join(out) + masker.close()

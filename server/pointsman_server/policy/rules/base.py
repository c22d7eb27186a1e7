"""What a kind of rule is: the form of its values, how they merge, what they refuse, and their words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from pointsman_server.policy.hours import Hours
from pointsman_server.policy.rule import ContentCheck
from pointsman_server.policy.situation import Situation

ValueT = TypeVar("ValueT", int, frozenset[str], Hours, ContentCheck)
LimitT = TypeVar("LimitT")


class Form(StrEnum):
    """The form of a value, by its field in ``PolicyRule``."""

    AMOUNT = "amount"
    NAMES = "names"
    HOURS = "hours"
    CONTENT_CHECK = "content_check"


@dataclass(frozen=True)
class Kind(ABC, Generic[ValueT, LimitT]):
    """One kind of rule.

    Attributes:
        key: its name in rules.
        about: what it limits, for people; ``docs/policy.md`` prints it.
    """

    key: str
    about: str

    @property
    @abstractmethod
    def form(self) -> Form:
        """The form of its values."""

    @abstractmethod
    def merge(self, values: Sequence[ValueT]) -> LimitT:
        """The limit that all values together set. Their order does not matter, and there is at least one."""

    @abstractmethod
    def words(self, limit: LimitT) -> str:
        """The limit, for people."""

    def value_words(self, value: ValueT) -> str:
        """What one rule says, for people."""
        return self.words(self.merge((value,)))

    def tighter(self, one: ValueT, other: ValueT) -> bool:
        """Whether one value leaves less than the other, and nothing that the other does not leave."""
        return one != other and self.merge((one, other)) == self.merge((one,))

    def contrary(self, one: ValueT, other: ValueT) -> bool:
        """Whether the two together leave nothing at all."""
        del one, other
        return False

    def problem(self, value: ValueT) -> str | None:
        """What is wrong with a value of the right form; ``None``: nothing."""
        del value
        return None

    @property
    def refuses(self) -> bool:
        """Whether ``refusal`` ever has something to say."""
        return type(self).refusal is not Kind.refusal

    def refusal(self, limit: LimitT, at: Situation) -> str | None:
        """Why the limit refuses a call, and what to do; ``None``: it does not."""
        del limit, at
        return None

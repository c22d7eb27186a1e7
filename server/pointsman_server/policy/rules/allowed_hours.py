"""When calls are let in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pointsman_server.policy.hours import WEEKDAYS, Hours, meet
from pointsman_server.policy.rules.base import Form, Kind
from pointsman_server.policy.situation import Situation


@dataclass(frozen=True)
class _AllowedHours(Kind[Hours, tuple[Hours, ...]]):
    @property
    def form(self) -> Form:
        return Form.HOURS

    def merge(self, values: Sequence[Hours]) -> tuple[Hours, ...]:
        return tuple(sorted(set(values), key=str))

    def words(self, limit: tuple[Hours, ...]) -> str:
        return "; and ".join(map(str, limit))

    def tighter(self, one: Hours, other: Hours) -> bool:
        del one, other  # none is a part of another as a rule; each that stands is a part of the limit
        return False

    def contrary(self, one: Hours, other: Hours) -> bool:
        return not meet((one, other))

    def refusal(self, limit: tuple[Hours, ...], at: Situation) -> str | None:
        closed = [hours for hours in limit if not hours.include(at.now)]
        if not closed:
            return None
        more = f" (and {len(closed) - 1} more such limits)" if len(closed) > 1 else ""
        local = closed[0].local(at.now)
        clock = f"{WEEKDAYS[local.weekday()]} {local:%H:%M}"
        return f"calls are let in {closed[0]}{more}, and it is {clock} there; come back then."


ALLOWED_HOURS = _AllowedHours(
    key="allowed_hours",
    about="when calls are let in",
)

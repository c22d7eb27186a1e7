"""The values of rules as people type and read them.

========================================  ================================
``8000``                                  an amount
``openai/*,ollama/qwen3``                 names
``mon-fri 09:00-17:00 Europe/Berlin``     hours
``refuse input email,aws_key``            what content is looked for
========================================  ================================
"""

from __future__ import annotations

import re
from typing import Final

import typer

from pointsman.cli.figures import NONE
from pointsman.cli.names import choose, name_of, names
from pointsman.v1.policy_service_pb2 import (
    ContentAction,
    ContentCheck,
    ContentDirection,
    PolicyCondition,
    PolicyHours,
    PolicyNames,
    PolicyRule,
    Weekday,
)

VALUE_HELP: Final = (
    "An amount (8000), names (openai/*,ollama/qwen3), hours ('mon-fri 09:00-17:00 Europe/Berlin') or a content check"
    " ('refuse input email,aws_key')."
)

_AMOUNT: Final = re.compile(r"[\d_]+")
_HOURS: Final = re.compile(r"(?:([a-z,-]+) +)?(\d\d):(\d\d) ?- ?(\d\d):(\d\d)(?: +(\S+))?", re.IGNORECASE)
_DAYS: Final = {name[:3]: value for name, value in names(Weekday).items()}
_SHORTEST_RANGE: Final = 3
_CHECK_WORDS: Final = 2


def set_value(rule: PolicyRule, typed: str) -> str:
    """Puts what was typed into a rule; returns the name of its form.

    Raises:
        typer.BadParameter: it is none.
    """
    first, *rest = typed.split()[:_CHECK_WORDS] or [""]
    if _AMOUNT.fullmatch(typed):
        rule.amount = int(typed)
    elif _HOURS.fullmatch(typed):
        rule.hours.CopyFrom(hours(typed, "VALUE"))
    elif first in names(ContentAction) and rest:
        rule.content_check.CopyFrom(_content_check(typed))
    else:
        rule.names.CopyFrom(_names(typed))
    return rule.WhichOneof("value") or ""


def _names(typed: str) -> PolicyNames:
    found = [name.strip() for name in typed.split(",") if name.strip()]
    if any(" " in name for name in found):
        raise typer.BadParameter(f"{typed!r} is none of these: {VALUE_HELP}", param_hint="VALUE")
    return PolicyNames(names=found)


def value_text(rule: PolicyRule) -> str:
    """The value of a rule."""
    match rule.WhichOneof("value"):
        case "amount":
            return f"{rule.amount:,}"
        case "names":
            return ", ".join(rule.names.names)
        case "hours":
            return hours_text(rule.hours)
        case "content_check":
            check = rule.content_check
            words = name_of(ContentAction, check.action), name_of(ContentDirection, check.direction)
            return " ".join((*words, ",".join(check.kinds))).strip()
        case _:
            return NONE


def condition_text(condition: PolicyCondition) -> str:
    """When a rule holds."""
    parts = []
    if condition.HasField("hours"):
        parts.append(hours_text(condition.hours))
    if condition.HasField("outside_hours"):
        parts.append(f"outside {hours_text(condition.outside_hours)}")
    if condition.purposes:
        parts.append(f"for {', '.join(condition.purposes)}")
    if condition.HasField("usage"):
        usage = condition.usage
        parts.append(f"{usage.budget_id or 'a budget'} used to {usage.at_least_percent}%")
    return "; ".join(parts)


def hours(typed: str, option: str) -> PolicyHours:
    """A part of the week.

    Raises:
        typer.BadParameter: it is none.
    """
    found = _HOURS.fullmatch(typed)
    if not found:
        raise typer.BadParameter(f"{typed!r} is no time such as 'mon-fri 09:00-17:00 Europe/Berlin'", param_hint=option)
    days, *clock, zone = found.groups()
    start_hour, start_minute, end_hour, end_minute = map(int, clock)
    return PolicyHours(
        weekdays=_weekdays(days or "", option),
        start_minute=start_hour * 60 + start_minute,
        end_minute=end_hour * 60 + end_minute,
        time_zone=zone or "",
    )


def hours_text(value: PolicyHours) -> str:
    """A part of the week, as it is typed."""
    start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in (value.start_minute, value.end_minute))
    return " ".join(filter(None, (_days_text(sorted(value.weekdays)), f"{start}-{end}", value.time_zone or "UTC")))


def _weekdays(typed: str, option: str) -> list[Weekday.ValueType]:
    chosen: list[Weekday.ValueType] = []
    for part in filter(None, typed.lower().split(",")):
        first, dash, last = part.partition("-")
        for day in filter(None, (first, last)):
            if day[:3] not in _DAYS:
                raise typer.BadParameter(f"{day!r} is none of {', '.join(_DAYS)}", param_hint=option)
        order = list(_DAYS.values())
        start = order.index(_DAYS[first[:3]])
        length = (order.index(_DAYS[last[:3]]) - start) % len(order) + 1 if dash and last else 1
        chosen += [order[(start + step) % len(order)] for step in range(length)]
    return sorted(set(chosen))


def _days_text(days: list[Weekday.ValueType]) -> str:
    by_value = {value: name for name, value in _DAYS.items()}
    if len(days) >= _SHORTEST_RANGE and days == list(range(days[0], days[-1] + 1)):
        return f"{by_value[days[0]]}-{by_value[days[-1]]}"
    return ",".join(by_value[day] for day in days)


def _content_check(typed: str) -> ContentCheck:
    action, direction, *kinds = typed.split(maxsplit=2)
    return ContentCheck(
        action=choose(ContentAction, action, "VALUE"),
        direction=choose(ContentDirection, direction, "VALUE"),
        kinds=[kind.strip() for kind in ",".join(kinds).split(",") if kind.strip()],
    )

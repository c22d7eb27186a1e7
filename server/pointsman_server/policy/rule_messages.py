"""Writes rules as the contract's messages, and reads them."""

from __future__ import annotations

from pointsman.v1 import policy_service_pb2 as pb

from pointsman_server.identity.times import times_of
from pointsman_server.policy.hours import Hours
from pointsman_server.policy.rule import (
    Action,
    Condition,
    ContentCheck,
    Direction,
    PolicyScope,
    Rule,
    UsageCondition,
    Value,
)

_DIRECTIONS = {
    pb.CONTENT_DIRECTION_INPUT: Direction.INPUT,
    pb.CONTENT_DIRECTION_OUTPUT: Direction.OUTPUT,
    pb.CONTENT_DIRECTION_BOTH: Direction.BOTH,
}
_ACTIONS = {
    pb.CONTENT_ACTION_REFUSE: Action.REFUSE,
    pb.CONTENT_ACTION_MASK: Action.MASK,
    pb.CONTENT_ACTION_WARN: Action.WARN,
}
_DIRECTION_VALUES = {direction: value for value, direction in _DIRECTIONS.items()}
_ACTION_VALUES = {action: value for value, action in _ACTIONS.items()}


def rule_message(rule: Rule) -> pb.PolicyRule:
    """Writes a rule."""
    message = pb.PolicyRule(
        policy_rule_id=rule.rule_id,
        tenant_id=rule.tenant_id,
        scope=pb.PolicyScope.ValueType(rule.scope),
        scope_id=rule.tenant_id if rule.scope is PolicyScope.TENANT else rule.scope_id,
        task_code=rule.task_code,
        key=rule.key,
        condition=_condition(rule.condition) if rule.condition.is_set else None,
        overrides=rule.overrides,
        mandatory=rule.mandatory,
        disabled=rule.disabled,
        description=rule.description,
        of_platform=rule.of_platform,
    )
    if rule.times is not None:
        message.create_time.FromDatetime(rule.times.created_at)
        message.update_time.FromDatetime(rule.times.updated_at)
    _write_value(message, rule.value)
    return message


def read_rule(message: pb.PolicyRule) -> Rule:
    """The rule that a sound message describes."""
    scope = PolicyScope(message.scope)
    return Rule(
        rule_id=message.policy_rule_id,
        tenant_id=message.tenant_id,
        of_platform=message.of_platform,
        scope=scope,
        scope_id="" if scope in {PolicyScope.PLATFORM, PolicyScope.TENANT} else message.scope_id,
        key=message.key,
        value=read_value(message),
        task_code=message.task_code,
        condition=_read_condition(message.condition),
        overrides=message.overrides,
        mandatory=message.mandatory,
        disabled=message.disabled,
        description=message.description,
        times=times_of(message),
    )


def _write_value(message: pb.PolicyRule, value: Value) -> None:
    match value:
        case int():
            message.amount = value
        case Hours():
            message.hours.CopyFrom(_hours(value))
        case ContentCheck():
            message.content_check.direction = _DIRECTION_VALUES[value.direction]
            message.content_check.action = _ACTION_VALUES[value.action]
            message.content_check.kinds.extend(sorted(value.kinds))
        case _:
            message.names.names.extend(sorted(value))


def read_value(message: pb.PolicyRule) -> Value:
    """The value of a sound rule."""
    match message.WhichOneof("value"):
        case "amount":
            return message.amount
        case "names":
            return frozenset(message.names.names)
        case "hours":
            return read_hours(message.hours)
        case _:
            check = message.content_check
            return ContentCheck(_DIRECTIONS[check.direction], _ACTIONS[check.action], frozenset(check.kinds))


def _condition(condition: Condition) -> pb.PolicyCondition:
    usage = condition.usage
    return pb.PolicyCondition(
        hours=None if condition.hours is None else _hours(condition.hours),
        outside_hours=None if condition.outside_hours is None else _hours(condition.outside_hours),
        purposes=sorted(condition.purposes),
        usage=None
        if usage is None
        else pb.UsageCondition(budget_id=usage.budget_id, at_least_percent=usage.at_least_percent),
    )


def _read_condition(message: pb.PolicyCondition) -> Condition:
    usage = message.usage
    return Condition(
        hours=read_hours(message.hours) if message.HasField("hours") else None,
        outside_hours=read_hours(message.outside_hours) if message.HasField("outside_hours") else None,
        purposes=frozenset(message.purposes),
        usage=UsageCondition(usage.budget_id, usage.at_least_percent) if message.HasField("usage") else None,
    )


def _hours(hours: Hours) -> pb.PolicyHours:
    return pb.PolicyHours(
        weekdays=[pb.Weekday.ValueType(day + 1) for day in sorted(hours.weekdays)],
        start_minute=hours.start_minute,
        end_minute=hours.end_minute,
        time_zone=hours.time_zone,
    )


def read_hours(message: pb.PolicyHours) -> Hours:
    """The hours that a sound message describes; it counts the days from 1."""
    return Hours(
        frozenset(day - 1 for day in message.weekdays), message.start_minute, message.end_minute, message.time_zone
    )

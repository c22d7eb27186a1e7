"""Requests for every method: each field filled with something plain, and what a method needs beyond that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from pointsman.v1 import budget_service_pb2 as budgets

_DEPTH = 3
_LEFT_OUT: Final = frozenset({"page_token", "page_size", "update_mask", "request_id", "conversation_id", "resumable"})
_SCALARS: Final[Mapping[int, Any]] = {
    FieldDescriptor.CPPTYPE_STRING: "x1",
    FieldDescriptor.CPPTYPE_INT32: 1,
    FieldDescriptor.CPPTYPE_INT64: 1,
    FieldDescriptor.CPPTYPE_UINT32: 1,
    FieldDescriptor.CPPTYPE_UINT64: 1,
    FieldDescriptor.CPPTYPE_DOUBLE: 0.5,
    FieldDescriptor.CPPTYPE_FLOAT: 0.5,
    FieldDescriptor.CPPTYPE_BOOL: False,
    FieldDescriptor.CPPTYPE_ENUM: 1,
}


def sample(descriptor: Descriptor) -> Any:
    """A request with every field filled but the tenant, as far as one value each goes."""
    message = _filled(descriptor, _DEPTH)
    if "tenant_id" in descriptor.fields_by_name:
        message.ClearField("tenant_id")
    if isinstance(message, budgets.CreateBudgetRequest):
        message.budget.CopyFrom(
            budgets.Budget(
                name="monthly",
                scope=budgets.BUDGET_SCOPE_TENANT,
                unit=budgets.BUDGET_UNIT_NANOS,
                kind=budgets.BUDGET_KIND_MONTH,
                limit=1,
            )
        )
    if isinstance(message, budgets.PullKillSwitchRequest):
        message.scope = budgets.KILL_SWITCH_SCOPE_TENANT
        message.ClearField("scope_id")
    return message


def _filled(descriptor: Descriptor, depth: int) -> Any:
    message: Any = GetMessageClass(descriptor)()
    used: set[str] = set()
    for field in descriptor.fields:
        oneof = field.containing_oneof
        if field.name in _LEFT_OUT or (oneof is not None and oneof.full_name in used):
            continue
        if oneof is not None:
            used.add(oneof.full_name)
        _fill(message, field, depth)
    return message


def _fill(message: Message, field: FieldDescriptor, depth: int) -> None:
    nested = field.message_type
    if nested is None:
        value = b"x" if field.type == FieldDescriptor.TYPE_BYTES else _SCALARS[field.cpp_type]
        if field.is_repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)
    elif depth and not nested.GetOptions().map_entry and not nested.full_name.startswith("google."):
        if field.is_repeated:
            getattr(message, field.name).append(_filled(nested, depth - 1))
        else:
            getattr(message, field.name).CopyFrom(_filled(nested, depth - 1))

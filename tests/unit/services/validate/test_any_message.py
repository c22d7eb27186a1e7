"""Whatever a message holds, checking it ends in nothing or in one of our errors."""

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pointsman.v1 import catalog_service_pb2, router_service_pb2
from pointsman_server.errors import PointsmanError
from pointsman_server.services import validate
from pointsman_server.services.size import largest_field
from pointsman_server.services.status import MAX_STATUS_BYTES, status_of

CHECKS: list[tuple[type[Message], Callable[..., None]]] = [
    (router_service_pb2.RouteRequest, validate.route),
    (router_service_pb2.CompleteRequest, validate.complete),
    (router_service_pb2.RecordFeedbackRequest, validate.record_feedback),
    (router_service_pb2.UsageRequest, validate.usage_report),
    (catalog_service_pb2.GetProviderRequest, validate.get_provider),
    (catalog_service_pb2.ListProvidersRequest, validate.list_providers),
    (catalog_service_pb2.GetModelRequest, validate.get_model),
    (catalog_service_pb2.ListModelsRequest, validate.list_models),
]
INT32 = st.sampled_from([-(2**31), -1, 0, 1, 2, 1000, 2**31 - 1])
INT64 = st.sampled_from([-(2**63), -1, 0, 1, 10**12, 2**63 - 1])
TEXT = st.one_of(
    st.sampled_from(["", "a", "a" * 300, "https://[", "https://a:b@c#d", '{"type":"object"}', "{", '{"$ref":"#/x"}']),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_INT32: INT32,
    FieldDescriptor.CPPTYPE_INT64: INT64,
    FieldDescriptor.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_ENUM: st.integers(-3, 8),
}


def scalar(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return st.binary(max_size=4) if field.type == FieldDescriptor.TYPE_BYTES else TEXT
    return SCALARS[field.cpp_type]


def fill(draw: st.DrawFn, descriptor: Descriptor, depth: int) -> Message:
    message = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if not draw(st.integers(0, 2)):
            continue
        nested = field.message_type
        if nested is not None and nested.GetOptions().map_entry:
            getattr(message, field.name).update(draw(st.dictionaries(TEXT, TEXT, max_size=3)))
        elif nested is not None and depth == 0:
            continue
        elif field.is_repeated:
            count = draw(st.integers(0, 3))
            kind = [fill(draw, nested, depth - 1) if nested else draw(scalar(field)) for _ in range(count)]
            getattr(message, field.name).extend(kind)
        elif nested is not None:
            getattr(message, field.name).CopyFrom(fill(draw, nested, depth - 1))
        else:
            setattr(message, field.name, draw(scalar(field)))
    return message


@st.composite
def messages(draw: st.DrawFn, descriptor: Descriptor) -> Message:
    return fill(draw, descriptor, depth=6)


@pytest.mark.parametrize(("kind", "check"), CHECKS, ids=lambda value: getattr(value, "__name__", ""))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_checking_any_message_raises_our_errors_alone(
    kind: type[Message], check: Callable[..., None], data: st.DataObject
) -> None:
    request = data.draw(messages(kind.DESCRIPTOR))
    assert largest_field(request)
    try:
        check(request)
    except PointsmanError as error:
        assert error.message  # noqa: PT017  # an error is one of two outcomes
        assert status_of(error, "req").ByteSize() <= MAX_STATUS_BYTES  # noqa: PT017  # as above

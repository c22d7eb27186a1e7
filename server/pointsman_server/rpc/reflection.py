"""Server reflection: v1alpha from the library, and by the same servicer v1, whose messages are the same on the wire."""

from __future__ import annotations

from collections.abc import Sequence

import grpc
from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import Default
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.reflection import SERVICE_NAME, aio

_ALPHA, _STABLE = "grpc.reflection.v1alpha", "grpc.reflection.v1"
SERVICE_NAMES = (SERVICE_NAME, SERVICE_NAME.replace(_ALPHA, _STABLE))


def reflection_handlers(service_names: Sequence[str]) -> list[grpc.GenericRpcHandler]:
    """Handlers that list the services and give their descriptors."""
    _describe_stable()
    servicer = aio.ReflectionServicer((*service_names, *SERVICE_NAMES))
    info = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return [grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": info}) for name in SERVICE_NAMES]


def _describe_stable() -> None:
    """Puts v1's descriptor beside v1alpha's: tools ask for that of every service that is listed."""
    alpha = FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(alpha)
    text = text_format.MessageToString(alpha).replace(_ALPHA, _STABLE)
    text = text.replace(reflection_pb2.DESCRIPTOR.name, f"{_STABLE.replace('.', '/')}/reflection.proto")
    Default().Add(text_format.Parse(text, FileDescriptorProto()))

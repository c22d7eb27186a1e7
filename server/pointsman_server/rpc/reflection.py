"""Server reflection: v1alpha from the library, and by the same servicer v1, whose messages are the same on the wire."""

from __future__ import annotations

from collections.abc import Sequence

import grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.reflection import SERVICE_NAME, aio

SERVICE_NAMES = (SERVICE_NAME, "grpc.reflection.v1.ServerReflection")


def reflection_handlers(service_names: Sequence[str]) -> list[grpc.GenericRpcHandler]:
    """Handlers that list the services and give their descriptors."""
    servicer = aio.ReflectionServicer((*service_names, *SERVICE_NAMES))
    info = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return [grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": info}) for name in SERVICE_NAMES]

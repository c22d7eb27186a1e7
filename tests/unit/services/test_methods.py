"""Servicers are bound by the contract's descriptors, and completely."""

import pytest
from google.protobuf.descriptor import ServiceDescriptor
from pointsman.v1 import catalog_service_pb2, router_service_pb2
from pointsman.v1.router_service_pb2 import RouteRequest
from pointsman_server.services.catalog_service import CatalogService
from pointsman_server.services.methods import StreamMethod, UnaryMethod, methods_of
from pointsman_server.services.router_service import RouterService


def test_every_rpc_of_every_service_has_a_servicer() -> None:
    servicers = [object.__new__(RouterService), object.__new__(CatalogService)]
    bound = {(method.service, method.name): type(method) for method in methods_of(servicers)}
    declared = {
        (service.full_name, method.name): StreamMethod if method.server_streaming else UnaryMethod
        for file in (router_service_pb2, catalog_service_pb2)
        for service in file.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }
    assert bound == declared


def test_a_method_knows_its_request() -> None:
    route = next(m for m in methods_of([object.__new__(RouterService)]) if m.name == "Route")
    assert route.request_type is RouteRequest


def test_a_missing_method_fails_at_once() -> None:
    class Half:
        descriptor: ServiceDescriptor = router_service_pb2.DESCRIPTOR.services_by_name["RouterService"]

        async def route(self) -> None: ...

    with pytest.raises(TypeError, match="Half has no method complete"):
        methods_of([Half()])

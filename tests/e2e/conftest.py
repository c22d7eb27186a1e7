"""Servers for the end-to-end tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub

from tests.e2e.processes import Server, start_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A fresh server with nothing configured, for tests that change nothing that others see."""
    server = start_server(tmp_path_factory.mktemp("server"))
    yield server
    assert server.process.end() == 0, server.process.text()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers of the test's own, each with its data in ``tmp_path``; ends them after it."""
    servers: list[Server] = []

    def start(**settings: str) -> Server:
        servers.append(start_server(tmp_path, **settings))
        return servers[-1]

    yield start
    for server in servers:
        assert server.process.end() == 0, server.process.text()


@pytest.fixture
def router() -> Iterator[Callable[[Server], RouterServiceStub]]:
    """Makes stubs of a server's RouterService."""
    channels: list[grpc.Channel] = []

    def stub(server: Server) -> RouterServiceStub:
        channels.append(server.channel())
        return RouterServiceStub(channels[-1])

    yield stub
    for channel in channels:
        channel.close()

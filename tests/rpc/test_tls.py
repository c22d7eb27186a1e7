"""TLS of a whole server, with real certificates: on both ports, with client certificates, and through a renewal."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import httpx
import pytest
from pointsman.v1.tenant_service_pb2 import WhoAmIRequest
from pointsman.v1.tenant_service_pb2_grpc import TenantServiceStub
from pointsman_server.app import Addresses, running
from pointsman_server.config import Settings
from pointsman_server.errors import ConfigurationError
from pointsman_server.tls import TlsFiles
from structlog.testing import capture_logs

from tests.certificates import Authority, Pair


def write(directory: Path, pair: Pair) -> None:
    """Puts a certificate in the place of the one that is there, as renewals do."""
    for name, data in (("chain.pem", pair.certificate), ("key.pem", pair.key)):
        draft = directory / f".{name}"
        draft.write_bytes(data)
        draft.replace(directory / name)


def settings(directory: Path, *, client_ca: Path | None = None) -> Settings:
    return Settings(
        data_dir=directory / "data",
        grpc_address="127.0.0.1:0",
        http_address="127.0.0.1:0",
        local_discovery=False,
        tls_certificate=directory / "chain.pem",
        tls_key=directory / "key.pem",
        tls_client_ca=client_ca,
    )


@asynccontextmanager
async def served(directory: Path, authority: Authority, *, client_ca: Path | None = None) -> AsyncIterator[Addresses]:
    write(directory, authority.server())
    async with running(settings(directory, client_ca=client_ca), {}) as addresses:
        yield addresses


def bearer(directory: Path) -> str:
    return f"Bearer {(directory / 'data' / 'admin-token').read_text().strip()}"


async def who(directory: Path, address: str, authority: Authority, client: Pair | None = None) -> str:
    """Asks by gRPC who one is, over a connection of its own."""
    pair = (client.key, client.certificate) if client else (None, None)
    credentials = grpc.ssl_channel_credentials(authority.certificate, *pair)
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    async with grpc.aio.secure_channel(address, credentials, options=options) as channel:
        call = TenantServiceStub(channel).WhoAmI(
            WhoAmIRequest(), metadata=(("authorization", bearer(directory)),), timeout=5
        )
        return (await call).principal.user_id


def trusting(authority: Authority, directory: Path, client: Pair | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority.certificate.decode())
    if client is not None:
        for name, data in (("client.pem", client.certificate), ("client.key", client.key)):
            (directory / name).write_bytes(data)
        context.load_cert_chain(directory / "client.pem", directory / "client.key")
    return context


async def who_by_http(directory: Path, address: str, context: ssl.SSLContext) -> str:
    async with httpx.AsyncClient(verify=context) as client:
        url = f"https://{address}/pointsman.v1.TenantService/WhoAmI"
        answer = await client.post(url, json={}, headers={"authorization": bearer(directory)})
        found = answer.json()["principal"]["userId"]
        assert isinstance(found, str)
        return found


async def test_both_ports_speak_tls_and_nothing_else(tmp_path: Path) -> None:
    authority = Authority()
    async with served(tmp_path, authority) as addresses:
        assert await who(tmp_path, addresses.grpc, authority) == "local-admin"
        assert await who_by_http(tmp_path, addresses.http, trusting(authority, tmp_path)) == "local-admin"
        with pytest.raises(grpc.aio.AioRpcError):
            await who(tmp_path, addresses.grpc, Authority())
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            await who_by_http(tmp_path, addresses.http, trusting(Authority(), tmp_path))
        async with grpc.aio.insecure_channel(addresses.grpc) as channel:
            with pytest.raises(grpc.aio.AioRpcError):
                await TenantServiceStub(channel).WhoAmI(WhoAmIRequest(), timeout=5)
        async with httpx.AsyncClient() as client:
            with pytest.raises(httpx.HTTPError):
                await client.get(f"http://{addresses.http}/healthz")


async def test_new_connections_get_the_certificate_that_the_files_hold(tmp_path: Path) -> None:
    old, new = Authority("old"), Authority("new")
    async with served(tmp_path, old) as addresses:
        assert await who(tmp_path, addresses.grpc, old) == "local-admin"
        write(tmp_path, new.server())
        assert await who(tmp_path, addresses.grpc, new) == "local-admin"
        assert await who_by_http(tmp_path, addresses.http, trusting(new, tmp_path)) == "local-admin"
        with pytest.raises(grpc.aio.AioRpcError):
            await who(tmp_path, addresses.grpc, old)
        (tmp_path / "key.pem").write_bytes(old.server().key)
        with capture_logs() as logs:
            assert await who(tmp_path, addresses.grpc, new) == "local-admin"
            assert await who_by_http(tmp_path, addresses.http, trusting(new, tmp_path)) == "local-admin"
        assert {entry["event"] for entry in logs} >= {"tls_not_reloaded"}
        (tmp_path / "chain.pem").unlink()
        assert await who(tmp_path, addresses.grpc, new) == "local-admin"


async def test_with_an_authority_for_clients_nobody_connects_without_its_certificate(tmp_path: Path) -> None:
    authority, clients = Authority(), Authority("clients")
    (tmp_path / "ca.pem").write_bytes(clients.certificate)
    async with served(tmp_path, authority, client_ca=tmp_path / "ca.pem") as addresses:
        pair = clients.client()
        assert await who(tmp_path, addresses.grpc, authority, pair) == "local-admin"
        assert await who_by_http(tmp_path, addresses.http, trusting(authority, tmp_path, pair)) == "local-admin"
        for stranger in (None, Authority("others").client(), clients.client(days=-1)):
            with pytest.raises(grpc.aio.AioRpcError):
                await who(tmp_path, addresses.grpc, authority, stranger)
            with pytest.raises(httpx.HTTPError):
                await who_by_http(tmp_path, addresses.http, trusting(authority, tmp_path, stranger))


def test_files_that_cannot_be_used_are_told_of(tmp_path: Path) -> None:
    authority = Authority()
    write(tmp_path, authority.server())
    good = TlsFiles(tmp_path / "chain.pem", tmp_path / "key.pem")
    good.context()
    (tmp_path / "other.pem").write_bytes(authority.server().key)
    (tmp_path / "empty.pem").write_bytes(b"")
    for files in (
        TlsFiles(good.certificate, tmp_path / "other.pem"),
        TlsFiles(tmp_path / "none.pem", good.key),
        TlsFiles(good.certificate, good.key, tmp_path / "empty.pem"),
        TlsFiles(tmp_path / "empty.pem", good.key),
    ):
        with pytest.raises(ConfigurationError, match=r"\.pem"):
            files.context()


async def test_a_server_whose_certificate_cannot_be_used_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"chain\.pem"):
        async with running(settings(tmp_path), {}):
            pass

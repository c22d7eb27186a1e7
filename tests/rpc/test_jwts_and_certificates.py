"""A whole server whose callers others vouch for: an issuer of JWTs, and an authority of client certificates."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from pointsman.v1.budget_service_pb2 import ListBudgetsRequest
from pointsman.v1.budget_service_pb2_grpc import BudgetServiceStub
from pointsman.v1.catalog_service_pb2 import ListProvidersRequest
from pointsman.v1.catalog_service_pb2_grpc import CatalogServiceStub
from pointsman_server.app import running
from pointsman_server.config import load

from tests.certificates import Authority, Pair
from tests.unit.identity.forge import AUDIENCE, ISSUER, claims, key_set, signer, token
from tests.unit.identity.key_server import KeyServer, serving

ES = signer("ES256", "ec")
TLS = Authority()
ROGUE = Authority("rogue authority")


def jwt(**changes: Any) -> str:
    now = int(time.time())
    return token(ES, claims(**({"iat": now, "nbf": now, "exp": now + 60, "tenant_id": "local"} | changes)))


@pytest.fixture
async def issuer() -> AsyncIterator[KeyServer]:
    async with serving(key_set(ES.row())) as server:
        yield server


@asynccontextmanager
async def server_at(directory: Path, **settings: str) -> AsyncIterator[tuple[str, str]]:
    """A server; yields where its gRPC and its HTTP are."""
    environment = {
        "POINTSMAN_DATA_DIR": str(directory),
        "POINTSMAN_GRPC_ADDRESS": "127.0.0.1:0",
        "POINTSMAN_HTTP_ADDRESS": "127.0.0.1:0",
        "POINTSMAN_LOCAL_DISCOVERY": "false",
    }
    async with running(load(environment | settings), {}) as addresses:
        yield addresses.grpc, addresses.http


async def reason(call: Callable[..., Any], request: Any, *credentials: str) -> str:
    """Why a call is refused; empty: it is not."""
    try:
        await call(request, metadata=[("authorization", f"Bearer {text}") for text in credentials])
    except grpc.aio.AioRpcError as error:
        trailers = dict(error.trailing_metadata() or ())
        details = trailers.get("grpc-status-details-bin")
        if details is None:
            return error.code().name
        assert isinstance(details, bytes)
        [info] = [each for each in Status.FromString(details).details if each.TypeName() == "google.rpc.ErrorInfo"]
        return ErrorInfo.FromString(info.value).reason
    return ""


async def test_callers_whom_an_issuer_vouches_for(tmp_path: Path, issuer: KeyServer) -> None:
    settings = {
        "POINTSMAN_JWT_ISSUER": ISSUER,
        "POINTSMAN_JWT_AUDIENCE": AUDIENCE,
        "POINTSMAN_JWT_JWKS_URL": issuer.url,
    }
    async with server_at(tmp_path, **settings) as (address, http), grpc.aio.insecure_channel(address) as channel:
        providers, budgets = CatalogServiceStub(channel).ListProviders, BudgetServiceStub(channel).ListBudgets
        seen = {
            name: (
                await reason(providers, ListProvidersRequest(), *sent),
                await reason(budgets, ListBudgetsRequest(), *sent),
            )
            for name, sent in {
                "nothing": (),
                "a user": (jwt(),),
                "an auditor": (jwt(roles=["auditor"]),),
                "the administrator's name": (jwt(sub="local-admin", roles=["platform_admin"]),),
                "another tenant": (jwt(tenant_id="acme"),),
                "over": (jwt(exp=int(time.time()) - 3_600, iat=None, nbf=None),),
                "forged": (token(signer("ES256", "stranger"), claims()),),
                "two": (jwt(), jwt()),
            }.items()
        }
        assert seen == {
            "nothing": ("CREDENTIAL_MISSING",) * 2,
            "a user": ("", "ROLE_REQUIRED"),
            "an auditor": ("", ""),
            "the administrator's name": ("ROLE_REQUIRED",) * 2,
            "another tenant": ("CREDENTIAL_INVALID",) * 2,
            "over": ("CREDENTIAL_EXPIRED",) * 2,
            "forged": ("CREDENTIAL_INVALID",) * 2,
            "two": ("CREDENTIAL_INVALID",) * 2,
        }
        assert issuer.asked == 1
        async with aiohttp.ClientSession(f"http://{http}", headers={"authorization": f"Bearer {jwt()}"}) as session:
            path = "/pointsman.v1.CatalogService/ListProviders"
            async with session.post(path, json={}) as response:
                assert response.status == 200, await response.text()
                assert "providers" in json.loads(await response.read())


def files(directory: Path) -> dict[str, str]:
    server = TLS.server()
    parts = {"CERTIFICATE": server.certificate, "KEY": server.key, "CLIENT_CA": TLS.certificate}
    for name, data in parts.items():
        (directory / name).write_bytes(data)
    return {f"POINTSMAN_TLS_{name}": str(directory / name) for name in parts}


async def by_certificate(address: str, client: Pair | None, *credentials: str) -> str:
    key, chain = (client.key, client.certificate) if client else (None, None)
    secure = grpc.ssl_channel_credentials(TLS.certificate, key, chain)
    async with grpc.aio.secure_channel(address.replace("127.0.0.1", "localhost"), secure) as channel:
        return await reason(CatalogServiceStub(channel).ListProviders, ListProvidersRequest(), *credentials)


async def test_callers_whom_a_client_certificate_speaks_for(tmp_path: Path, issuer: KeyServer) -> None:
    settings = {
        "POINTSMAN_MTLS_TEMPLATE": "spiffe://example.com/{tenant}/{user}",
        "POINTSMAN_JWT_ISSUER": ISSUER,
        "POINTSMAN_JWT_AUDIENCE": AUDIENCE,
        "POINTSMAN_JWT_JWKS_URL": issuer.url,
    }
    alice = TLS.client("alice", "spiffe://example.com/local/alice")
    async with server_at(tmp_path, **files(tmp_path), **settings) as (address, _):
        assert await by_certificate(address, alice) == ""
        assert await by_certificate(address, TLS.client("x", "spiffe://example.com/acme/alice")) == "CREDENTIAL_INVALID"
        assert await by_certificate(address, TLS.client("spiffe://example.com/local/alice")) == "CREDENTIAL_INVALID"
        two = TLS.client("x", "spiffe://example.com/local/alice", "spiffe://example.com/local/bob")
        assert await by_certificate(address, two) == "CREDENTIAL_INVALID"
        nobody = TLS.client("nobody")
        assert await by_certificate(address, nobody) == "CREDENTIAL_INVALID"
        # A credential goes before the certificate, and where it is wrong the certificate does not help.
        assert await by_certificate(address, nobody, jwt()) == ""
        assert await by_certificate(address, alice, jwt(aud="other")) == "CREDENTIAL_INVALID"
        for stranger in (None, ROGUE.client("x", "spiffe://example.com/local/alice"), TLS.client("x", days=-1)):
            assert await by_certificate(address, stranger) == "UNAVAILABLE"  # nobody even connects


async def test_a_certificate_that_only_opens_the_connection(tmp_path: Path) -> None:
    async with server_at(tmp_path, **files(tmp_path)) as (address, _):
        alice = TLS.client("alice", "spiffe://example.com/local/alice")
        assert await by_certificate(address, alice) == "CREDENTIAL_MISSING"

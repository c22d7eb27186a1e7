"""The clients over TLS: whom they believe, what they show, and what a person is told where that fails."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from pointsman import AsyncClient, Client, contexts
from pointsman.contexts import Context, Contexts
from pointsman.errors import CredentialUnusable, ServerUnreachable
from pointsman.v1.principal_pb2 import Principal
from pointsman.v1.tenant_service_pb2 import WhoAmIRequest, WhoAmIResponse
from pointsman.v1.tenant_service_pb2_grpc import TenantServiceServicer, add_TenantServiceServicer_to_server

from tests.certificates import Authority, Pair

# Tests are no package; the command line's are beside these.
sys.path.append(str(Path(__file__).parents[1] / "cli"))
from invocation import invoke  # see above

Known = grpc.ServicerContext


class _Mirror(TenantServiceServicer):
    """Says who calls: the token, or the name of the client's certificate."""

    def WhoAmI(self, request: WhoAmIRequest, context: Known) -> WhoAmIResponse:  # noqa: ARG002, N802  # the contract's
        token = dict(context.invocation_metadata()).get("authorization", "")
        names = context.auth_context().get("x509_common_name", [b""])
        return WhoAmIResponse(principal=Principal(user_id=str(token), tenant_id=names[0].decode()))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def files(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the authority's certificate; nothing else of this machine's user is seen."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ca.pem").write_bytes(authority.certificate)
    return tmp_path


def serving(pair: Pair, authority: Authority | None = None) -> Iterator[str]:
    """A server on a port of loopback; with an authority it wants certificates of clients."""
    server = grpc.server(ThreadPoolExecutor(2))
    add_TenantServiceServicer_to_server(_Mirror(), server)
    credentials = grpc.ssl_server_credentials(
        [(pair.key, pair.certificate)], authority and authority.certificate, require_client_auth=authority is not None
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    yield f"https://127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def address(authority: Authority) -> Iterator[str]:
    yield from serving(authority.server())


@pytest.fixture
def strict_address(authority: Authority) -> Iterator[str]:
    yield from serving(authority.server(), authority)


def test_an_authority_of_the_environment_is_believed(
    files: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINTSMAN_ROOT_CERTIFICATES", str(files / "ca.pem"))
    with Client(address, token="t", timeout=20) as client:
        assert client.who_am_i().principal.user_id == "Bearer t"


async def test_so_it_is_with_asyncio(files: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_ROOT_CERTIFICATES", str(files / "ca.pem"))
    async with AsyncClient(address, token="t", timeout=20) as client:
        assert (await client.who_am_i()).principal.user_id == "Bearer t"


def test_a_context_has_its_own_authority(files: Path, address: str) -> None:
    contexts.save(Contexts("c", {"c": Context(address, "stored", str(files / "ca.pem"))}))
    with Client(timeout=20) as client:
        assert client.who_am_i().principal.user_id == "Bearer stored"


def test_login_stores_the_authority(files: Path, address: str) -> None:
    outcome = invoke("login", "--address", address, "--root-certificates", "ca.pem", "--name", "c", stdin="t")
    assert (outcome.code, outcome.err) == (0, "")
    assert contexts.load().contexts["c"].root_certificates == str(files / "ca.pem")
    assert invoke("whoami").code == 0


@pytest.mark.usefixtures("files")
def test_a_stranger_is_not_believed_and_the_cure_is_told(address: str) -> None:
    with Client(address, token="t", timeout=20) as client, pytest.raises(ServerUnreachable):
        client.who_am_i()
    told = invoke("--address", address, "whoami").err
    assert told.startswith(f"no server that can prove itself at {address}: ")
    assert "POINTSMAN_ROOT_CERTIFICATES" in told


def test_a_client_shows_its_certificate(
    files: Path, authority: Authority, strict_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = authority.client("ada")
    (files / "ada.pem").write_bytes(pair.certificate)
    (files / "ada.key").write_bytes(pair.key)
    monkeypatch.setenv("POINTSMAN_ROOT_CERTIFICATES", "ca.pem")
    with Client(strict_address, timeout=20) as client, pytest.raises(ServerUnreachable):
        client.who_am_i()
    monkeypatch.setenv("POINTSMAN_CLIENT_CERTIFICATE", "ada.pem")
    with pytest.raises(CredentialUnusable, match="set both"):
        Client(strict_address)
    monkeypatch.setenv("POINTSMAN_CLIENT_KEY", "ada.key")
    with Client(strict_address, timeout=20) as client:
        assert client.who_am_i().principal.tenant_id == "ada"
    proof = grpc.ssl_channel_credentials(authority.certificate, pair.key, pair.certificate)
    monkeypatch.delenv("POINTSMAN_CLIENT_KEY")
    with Client(strict_address, tls=proof, timeout=20) as client:
        assert client.who_am_i().principal.tenant_id == "ada"

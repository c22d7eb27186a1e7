"""Who is asking, over real sockets: the first start, what is refused, and how fast a revocation holds everywhere."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import grpc
import httpx
import psycopg
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from pointsman.v1 import tenant_service_pb2 as pb
from pointsman.v1.tenant_service_pb2_grpc import TenantServiceStub

from tests.e2e.processes import Server, admin_token, run, server_settings

WITHIN_S = 1.0
URL = "pointsman.v1.TenantService/WhoAmI"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def refusal(server: Server, *metadata: tuple[str, str]) -> str:
    """The reason that a call is refused with; empty: it is let in."""
    with grpc.insecure_channel(server.grpc_address) as channel:
        call = TenantServiceStub(channel).WhoAmI.future(pb.WhoAmIRequest(), metadata=metadata, timeout=10)
        code = call.code()
        packed = dict(call.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    info = ErrorInfo()
    details = Status.FromString(packed).details if isinstance(packed, bytes) else []
    if any(each.Unpack(info) for each in details):
        return info.reason
    return "" if code is grpc.StatusCode.OK else code.name


def make_key(server: Server, **fields: object) -> pb.CreateApiKeyResponse:
    key = pb.ApiKey(display_name="e2e", **fields)
    with server.channel() as channel:
        return TenantServiceStub(channel).CreateApiKey(pb.CreateApiKeyRequest(api_key=key))


def test_the_first_start_shows_the_key_once_and_keeps_it_for_its_owner(server: Server) -> None:
    file = server.data_dir / "admin-token"
    token = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = server.process.text()
    assert text.count(token) == 1
    logged = [line for line in text.splitlines() if line.startswith("{")]
    assert logged
    assert not any(token in line for line in logged)
    assert str(file) in text


def test_a_database_and_its_log_hold_no_key(server: Server) -> None:
    made = make_key(server)
    assert refusal(server, ("authorization", f"Bearer {made.key}")) == ""
    secrets = [each.rpartition("_")[2].encode() for each in (made.key, server.token)]
    kept = b"".join(path.read_bytes() for path in server.data_dir.glob("pointsman.db*"))
    assert made.api_key.api_key_id.encode() in kept
    assert not any(secret in kept for secret in secrets)
    assert made.key not in server.process.text()


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ([], "CREDENTIAL_MISSING"),
        ([("authorization", "Bearer")], "CREDENTIAL_INVALID"),
        ([("authorization", "Basic YWRhOmFkYQ==")], "CREDENTIAL_INVALID"),
        ([("authorization", "Bearer ' OR '1'='1")], "CREDENTIAL_INVALID"),
        ([("authorization", "Bearer pmk_0_x'; DROP TABLE api_keys; --")], "CREDENTIAL_INVALID"),
        ([("authorization", "Bearer a.b.c")], "CREDENTIAL_INVALID"),
        ([("x-api-key", "pmk_1")], "CREDENTIAL_INVALID"),
        ([("cookie", "token=1")], "CREDENTIAL_MISSING"),
        ([("authorization", "Bearer " + "x" * 6_000)], "CREDENTIAL_INVALID"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_refused(server: Server, metadata: list[tuple[str, str]], reason: str) -> None:
    assert refusal(server, *metadata) == reason
    answer = httpx.post(f"http://{server.http_address}/{URL}", json={}, headers=metadata)
    assert (answer.status_code, answer.json()["details"][0]["debug"]["reason"]) == (401, reason)


def test_credentials_that_come_twice_are_refused_though_each_is_good(server: Server) -> None:
    good = ("authorization", f"Bearer {server.token}")
    assert refusal(server, good) == ""
    assert refusal(server, ("x-api-key", server.token)) == ""
    assert refusal(server, good, good) == "CREDENTIAL_INVALID"
    assert refusal(server, good, ("x-api-key", server.token)) == "CREDENTIAL_INVALID"
    answer = httpx.post(f"http://{server.http_address}/{URL}", json={}, headers=[good, good])
    assert answer.status_code == 401


def test_metadata_beyond_all_measure_harms_nobody(server: Server) -> None:
    huge = "x" * 200_000
    assert refusal(server, ("authorization", f"Bearer {huge}")) in {"RESOURCE_EXHAUSTED", "CREDENTIAL_INVALID"}
    with suppress(httpx.TransportError):  # it may close the connection while the header still comes
        answer = httpx.post(f"http://{server.http_address}/{URL}", json={}, headers=bearer(huge))
        assert answer.status_code in {400, 401, 431}
    assert refusal(server, ("authorization", f"Bearer {server.token}")) == ""


def test_health_needs_no_credential(server: Server) -> None:
    with grpc.insecure_channel(server.grpc_address) as channel:
        health = HealthStub(channel).Check(HealthCheckRequest(service="pointsman.v1.TenantService"))
    assert health.status == HealthCheckResponse.SERVING
    assert httpx.get(f"http://{server.http_address}/healthz").json() == {"status": "SERVING"}


def test_a_revoked_key_is_refused_on_the_other_server_within_a_second(
    serve: Callable[..., Server], postgres_url: str
) -> None:
    first = serve(POINTSMAN_DATABASE_URL=postgres_url)
    second = replace(serve(POINTSMAN_DATABASE_URL=postgres_url), token=first.token)
    for _ in range(3):
        made = make_key(first)
        shown = ("authorization", f"Bearer {made.key}")
        assert [refusal(server, shown) for server in (first, second)] == ["", ""]
        with first.channel() as channel:
            TenantServiceStub(channel).RevokeApiKey(pb.RevokeApiKeyRequest(api_key_id=made.api_key.api_key_id))
        began = time.monotonic()
        for server in (second, first):
            while refusal(server, shown) != "CREDENTIAL_INVALID":
                assert time.monotonic() - began < 10, "the other server never learnt of it"
            assert time.monotonic() - began < WITHIN_S
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        dump = "".join(str(connection.execute(f'SELECT * FROM "{name}"'.encode()).fetchall()) for (name,) in tables)
    assert made.api_key.api_key_id in dump
    assert made.key.rpartition("_")[2] not in dump


@pytest.mark.full
def test_a_lost_key_is_made_anew(tmp_path: Path, serve: Callable[..., Server]) -> None:
    server = serve()
    lost = server.token
    settings = server_settings(server.data_dir)
    refused = run("-m", "pointsman_server", "admin-token", directory=tmp_path, **settings)
    assert refused.returncode == 1, "the file is the running server's"
    assert server.process.end() == 0
    (server.data_dir / "admin-token").unlink()
    renewed = run("-m", "pointsman_server", "admin-token", directory=tmp_path, **settings)
    assert renewed.returncode == 0, renewed.stderr
    found = re.search(r"pmk_\w+", renewed.stderr)
    assert found is not None
    assert found[0] == admin_token(server.data_dir) != lost
    again = serve()
    assert refusal(again, ("authorization", f"Bearer {found[0]}")) == ""
    assert refusal(again, ("authorization", f"Bearer {lost}")) == "CREDENTIAL_INVALID"

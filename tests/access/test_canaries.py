"""Secrets and content, planted wherever contract and environment take them: found in no log, error or database."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import grpc
import httpx
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from pointsman.v1.completion_pb2 import CompletionSpecification, Hints
from pointsman.v1.content_pb2 import DocumentPart, Part, TextPart
from pointsman.v1.content_pb2 import Message as Said
from pointsman.v1.content_pb2 import Role as Speaker
from pointsman.v1.router_service_pb2 import CompleteRequest, RouteRequest
from pointsman_server import app
from pointsman_server.config import load

from tests.access.samples import sample
from tests.access.test_matrix import METHODS
from tests.access.test_recorded import left_open
from tests.access.tour import steps
from tests.postgres import PostgresServer

CANARY: Final = "kanarienvogel"
KEY, JWT_PART, COOKIE, TOKEN_KEY, PASSWORD = (
    f"{CANARY}-{name}" for name in ("provider-key", "jwt", "cookie", "token-key-of-thirty-two-bytes", "password")
)
PROMPT, ANSWERED, DOCUMENT = (f"{CANARY}-{name}" for name in ("prompt", "answer", "document"))
FIELD: Final = f"{CANARY}-field"
_FILE: Final = f"%PDF-1.4 {DOCUMENT}".encode()


def _jwt() -> str:
    parts = ({"alg": "RS256", "kid": JWT_PART}, {"iss": JWT_PART, "sub": JWT_PART})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*encoded, JWT_PART))


WRONG: Final = {
    "none": "",
    "a key that is none": f"Bearer pmk_{CANARY}_{CANARY}",
    "a JWT of nobody": f"Bearer {_jwt()}",
    "another scheme": f"Basic {base64.b64encode(f'{CANARY}:{CANARY}'.encode()).decode()}",
    "no scheme": CANARY,
}


class Wire:
    """Calls a server over gRPC and HTTP, and keeps every word that its errors say."""

    def __init__(self, channel: grpc.aio.Channel, http: httpx.AsyncClient) -> None:
        self._channel = channel
        self._http = http
        self.errors: list[str] = []
        self.said = ""
        self.answers: dict[str, Any] = {}

    async def call(self, method: MethodDescriptor, request: Message, authorization: str) -> bool:
        """Calls by gRPC; whether it succeeded."""
        path = f"/{method.containing_service.full_name}/{method.name}"
        answer: Any = GetMessageClass(method.output_type)
        kind = self._channel.unary_stream if method.server_streaming else self._channel.unary_unary
        rpc: Any = kind(
            path, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
        )
        metadata = (
            ("cookie", COOKIE),
            ("x-note", CANARY),
            *((("authorization", authorization),) if authorization else ()),
        )
        call = rpc(request, metadata=metadata, timeout=20)
        try:
            answers = [each async for each in call] if method.server_streaming else [await call]
        except grpc.aio.AioRpcError as error:
            trailers = [*(error.trailing_metadata() or ()), *(error.initial_metadata() or ())]
            self.errors.append(f"{error.details()} {trailers} {error.debug_error_string()}")
            return False
        self.answers[method.name] = answers[-1] if answers else None
        if method.name == "Complete":
            self.said += "".join(event.text_delta.text for each in answers for event in each.events)
        return True

    async def post(self, method: MethodDescriptor, request: Message, authorization: str) -> None:
        """Calls by HTTP with a credential that is none."""
        headers = {"authorization": authorization} if authorization else {}
        path = f"/{method.containing_service.full_name}/{method.name}"
        response = await self._http.post(path, json=MessageToDict(request), headers=headers | {"cookie": COOKIE})
        assert response.status_code >= 400
        self.errors.append(f"{response.headers} {response.text}")


@asynccontextmanager
async def wired(directory: Path, **more: str) -> AsyncIterator[Wire]:
    environment = {
        **more,
        "POINTSMAN_DATA_DIR": str(directory / "data"),
        "POINTSMAN_GRPC_ADDRESS": f"unix:{directory}/s",
        "POINTSMAN_HTTP_ADDRESS": "127.0.0.1:0",
        "POINTSMAN_SANDBOX": "on",
        "POINTSMAN_TOKEN_KEY": TOKEN_KEY,
        "LOCAL_MODEL_ENABLED": "false",
        "OPENAI_API_KEY": KEY,
        "ANTHROPIC_API_KEY": KEY,
        "GEMINI_API_KEY": KEY,
    }
    async with (
        app.running(load(environment), environment) as addresses,
        grpc.aio.insecure_channel(addresses.grpc) as channel,
        httpx.AsyncClient(base_url=f"http://{addresses.http}", timeout=20) as http,
    ):
        yield Wire(channel, http)


def talking() -> CompletionSpecification:
    """A completion by the simulated provider, whose answer repeats a canary."""
    parts = [
        Part(text=TextPart(text=f'{PROMPT} [[sandbox: text="{ANSWERED}"]]')),
        Part(document=DocumentPart(data=_FILE, media_type="application/pdf", file_name="a.pdf")),
    ]
    said = Said(role=Speaker.ROLE_USER, parts=parts)
    return CompletionSpecification(messages=[said], hints=Hints(pinned_providers=["sandbox"]))


def planted(message: Any) -> Any:
    """The request with a canary in every string."""
    for field, value in message.ListFields():
        if field.message_type is not None:
            nested = value if field.is_repeated else [value]
            if not field.message_type.GetOptions().map_entry:
                for each in nested:
                    planted(each)
        elif field.type == field.TYPE_STRING:
            if field.is_repeated:
                value[:] = [FIELD for _ in value]
            else:
                setattr(message, field.name, FIELD)
    return message


def lines_with(texts: Iterable[str], *secrets: str) -> list[str]:
    return [text for text in texts if any(secret in text for secret in secrets)]


def files_of(data: Path) -> Mapping[str, bytes]:
    """Every file of the data directory but the one that holds the first administrator's key for the command line."""
    return {path.name: path.read_bytes() for path in data.rglob("*") if path.is_file() and path.name != "admin-token"}


def tables_of(server: PostgresServer, database: str) -> Mapping[str, bytes]:
    """Every table, a row as text; bytes stand there in hexadecimal."""
    named = server.run("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'", database)
    rows = {str(name): server.run(f"SELECT held::text FROM {name} AS held", database) for (name,) in named}
    return {name: "\n".join(str(row) for (row,) in found).encode() for name, found in rows.items()}


async def test_nothing_that_was_planted_is_found(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    reservation_id = await left_open(tmp_path / "data" / "pointsman.db")
    await check(tmp_path, capfd, reservation_id, lambda: files_of(tmp_path / "data"))


@pytest.mark.full
async def test_nothing_that_was_planted_is_found_in_postgresql(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], postgres: PostgresServer, postgres_url: str
) -> None:
    reservation_id = await left_open(postgres_url)
    url = postgres_url.replace("postgres@", f"postgres:{PASSWORD}@")
    assert url != postgres_url
    dump = partial(tables_of, postgres, "reused")
    await check(tmp_path, capfd, reservation_id, dump, POINTSMAN_DATABASE_URL=url)
    assert not [name for name, content in files_of(tmp_path / "data").items() if CANARY.encode() in content]


async def check(
    directory: Path,
    capfd: pytest.CaptureFixture[str],
    reservation_id: str,
    dump: Callable[[], Mapping[str, bytes]],
    **more: str,
) -> None:
    async with wired(directory, **more) as wire:
        admin = (directory / "data" / "admin-token").read_text().strip()
        issued = await tour(wire, f"Bearer {admin}", reservation_id)
        wrong = itertools.cycle(WRONG.values())
        for method in METHODS.values():
            await wire.call(method, planted(sample(method.input_type)), f"Bearer {admin}")
            assert not await wire.call(method, sample(method.input_type), next(wrong)), method.full_name
            await wire.post(method, sample(method.input_type), next(wrong))
        dumped = dump()  # while it runs: the log that goes before SQLite's file is read too
    printed = capfd.readouterr()
    log = printed.out.splitlines()
    assert ANSWERED in wire.said, "the completion was answered"
    assert len(log) > len(METHODS), "the log was taken"
    assert len(wire.errors) > 2 * len(METHODS), "errors were taken"
    secrets = [token.rpartition("_")[2] for token in (admin, *issued)]
    assert len(secrets) > 4, "tokens were issued"
    assert lines_with(log, CANARY, *secrets) == []
    assert lines_with(printed.err.splitlines(), CANARY, *secrets[1:]) == [], "the first key is shown there, once"
    said = [KEY, JWT_PART, COOKIE, TOKEN_KEY, PASSWORD, PROMPT, ANSWERED, DOCUMENT, f"{CANARY}_{CANARY}"]
    assert lines_with(wire.errors, *said, *secrets) == []
    hidden = [secret.encode() for secret in (*said, *secrets, base64.b64encode(_FILE).decode())]
    hidden += [secret.hex().encode() for secret in hidden]
    for held in (dumped, dump()):
        assert {name for name, content in held.items() if any(secret in content for secret in hidden)} == set()
        assert any(b"sandbox" in content for content in held.values()), "the database was taken"


async def tour(wire: Wire, authorization: str, reservation_id: str) -> list[str]:
    """Calls every method so that it succeeds; returns the keys and tokens that were issued."""
    for step in steps(reservation_id):
        bearer = f"Bearer {wire.answers['CreateAccessToken'].token}" if step.by == "bearer" else authorization
        request: Any = step.request(wire.answers)
        if isinstance(request, CompleteRequest | RouteRequest):
            request.specification.CopyFrom(talking())
        assert await wire.call(METHODS[step.name], request, bearer), (step.name, wire.errors[-1])
    answers = wire.answers
    return [answers["CreateAccessToken"].token, *(answers[n].key for n in ("SignUp", "CreateApiKey", "RotateApiKey"))]

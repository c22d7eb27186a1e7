"""Where a token comes from, how it travels, and that nothing shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from pointsman import AsyncClient, Client, contexts
from pointsman.address import Target, target
from pointsman.contexts import Context, Contexts
from pointsman.credentials import Credential, find
from pointsman.errors import (
    CredentialExpired,
    CredentialInvalid,
    CredentialMissing,
    CredentialUnusable,
    CredentialUnverifiable,
    NotAllowed,
    NotAuthenticated,
    PointsmanError,
    Unavailable,
)
from scripted_server import Script, refusal

LOCAL = target("127.0.0.1:50051")
REMOTE = target("https://pointsman.example")
SECRET = "pmk_1_canary"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own directory, and a directory to work in without a server's data."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def private(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    return path


def stored(*addresses: str, current: str = "") -> None:
    contexts.save(Contexts(current, {f"c{number}": Context(at, f"token-{at}") for number, at in enumerate(addresses)}))


def sent(credential: Credential) -> str:
    return dict(credential.metadata()).get("authorization", "")


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("127.0.0.1:1", Target("127.0.0.1:1", tls=False)),
        ("unix:/run/pointsman", Target("unix:/run/pointsman", tls=False)),
        ("http://a.example:80", Target("a.example:80", tls=False)),
        ("https://a.example", Target("a.example:443", tls=True)),
        ("https://a.example:8443/", Target("a.example:8443", tls=True)),
        ("https://[::1]", Target("[::1]:443", tls=True)),
    ],
)
def test_an_address_says_whether_tls_is_spoken(address: str, meant: Target) -> None:
    assert target(address) == meant


def test_each_source_gives_way_to_the_one_before(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find(LOCAL).metadata() == ()
    private(home / "data" / "admin-token", "first\n")
    assert (sent(find(LOCAL)), find(LOCAL).source) == ("Bearer first", "data/admin-token")
    stored("127.0.0.1:50051")
    assert (sent(find(LOCAL)), find(LOCAL).source) == ("Bearer token-127.0.0.1:50051", "the context c0")
    monkeypatch.setenv("POINTSMAN_TOKEN", "varied")
    assert (sent(find(LOCAL)), find(LOCAL).source) == ("Bearer varied", "POINTSMAN_TOKEN")
    assert (sent(find(LOCAL, "given")), find(LOCAL, "given").source) == ("Bearer given", "the argument")


def test_the_first_administrators_file_is_for_this_machine_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private(home / "elsewhere" / "admin-token", SECRET)
    monkeypatch.setenv("POINTSMAN_DATA_DIR", str(home / "elsewhere"))
    for address in ("127.0.0.1:1", "localhost:1", "[::1]:1", "unix:/run/p"):
        assert sent(find(target(address))) == f"Bearer {SECRET}"
    for address in (
        "https://pointsman.example",
        "pointsman.example:50051",
        "127.0.0.1.example:1",
        "localhost.example:1",
    ):
        assert find(target(address)).metadata() == ()


def test_a_context_is_for_its_own_address_alone() -> None:
    stored("https://pointsman.example", "https://pointsman.example:443", current="c1")
    assert find(REMOTE).source == "the context c1"
    assert find(target("pointsman.example:443")).metadata() == ()
    contexts.save(contexts.load().without("c1"))
    assert (contexts.load().current, find(REMOTE).source) == ("", "the context c0")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
@pytest.mark.parametrize("file", ["data/admin-token", "config/pointsman/contexts.json"])
def test_a_file_that_others_may_read_is_refused(home: Path, file: str, mode: int) -> None:
    path = private(home / file, SECRET)
    path.chmod(mode)
    with pytest.raises(CredentialUnusable, match=r"open to others .*: chmod 600 ") as refused:
        find(LOCAL)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("text", [SECRET, "[]", '{"contexts": {}}', '{"current": "", "contexts": {"a": {"token": 1}}}'])
def test_a_file_of_contexts_that_is_none_is_refused_without_quoting_it(home: Path, text: str) -> None:
    private(home / "config/pointsman/contexts.json", text)
    with pytest.raises(CredentialUnusable, match="mend it, or remove it") as refused:
        find(LOCAL)
    assert refused.value.__cause__ is None
    assert SECRET not in str(refused.value)


def test_a_file_that_cannot_be_read_is_told(home: Path) -> None:
    (home / "data" / "admin-token").mkdir(parents=True)
    with pytest.raises(CredentialUnusable, match="admin-token cannot be read: Is a directory"):
        find(LOCAL)
    private(home / "config/pointsman/contexts.json", "").write_bytes(b"\xff" + SECRET.encode())
    with pytest.raises(CredentialUnusable, match=r"contexts\.json cannot be read: it is not UTF-8 text"):
        find(LOCAL)


def test_contexts_are_stored_for_their_owner_alone(home: Path) -> None:
    stored("a:1")
    path = home / "config/pointsman/contexts.json"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [file.name for file in path.parent.iterdir()] == ["contexts.json"]
    assert json.loads(path.read_text("utf-8"))["contexts"]["c0"]["token"] == "token-a:1"
    path.parent.joinpath("contexts.json").unlink()
    path.parent.rmdir()
    path.parent.write_text("in the way", "utf-8")
    with pytest.raises(CredentialUnusable, match="cannot be written"):
        stored("a:1")


@pytest.mark.parametrize("token", [f"{SECRET}\ninjected: x", f"{SECRET} x", f"{SECRET}é", f"{SECRET}\x00"])
def test_a_token_that_could_not_travel_is_refused_and_not_shown(token: str) -> None:
    for credential in (lambda: Credential(token, "a test"), lambda: Credential(lambda: token, "a test").metadata()):
        with pytest.raises(CredentialUnusable, match="the token from a test is none") as refused:
            credential()
        assert SECRET not in str(refused.value)


def test_nothing_shows_a_token(address: str) -> None:
    credential = Credential(SECRET, "a test")
    with Client(address, token=SECRET) as client:
        shown = [repr(credential), str(credential), f"{credential}", repr(client), str(vars(client))]
        shown += [repr(vars(client)["_caller"]), repr(vars(vars(client)["_caller"]))]
    shown += [repr(Context("a:1", SECRET)), repr(Contexts("a", {"a": Context("a:1", SECRET)}))]
    assert SECRET not in "".join(shown)


CALLS: list[Callable[[Client], object]] = [
    lambda client: client.complete("hi").final(),
    lambda client: client.route("hi"),
    lambda client: list(client.list_models()),
    lambda client: list(client.verify_ledger()),
    lambda client: client.who_am_i(),
]


@pytest.mark.parametrize("call", CALLS)
def test_every_kind_of_call_carries_the_token(script: Script, address: str, call: Callable[[Client], object]) -> None:
    with Client(address, token=SECRET) as client:
        call(client)
    with Client(address) as client:
        call(client)
        assert client.token_source == ""
    assert script.authorizations == [f"Bearer {SECRET}", ""]


async def test_so_do_those_of_the_client_for_asyncio(script: Script, async_address: str) -> None:
    async with AsyncClient(async_address, token=SECRET) as client:
        await client.complete("hi").final()
        await client.route("hi")
        assert [model async for model in client.list_models()] == []
        assert [finding async for finding in client.verify_ledger()] == []
        await client.who_am_i()
    assert script.authorizations == [f"Bearer {SECRET}"] * 5


def test_a_token_of_the_moment_is_asked_for_with_each_call(script: Script, address: str) -> None:
    moments = iter(["one", "two"])
    with Client(address, token=lambda: next(moments)) as client:
        client.route("hi")
        client.route("hi")
    assert script.authorizations == ["Bearer one", "Bearer two"]


@pytest.mark.parametrize(
    ("code", "reason", "kinds"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_MISSING", (CredentialMissing, NotAuthenticated)),
        (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_INVALID", (CredentialInvalid, NotAuthenticated)),
        (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_EXPIRED", (CredentialExpired, NotAuthenticated)),
        (grpc.StatusCode.UNAVAILABLE, "CREDENTIAL_UNVERIFIABLE", (CredentialUnverifiable, Unavailable)),
        (grpc.StatusCode.UNAUTHENTICATED, "", (NotAuthenticated, NotAllowed)),
    ],
)
def test_a_refused_credential_has_its_class_and_a_cure(
    script: Script, address: str, code: grpc.StatusCode, reason: str, kinds: tuple[type, type]
) -> None:
    script.refusals["Route"] = [refusal(code, reason, "the credential is not valid")]
    with Client(address, token=SECRET) as client, pytest.raises(PointsmanError) as refused:
        client.route("hi")
    assert type(refused.value) is kinds[0]
    assert isinstance(refused.value, kinds[1])
    assert refused.value.cure
    assert str(refused.value).endswith(f"; cure: {refused.value.cure}")
    assert SECRET not in str(refused.value)

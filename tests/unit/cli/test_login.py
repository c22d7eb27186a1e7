"""``login``, ``logout``, ``whoami`` and ``context``."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import grpc
import pytest
from invocation import Outcome, Run, invoke
from pointsman import contexts
from pointsman.contexts import Context, Contexts
from pointsman.v1.principal_pb2 import PRINCIPAL_ROLE_TENANT_ADMIN, Principal
from pointsman.v1.tenant_service_pb2 import WhoAmIResponse
from scripted_server import Script, refusal

SECRET = "pmk_1_canary"
ADA = WhoAmIResponse(
    principal=Principal(
        tenant_id="acme",
        user_id="ada",
        roles=[PRINCIPAL_ROLE_TENANT_ADMIN],
        credential_id="pmk_1",
        plan_id="PRO",
        project_ids=["apollo", "gemini"],
    ),
    tenant_display_name="Acme Ltd",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own directory, and a directory to work in without a server's data."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def known(script: Script) -> None:
    script.answers["WhoAmI"] = [ADA, ADA, ADA]


def test_login_stores_a_token_that_the_server_took(run: Run, script: Script, address: str) -> None:
    outcome = run("login", "--token", "-", stdin=f"{SECRET}\n")
    assert outcome == Outcome(0, f"ada@acme: ada of acme (tenant-admin) at {address}\n", "")
    assert contexts.load() == Contexts("ada@acme", {"ada@acme": Context(address, SECRET)})
    assert invoke("models").code == 0  # the current context gives address and token
    assert script.authorizations == [f"Bearer {SECRET}"] * 2


def test_login_takes_its_own_address_and_name(script: Script, address: str) -> None:
    assert invoke("login", "--address", address, "--name", "mine", stdin=SECRET).code == 0
    assert contexts.load().current == "mine"
    assert script.authorizations == [f"Bearer {SECRET}"]


def test_a_name_that_another_servers_context_has_gets_a_number(run: Run) -> None:
    contexts.save(Contexts("", {"ada@acme": Context("elsewhere:1", "t")}))
    assert run("login", stdin=SECRET).out.startswith("ada@acme-2: ")
    assert run("login", stdin=SECRET).out.startswith("ada@acme-2: ")
    assert set(contexts.load().contexts) == {"ada@acme", "ada@acme-2"}


def test_a_person_is_asked_without_an_echo(run: Run, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return SECRET

    monkeypatch.setattr(getpass, "getpass", answer)
    outcome = run("login", terminal=True)
    assert (outcome.code, asked) == (0, [f"token for {address}: "])
    assert SECRET not in outcome.out + outcome.err


def test_a_token_of_the_environment_is_stored_where_nothing_is_piped_in(
    run: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINTSMAN_TOKEN", "of-the-environment")
    assert run("login").code == 0
    assert run("login", terminal=True).code == 0
    assert run("login", stdin="piped").code == 0
    assert script.authorizations == ["Bearer of-the-environment"] * 2 + ["Bearer piped"]
    assert run("login", "--token", "-").code == 1


def test_a_token_on_the_command_line_is_refused_with_the_reason(run: Run, script: Script) -> None:
    outcome = run("login", "--token", SECRET)
    assert outcome.code == 2
    assert "history" in outcome.err
    assert SECRET not in outcome.err
    assert script.requests == []


@pytest.mark.parametrize("stdin", ["", "\n", "two words\n"])
def test_no_token_is_stored_where_none_was_given(run: Run, home: Path, stdin: str) -> None:
    outcome = run("login", stdin=stdin)
    assert outcome.code == 1
    assert "token" in outcome.err
    assert not (home / "config").exists()


def test_a_token_that_the_server_refuses_is_not_stored(run: Run, script: Script, home: Path, address: str) -> None:
    script.refusals["WhoAmI"] = [refusal(grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_INVALID", "it is not valid")]
    outcome = run("login", stdin=SECRET)
    assert outcome.code == 1
    assert outcome.err.splitlines() == [
        "CREDENTIAL_INVALID: it is not valid",
        f"  token: what was typed, for {address}",
        "  cure: take a valid token; an administrator issues one with `pointsman key create`",
    ]
    assert not (home / "config").exists()


def test_a_refusal_tells_where_the_token_came_from(run: Run, script: Script, home: Path, address: str) -> None:
    answer = refusal(grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_MISSING", "the call brings no credential")
    script.refusals["Complete"] = [answer, answer]
    assert f"  token: none, for {address}" in run("chat", "hi").err.splitlines()
    (home / "data").mkdir()
    token = home / "data" / "admin-token"
    token.write_text(SECRET)
    token.chmod(0o600)
    assert f"  token: data/admin-token, for {address}" in run("chat", "hi").err.splitlines()
    token.chmod(0o644)
    outcome = run("chat", "hi")
    assert (outcome.code, outcome.err.splitlines()) == (
        1,
        ["data/admin-token holds a token and is open to others (mode 0644): chmod 600 data/admin-token"],
    )


def test_whoami_says_as_whom_and_by_what(run: Run, address: str) -> None:
    run("login", stdin=SECRET)
    assert run("whoami").out.splitlines() == [
        f"ada of acme (tenant-admin) at {address}",
        "  tenant: Acme Ltd",
        "  plan: PRO",
        "  projects: apollo, gemini",
        "  credential: pmk_1",
        "  token from: the context ada@acme",
    ]
    assert json.loads(run("whoami", "--json").out)["principal"]["userId"] == "ada"


def test_contexts_are_listed_chosen_and_forgotten(address: str, script: Script) -> None:
    contexts.save(Contexts("far", {"near": Context(address, SECRET), "far": Context("https://far.example", "other")}))
    listed = invoke("context", "list")
    assert [line.split() for line in listed.out.splitlines()[1:]] == [
        ["*", "far", "https://far.example"],
        ["near", address],
    ]
    assert SECRET not in invoke("context", "list", "--json").out
    assert invoke("--context", "near", "models").code == 0
    assert invoke("context", "use", "near").out == f"near: {address}\n"
    assert invoke("models").code == 0
    assert script.authorizations == [f"Bearer {SECRET}"] * 2
    assert invoke("logout").out.startswith("near: forgotten")
    assert invoke("logout", "--name", "far").code == 0
    assert json.loads(invoke("context", "list", "--json").out) == []


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("context", "use", "nowhere"), 1, "there is no context 'nowhere'"),
        (("--context", "nowhere", "models"), 1, "there is no context 'nowhere'"),
        (("logout", "--name", "nowhere"), 1, "there is no context 'nowhere'"),
        (("logout",), 1, "no context is current"),
        (("--context", "a", "--address", "b:1", "models"), 2, "not both"),
        (("--address", "https://a.example", "login", "--root-certificates", "none.pem"), 1, "none.pem cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_told(arguments: tuple[str, ...], code: int, complaint: str) -> None:
    outcome = invoke(*arguments, stdin=SECRET)
    assert (outcome.code, outcome.out) == (code, "")
    assert complaint in outcome.err

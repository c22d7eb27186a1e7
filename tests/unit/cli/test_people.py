"""``tenant``, ``user``, ``project``, ``key`` and ``access-token``: what they ask, and what they show."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from invocation import Run
from pointsman.cli.figures import NONE
from pointsman.v1 import principal_pb2 as roles
from pointsman.v1 import tenant_service_pb2 as pb
from scripted_server import Script, refusal

SINCE = Timestamp(seconds=1_772_366_400)  # 2026-03-01 12:00
SHOWN = "2026-03-01 12:00:00 UTC"
KEY = "pmk_1_canary"
ACME = pb.Tenant(
    tenant_id="acme", display_name="Acme Ltd", state=pb.TENANT_STATE_ACTIVE, plan_id="PRO", access_token_id="pma_1",
    create_time=SINCE,
)  # fmt: skip
ADA = pb.User(
    tenant_id="acme", user_id="ada", display_name="Ada", kind=pb.USER_KIND_PERSON, state=pb.USER_STATE_ACTIVE,
    roles=[roles.PRINCIPAL_ROLE_USER, roles.PRINCIPAL_ROLE_AUDITOR], create_time=SINCE,
)  # fmt: skip
APOLLO = pb.Project(
    tenant_id="acme", project_id="apollo", display_name="Apollo", member_user_ids=["ada", "bob"], create_time=SINCE
)
ADAS = pb.ApiKey(
    tenant_id="acme", api_key_id="pmk_1", display_name="laptop", user_id="ada", state=pb.CREDENTIAL_STATE_ACTIVE,
    expire_time=SINCE, create_time=SINCE,
)  # fmt: skip
ISSUED = pb.AccessToken(
    access_token_id="pma_1", display_name="for Acme", plan_id="PRO", state=pb.CREDENTIAL_STATE_ACTIVE, create_time=SINCE
)


def ran(run: Run, script: Script, command: str, *answers: Message) -> tuple[str, Message]:
    """Runs a command that calls once; what it printed, and the request."""
    script.answers[type(answers[0]).__name__.removesuffix("Response")] = list(answers)
    outcome = run(*command.split())
    assert outcome.code == 0, outcome.err
    (request,) = script.requests
    return outcome.out, request


@pytest.mark.parametrize(
    "case",
    [
        (
            "tenant list --state active --plan PRO",
            pb.ListTenantsResponse(tenants=[ACME]),
            pb.ListTenantsRequest(state=pb.TENANT_STATE_ACTIVE, plan_id="PRO", page_size=1000),
            f"acme Acme Ltd active PRO {NONE} pma_1 {SHOWN}",
        ),
        (
            "tenant create acme --name Acme --default-model gpt-5",
            pb.CreateTenantResponse(tenant=ACME),
            pb.CreateTenantRequest(tenant=pb.Tenant(tenant_id="acme", display_name="Acme", default_model="gpt-5")),
            "acme Acme Ltd",
        ),
        ("tenant show", pb.GetTenantResponse(tenant=ACME), pb.GetTenantRequest(), "acme Acme Ltd"),
        ("tenant show acme", pb.GetTenantResponse(tenant=ACME), pb.GetTenantRequest(tenant_id="acme"), "acme Acme Ltd"),
        (
            "tenant set acme --state suspended --plan BASIC",
            pb.UpdateTenantResponse(tenant=ACME),
            pb.UpdateTenantRequest(
                tenant=pb.Tenant(tenant_id="acme", state=pb.TENANT_STATE_SUSPENDED, plan_id="BASIC"),
                update_mask=FieldMask(paths=["state", "plan_id"]),
            ),
            "acme Acme Ltd",
        ),
        (
            "user list ad --tenant acme",
            pb.ListUsersResponse(users=[ADA]),
            pb.ListUsersRequest(tenant_id="acme", query="ad", page_size=1000),
            f"ada Ada person user, auditor active {NONE} acme {SHOWN}",
        ),
        (
            "user create ada",
            pb.CreateUserResponse(user=ADA),
            pb.CreateUserRequest(
                user=pb.User(
                    user_id="ada", display_name="ada", kind=pb.USER_KIND_PERSON, roles=[roles.PRINCIPAL_ROLE_USER]
                )
            ),
            "ada Ada person",
        ),
        (
            "user create ci --kind service --role agent --role tenant-admin --email ci@acme.example --tenant acme",
            pb.CreateUserResponse(user=ADA),
            pb.CreateUserRequest(
                tenant_id="acme",
                user=pb.User(
                    user_id="ci", display_name="ci", kind=pb.USER_KIND_SERVICE, email="ci@acme.example",
                    roles=[roles.PRINCIPAL_ROLE_AGENT, roles.PRINCIPAL_ROLE_TENANT_ADMIN],
                ),
            ),
            "ada Ada person",
        ),
        ("user show ada", pb.GetUserResponse(user=ADA), pb.GetUserRequest(user_id="ada"), "ada Ada person"),
        (
            "user set ada --role auditor --state suspended",
            pb.UpdateUserResponse(user=ADA),
            pb.UpdateUserRequest(
                user=pb.User(user_id="ada", roles=[roles.PRINCIPAL_ROLE_AUDITOR], state=pb.USER_STATE_SUSPENDED),
                update_mask=FieldMask(paths=["roles", "state"]),
            ),
            "ada Ada person",
        ),
        ("user delete ada", pb.DeleteUserResponse(), pb.DeleteUserRequest(user_id="ada"), "ada: deleted"),
        (
            "project list --tenant acme",
            pb.ListProjectsResponse(projects=[APOLLO]),
            pb.ListProjectsRequest(tenant_id="acme", page_size=1000),
            f"apollo Apollo ada, bob acme {SHOWN}",
        ),
        (
            "project create apollo",
            pb.CreateProjectResponse(project=APOLLO),
            pb.CreateProjectRequest(project=pb.Project(project_id="apollo", display_name="apollo")),
            "apollo Apollo",
        ),
        (
            "project show apollo",
            pb.GetProjectResponse(project=APOLLO),
            pb.GetProjectRequest(project_id="apollo"),
            "apollo Apollo",
        ),
        (
            "project set apollo --name Moon",
            pb.UpdateProjectResponse(project=APOLLO),
            pb.UpdateProjectRequest(
                project=pb.Project(project_id="apollo", display_name="Moon"),
                update_mask=FieldMask(paths=["display_name"]),
            ),
            "apollo Apollo",
        ),
        (
            "project delete apollo",
            pb.DeleteProjectResponse(),
            pb.DeleteProjectRequest(project_id="apollo"),
            "apollo: deleted",
        ),
        (
            "project add-member apollo ada",
            pb.AddProjectMemberResponse(project=APOLLO),
            pb.AddProjectMemberRequest(project_id="apollo", user_id="ada"),
            "apollo Apollo ada, bob",
        ),
        (
            "project remove-member apollo ada --tenant acme",
            pb.RemoveProjectMemberResponse(project=APOLLO),
            pb.RemoveProjectMemberRequest(project_id="apollo", user_id="ada", tenant_id="acme"),
            "apollo Apollo ada, bob",
        ),
        (
            "key list --user ada --state active",
            pb.ListApiKeysResponse(api_keys=[ADAS]),
            pb.ListApiKeysRequest(user_id="ada", state=pb.CREDENTIAL_STATE_ACTIVE, page_size=1000),
            f"pmk_1 laptop user ada all active {SHOWN} {NONE} {SHOWN}",
        ),
        (
            "key create --agent writer --name ci --role agent --expires 2026-12-31",
            pb.CreateApiKeyResponse(api_key=ADAS, key=KEY),
            pb.CreateApiKeyRequest(
                api_key=pb.ApiKey(
                    display_name="ci", agent_id="writer", roles=[roles.PRINCIPAL_ROLE_AGENT],
                    expire_time=Timestamp(seconds=1_798_675_200),
                )
            ),
            KEY,
        ),
        (
            "key rotate pmk_1 --overlap 30m",
            pb.RotateApiKeyResponse(api_key=ADAS, key=KEY, replaced_api_key=ADAS),
            pb.RotateApiKeyRequest(api_key_id="pmk_1", overlap=Duration(seconds=1800)),
            KEY,
        ),
        (
            "key rotate pmk_1 --overlap 0",
            pb.RotateApiKeyResponse(api_key=ADAS, key=KEY, replaced_api_key=pb.ApiKey(api_key_id="pmk_0")),
            pb.RotateApiKeyRequest(api_key_id="pmk_1", overlap=Duration()),
            KEY,
        ),
        (
            "key revoke pmk_1",
            pb.RevokeApiKeyResponse(api_key=ADAS),
            pb.RevokeApiKeyRequest(api_key_id="pmk_1"),
            "pmk_1: revoked",
        ),
        (
            "access-token list --plan PRO",
            pb.ListAccessTokensResponse(access_tokens=[ISSUED]),
            pb.ListAccessTokensRequest(plan_id="PRO", page_size=1000),
            f"pma_1 for Acme PRO {NONE} active {NONE} {SHOWN}",
        ),
        (
            "access-token create --plan PRO --name Acme",
            pb.CreateAccessTokenResponse(access_token=ISSUED, token=KEY),
            pb.CreateAccessTokenRequest(access_token=pb.AccessToken(plan_id="PRO", display_name="Acme")),
            KEY,
        ),
        (
            "access-token set pma_1 --plan BASIC",
            pb.UpdateAccessTokenResponse(access_token=ISSUED),
            pb.UpdateAccessTokenRequest(
                access_token=pb.AccessToken(access_token_id="pma_1", plan_id="BASIC"),
                update_mask=FieldMask(paths=["plan_id"]),
            ),
            "pma_1 for Acme PRO",
        ),
        (
            "access-token revoke pma_1",
            pb.RevokeAccessTokenResponse(access_token=ISSUED),
            pb.RevokeAccessTokenRequest(access_token_id="pma_1"),
            "pma_1: revoked",
        ),
    ],
    ids=lambda case: case[0],
)  # fmt: skip
def test_a_command_asks_and_shows(run: Run, script: Script, case: tuple[str, Message, Message, str]) -> None:
    command, answer, wanted, shown = case
    out, request = ran(run, script, command, answer)
    assert request == wanted
    assert " ".join(out.splitlines()[-1].split()).startswith(shown)


def test_a_tenants_own_administrator_needs_no_id_to_change_it(run: Run, script: Script) -> None:
    script.answers["WhoAmI"] = [pb.WhoAmIResponse(principal=roles.Principal(tenant_id="acme"))]
    script.answers["UpdateTenant"] = [pb.UpdateTenantResponse(tenant=ACME)]
    assert run("tenant", "set", "--default-model", "gpt-5").code == 0
    assert script.requests[1].tenant == pb.Tenant(tenant_id="acme", default_model="gpt-5")


def test_json_is_the_contracts_own(run: Run, script: Script) -> None:
    out, _ = ran(run, script, "user list --json", pb.ListUsersResponse(users=[ADA]))
    assert json.loads(out)[0]["roles"] == ["PRINCIPAL_ROLE_USER", "PRINCIPAL_ROLE_AUDITOR"]


def test_an_empty_list_is_said(run: Run) -> None:
    outcome = run("access-token", "list")
    assert (outcome.out, outcome.err) == ("", "access tokens: 0\n")


@pytest.mark.parametrize(
    ("command", "answer", "remark"),
    [
        ("key create --user ada", pb.CreateApiKeyResponse(api_key=ADAS, key=KEY), "pmk_1, for user ada, shown once:"),
        (
            "key rotate pmk_1",
            pb.RotateApiKeyResponse(
                api_key=pb.ApiKey(api_key_id="pmk_2"), key=KEY,
                replaced_api_key=pb.ApiKey(api_key_id="pmk_1", state=pb.CREDENTIAL_STATE_REVOKED),
            ),
            "pmk_2 in the place of pmk_1 (revoked), shown once:",
        ),
        (
            "access-token create --plan PRO",
            pb.CreateAccessTokenResponse(access_token=ISSUED, token=KEY),
            "pma_1, with the plan PRO, shown once:",
        ),
    ],
)  # fmt: skip
def test_a_secret_stands_alone_on_standard_output(
    run: Run, script: Script, command: str, answer: Message, remark: str
) -> None:
    method = type(answer).__name__.removesuffix("Response")
    script.answers[method] = [answer, answer]
    outcome = run(*command.split())
    assert (outcome.out, outcome.err) == (f"{KEY}\n", f"{remark}\n")
    shown = json.loads(run(*command.split(), "--json").out)
    assert KEY in shown.values()


@pytest.mark.parametrize(
    ("command", "name"),
    [("key create --user ada", "ada"), ("key create --agent writer", "writer"), ("key create", "of the command line")],
)
def test_a_key_without_a_name_gets_one(run: Run, script: Script, command: str, name: str) -> None:
    _, request = ran(run, script, command, pb.CreateApiKeyResponse(api_key=ADAS, key=KEY))
    assert isinstance(request, pb.CreateApiKeyRequest)
    assert request.api_key.display_name == name


def test_a_key_may_expire_so_long_from_now(run: Run, script: Script) -> None:
    ran(run, script, "key create --expires 30d", pb.CreateApiKeyResponse(api_key=ADAS, key=KEY))
    expires = script.requests[0].api_key.expire_time.ToDatetime(UTC)
    assert abs(expires - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=1)


SIGNED = pb.SignUpResponse(tenant=ACME, user=ADA, key=KEY, api_key=ADAS)


def test_a_sign_up_takes_its_access_token_from_a_pipe(run: Run, script: Script) -> None:
    script.answers["SignUp"] = [SIGNED, SIGNED]
    sign_up = ("tenant", "sign-up", "Acme Ltd", "--admin", "Ada", "--email", "ada@acme.example")
    outcome = run(*sign_up, stdin="pma_1_secret\n")
    assert outcome.out == f"{KEY}\n"
    assert "acme: Acme Ltd on the plan PRO. The key of its administrator ada follows" in outcome.err
    assert script.authorizations == ["Bearer pma_1_secret"]
    assert script.requests[0] == pb.SignUpRequest(
        tenant_display_name="Acme Ltd", admin_display_name="Ada", admin_email="ada@acme.example"
    )
    assert json.loads(run(*sign_up, "--json", stdin="pma_1_secret").out)["key"] == KEY


def test_what_is_piped_in_is_meant_whatever_the_environment_has(
    run: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINTSMAN_TOKEN", "of-the-environment")
    sign_up = ("tenant", "sign-up", "Acme", "--admin", "Ada")
    run(*sign_up, stdin="piped")
    run(*sign_up)
    assert script.authorizations == ["Bearer piped", "Bearer of-the-environment"]


def test_a_sign_up_that_is_refused_says_why(run: Run, script: Script, address: str) -> None:
    script.refusals["SignUp"] = [
        refusal(grpc.StatusCode.FAILED_PRECONDITION, "SIGN_UP_REFUSED", "the access token was used before"),
        refusal(grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_INVALID", "it is not valid"),
    ]
    sign_up = ("tenant", "sign-up", "Acme", "--admin", "Ada")
    assert run(*sign_up, stdin=KEY).err.splitlines() == [
        "SIGN_UP_REFUSED: the access token was used before",
        "  cure: have a new access token issued",
    ]
    assert f"  token: what was handed in, for {address}" in run(*sign_up, stdin=KEY).err.splitlines()


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("tenant set acme", "say what to change"),
        ("user set ada", "say what to change"),
        ("access-token set pma_1", "say what to change"),
        ("user create ada --role king", "'king' is none of platform-admin"),
        ("key create --user a --agent b", "not both"),
        ("key create --expires soon", "no day, time or 7d"),
        ("key rotate pmk_1 --overlap long", "no span such as 30m, 12h or 7d"),
        ("tenant sign-up Acme --admin Ada", "pipe the access token in"),
    ],
)
def test_what_cannot_be_meant_is_told(run: Run, script: Script, command: str, complaint: str) -> None:
    outcome = run(*command.split())
    assert (outcome.code, script.requests) == (2, [])
    assert complaint in " ".join(outcome.err.split())

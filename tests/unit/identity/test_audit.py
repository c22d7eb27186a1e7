"""Entries of the audit log: what is hashed, and that nothing secret can be in them."""

import hashlib
import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.budget_service_pb2 import Budget
from pointsman.v1.tenant_service_pb2 import CreateApiKeyResponse, CreateTenantResponse, Tenant
from pointsman_server.identity.audit import NO_ENTRIES, Change, Entry, Head, SecretInAudit, link, secret_fields
from pointsman_server.identity.model import Actor, Role

PROTOS = Path(__file__).parents[3] / "protos"
AT = datetime(2026, 11, 20, 10, 30, 0, 250, tzinfo=UTC)
ACTOR = Actor(
    tenant_id="acme",
    user_id="ada",
    roles=frozenset({Role.USER, Role.TENANT_ADMIN}),
    agent_id="",
    credential_id="key_1",
    request_id="req_1",
    source="127.0.0.1:4",
)
CHANGE = Change("BudgetService/UpdateBudget", "budget", "bud_1", Budget(limit=1), Budget(limit=2, name="é"), salt="5a")
ENTRY = link(NO_ENTRIES, "acme", ACTOR, CHANGE, AT)[0]


def test_the_format_is_the_documented_one() -> None:
    entry, payload = link(Head(6, "ab"), "acme", ACTOR, CHANGE, AT)
    assert payload == '{"after":{"limit":"2","name":"é"},"before":{"limit":"1"},"salt":"5a"}'
    payload_hash = hashlib.sha256(payload.encode()).hexdigest()
    parts = [
        *("pointsman-audit-1", "acme", "7", "2026-11-20T10:30:00.000250+00:00"),
        *("acme", "ada", "", "key_1", '["tenant_admin","user"]', "req_1", "127.0.0.1:4"),
        *("BudgetService/UpdateBudget", "budget", "bud_1", payload_hash, "ab"),
    ]
    hashed = "".join(f"{len(part.encode())}:{part}," for part in parts)
    assert entry.hash == hashlib.sha256(hashed.encode()).hexdigest()


def test_an_entry_that_was_hashed_by_this_version_is_hashed_so_for_ever() -> None:
    assert ENTRY.hash == "0d75532ced560cc0df5fac54909a72b434168d7c4844e0b68fa3895fdfebf594"


@pytest.mark.parametrize("name", [field.name for field in fields(Entry)])
def test_every_field_changes_the_hash(name: str) -> None:
    others: dict[str, Any] = {"at": AT + timedelta(microseconds=1), "sequence": 2, "actor": replace(ACTOR, source="x")}
    assert replace(ENTRY, **{name: others.get(name, "other")}).hash != ENTRY.hash


@pytest.mark.parametrize("name", [field.name for field in fields(Actor)])
def test_every_field_of_the_actor_changes_the_hash(name: str) -> None:
    other: Any = frozenset({Role.AUDITOR}) if name == "roles" else "other"
    assert replace(ENTRY, actor=replace(ACTOR, **{name: other})).hash != ENTRY.hash


@given(st.lists(st.text(), min_size=4, max_size=4), st.lists(st.text(), min_size=4, max_size=4))
def test_no_two_entries_are_hashed_alike(one: list[str], other: list[str]) -> None:
    hashes = {
        replace(ENTRY, action=action, resource=resource, resource_id=name, actor=replace(ACTOR, user_id=user)).hash
        for action, resource, name, user in (one, other)
    }
    assert len(hashes) == (1 if one == other else 2)


def test_what_stands_in_one_field_is_not_taken_for_two() -> None:
    assert replace(ENTRY, resource="ab", resource_id="c").hash != replace(ENTRY, resource="a", resource_id="bc").hash


def test_the_time_zone_does_not_matter() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    assert replace(ENTRY, at=elsewhere).hash == ENTRY.hash


def test_what_was_only_looked_at_has_no_payload() -> None:
    entry, payload = link(NO_ENTRIES, "acme", ACTOR, Change("TenantService/ListUsers", "user", ""), AT)
    assert (payload, entry.payload_hash) == ("", "")


def test_every_payload_has_a_salt_of_its_own() -> None:
    one, other = (Change("TenantService/CreateTenant", "tenant", "t", after=Tenant(tenant_id="t")) for _ in range(2))
    assert len(one.salt) == 32
    assert one.payload != other.payload
    assert json.loads(one.payload)["after"] == json.loads(other.payload)["after"] == {"tenantId": "t"}


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_message_that_can_hold_a_secret_is_refused_even_where_it_is_empty(side: str) -> None:
    secret: Any = {side: CreateApiKeyResponse()}
    with pytest.raises(SecretInAudit, match=r"^pointsman\.v1\.CreateApiKeyResponse\.key is a secret"):
        Change("TenantService/CreateApiKey", "api_key", "key_1", **secret)


def test_a_message_without_secrets_is_taken() -> None:
    assert secret_fields(CreateTenantResponse.DESCRIPTOR) == ()


HARMLESS = {
    "pointsman.v1.ListPolicyRulesRequest.key",
    "pointsman.v1.PolicyLimit.key",
    "pointsman.v1.PolicyRefusal.key",
    "pointsman.v1.PolicyRule.key",
    "pointsman.v1.UsageRequest.label_key",
    "pointsman.v1.UsageRow.keys",
}


def all_fields() -> list[FieldDescriptor]:
    modules = [import_module(f"pointsman.v1.{path.stem}_pb2") for path in (PROTOS / "pointsman" / "v1").glob("*.proto")]
    files = [module.DESCRIPTOR for module in modules]
    waiting = [message for file in files for message in file.message_types_by_name.values()]
    found = []
    while waiting:
        message = waiting.pop()
        waiting += message.nested_types
        found += message.fields
    return found


def test_every_field_with_a_secret_name_is_marked_or_known_to_be_harmless() -> None:
    """A new field called key or token is marked with debug_redact, or written down here."""
    words = ("key", "token", "secret", "password", "credential")
    named = {
        field.full_name: bool(field.GetOptions().debug_redact)
        for field in all_fields()
        if field.type in {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}
        and any(word in field.name for word in words)
        and not field.name.endswith(("page_token", "_id", "key_source", "token_counter"))
        and not field.containing_type.GetOptions().map_entry
    }
    assert {name for name, marked in named.items() if not marked} == HARMLESS
    assert {name.removeprefix("pointsman.v1.") for name, marked in named.items() if marked} == {
        *("SignUpResponse.key", "CreateAccessTokenResponse.token"),
        *("CreateApiKeyResponse.key", "RotateApiKeyResponse.key"),
    }

"""Whom client certificates speak for."""

from __future__ import annotations

import pytest
from pointsman_server.config import load
from pointsman_server.errors import ConfigurationError, CredentialInvalid
from pointsman_server.identity.claim import Claim
from pointsman_server.identity.credentials import Peer
from pointsman_server.issuers import peers_of

USUAL_ROLES = frozenset({"tenant_admin", "user", "auditor"})
TLS = {
    "POINTSMAN_TLS_CERTIFICATE": "chain.pem",
    "POINTSMAN_TLS_KEY": "key.pem",
    "POINTSMAN_TLS_CLIENT_CA": "ca.pem",
}
TEMPLATE = {"POINTSMAN_MTLS_TEMPLATE": "spiffe://example.com/{tenant}/{user}"}
BY_COMMON_NAME = {"POINTSMAN_MTLS_NAME": "common_name", "POINTSMAN_MTLS_TEMPLATE": "{user}@{tenant}.example.com"}


def claim(environment: dict[str, str], peer: Peer) -> Claim:
    peers = peers_of(load(TLS | environment))
    assert peers is not None
    return peers.claim(peer)


def spiffe(*uris: str) -> Peer:
    return Peer("someone", uris)


def test_a_spiffe_id_says_tenant_and_user() -> None:
    assert claim(TEMPLATE, spiffe("spiffe://example.com/acme/drafter")) == Claim(
        tenant_id="acme", user_id="drafter", proof="mtls", roles=None, most_roles=USUAL_ROLES
    )


def test_a_common_name_says_tenant_and_user() -> None:
    found = claim(BY_COMMON_NAME, Peer("drafter@acme.example.com", ("spiffe://example.com/globex/root",)))
    assert (found.tenant_id, found.user_id) == ("acme", "drafter")


def test_single_names_go_before_the_template() -> None:
    users = "spiffe://example.com/acme/drafter=globex/ada,spiffe://other.example/a=b=initech/bob"
    environment = TEMPLATE | {"POINTSMAN_MTLS_USERS": users, "POINTSMAN_MTLS_ROLES": "user"}
    found = claim(environment, spiffe("spiffe://example.com/acme/drafter"))
    assert (found.tenant_id, found.user_id, found.most_roles) == ("globex", "ada", {"user"})
    found = claim(environment, spiffe("spiffe://other.example/a=b"))
    assert (found.tenant_id, found.user_id) == ("initech", "bob")


def test_one_tenant_for_all() -> None:
    environment = {
        "POINTSMAN_MTLS_TEMPLATE": "spiffe://example.com/ns/prod/sa/{user}",
        "POINTSMAN_MTLS_TENANT": "acme",
        "POINTSMAN_MTLS_KNOWN_USERS_ONLY": "true",
    }
    found = claim(environment, spiffe("spiffe://example.com/ns/prod/sa/drafter"))
    assert (found.tenant_id, found.user_id, found.known_users_only) == ("acme", "drafter", True)


@pytest.mark.parametrize(
    "peer",
    [
        Peer("spiffe://example.com/acme/drafter"),
        spiffe(),
        spiffe("spiffe://example.com/acme/drafter", "spiffe://example.com/acme/root"),
        spiffe("spiffe://example.com/acme/drafter", "https://example.com/"),
        spiffe("https://example.com/acme/drafter"),
        spiffe("spiffe://example.com/platform/drafter"),
        spiffe("spiffe://example.com/acme/drafter/"),
        spiffe("spiffe://example.com/acme/drafter\n"),
        spiffe("spiffe://example.com/acme/x/drafter"),
        spiffe("spiffe://example.com//drafter"),
        spiffe("spiffe://example.com/acme/agent:drafter"),
        spiffe("spiffe://example.com/acme/..%2froot"),
        spiffe("spiffe://example.com/acme' OR 1=1/drafter"),
        spiffe("spiffe://exampleXcom/acme/drafter"),
        spiffe("SPIFFE://example.com/acme/drafter"),
        spiffe("spiffe://example.com.evil.example/acme/drafter"),
        spiffe("spiffe://example.com/" + "a" * 65 + "/drafter"),
    ],
    ids=str,
)
def test_a_certificate_that_speaks_for_nobody(peer: Peer) -> None:
    with pytest.raises(CredentialInvalid):
        claim(TEMPLATE, peer)


def test_without_settings_no_certificate_speaks_for_anybody() -> None:
    assert peers_of(load(TLS)) is None
    assert peers_of(load(TEMPLATE)) is None
    users = {"POINTSMAN_MTLS_USERS": "ada=acme/ada", "POINTSMAN_MTLS_NAME": "common_name"}
    for peer in (Peer(""), Peer("local-admin"), spiffe("spiffe://local/local-admin")):
        with pytest.raises(CredentialInvalid):
            claim(users, peer)


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"TEMPLATE": "spiffe://example.com/drafter"}, "must have {user} once"),
        ({"TEMPLATE": "spiffe://{tenant}/x"}, "must have {user} once"),
        ({"TEMPLATE": "{user}/{user}"}, "must have {user} once"),
        ({"TEMPLATE": "{tenant}/{user}/{agent}"}, "no other braces"),
        ({"TEMPLATE": "{user}.{tenant}"}, "must part"),
        ({"TEMPLATE": "{tenant}{user}"}, "must part"),
        ({"TEMPLATE": "{tenant}-x-{user}"}, "must part"),
        ({"TEMPLATE": "spiffe://example.com/{user}"}, "mtls_tenant: must be set"),
        ({"TENANT": "a b"}, "no tenant id"),
        ({"NAME": "dns"}, "must be one of"),
        ({"USERS": "spiffe://a"}, "NAME=TENANT/USER"),
        ({"USERS": "spiffe://a=acme"}, "NAME=TENANT/USER"),
        ({"USERS": "=acme/ada"}, "NAME=TENANT/USER"),
        ({"USERS": "a=acme/ada,a=acme/bob"}, "twice"),
        ({"ROLES": ""}, "at least one"),
        ({"ROLES": "agent"}, "'agent'"),
    ],
    ids=str,
)
def test_settings_that_leave_open_who_is_meant_are_refused(variables: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load({f"POINTSMAN_MTLS_{name}": value for name, value in variables.items()})
    assert complaint in str(caught.value)

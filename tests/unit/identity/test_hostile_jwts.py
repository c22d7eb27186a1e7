"""JWTs that must not hold: each is refused, for the very reason that it should be."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pointsman_server.errors import CredentialExpired, CredentialInvalid, PointsmanError
from pointsman_server.identity.jwt import JwtVerifier
from pointsman_server.identity.jwt_refusal import Why
from structlog.testing import capture_logs

from tests.unit.identity import forge
from tests.unit.identity.forge import AUDIENCE, ISSUER, NOW_S, claims, encoded, header, signer, token, with_hmac

ES = signer("ES256", "ec")
ES384 = signer("ES384", "ec384")
RS = signer("RS256", "rsa")
PS = signer("PS256", "pss")
ED = signer("EdDSA", "ed")
STRANGER = signer("ES256", "stranger")
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
SKEW_S = 60
HOUR_S = 3_600
DAY_S = 24 * HOUR_S


async def refusal(verifier: JwtVerifier, text: str) -> tuple[type[PointsmanError], str]:
    """The error that the caller gets, and the reason that the log has."""
    with capture_logs() as logs, pytest.raises((CredentialInvalid, CredentialExpired)) as caught:
        await verifier.verify(text)
    assert not text or text not in str(logs)
    return type(caught.value), next(line["why"] for line in logs if line["event"] == "jwt_refused")


def said(**changes: Any) -> str:
    return token(ES, claims(**changes))


def asked(**changes: Any) -> str:
    return token(ES, head=header(ES, **changes))


def raw_claims(members: str) -> str:
    """A JWT whose claims are the usual ones and some text behind them."""
    return token(ES, json.dumps(claims())[:-1].encode() + members.encode() + b"}")


def raw_header(members: str) -> str:
    return token(ES, head=json.dumps(header(ES))[:-1].encode() + members.encode() + b"}")


def segments(text: str) -> list[str]:
    return text.split(".")


def with_segment(number: int, change: Callable[[str], str]) -> str:
    parts = segments(token(ES))
    parts[number] = change(parts[number])
    return ".".join(parts)


def unused_bits(segment: str) -> str:
    """The same bytes written in another way: the last character has bits that say nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert len(segment) % 4
    return segment[:-1] + alphabet[alphabet.index(segment[-1]) + 1]


def signature_of_other_claims() -> str:
    head, _, _ = segments(token(ES))
    _, _, signature = segments(said(sub="mallory"))
    return f"{head}.{encoded(json.dumps(claims(sub='root')).encode())}.{signature}"


FORM = [
    ("empty", "", Why.NOT_THREE_SEGMENTS),
    ("two dots alone", "..", Why.SIGNATURE),
    ("one segment", token(ES).replace(".", ""), Why.NOT_THREE_SEGMENTS),
    ("two segments", token(ES).rpartition(".")[0], Why.NOT_THREE_SEGMENTS),
    ("four segments", token(ES) + ".", Why.NOT_THREE_SEGMENTS),
    ("five segments, as encryption has", token(ES) + "..", Why.ENCRYPTED),
    ("a dot in front", "." + token(ES), Why.NOT_THREE_SEGMENTS),
    ("too large", token(ES, claims(padding="x" * 8_192)), Why.TOO_LARGE),
    ("no signature", token(ES).rpartition(".")[0] + ".", Why.SIGNATURE),
    ("a blank behind", token(ES) + " ", Why.NOT_BASE64URL),
    ("a blank in front", " " + token(ES), Why.NOT_BASE64URL),
    ("a line end behind", token(ES) + "\n", Why.NOT_BASE64URL),
    ("a line end inside", with_segment(1, lambda s: s[:10] + "\n" + s[10:]), Why.NOT_BASE64URL),
    ("a null behind", token(ES) + "\0", Why.NOT_BASE64URL),
    ("padding", with_segment(2, lambda s: s + "=="), Why.NOT_BASE64URL),
    ("standard base64", with_segment(2, lambda s: "+/" + s[2:]), Why.NOT_BASE64URL),
    ("bits that say nothing", with_segment(2, unused_bits), Why.NOT_BASE64URL),
    ("one character too many", with_segment(1, lambda s: s + "A" * ((5 - len(s) % 4) % 4)), Why.NOT_BASE64URL),
    ("letters of full width", with_segment(0, lambda s: s.replace("e", "\uff45")), Why.NOT_BASE64URL),
    ("a letter of another script", with_segment(0, lambda s: s.replace("e", "\u0435")), Why.NOT_BASE64URL),
    ("a percent sign", with_segment(0, lambda s: s + "%00"), Why.NOT_BASE64URL),
    ("header is a list", token(ES, head=b"[]"), Why.NOT_AN_OBJECT),
    ("header is text", token(ES, head=b'"alg"'), Why.NOT_AN_OBJECT),
    ("header is no JSON", token(ES, head=b"{'alg': 'ES256'}"), Why.NOT_JSON),
    ("header is not UTF-8", token(ES, head=b'{"alg":"ES256","x":"\xff"}'), Why.NOT_JSON),
    ("header in UTF-16", token(ES, head=json.dumps(header(ES)).encode("utf-16")), Why.NOT_JSON),
    ("claims are a list", token(ES, b"[]"), Why.NOT_AN_OBJECT),
    ("claims are null", token(ES, b"null"), Why.NOT_AN_OBJECT),
    ("claims are empty", token(ES, b"{}"), Why.UNKNOWN_ISSUER),
    ("claims have a comment", token(ES, b"{/**/}"), Why.NOT_JSON),
    ("claims are without end", token(ES, b"[" * 5_000), Why.NOT_JSON),
    ("claims have NaN", raw_claims(', "x": NaN'), Why.NOT_JSON),
    ("claims have a number of 5000 digits", raw_claims(f', "x": {"9" * 5_000}'), Why.NOT_JSON),
    ("something behind the claims", token(ES, json.dumps(claims()).encode() + b"{}"), Why.NOT_JSON),
    ("claim exp twice", raw_claims(f', "exp": {NOW_S + DAY_S}'), Why.DUPLICATE_MEMBER),
    ("claim sub twice, once escaped", raw_claims(', "\\u0073ub": "root"'), Why.DUPLICATE_MEMBER),
    ("a member twice deep inside", raw_claims(', "a": {"b": 1, "b": 2}'), Why.DUPLICATE_MEMBER),
    ("header alg twice", raw_header(', "alg": "none"'), Why.DUPLICATE_MEMBER),
    ("header kid twice", raw_header(', "kid": "stranger"'), Why.DUPLICATE_MEMBER),
]

HEADER = [
    ("alg none", asked(alg="none"), Why.ALGORITHM),
    ("alg None", asked(alg="None"), Why.ALGORITHM),
    ("alg nOnE without signature", f"{asked(alg='nOnE').rpartition('.')[0]}.", Why.SIGNATURE),
    ("no alg", asked(alg=None), Why.ALGORITHM),
    ("alg is null", token(ES, head=b'{"alg": null, "kid": "ec"}'), Why.ALGORITHM),
    ("alg is a list", asked(alg=["ES256"]), Why.ALGORITHM),
    ("alg in small letters", asked(alg="es256"), Why.ALGORITHM),
    ("alg with a blank", asked(alg="ES256 "), Why.ALGORITHM),
    ("alg ES256K", asked(alg="ES256K"), Why.ALGORITHM),
    ("alg dir", asked(alg="dir"), Why.ALGORITHM),
    ("HS256 by the public key's PEM", with_hmac(RS.pem, header(RS, alg="HS256")), Why.ALGORITHM),
    (
        "HS256 by the public key's JSON",
        with_hmac(json.dumps(RS.row()).encode(), header(RS, alg="HS256")),
        Why.ALGORITHM,
    ),
    ("HS256 by nothing", with_hmac(b"", header(RS, alg="HS256")), Why.ALGORITHM),
    ("RS256 named for a key of EC", asked(alg="RS256"), Why.UNKNOWN_KEY),
    ("ES256 named for a key of RSA", token(ES, head=header(ES, kid="rsa")), Why.UNKNOWN_KEY),
    ("ES384 named for a key of P-256", asked(alg="ES384"), Why.UNKNOWN_KEY),
    ("EdDSA named for a key of EC", asked(alg="EdDSA"), Why.UNKNOWN_KEY),
    ("RS256 by a key that is for PS256", token(PS, head=header(PS, alg="RS256")), Why.UNKNOWN_KEY),
    ("PS256 named over a signature of RS256", token(RS, head=header(RS, alg="PS256")), Why.SIGNATURE),
    ("RS512 named over a signature of RS256", token(RS, head=header(RS, alg="RS512")), Why.SIGNATURE),
    ("crit, empty", asked(crit=[]), Why.CRITICAL_EXTENSION),
    ("crit, unknown", asked(crit=["bork"], bork=1), Why.CRITICAL_EXTENSION),
    ("crit is exp", asked(crit=["exp"], exp=NOW_S), Why.CRITICAL_EXTENSION),
    ("b64 false", asked(b64=False, crit=["b64"]), Why.CRITICAL_EXTENSION),
    ("b64 true", asked(b64=True), Why.CRITICAL_EXTENSION),
    ("jwk of its own", token(STRANGER, head=header(STRANGER, jwk=STRANGER.row(), kid="ec")), Why.BRINGS_ITS_OWN_KEY),
    ("jku of its own", token(STRANGER, head=header(STRANGER, jku="https://evil.example/")), Why.BRINGS_ITS_OWN_KEY),
    ("x5u of its own", asked(x5u="https://evil.example/cert"), Why.BRINGS_ITS_OWN_KEY),
    ("x5c of its own", asked(x5c=["MIIB"]), Why.BRINGS_ITS_OWN_KEY),
    ("jku of the issuer, even", asked(jku="https://login.example.com/keys"), Why.BRINGS_ITS_OWN_KEY),
    ("nested", asked(cty="JWT"), Why.NESTED),
    ("encrypted, in three segments", asked(alg="RSA-OAEP", enc="A256GCM"), Why.ENCRYPTED),
    ("compressed", asked(zip="DEF"), Why.ENCRYPTED),
    ("typ of an id token's proof", asked(typ="dpop+jwt"), Why.TYPE),
    ("typ of a logout token", asked(typ="logout+jwt"), Why.TYPE),
    ("typ is a number", asked(typ=1), Why.TYPE),
    ("typ is null", token(ES, head=b'{"alg": "ES256", "kid": "ec", "typ": null}'), Why.TYPE),
    ("kid is a path", asked(kid="../../../../dev/null"), Why.UNKNOWN_KEY),
    ("kid is a URL", asked(kid="https://evil.example/key"), Why.UNKNOWN_KEY),
    ("kid is SQL", asked(kid="' UNION SELECT 'x' --"), Why.UNKNOWN_KEY),
    ("kid is a command", asked(kid="$(cat /etc/passwd)"), Why.UNKNOWN_KEY),
    ("kid is empty", asked(kid=""), Why.UNKNOWN_KEY),
    ("kid has a null behind", asked(kid="ec\0"), Why.UNKNOWN_KEY),
    ("kid in large letters", asked(kid="EC"), Why.UNKNOWN_KEY),
    ("kid is half a surrogate pair", asked(kid="\ud800"), Why.UNKNOWN_KEY),
    ("kid is null", token(ES, head=b'{"alg": "ES256", "kid": null}'), Why.KEY_ID),
    ("kid is a list", asked(kid=["ec"]), Why.KEY_ID),
    ("kid is a number", asked(kid=1), Why.KEY_ID),
    ("kid is an object", asked(kid={"ec": 1}), Why.KEY_ID),
    ("kid is as long as it may be", asked(kid="e" * 256), Why.UNKNOWN_KEY),
    ("kid is too long", asked(kid="e" * 257), Why.KEY_ID),
    ("kid is huge", asked(kid="e" * 4_000), Why.KEY_ID),
]

SIGNATURES = [
    ("a stranger's, by a known kid", token(STRANGER, head=header(ES)), Why.SIGNATURE),
    ("a stranger's, by its own kid", token(STRANGER), Why.UNKNOWN_KEY),
    ("a stranger's, without kid", token(STRANGER, head=header(STRANGER, kid=None)), Why.SIGNATURE),
    ("of other claims", signature_of_other_claims(), Why.SIGNATURE),
    ("zeros", forge.with_signature(token(ES), bytes(64)), Why.SIGNATURE),
    ("r is zero", forge.with_signature(token(ES), bytes(32) + b"\x01" * 32), Why.SIGNATURE),
    ("r and s are the order", forge.with_signature(token(ES), ORDER.to_bytes(32) * 2), Why.SIGNATURE),
    ("too short", forge.with_signature(token(ES), b"\x01" * 63), Why.SIGNATURE),
    ("too long", forge.with_signature(token(ES), b"\x01" * 65), Why.SIGNATURE),
    ("one byte", forge.with_signature(token(ES), b"\x01"), Why.SIGNATURE),
    ("in DER", forge.with_signature(token(ES), ES.private.sign(b"", forge.ECDSA_SHA256)), Why.SIGNATURE),
    ("zeros for EdDSA", forge.with_signature(token(ED), bytes(64)), Why.SIGNATURE),
    ("zeros for RSA", forge.with_signature(token(RS), bytes(256)), Why.SIGNATURE),
    ("one for RSA", forge.with_signature(token(RS), (1).to_bytes(256)), Why.SIGNATURE),
    ("cut by a byte", token(ES)[:-2], Why.SIGNATURE),
]

TIMES = [
    ("no exp", said(exp=None), Why.NO_EXPIRY),
    ("exp is null", token(ES, claims() | {"exp": None}), Why.TIME),
    ("exp is text", said(exp=str(NOW_S + 60)), Why.TIME),
    ("exp is a fraction", said(exp=NOW_S + 60.5), Why.TIME),
    ("exp is a float", said(exp=float(NOW_S + 60)), Why.TIME),
    ("exp is 1e999", token(ES, json.dumps(claims(exp=0)).replace('"exp": 0', '"exp": 1e999').encode()), Why.TIME),
    ("exp is true", said(exp=True), Why.TIME),
    ("exp is a list", said(exp=[NOW_S + 60]), Why.TIME),
    ("exp is negative", said(exp=-1), Why.TIME),
    ("exp is beyond all years", said(exp=10**18), Why.TIME),
    ("exp is zero", said(exp=0, iat=None, nbf=None), Why.EXPIRED),
    ("exp in milliseconds", said(exp=(NOW_S + 60) * 1_000), Why.TIME),
    ("expired by the whole skew", said(exp=NOW_S - SKEW_S), Why.EXPIRED),
    ("expired yesterday", said(exp=NOW_S - DAY_S, iat=NOW_S - DAY_S - 60, nbf=None), Why.EXPIRED),
    ("nbf beyond the skew", said(nbf=NOW_S + SKEW_S + 1), Why.NOT_YET_VALID),
    ("nbf is text", said(nbf="0"), Why.TIME),
    ("iat beyond the skew", said(iat=NOW_S + SKEW_S + 1), Why.NOT_YET_VALID),
    ("iat is a float", said(iat=NOW_S - 0.5), Why.TIME),
    ("iat is negative", said(iat=-1), Why.TIME),
    ("lives a second too long", said(iat=NOW_S, exp=NOW_S + DAY_S + 1), Why.LIVES_TOO_LONG),
    ("lives too long, without iat", said(iat=None, exp=NOW_S + DAY_S + SKEW_S + 1), Why.LIVES_TOO_LONG),
    ("lives for ever", said(exp=253_402_300_799), Why.LIVES_TOO_LONG),
]

WHOM = [
    ("no iss", said(iss=None), Why.UNKNOWN_ISSUER),
    ("iss is null", token(ES, claims() | {"iss": None}), Why.UNKNOWN_ISSUER),
    ("iss without its slash", said(iss=ISSUER.rstrip("/")), Why.UNKNOWN_ISSUER),
    ("iss with a second slash", said(iss=ISSUER + "/"), Why.UNKNOWN_ISSUER),
    ("iss in large letters", said(iss=ISSUER.upper()), Why.UNKNOWN_ISSUER),
    ("iss by http", said(iss=ISSUER.replace("https", "http")), Why.UNKNOWN_ISSUER),
    ("iss with a beginning alike", said(iss=ISSUER + "evil"), Why.UNKNOWN_ISSUER),
    ("iss is a list", said(iss=[ISSUER]), Why.UNKNOWN_ISSUER),
    ("iss is an object", said(iss={ISSUER: 1}), Why.UNKNOWN_ISSUER),
    ("no aud", said(aud=None), Why.AUDIENCE),
    ("aud is null", token(ES, claims() | {"aud": None}), Why.AUDIENCE),
    ("aud is empty", said(aud=""), Why.AUDIENCE),
    ("aud is an empty list", said(aud=[]), Why.AUDIENCE),
    ("aud is another's", said(aud="billing"), Why.AUDIENCE),
    ("aud begins alike", said(aud=AUDIENCE + "-dev"), Why.AUDIENCE),
    ("aud has another case", said(aud=AUDIENCE.upper()), Why.AUDIENCE),
    ("aud is a list of others", said(aud=["billing", "search"]), Why.AUDIENCE),
    ("aud holds a number beside the right one", said(aud=[AUDIENCE, 1]), Why.AUDIENCE),
    ("aud holds a list with the right one", said(aud=[[AUDIENCE]]), Why.AUDIENCE),
    ("aud is an object", said(aud={AUDIENCE: True}), Why.AUDIENCE),
    ("aud is a hundred names", said(aud=[AUDIENCE] * 100), Why.AUDIENCE),
]

WHO = [
    ("no tenant", said(tenant_id=None), Why.TENANT),
    ("tenant is null", token(ES, claims() | {"tenant_id": None}), Why.TENANT),
    ("tenant is empty", said(tenant_id=""), Why.TENANT),
    ("tenant is a list", said(tenant_id=["acme"]), Why.TENANT),
    ("tenant is a number", said(tenant_id=1), Why.TENANT),
    ("tenant is true", said(tenant_id=True), Why.TENANT),
    ("tenant is an object", said(tenant_id={"id": "acme"}), Why.TENANT),
    ("tenant is the platform", said(tenant_id="platform"), Why.TENANT),
    ("tenant is SQL", said(tenant_id="acme' OR '1'='1"), Why.TENANT),
    ("tenant is SQL with a comment", said(tenant_id="acme'--"), Why.TENANT),
    ("tenant is a pattern", said(tenant_id="ac%"), Why.TENANT),
    ("tenant is a path", said(tenant_id="../acme"), Why.TENANT),
    ("tenant has a null behind", said(tenant_id="acme\0"), Why.TENANT),
    ("tenant has a line end behind", said(tenant_id="acme\n"), Why.TENANT),
    ("tenant has a blank in front", said(tenant_id=" acme"), Why.TENANT),
    ("tenant has a letter of another script", said(tenant_id="\u0430cme"), Why.TENANT),
    ("tenant is too long", said(tenant_id="a" * 65), Why.TENANT),
    ("no user", said(sub=None), Why.USER),
    ("user is empty", said(sub=""), Why.USER),
    ("user is a number", said(sub=7), Why.USER),
    ("user is a list", said(sub=["alice"]), Why.USER),
    ("user is an agent", said(sub="agent:drafter"), Why.USER),
    ("user is SQL", said(sub="alice'; DROP TABLE users; --"), Why.USER),
    ("user has control characters", said(sub="alice\r\nx-admin: 1"), Why.USER),
    ("user is too long", said(sub="a" * 129), Why.USER),
    ("access token is a list", said(ati_id=["at_1"]), Why.ACCESS_TOKEN),
    ("access token is null", token(ES, claims() | {"ati_id": None}), Why.ACCESS_TOKEN),
    ("access token is empty", said(ati_id=""), Why.ACCESS_TOKEN),
    ("access token is SQL", said(ati_id="x' OR 1=1"), Why.ACCESS_TOKEN),
    ("roles are an object", said(roles={"platform_admin": True}), Why.ROLES),
    ("roles are a number", said(roles=1), Why.ROLES),
    ("roles are null", token(ES, claims() | {"roles": None}), Why.ROLES),
    ("roles hold a list", said(roles=[["tenant_admin"]]), Why.ROLES),
    ("roles are a thousand", said(roles=["user"] * 700), Why.ROLES),
]

HOSTILE = [
    pytest.param(text, why, id=f"{group}: {name}")
    for group, rows in (
        ("form", FORM),
        ("header", HEADER),
        ("signature", SIGNATURES),
        ("time", TIMES),
        ("for whom", WHOM),
        ("who", WHO),
    )
    for name, text, why in rows
]


@pytest.mark.parametrize(("text", "why"), HOSTILE)
async def test_a_hostile_jwt_is_refused_for_the_reason_that_it_should_be(
    verifier_of: Callable[..., JwtVerifier], text: str, why: Why
) -> None:
    error = CredentialExpired if why is Why.EXPIRED else CredentialInvalid
    assert await refusal(verifier_of(), text) == (error, why)


def test_the_table_is_long_enough() -> None:
    assert len(HOSTILE) > 150
    reasons = {row.values[1] for row in HOSTILE}
    assert reasons == set(Why)


async def test_who_is_refused_is_told_the_same_whatever_is_wrong(verifier_of: Callable[..., JwtVerifier]) -> None:
    told = set()
    for row in HOSTILE:
        if row.values[1] is not Why.EXPIRED:
            with pytest.raises(CredentialInvalid) as caught:
                await verifier_of().verify(str(row.values[0]))
            told.add((caught.value.message, *caught.value.metadata.items()))
    assert len(told) == 1


async def test_a_second_valid_signature_of_the_same_text_speaks_for_nobody_else(
    verifier_of: Callable[..., JwtVerifier],
) -> None:
    """ECDSA has two for each text: (r, s) and (r, n - s). Both hold, and so nothing may be keyed by the signature."""
    text = token(ES)
    r, s = decode_dss_signature(ES.private.sign(text.rpartition(".")[0].encode(), forge.ECDSA_SHA256))
    one, other = (forge.with_signature(text, r.to_bytes(32) + part.to_bytes(32)) for part in (s, ORDER - s))
    assert one != other
    assert await verifier_of().verify(one) == await verifier_of().verify(other)


GENUINE = token(ES)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["replace", "insert", "delete", "swap", "cut"]),
        st.integers(0, len(GENUINE) - 1),
        st.characters(codec="utf-8"),
    ),
    min_size=1,
    max_size=4,
)


def changed(changes: list[tuple[str, int, str]]) -> str:
    text = GENUINE
    for kind, place, character in changes:
        at = min(place, len(text))
        text = {
            "replace": text[:at] + character + text[at + 1 :],
            "insert": text[:at] + character + text[at:],
            "delete": text[:at] + text[at + 1 :],
            "swap": text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
            "cut": text[:at],
        }[kind]
    return text


async def holds_only_unchanged(verifier: JwtVerifier, text: str) -> None:
    if text == GENUINE:
        assert await verifier.verify(text)
    else:
        with pytest.raises(CredentialInvalid):
            await verifier.verify(text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES)
async def test_no_change_of_a_genuine_jwt_holds(
    verifier_of: Callable[..., JwtVerifier], changes: list[tuple[str, int, str]]
) -> None:
    await holds_only_unchanged(verifier_of(), changed(changes))


@pytest.mark.full
@settings(max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES)
async def test_no_change_of_a_genuine_jwt_holds_however_long_one_tries(
    verifier_of: Callable[..., JwtVerifier], changes: list[tuple[str, int, str]]
) -> None:
    await holds_only_unchanged(verifier_of(), changed(changes))

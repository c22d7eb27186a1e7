"""An issuer's keys: how they are read, kept and read again, over real sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pointsman_server.adapters.key_fetcher import MOST_BYTES, KeyFetcher
from pointsman_server.adapters.transport import Timeouts, Transport
from pointsman_server.errors import CredentialInvalid, CredentialUnverifiable
from pointsman_server.identity.jwks import LEAST_WAIT_S, IssuerKeys, life_s
from pointsman_server.identity.jwt import JwtVerifier
from pointsman_server.identity.jwt_keys import MOST_KEYS, BadKeySet, read
from structlog.testing import capture_logs

from tests.unit.identity.conftest import LIFE, SetClock
from tests.unit.identity.forge import Signer, encoded, header, key_set, signer, token
from tests.unit.identity.key_server import KeyServer

ES = signer("ES256", "ec")
RS = signer("RS256", "rsa")
ED = signer("EdDSA", "ed")
NEW = signer("ES256", "new")

Make = Callable[..., JwtVerifier]


async def holds(verifier: JwtVerifier, by: Signer = ES) -> bool:
    try:
        return (await verifier.verify(token(by))).user_id == "alice"
    except CredentialInvalid:
        return False


async def unverifiable(verifier: JwtVerifier, by: Signer = ES) -> float:
    """How long the caller is told to wait, in seconds."""
    with pytest.raises(CredentialUnverifiable) as caught:
        await verifier.verify(token(by))
    assert caught.value.retry_after is not None
    return caught.value.retry_after.total_seconds()


async def test_the_keys_are_read_once_for_all_who_wait(verifier_of: Make, issuer: KeyServer) -> None:
    issuer.hold = asyncio.Event()
    verifier = verifier_of()
    waiting = [asyncio.create_task(holds(verifier)) for _ in range(50)]
    gone = asyncio.create_task(holds(verifier))
    await issuer.asked_for(1)
    gone.cancel()
    issuer.hold.set()
    assert await asyncio.gather(*waiting) == [True] * 50
    assert issuer.asked == 1
    assert issuer.paths == ["/keys"]


async def test_keys_are_used_until_their_time_is_over(verifier_of: Make, issuer: KeyServer, clock: SetClock) -> None:
    verifier = verifier_of()
    assert await holds(verifier)
    clock.passed_s = LIFE.life_s - 1
    assert await holds(verifier)
    assert issuer.asked == 1
    clock.passed_s = LIFE.life_s
    assert await holds(verifier)  # by the old keys: nobody waits for the new ones
    await asyncio.sleep(0.05)
    assert issuer.asked == 2


async def test_a_new_key_is_read_as_soon_as_a_jwt_names_it(
    verifier_of: Make, issuer: KeyServer, clock: SetClock
) -> None:
    verifier = verifier_of()
    assert await holds(verifier)
    issuer.body = key_set(ES.row(), NEW.row())
    clock.passed_s = LEAST_WAIT_S
    assert await holds(verifier, NEW)
    assert await holds(verifier, ES)  # both hold while they overlap
    issuer.body = key_set(NEW.row())
    clock.passed_s = LIFE.life_s + 2 * LEAST_WAIT_S
    await holds(verifier, NEW)
    await asyncio.sleep(0.05)
    assert await holds(verifier, NEW)
    assert not await holds(verifier, ES)  # and the old one ends


async def test_unknown_keys_do_not_make_anybody_hammer_the_issuer(
    verifier_of: Make, issuer: KeyServer, clock: SetClock
) -> None:
    verifier = verifier_of()
    for number in range(200):
        clock.passed_s = number / 10  # 20 seconds in all
        with pytest.raises(CredentialInvalid):
            await verifier.verify(token(NEW, head=header(NEW, kid=f"made-up-{number}")))
    assert issuer.asked == 2


async def test_where_the_issuer_is_down_from_the_start_nobody_can_know(
    verifier_of: Make, issuer: KeyServer, clock: SetClock
) -> None:
    body, issuer.status = issuer.body, "503 Service Unavailable"
    verifier = verifier_of()
    assert 0 < await unverifiable(verifier) <= LEAST_WAIT_S
    clock.passed_s = LEAST_WAIT_S - 0.5
    assert await unverifiable(verifier) == 1
    assert issuer.asked == 1
    issuer.status, issuer.body = "200 OK", body
    clock.passed_s = LEAST_WAIT_S
    assert await holds(verifier)


async def test_where_the_issuer_goes_down_its_keys_serve_for_a_bounded_time(
    verifier_of: Make, issuer: KeyServer, clock: SetClock
) -> None:
    verifier = verifier_of(max_life_minutes=7 * 24 * 60)
    assert await holds(verifier)
    issuer.status = "500 Oops"
    clock.passed_s = LIFE.life_s + 1
    with capture_logs() as logs:
        assert await holds(verifier)
        await unverifiable(verifier, NEW)  # it may be a new key; nobody can know
    assert [line["why"] for line in logs if line["event"] == "issuer_keys_not_read"] == ["status 500"]
    clock.passed_s = LIFE.life_s + LIFE.stale_s
    await unverifiable(verifier)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "302 Found", "headers": "location: http://127.0.0.1:1/keys\r\n"}, "garbage, status 302"),
        ({"status": "301 Moved", "headers": "location: /elsewhere\r\n"}, "garbage, status 301"),
        ({"status": "404 Not Found"}, "status 404"),
        ({"status": "204 No Content", "body": b""}, "status 204"),
        ({"content_type": "text/html"}, "not served as JSON"),
        ({"content_type": "text/plain"}, "not served as JSON"),
        ({"content_type": ""}, "not served as JSON"),
        ({"body": b" " * (MOST_BYTES + 1)}, "too_large, status 200"),
        ({"body": b""}, "not JSON"),
        ({"body": b"<html></html>"}, "not JSON"),
        ({"body": b'{"keys": [], "keys": []}'}, "duplicate member"),
        ({"body": b'{"keys": []}'}, "no key that can be used"),
        ({"body": b"[]"}, "not a set of keys"),
        ({"body": b"[" * 100_000}, "not JSON"),
    ],
    ids=str,
)
async def test_what_is_no_set_of_keys_is_not_used(
    verifier_of: Make, issuer: KeyServer, changes: dict[str, Any], why: str
) -> None:
    for name, value in changes.items():
        setattr(issuer, name, value)
    with capture_logs() as logs:
        await unverifiable(verifier_of())
    assert [line["why"] for line in logs if line["event"] == "issuer_keys_not_read"] == [why]
    assert issuer.asked == 1  # a redirection is not followed


async def test_a_slow_issuer_is_not_waited_for(issuer: KeyServer, transport: Transport, clock: SetClock) -> None:
    issuer.hold = asyncio.Event()
    limits = Timeouts(connect_ms=200, first_byte_ms=100, chunk_ms=100, total_ms=300)
    keys = IssuerKeys(issuer.url, KeyFetcher(transport, (), limits), clock, LIFE)
    began = time.monotonic()
    with pytest.raises(CredentialUnverifiable):
        await keys.fitting("ec", "ES256")
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/keys", "https://127.0.0.1:1/keys", "https://[::1]:1/keys"])
async def test_an_issuer_where_nothing_listens(transport: Transport, clock: SetClock, url: str) -> None:
    keys = IssuerKeys(url, KeyFetcher(transport, ()), clock, LIFE)
    with capture_logs() as logs, pytest.raises(CredentialUnverifiable):
        await keys.fitting("ec", "ES256")
    assert logs[0]["why"] == "connect"


async def test_an_issuer_at_an_address_that_is_not_allowed(transport: Transport, clock: SetClock) -> None:
    keys = IssuerKeys("https://169.254.169.254/keys", KeyFetcher(transport, ()), clock, LIFE)
    with capture_logs() as logs, pytest.raises(CredentialUnverifiable):
        await keys.fitting("ec", "ES256")
    assert logs[0]["why"] == "blocked_address"


async def test_a_defect_leaves_nobody_waiting(clock: SetClock) -> None:
    async def broken(_url: str, /) -> Any:
        raise ZeroDivisionError

    keys = IssuerKeys("https://login.example.com/keys", broken, clock, LIFE)
    with capture_logs() as logs, pytest.raises(CredentialUnverifiable):
        await keys.fitting("ec", "ES256")
    assert [line["event"] for line in logs] == ["issuer_keys_defect"]


async def test_the_keys_are_read_and_read_again_without_a_call(
    keys_of: Callable[[KeyServer], IssuerKeys], issuer: KeyServer, clock: SetClock
) -> None:
    running = asyncio.create_task(keys_of(issuer).run(look_s=0.001))
    await issuer.asked_for(1)
    await asyncio.sleep(0.05)
    assert issuer.asked == 1
    clock.passed_s = LIFE.life_s
    await issuer.asked_for(2)
    running.cancel()
    assert isinstance((await asyncio.gather(running, return_exceptions=True))[0], asyncio.CancelledError)


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("", 600),
        ("public, max-age=3600", 3_600),
        ("Max-Age=120,must-revalidate", 120),
        ("max-age=0", 60),
        ("max-age=5", 60),
        ("no-store", 60),
        ("private, no-cache, max-age=3600", 60),
        ("max-age=999999999", 86_400),
        ("max-age=99999999999999999999", 600),
        ("max-age=-1", 600),
        ("max-age=ten", 600),
        ("s-maxage=3600", 600),
        ("x-max-age=3600", 600),
        ("no-storex", 600),
    ],
)
def test_the_issuer_says_within_bounds_how_long_its_keys_are_good_for(cache_control: str, seconds: float) -> None:
    assert life_s(cache_control, 600) == seconds


async def test_cache_control_is_read_of_the_answer(verifier_of: Make, issuer: KeyServer, clock: SetClock) -> None:
    issuer.headers = "Cache-Control: max-age=7200\r\n"
    verifier = verifier_of()
    assert await holds(verifier)
    clock.passed_s = 3_500
    assert await holds(verifier)
    await asyncio.sleep(0.02)
    assert issuer.asked == 1


def _told(row: dict[str, Any]) -> str:
    """A row without what is drawn anew in each run: all workers must give a test the same name."""
    return json.dumps({name: value for name, value in row.items() if name in {"kid", "alg", "use", "crv", "kty"}})


WEAK = Signer("weak", "RS256", rsa.generate_private_key(65_537, 1_024))
OCT = {"kty": "oct", "kid": "sym", "k": encoded(b"x" * 32), "alg": "HS256"}


@pytest.mark.parametrize(
    "row",
    [
        OCT,
        OCT | {"alg": "ES256", "kty": "EC"},
        RS.private_row(),
        ES.private_row(),
        ED.private_row(),
        WEAK.row(),
        ES.row(use="enc"),
        ES.row(use=["sig"]),
        ES.row(key_ops=["sign"]),
        ES.row(key_ops="verify"),
        ES.row(key_ops=[]),
        ES.row(alg="RS256"),
        ES.row(alg="ES384"),
        ES.row(alg="HS256"),
        ES.row(alg=["ES256"]),
        RS.row(alg="none"),
        RS.row(alg="RSA-OAEP"),
        ES.row(crv="secp256k1", alg=None),
        ES.row(crv="P-384", alg=None),
        ES.row(crv=["P-256"]),
        ES.row(kid=7),
        ES.row(kty=None),
        ES.row(kty="ec"),
        ES.row(kty=["EC"]),
        ES.row(x=None),
        ES.row(x=""),
        ES.row(x=5),
        ES.row(y=encoded(bytes(32))),
        ES.row(x="%%%"),
        RS.row(n=RS.row()["n"] + "=="),
        RS.row(e=encoded(b"\x02")),
        RS.row(e=encoded(b"\x01")),
        ED.row(x=encoded(bytes(31))),
        ED.row(crv="Ed448"),
        ED.row(crv="X25519"),
        {},
    ],
    ids=_told,
)
def test_a_key_that_cannot_be_trusted_with_signatures_is_passed_over(row: dict[str, Any]) -> None:
    with pytest.raises(BadKeySet, match="no key that can be used"):
        read(key_set(row))
    found = read(key_set(row, NEW.row()))
    assert [key.key_id for key in found.keys] == ["new"]
    assert found.passed_over == 1


def test_what_a_key_does_not_say_does_not_stand_in_its_way() -> None:
    rows = [RS.row(use=None, alg=None, kid=None), ES.row(alg=None, x5c=["MIIB"], key_ops=["verify"]), ED.row(use=None)]
    rsa_key, ec_key, ed_key = read(key_set(*rows)).keys
    assert rsa_key.key_id is None
    assert rsa_key.algorithms == {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
    assert ec_key.algorithms == {"ES256"}
    assert ed_key.algorithms == {"EdDSA"}


def test_two_keys_of_one_name_are_both_tried() -> None:
    found = read(key_set(ES.row(), NEW.row(kid="ec")))
    assert len(found.fitting("ec", "ES256")) == 2
    assert found.fitting("ec", "ES384") == ()


@pytest.mark.parametrize("body", [b'{"keys": {}}', b'{"keys": [1]}', b'{"keys": null}', b"{}", b"null", b'"keys"'])
def test_what_is_no_key_set_is_refused(body: bytes) -> None:
    with pytest.raises(BadKeySet, match="not a set of keys"):
        read(body)


def test_a_set_of_very_many_keys_is_refused() -> None:
    assert len(read(key_set(*[ES.row()] * MOST_KEYS)).keys) == MOST_KEYS
    with pytest.raises(BadKeySet, match="more than 32 keys"):
        read(key_set(*[ES.row()] * (MOST_KEYS + 1)))

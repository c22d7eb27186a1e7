"""Makes JWTs, genuine and forged, byte by byte: a library would refuse to write most of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

NOW_S = 1_800_000_000
ISSUER = "https://login.example.com/"
AUDIENCE = "pointsman"
ECDSA_SHA256 = ec.ECDSA(hashes.SHA256())

_GENERATE: Mapping[str, Callable[[], Any]] = {
    "R": lambda: rsa.generate_private_key(65_537, 2_048),
    "P": lambda: rsa.generate_private_key(65_537, 2_048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@dataclass(frozen=True)
class Signer:
    """A private key with the algorithm that it signs by."""

    key_id: str
    algorithm: str
    private: Any

    def sign(self, data: bytes) -> bytes:
        signature: bytes = get_default_algorithms()[self.algorithm].sign(data, self.private)
        return signature

    def row(self, **changes: Any) -> dict[str, Any]:
        """The key as a key set has it; a change to ``None`` leaves the member out."""
        text = get_default_algorithms()[self.algorithm].to_jwk(self.private.public_key(), as_dict=True)
        row = {"use": "sig", "alg": self.algorithm, "kid": self.key_id} | dict(text) | changes
        if "key_ops" not in changes:
            row.pop("key_ops", None)
        return {name: value for name, value in row.items() if value is not None}

    def private_row(self) -> dict[str, Any]:
        return self.row() | dict(get_default_algorithms()[self.algorithm].to_jwk(self.private, as_dict=True))

    @property
    def pem(self) -> bytes:
        text: bytes = self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return text


@cache
def signer(algorithm: str, key_id: str = "k1") -> Signer:
    """The same one for the same arguments: a key of RSA takes its time."""
    make = _GENERATE.get(algorithm) or _GENERATE[algorithm[0]]
    return Signer(key_id, algorithm, make())


def key_set(*rows: Mapping[str, Any]) -> bytes:
    return json.dumps({"keys": list(rows)}).encode()


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    """What a genuine JWT says; a change to ``None`` leaves the claim out."""
    usual = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "alice",
        "tenant_id": "acme",
        "iat": NOW_S - 60,
        "nbf": NOW_S - 60,
        "exp": NOW_S + 3_600,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def header(by: Signer, **changes: Any) -> dict[str, Any]:
    usual = {"alg": by.algorithm, "typ": "JWT", "kid": by.key_id}
    return {name: value for name, value in (usual | changes).items() if value is not None}


def token(
    by: Signer,
    said: Mapping[str, Any] | bytes | None = None,
    head: Mapping[str, Any] | bytes | None = None,
) -> str:
    """A JWT that the signer signed, whatever it says."""
    head_bytes = head if isinstance(head, bytes) else json.dumps(header(by) if head is None else head).encode()
    said_bytes = said if isinstance(said, bytes) else json.dumps(claims() if said is None else said).encode()
    signed = f"{encoded(head_bytes)}.{encoded(said_bytes)}"
    return f"{signed}.{encoded(by.sign(signed.encode()))}"


def with_hmac(secret: bytes, head: Mapping[str, Any]) -> str:
    signed = f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(claims()).encode())}"
    return f"{signed}.{encoded(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def with_signature(text: str, signature: bytes) -> str:
    return f"{text.rpartition('.')[0]}.{encoded(signature)}"

"""An issuer's public keys: read strictly from a JSON Web Key Set (RFC 7517), and what each may verify."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.algorithms import AllowedPublicKeys
from jwt.exceptions import PyJWTError

from pointsman_server.identity import strict_json
from pointsman_server.identity.jwt_token import decoded

MOST_KEYS: Final = 32

_RSA: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_BY_CURVE: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
}
_NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {"RSA": ("n", "e"), "EC": ("x", "y"), "OKP": ("x",)}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_RSA_BITS: Final = range(2_048, 8_193)


class BadKeySet(Exception):
    """What an issuer serves is no set of keys, or has none that can be used."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key, and the algorithms whose signatures it may verify.

    Attributes:
        key_id: ``None``: it has none.
    """

    key_id: str | None
    algorithms: frozenset[str]
    public: AllowedPublicKeys = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of an issuer that can be used, and how many of those that it serves cannot."""

    keys: tuple[VerificationKey, ...]
    passed_over: int = 0

    def fitting(self, key_id: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        """The keys that may verify a signature. Without an id all that the algorithm fits: some issuers name none."""
        return tuple(
            key for key in self.keys if algorithm in key.algorithms and (key_id is None or key.key_id == key_id)
        )


def read(body: bytes) -> KeySet:
    """Reads a key set. Keys that cannot be used are passed over: a set may hold some for other purposes.

    Raises:
        BadKeySet: it is none, or no key of it can be used.
    """
    try:
        document = strict_json.parse(body)
    except strict_json.NotStrictJson as error:
        raise BadKeySet(str(error)) from None
    rows = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadKeySet("not a set of keys")
    if len(rows) > MOST_KEYS:
        raise BadKeySet(f"more than {MOST_KEYS} keys")
    keys = tuple(key for key in map(_key, rows) if key is not None)
    if not keys:
        raise BadKeySet("no key that can be used")
    return KeySet(keys, passed_over=len(rows) - len(keys))


def _key(row: Mapping[str, Any]) -> VerificationKey | None:
    """The key; ``None``: it cannot be used here."""
    algorithms = _algorithms(row)
    key_id = row.get("kid")
    if not algorithms or not (key_id is None or isinstance(key_id, str)) or not _is_for_verifying(row):
        return None
    numbers = {name: row.get(name) for name in _NUMBERS[row["kty"]]}
    if not all(isinstance(number, str) and decoded(number) for number in numbers.values()):
        return None
    material = {"kty": row["kty"], "crv": row.get("crv"), **numbers}
    try:
        public = PyJWK(material, algorithm=min(algorithms)).key
    except PyJWTError:
        return None
    if isinstance(public, RSAPublicKey) and public.key_size not in _RSA_BITS:
        return None
    return VerificationKey(key_id, algorithms, public)


def _algorithms(row: Mapping[str, Any]) -> frozenset[str]:
    """What a key of its type may verify; where it names an algorithm, that one alone."""
    kind, curve = row.get("kty"), row.get("crv")
    if not isinstance(kind, str) or not (curve is None or isinstance(curve, str)):
        return frozenset()
    fitting = _RSA if kind == "RSA" else _BY_CURVE.get((kind, curve or ""), frozenset())
    return fitting if "alg" not in row else fitting & {str(row["alg"])}


def _is_for_verifying(row: Mapping[str, Any]) -> bool:
    """Whether it is public and meant for signatures. One whose private half is shown is anybody's."""
    operations = row.get("key_ops", ["verify"])
    return (
        row.keys().isdisjoint(_PRIVATE)
        and row.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
    )

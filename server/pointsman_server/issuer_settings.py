"""Settings of issuers: who may sign the JWTs that callers bring, and what a JWT of theirs may say."""

from __future__ import annotations

import ipaddress
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from pointsman_server.errors import ConfigurationError
from pointsman_server.setting_kinds import Check, from_text, from_toml, setting, within
from pointsman_server.toml_document import TomlDocument, suggestion

PREFIX = "POINTSMAN_JWT_"
TABLES = "jwt_issuers"

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Those that can be allowed: asymmetric ones alone, so that nothing that verifies can also sign."""

GRANTABLE_ROLES = ("platform_admin", "tenant_admin", "user", "auditor")
"""The roles that somebody else may vouch for; an agent's come with its key alone."""

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a tenant's id looks like."""

_CLOCK_SKEWS_S = within(0, 300)
_LIVES_MINUTES = within(1, 7 * 24 * 60)
_VISIBLE = re.compile(r"[!-~]{1,512}")


def _visible(value: str) -> str | None:
    return None if not value or _VISIBLE.fullmatch(value) else "must be printable ASCII without blanks"


def _all_visible(values: tuple[str, ...]) -> str | None:
    return next(filter(None, map(_visible, values)), None)


def _tenant_ids(values: tuple[str, ...]) -> str | None:
    return next((f"holds {value!r}, which is no tenant id" for value in values if not ID.fullmatch(value)), None)


def tenant_id(value: str) -> str | None:
    """Takes the id of a tenant, or nothing."""
    return _tenant_ids((value,)) if value else None


def _some_of(*choices: str) -> Check:
    def check(values: tuple[str, ...]) -> str | None:
        strange = next((value for value in values if value not in choices), None)
        if strange is not None:
            return f"holds {strange!r}; it may hold {', '.join(choices)}.{suggestion(strange, choices)}"
        return None if values else f"must hold at least one of {', '.join(choices)}"

    return check


some_roles: Check = _some_of(*GRANTABLE_ROLES)
"""Takes roles that somebody else may vouch for, at least one."""


def _role_names(values: tuple[str, ...]) -> str | None:
    for value in values:
        theirs, separator, ours = value.rpartition("=")
        if not (theirs and separator and ours in GRANTABLE_ROLES):
            return f"holds {value!r}; write THEIRS=OURS, where OURS is one of {', '.join(GRANTABLE_ROLES)}"
    return None


def key_url(value: str) -> str | None:
    """Takes https anywhere, and http on this machine, or nothing."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        plain = bool(parts.hostname) and parts.username is None and not parts.fragment and (parts.port or 1) > 0
    except ValueError:
        plain = False
    if not plain or not _VISIBLE.fullmatch(value):
        return "must be a URL such as https://login.example.com/keys"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return None
    return "must be https, or http on a loopback address: whoever can change the keys can sign for everyone"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """One issuer. A field ``some_name`` is the key ``some_name`` of a table ``[[jwt_issuers]]``, and
    ``POINTSMAN_JWT_SOME_NAME`` for the one issuer that variables describe.
    """

    issuer: str = setting("", "The issuer's name, exactly as the claim iss has it.", _visible)
    audience: tuple[str, ...] = setting(
        (), "What the claim aud must hold: one of these, exactly. At least one.", _all_visible
    )
    jwks_url: str = setting(
        "", "Where the issuer's public keys are: https, or http on a loopback address. Never redirected.", key_url
    )
    algorithms: tuple[str, ...] = setting(
        ("RS256", "PS256", "ES256", "EdDSA"),
        f"The signature algorithms that are taken, of {', '.join(ALGORITHMS)}.",
        _some_of(*ALGORITHMS),
    )
    tenant_claim: str = setting("tenant_id", "The claim that has the tenant's id. Dots lead into objects.", _visible)
    tenant: str = setting(
        "",
        "The tenant of everyone whom this issuer vouches for; then no claim is read.",
        tenant_id,
    )
    tenants: tuple[str, ...] = setting(
        (),
        "The tenants that this issuer may vouch for. Empty: all, so name them where an issuer is not your own.",
        _tenant_ids,
    )
    user_claim: str = setting("sub", "The claim that has the user's id.", _visible)
    token_claim: str = setting(
        "ati_id",
        "The claim that has the id of the tenant's access token. Where a JWT has one, it must be the right one.",
        _visible,
    )
    roles_claim: str = setting(
        "roles", "The claim that has the roles, such as realm_access.roles. Empty: none is read.", _visible
    )
    role_names: tuple[str, ...] = setting(
        (),
        "What the issuer calls roles: THEIRS=OURS. Empty: as we do. Names that are not listed count for nothing.",
        _role_names,
    )
    roles: tuple[str, ...] = setting(
        ("tenant_admin", "user", "auditor"),
        "The roles that a JWT of this issuer may give, whatever it says and whatever the user has.",
        some_roles,
    )
    known_users_only: bool = setting(False, "Whether a user must exist here, not only at the issuer.")
    max_life_minutes: int = setting(1_440, "The longest that a JWT may be valid, from its issue on.", _LIVES_MINUTES)
    clock_skew_s: int = setting(60, "How far the issuer's clock may be off.", _CLOCK_SKEWS_S)


VARIABLES: Mapping[str, str] = {PREFIX + field.name.upper(): field.name for field in fields(IssuerSettings)}
"""The settings of the one issuer that variables describe, by variable."""

_KINDS = typing.get_type_hints(IssuerSettings)


def from_variables(environment: Mapping[str, str]) -> tuple[IssuerSettings, ...]:
    """The issuer that variables describe, if they do.

    Raises:
        ConfigurationError: one is wrong, or one is missing.
    """
    values: dict[str, typing.Any] = {}
    for variable, name in VARIABLES.items():
        if variable in environment:
            try:
                values[name] = _checked(name, from_text(environment[variable].strip(), _KINDS[name]))
            except ValueError as error:
                raise ConfigurationError(f"{variable}: {error}") from error
    if not values:
        return ()
    found = IssuerSettings(**values)
    lack = _lack(found)
    if lack:
        raise ConfigurationError(f"{PREFIX}{lack[0].upper()}: {lack[1]}")
    return (found,)


def from_file(document: TomlDocument) -> tuple[IssuerSettings, ...]:
    """The issuers of a file.

    Raises:
        ConfigurationError: a table is wrong; says where.
    """
    tables = document.at((TABLES,)) or []
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise document.error((TABLES,), f"{TABLES}: must be tables, each under [[{TABLES}]]")
    return tuple(_from_table(document, number, table) for number, table in enumerate(tables))


def _from_table(document: TomlDocument, number: int, table: Mapping[str, object]) -> IssuerSettings:
    values: dict[str, typing.Any] = {}
    for name, value in table.items():
        place = (TABLES, number, name)
        if name not in _KINDS:
            raise document.error(place, f"{name}: there is no such setting of an issuer.{suggestion(name, _KINDS)}")
        try:
            values[name] = _checked(name, from_toml(value, _KINDS[name]))
        except ValueError as error:
            raise document.error(place, f"{name}: {error}") from error
    found = IssuerSettings(**values)
    lack = _lack(found)
    if lack:
        raise document.error((TABLES, number), f"{lack[0]}: {lack[1]}")
    return found


def check_distinct(issuers: typing.Iterable[IssuerSettings]) -> None:
    """Checks that each issuer stands once: else which of its settings hold would be left to chance.

    Raises:
        ConfigurationError: one stands twice.
    """
    seen: set[str] = set()
    for one in issuers:
        if one.issuer in seen:
            raise ConfigurationError(f"{TABLES}: {one.issuer} stands twice; keep one")
        seen.add(one.issuer)


def _checked(name: str, value: object) -> object:
    check = next(field.metadata["check"] for field in fields(IssuerSettings) if field.name == name)
    complaint = check(value) if check else None
    if complaint:
        raise ValueError(complaint)
    return value


def _lack(found: IssuerSettings) -> tuple[str, str] | None:
    """The setting that is missing, and what to do; ``None``: none is."""
    for name in ("issuer", "audience", "jwks_url", "user_claim"):
        if not getattr(found, name):
            return name, "must be set for every issuer"
    if not found.tenant and not found.tenant_claim:
        return "tenant", "must be set where tenant_claim is empty"
    return None

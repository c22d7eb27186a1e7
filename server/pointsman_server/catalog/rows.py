"""Makes a provider's row of its files: checked as a whole, parameters filled in, access decided."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pointsman.v1.model_pb2 import ProviderState

from pointsman_server.catalog.layers import Layers
from pointsman_server.catalog.model import (
    ACCOUNT_TIERS,
    DEFAULT_ACCOUNT_TIER,
    Auth,
    Provider,
    ProviderStatus,
)
from pointsman_server.catalog.parameters import Expanded, expand, names
from pointsman_server.catalog.reach import reach
from pointsman_server.toml_document import suggestion


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider as its files describe it, and what they say of its models.

    Attributes:
        models: by external id, the fields of ``catalog.model.Model`` that the files give.
        obstacle: why it cannot be used as it is configured; ``None``: it can.
    """

    provider: Provider
    models: Mapping[str, Mapping[str, Any]]
    obstacle: ProviderStatus | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What files are read against.

    Attributes:
        environment: where parameters of base URLs, paths and queries take their values from.
        private_networks: where private providers may be.
        dialects: the dialects that there are, each with the quirks that it knows.
    """

    environment: Mapping[str, str]
    private_networks: Sequence[str]
    dialects: Mapping[str, Collection[str]]


def row(layers: Layers, surroundings: Surroundings) -> ProviderRow:
    """Makes the row.

    Raises:
        ConfigurationError: the files are wrong; says where and how to mend it.
    """
    given = layers.provider()
    _check_names(layers, given, surroundings.dialects)
    _check_auth(layers, given)
    base_url, paths, query = _expanded(layers, given, surroundings.environment)
    default_model = _filled(layers, surroundings.environment, given.get("default_model", ""), "default_model").text
    allowed = reach(
        base_url.text,
        given.get("access"),
        local=given.get("local", False),
        private_networks=surroundings.private_networks,
    )
    made = {
        "auth": Auth(**given.get("auth", {})),
        "base_url": base_url.text,
        "paths": {name: path.text for name, path in paths.items()},
        "query": {name: value.text for name, value in query.items()},
        "access": allowed.access,
        "private_hosts": allowed.private_hosts,
        "default_model": default_model,
        "account_tier": _account_tier(layers, given, surroundings.environment),
        "source": layers.source,
    }
    missing = [name for text in (base_url, *paths.values(), *query.values()) for name in text.missing]
    return ProviderRow(Provider(**(given | made)), layers.models(), _obstacle(missing, allowed.obstacle))


def _check_names(layers: Layers, given: Mapping[str, Any], dialects: Mapping[str, Collection[str]]) -> None:
    for name in ("display_name", "dialect", "base_url"):
        if name not in given:
            raise layers.error((), f"{name} is missing")
    dialect = given["dialect"]
    if dialect not in dialects:
        known = ", ".join(sorted(dialects))
        raise layers.error(
            ("dialect",), f"dialect: must be one of {known}, not {dialect}.{suggestion(dialect, dialects)}"
        )
    _check_quirks(layers, dialect, given.get("quirks", ()), dialects[dialect])
    for external_id, model in layers.models().items():
        _check_quirks(layers, dialect, model.get("quirks", ()), dialects[dialect], f"the model {external_id}: ")


def _check_quirks(
    layers: Layers, dialect: str, quirks: Collection[str], known: Collection[str], whose: str = ""
) -> None:
    for quirk in sorted(quirks):
        if quirk not in known:
            message = f"{whose}quirks: the dialect {dialect} has no quirk {quirk}.{suggestion(quirk, known)}"
            raise layers.error(() if whose else ("quirks",), message)


def _check_auth(layers: Layers, given: Mapping[str, Any]) -> None:
    auth = Auth(**given.get("auth", {}))
    if auth.needs_key and not auth.environment:
        raise layers.error(("auth",), 'auth: environment is missing: name the key\'s variable, or say scheme = "none"')
    if auth.header.lower() in {name.lower() for name in given.get("headers", {})}:
        raise layers.error(("headers",), f"headers: {auth.header} carries the key, which belongs into a variable")


def _expanded(
    layers: Layers, given: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[Expanded, dict[str, Expanded], dict[str, Expanded]]:
    """The base URL, the paths and the query. Headers take no parameters: a key in one could be shown."""
    base_url = _filled(layers, environment, given["base_url"], "base_url")
    _check_url(layers, base_url)
    paths, query = (
        {key: _filled(layers, environment, text, table, key) for key, text in given.get(table, {}).items()}
        for table in ("paths", "query")
    )
    return Expanded(base_url.text.rstrip("/"), base_url.missing), paths, query


def _filled(layers: Layers, environment: Mapping[str, str], text: str, *place: str) -> Expanded:
    try:
        return expand(text, environment)
    except ValueError as error:
        raise layers.error(place, f"{place[-1]}: {error}") from error


def _account_tier(layers: Layers, given: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    text = given.get("account_tier", DEFAULT_ACCOUNT_TIER)
    tier = _filled(layers, environment, text, "account_tier").text.lower() or DEFAULT_ACCOUNT_TIER
    if tier not in ACCOUNT_TIERS:
        holder = " or ".join(names(text)) or "account_tier"
        known = ", ".join(ACCOUNT_TIERS)
        message = f"{holder}: must be one of {known}, not {tier}.{suggestion(tier, ACCOUNT_TIERS)}"
        raise layers.error(("account_tier",), message)
    return tier


def _check_url(layers: Layers, base_url: Expanded) -> None:
    # The value of a variable may hold a password: it is not repeated.
    if base_url.missing:
        return
    if not base_url.text.startswith(("https://", "http://")) or any(sign in base_url.text for sign in "@?#"):
        raise layers.error(
            ("base_url",), "base_url: must begin with https:// or http://, and hold no user name, ? or #"
        )


def _obstacle(missing: Sequence[str], out_of_reach: str) -> ProviderStatus | None:
    if missing:
        return ProviderStatus(ProviderState.PROVIDER_STATE_NO_KEY, f"set {' and '.join(dict.fromkeys(missing))}")
    if out_of_reach:
        return ProviderStatus(ProviderState.PROVIDER_STATE_DISABLED, out_of_reach)
    return None

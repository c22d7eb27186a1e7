"""Settings: read once from the environment and an optional TOML file, then frozen."""

import ipaddress
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from pointsman_server import toml_document
from pointsman_server.errors import ConfigurationError
from pointsman_server.toml_document import suggestion

PREFIX = "POINTSMAN_"

OTHER_VARIABLES: Mapping[str, str] = {
    "POINTSMAN_SANDBOX_URL": "Where a simulated provider runs that is not inside this server.",
    "POINTSMAN_ADDRESS": "Where clients find the server; the server itself listens where grpc_address says.",
}
"""Variables with our prefix that are no settings of the server, and what each is for."""

_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgres://")
_PORTS = range(65536)

Check = Callable[[Any], str | None]
"""Says what is wrong with a value; ``None``: nothing."""


def _setting(default: Any, doc: str, check: Check | None = None, *, secret: bool = False) -> Any:  # noqa: ANN401  # a field's default
    return field(default=default, metadata={"doc": doc, "check": check}, repr=not secret)


def _within(least: int, most: int | None = None) -> Check:
    wanted = f"at least {least}" if most is None else f"between {least} and {most}"

    def check(value: int | None) -> str | None:
        inside = value is None or (value >= least and (most is None or value <= most))
        return None if inside else f"must be {wanted}"

    return check


def _one_of(*choices: str) -> Check:
    def check(value: str) -> str | None:
        return None if value in choices else f"must be one of {', '.join(choices)}.{suggestion(value, choices)}"

    return check


def _address(value: str) -> str | None:
    """Takes loopback and Unix sockets only: until callers have identities, whoever connects is the administrator."""
    if value.startswith("unix:/"):
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) not in _PORTS:
        return "must be host:port, such as 127.0.0.1:50051, or unix:/path"
    if host == "localhost":
        return None
    try:
        loopback = ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return "must name localhost or an address: what another host name means may change after it was checked"
    if loopback:
        return None
    return "must be a loopback address or a Unix socket: callers have no identities yet, so nobody else may connect"


def _address_or_empty(value: str) -> str | None:
    return _address(value) if value else None


def _database_url(value: str) -> str | None:
    if not value or value.startswith(_POSTGRESQL):
        return None
    if value.startswith(_SQLITE) and ":memory:" not in value and value != _SQLITE:
        return None
    return f"must be empty, {_SQLITE}path or {_POSTGRESQL[0]}user:password@host/database"  # never repeats a password


def _networks(values: Iterable[str]) -> str | None:
    for value in values:
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError:
            return f"holds {value!r}, which is no network such as 10.1.0.0/16"
    return None


_POSITIVE = _within(1)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the server. A field ``some_name`` is read from ``POINTSMAN_SOME_NAME``, then from the key
    ``some_name`` of the TOML file, then takes its default.
    """

    grpc_address: str = _setting(
        "127.0.0.1:50051",
        "Where gRPC listens: host:port, or unix:/path. Port 0 picks one; the first log line says which.",
        _address,
    )
    http_address: str = _setting(
        "127.0.0.1:8051", "Where HTTP listens, as grpc_address. Empty: gRPC alone.", _address_or_empty
    )
    data_dir: Path = _setting(  # noqa: RUF009  # it is dataclasses.field, with our metadata
        Path("data"), "Where the database and the operator's files live. Made when missing."
    )
    database_url: str = _setting(
        "",
        "The database: sqlite:///path or postgresql://user:password@host:5432/database. Empty: SQLite in the data "
        "directory.",
        _database_url,
        secret=True,
    )
    config: Path | None = _setting(  # noqa: RUF009  # as data_dir
        None, "The TOML file with settings. Only from the environment."
    )
    providers_dir: Path | None = _setting(  # noqa: RUF009  # as data_dir
        None, "The operator's provider files, *.toml. Unset: providers/ in the data directory."
    )
    log_level: str = _setting(
        "info",
        "The least level that is logged: debug, info, warning, error.",
        _one_of("debug", "info", "warning", "error"),
    )
    log_format: str = _setting(
        "auto",
        "How log lines look: console, json, or auto: console on a terminal, else json.",
        _one_of("auto", "console", "json"),
    )
    uvloop: bool = _setting(True, "Whether the event loop is uvloop.")
    sandbox: str = _setting(
        "auto",
        "Whether the simulated provider runs inside the server: auto (when no real provider is active at the start), "
        "on, or off.",
        _one_of("auto", "on", "off"),
    )
    http_allowed_hosts: tuple[str, ...] = _setting(
        ("localhost", "127.0.0.1", "[::1]"), "The names that a Host header may hold, without port."
    )
    private_networks: tuple[str, ...] = _setting(
        (),
        "Networks beside loopback and the public ones where providers may be reached, such as 10.1.0.0/16.",
        _networks,
    )
    local_discovery: bool = _setting(True, "Whether local model servers are looked for.")
    local_discovery_interval_ms: int = _setting(15_000, "How often local model servers are looked for.", _within(100))
    max_request_bytes: int = _setting(32 * 1024 * 1024, "The largest request that is accepted.", _POSITIVE)
    max_response_bytes: int = _setting(
        64 * 1024 * 1024, "The largest answer that is accepted from a provider.", _POSITIVE
    )
    max_concurrent_completions: int = _setting(
        2_000, "The most completions that run at once; more are refused.", _POSITIVE
    )
    default_output_tokens: int = _setting(4_096, "The output cap where a request names none.", _POSITIVE)
    max_output_tokens: int | None = _setting(
        None, "The largest output cap that is enforced. Unset: the model's own.", _POSITIVE
    )
    max_attempts: int = _setting(4, "The most models that one completion tries.", _POSITIVE)
    allow_fallback: bool = _setting(True, "Whether another model may serve when the first fails, unless hints say.")
    connect_timeout_ms: int = _setting(5_000, "How long connecting to a provider may take.", _POSITIVE)
    first_token_timeout_ms: int = _setting(
        60_000, "How long the first byte of a provider's answer may take.", _POSITIVE
    )
    chunk_timeout_ms: int = _setting(
        30_000, "How long a provider's stream may stay silent between two chunks.", _POSITIVE
    )
    total_timeout_ms: int = _setting(600_000, "How long a completion may take, whatever its deadline.", _POSITIVE)
    retries: int = _setting(1, "How often one model is tried again after a passing failure.", _within(0))
    retry_budget_percent: int = _setting(
        20, "The most calls in a hundred that may be tried again on the same model.", _within(0, 100)
    )
    retry_base_delay_ms: int = _setting(200, "The first wait before a retry; it doubles, with full jitter.", _within(0))
    retry_max_delay_ms: int = _setting(5_000, "The longest wait before a retry.", _within(0))
    stalled_reader_ms: int = _setting(
        30_000, "How long a caller may leave its stream unread before it is detached.", _POSITIVE
    )
    drain_ms: int = _setting(30_000, "How long running calls may take to end at a shutdown.", _within(0))

    @property
    def database(self) -> Path | str:
        """Where the database is: SQLite's file, or PostgreSQL's URL."""
        if self.database_url.startswith(_POSTGRESQL):
            return self.database_url
        if self.database_url:
            return Path(self.database_url.removeprefix(_SQLITE))
        return self.data_dir / "pointsman.db"

    @property
    def operator_providers_dir(self) -> Path:
        """Where the operator's provider files are; it need not exist."""
        return self.providers_dir or self.data_dir / "providers"


def load(environment: Mapping[str, str]) -> Settings:
    """Reads the settings.

    Raises:
        ConfigurationError: a value is wrong or a name is unknown; says where and how to mend it.
    """
    kinds = typing.get_type_hints(Settings)
    path = environment.get(f"{PREFIX}CONFIG", "").strip()
    values = _from_file(Path(path), kinds) if path else {}
    settings = Settings(**(values | _from_environment(environment, kinds)))
    if settings.http_address == settings.grpc_address and not settings.grpc_address.endswith(":0"):
        raise ConfigurationError("grpc_address and http_address are the same: give each its own port or path")
    return settings


def _from_environment(environment: Mapping[str, str], kinds: Mapping[str, Any]) -> dict[str, Any]:
    variables = {PREFIX + name.upper(): name for name in kinds}
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable in OTHER_VARIABLES:
            continue
        if variable not in variables:
            known = [*variables, *OTHER_VARIABLES]
            raise ConfigurationError(f"{variable}: there is no such setting.{suggestion(variable, known)}")
        name = variables[variable]
        try:
            values[name] = _checked(name, _from_text(text.strip(), kinds[name]))
        except ValueError as error:
            raise ConfigurationError(f"{variable}: {error}") from error
    return values


def _from_file(path: Path, kinds: Mapping[str, Any]) -> dict[str, Any]:
    document = toml_document.read(path)
    known = kinds.keys() - {"config"}
    values: dict[str, Any] = {}
    for name, value in document.values.items():
        if name not in known:
            raise document.error((name,), f"{name}: there is no such setting.{suggestion(name, known)}")
        try:
            values[name] = _checked(name, _from_toml(value, kinds[name]))
        except ValueError as error:
            raise document.error((name,), f"{name}: {error}") from error
    return values


def _checked(name: str, value: object) -> object:
    check: Check | None = next(f.metadata["check"] for f in fields(Settings) if f.name == name)
    complaint = check(value) if check else None
    if complaint:
        raise ValueError(complaint)
    return value


def _from_text(text: str, kind: object) -> object:
    if isinstance(kind, types.UnionType):
        return _from_text(text, _sole(kind)) if text else None
    if kind is bool:
        return _flag(text.lower())
    if kind is int:
        if not text.isascii() or not text.removeprefix("-").replace("_", "").isdigit():
            raise ValueError("must be a whole number")
        return int(text)
    if kind is Path:
        if not text:
            raise ValueError("must be a path")
        return Path(text)
    if kind == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def _flag(text: str) -> bool:
    if text in {"true", "1", "yes", "on"}:
        return True
    if text in {"false", "0", "no", "off"}:
        return False
    raise ValueError("must be true or false")


def _from_toml(value: object, kind: object) -> object:
    if isinstance(kind, types.UnionType):
        kind = _sole(kind)
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    if kind == tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
        raise ValueError("must be an array of strings")
    if type(value) is kind:
        return value
    wanted = {bool: "true or false", int: "a whole number", Path: "a path in quotes"}
    raise ValueError(f"must be {wanted.get(typing.cast('type', kind), 'a string in quotes')}")


def _sole(kind: types.UnionType) -> object:
    """What an optional type holds when it is set."""
    return next(part for part in typing.get_args(kind) if part is not types.NoneType)

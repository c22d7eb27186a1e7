"""Settings: read once from the environment and an optional TOML file, then frozen."""

import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pointsman_server import issuer_settings, toml_document
from pointsman_server.dollars import Nanos
from pointsman_server.errors import ConfigurationError
from pointsman_server.issuer_settings import TABLES, IssuerSettings, some_roles, tenant_id
from pointsman_server.peer_settings import COMMON_NAME, SPIFFE, named_peers, template
from pointsman_server.setting_kinds import (
    POSTGRESQL,
    SQLITE,
    Check,
    at_least_bytes,
    database_url,
    from_text,
    from_toml,
    is_private,
    listening_address,
    listening_address_or_empty,
    networks,
    one_of,
    within,
)
from pointsman_server.setting_kinds import setting as _setting
from pointsman_server.tls import TlsFiles
from pointsman_server.toml_document import suggestion

PREFIX = "POINTSMAN_"

OTHER_VARIABLES: Mapping[str, str] = {
    "POINTSMAN_SANDBOX_URL": "Where a simulated provider runs that is not inside this server.",
    "POINTSMAN_ADDRESS": "Where clients find the server; the server itself listens where grpc_address says.",
    "POINTSMAN_TOKEN": "What clients say who they are with.",
    "POINTSMAN_ROOT_CERTIFICATES": "A file, PEM: the authorities that clients believe who the server is.",
    "POINTSMAN_CLIENT_CERTIFICATE": "A file, PEM: the certificate that clients show a server that asks for one.",
    "POINTSMAN_CLIENT_KEY": "A file, PEM: its key.",
}
"""Variables with our prefix that are no settings of the server, and what each is for."""


_POSITIVE = within(1)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the server. A field ``some_name`` is read from ``POINTSMAN_SOME_NAME``, then from its alias,
    then from the key ``some_name`` of the TOML file, then takes its default.
    """

    grpc_address: str = _setting(
        "127.0.0.1:50051",
        "Where gRPC listens: host:port, or unix:/path. Port 0 picks one; the first log line says which.",
        listening_address,
    )
    http_address: str = _setting(
        "127.0.0.1:8051", "Where HTTP listens, as grpc_address. Empty: gRPC alone.", listening_address_or_empty
    )
    tls_certificate: Path | None = _setting(  # noqa: RUF009  # it is dataclasses.field, with our metadata
        None,
        "The server's certificate chain, PEM. With it both ports speak TLS alone; Unix sockets never do. Read again "
        "when it changes.",
    )
    tls_key: Path | None = _setting(None, "The certificate's private key, PEM, without a password.")  # noqa: RUF009  # as tls_certificate
    tls_client_ca: Path | None = _setting(  # noqa: RUF009  # as tls_certificate
        None, "Who signs client certificates, PEM. With it nobody connects without one."
    )
    insecure: bool = _setting(
        False,
        "Whether an address that other machines reach may be listened on without TLS: where something in front of the "
        "server speaks it.",
    )
    token_key: str = _setting(
        "",
        "The key under which digests of API keys and access tokens are made, at least 32 bytes, the same on all "
        "servers of a database, and for ever. Empty: one that the database keeps.",
        at_least_bytes(32),
        secret=True,
    )
    data_dir: Path = _setting(  # noqa: RUF009  # it is dataclasses.field, with our metadata
        Path("data"), "Where the database and the operator's files live. Made when missing."
    )
    database_url: str = _setting(
        "",
        "The database: sqlite:///path or postgresql://user:password@host:5432/database. Empty: SQLite in the data "
        "directory.",
        database_url,
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
        one_of("debug", "info", "warning", "error"),
    )
    log_format: str = _setting(
        "auto",
        "How log lines look: console, json, or auto: console on a terminal, else json.",
        one_of("auto", "console", "json"),
    )
    uvloop: bool = _setting(True, "Whether the event loop is uvloop.")
    sandbox: str = _setting(
        "auto",
        "Whether the simulated provider runs inside the server: auto (when no real provider is active at the start), "
        "on, or off.",
        one_of("auto", "on", "off"),
    )
    http_allowed_hosts: tuple[str, ...] = _setting(
        ("localhost", "127.0.0.1", "[::1]"), "The names that a Host header may hold, without port."
    )
    private_networks: tuple[str, ...] = _setting(
        (),
        "Networks beside loopback and the public ones where providers may be reached, such as 10.1.0.0/16.",
        networks,
    )
    local_discovery: bool = _setting(True, "Whether local model servers are looked for.", alias="LOCAL_MODEL_ENABLED")
    local_discovery_interval_ms: int = _setting(15_000, "How often local model servers are looked for.", within(100))
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
    allow_fallback: bool = _setting(
        True, "Whether another model may serve when the first fails, unless hints say.", alias="AI_AUTO_FALLBACK"
    )
    provider_priority: tuple[str, ...] = _setting(
        (),
        "The providers that go first, in this order, where a request names none; local means all local ones.",
        alias="AI_PROVIDER_PRIORITY",
    )
    cost_optimization: bool = _setting(
        True,
        "Whether a cheaper model goes before one that is hardly better, where a request names no profile: the profile "
        "balanced. Otherwise best.",
        alias="AI_COST_OPTIMIZATION",
    )
    tokenizer_dir: Path | None = _setting(  # noqa: RUF009  # as data_dir
        None,
        "Where vocabularies of tiktoken are, as tiktoken caches them or as o200k_base.tiktoken. With them input is "
        "counted exactly; without, by its bytes. Nothing is downloaded.",
        alias="TIKTOKEN_CACHE_DIR",
    )
    monthly_budget: Nanos | None = _setting(  # noqa: RUF009  # as data_dir
        None,
        "The most dollars that a month may cost. Shown by check, not enforced: a budget is what limits.",
        alias="AI_MONTHLY_BUDGET",
    )
    requests_per_minute: int | None = _setting(
        None,
        "The most requests a minute. Shown by check, not enforced: a budget is what limits.",
        _POSITIVE,
        alias="AI_REQUESTS_PER_MINUTE",
    )
    tokens_per_minute: int | None = _setting(
        None,
        "The most tokens a minute. Shown by check, not enforced: a budget is what limits.",
        _POSITIVE,
        alias="AI_TOKENS_PER_MINUTE",
    )
    connect_timeout_ms: int = _setting(5_000, "How long connecting to a provider may take.", _POSITIVE)
    first_token_timeout_ms: int = _setting(
        60_000, "How long the first byte of a provider's answer may take.", _POSITIVE
    )
    chunk_timeout_ms: int = _setting(
        30_000, "How long a provider's stream may stay silent between two chunks.", _POSITIVE
    )
    total_timeout_ms: int = _setting(600_000, "How long a completion may take, whatever its deadline.", _POSITIVE)
    retries: int = _setting(1, "How often one model is tried again after a passing failure.", within(0))
    retry_budget_percent: int = _setting(
        20, "The most calls in a hundred that may be tried again on the same model.", within(0, 100)
    )
    retry_base_delay_ms: int = _setting(200, "The first wait before a retry; it doubles, with full jitter.", within(0))
    retry_max_delay_ms: int = _setting(5_000, "The longest wait before a retry.", within(0))
    stalled_reader_ms: int = _setting(
        30_000, "How long a caller may leave its stream unread before it is detached.", _POSITIVE
    )
    read_to_end_ms: int = _setting(
        120_000,
        "How long an answer whose caller has gone is read on, where its provider bills it anyway.",
        within(0),
    )
    max_read_to_end: int = _setting(
        100, "The most answers of one tenant that are read on for nobody at once; more are cut off.", within(0)
    )
    unknown_policy: str = _setting(
        "hold",
        "What becomes of reservations whose server went away: hold (charged until an administrator resolves them) or "
        "checkpoint (settled at what was last known of them).",
        one_of("hold", "checkpoint"),
    )
    unknown_after_hours: int = _setting(
        24, "How long unknown_policy leaves administrators to resolve one themselves.", within(0, 24 * 366)
    )
    unknown_margin_percent: int = _setting(
        20, "What unknown_policy adds to a checkpoint for what came after it, up to all that is held.", within(0, 1_000)
    )
    content_window_characters: int = _setting(
        256,
        "How many characters of an answer are held back where a rule has content looked for in it.",
        within(256, 4_096),
    )
    moderation_provider: str = _setting(
        "", "The provider whose moderation endpoint is asked where a rule orders check_moderation. Empty: none."
    )
    moderation_model: str = _setting("omni-moderation-latest", "The model that moderates.")
    moderation_timeout_ms: int = _setting(
        2_000, "How long a request, or what has come of an answer, may take to be moderated.", _POSITIVE
    )
    drain_ms: int = _setting(30_000, "How long running calls may take to end at a shutdown.", within(0))
    jwt_issuers: tuple[IssuerSettings, ...] = _setting(
        (), "Who may sign JWTs: tables in the file, and one by variables of their own."
    )
    jwks_life_s: int = _setting(
        600, "How long an issuer's keys are used before they are read again, where it does not say.", within(60, 86_400)
    )
    jwks_stale_s: int = _setting(
        3_600, "How much longer they are used where they cannot be read.", within(0, 7 * 86_400)
    )
    mtls_name: str = _setting(
        SPIFFE,
        "Which name of a client certificate counts: spiffe, its one URI, or common_name, its subject's.",
        one_of(SPIFFE, COMMON_NAME),
    )
    mtls_template: str = _setting(
        "",
        "Where in that name tenant and user stand, such as spiffe://example.com/{tenant}/{user}. Empty: only "
        "mtls_users speak for somebody.",
        template,
    )
    mtls_tenant: str = _setting("", "The tenant, where the template has {user} alone.", tenant_id)
    mtls_users: tuple[str, ...] = _setting(
        (), "Whom single names speak for, whatever the template says: NAME=TENANT/USER.", named_peers
    )
    mtls_roles: tuple[str, ...] = _setting(
        ("tenant_admin", "user", "auditor"),
        "The roles that a client certificate may give, whatever the user has.",
        some_roles,
    )
    mtls_known_users_only: bool = _setting(False, "Whether the user of a client certificate must exist here.")

    @property
    def database(self) -> Path | str:
        """Where the database is: SQLite's file, or PostgreSQL's URL."""
        if self.database_url.startswith(POSTGRESQL):
            return self.database_url
        if self.database_url:
            return Path(self.database_url.removeprefix(SQLITE))
        return self.data_dir / "pointsman.db"

    @property
    def tls(self) -> TlsFiles | None:
        """The files of TLS; ``None``: both ports speak in the clear."""
        if self.tls_certificate is None or self.tls_key is None:
            return None
        return TlsFiles(self.tls_certificate, self.tls_key, self.tls_client_ca)

    @property
    def operator_providers_dir(self) -> Path:
        """Where the operator's provider files are; it need not exist."""
        return self.providers_dir or self.data_dir / "providers"


ALIASES: Mapping[str, str] = {
    field.name: field.metadata["alias"] for field in fields(Settings) if field.metadata["alias"]
}
"""By setting: the variable of another name that is read where our own is not set."""


def load(environment: Mapping[str, str]) -> Settings:
    """Reads the settings.

    Raises:
        ConfigurationError: a value is wrong or a name is unknown; says where and how to mend it.
    """
    kinds = typing.get_type_hints(Settings)
    path = environment.get(f"{PREFIX}CONFIG", "").strip()
    values = _from_file(Path(path), kinds) if path else {}
    values[TABLES] = (*issuer_settings.from_variables(environment), *values.get(TABLES, ()))
    issuer_settings.check_distinct(values[TABLES])
    settings = Settings(**(values | _from_environment(environment, kinds)))
    if settings.http_address == settings.grpc_address and not settings.grpc_address.endswith(":0"):
        raise ConfigurationError("grpc_address and http_address are the same: give each its own port or path")
    if settings.mtls_template and not settings.mtls_tenant and "{tenant}" not in settings.mtls_template:
        raise ConfigurationError("mtls_tenant: must be set where mtls_template has no {tenant}")
    _check_tls(settings)
    return settings


def _check_tls(settings: Settings) -> None:
    """Keys travel with every call: nobody on the way may read them."""
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise ConfigurationError("tls_certificate and tls_key belong together: set both, or neither")
    if settings.tls_client_ca is not None and settings.tls_certificate is None:
        raise ConfigurationError("tls_client_ca needs TLS: set tls_certificate and tls_key too")
    if settings.tls_certificate is not None or settings.insecure:
        return
    for name, address in (("grpc_address", settings.grpc_address), ("http_address", settings.http_address)):
        if not is_private(address):
            raise ConfigurationError(
                f"{name}: other machines reach {address}, and keys would travel in the clear. Set tls_certificate and "
                f"tls_key, or, where something in front of the server speaks TLS, insecure = true "
                f"({PREFIX}INSECURE=true)"
            )


def _from_environment(environment: Mapping[str, str], kinds: Mapping[str, Any]) -> dict[str, Any]:
    single = {name: kind for name, kind in kinds.items() if name != TABLES}
    known = [*(PREFIX + name.upper() for name in single), *issuer_settings.VARIABLES, *OTHER_VARIABLES]
    for variable in environment:
        if variable.startswith(PREFIX) and variable not in known:
            raise ConfigurationError(f"{variable}: there is no such setting.{suggestion(variable, known)}")
    values: dict[str, Any] = {}
    for name, kind in single.items():
        found = _set_variable(name, environment)
        if found is not None:
            values[name] = _read_variable(found, environment[found], name, kind)
    return values


def _set_variable(name: str, environment: Mapping[str, str]) -> str | None:
    """The variable that a setting is read from; ``None``: none is set. A blank alias counts as unset."""
    own, alias = PREFIX + name.upper(), ALIASES.get(name, "")
    if own in environment:
        return own
    return alias if environment.get(alias, "").strip() else None


def _read_variable(variable: str, text: str, name: str, kind: object) -> object:
    try:
        return _checked(name, from_text(text.strip(), kind))
    except ValueError as error:
        raise ConfigurationError(f"{variable}: {error}") from error


def _from_file(path: Path, kinds: Mapping[str, Any]) -> dict[str, Any]:
    document = toml_document.read(path)
    known = kinds.keys() - {"config"}
    values: dict[str, Any] = {}
    for name, value in document.values.items():
        if name not in known:
            raise document.error((name,), f"{name}: there is no such setting.{suggestion(name, known)}")
        try:
            if name != TABLES:
                values[name] = _checked(name, from_toml(value, kinds[name]))
        except ValueError as error:
            raise document.error((name,), f"{name}: {error}") from error
    return values | {TABLES: issuer_settings.from_file(document)}


def _checked(name: str, value: object) -> object:
    check: Check | None = next(f.metadata["check"] for f in fields(Settings) if f.name == name)
    complaint = check(value) if check else None
    if complaint:
        raise ValueError(complaint)
    return value

"""Settings: read once from the environment and an optional TOML file, then frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pointsman_server.errors import ConfigurationError


def _setting(default: Any, doc: str) -> Any:  # noqa: ANN401  # the type of a dataclass field's default
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the server. A field ``some_name`` is read from ``POINTSMAN_SOME_NAME``, then from the key
    ``some_name`` of the TOML file, then takes its default.
    """

    grpc_address: str = _setting(
        "127.0.0.1:50051",
        "Where gRPC listens: host:port, or unix:/path. Port 0 picks one; the first log line says which.",
    )
    http_address: str = _setting(
        "127.0.0.1:8051",
        "Where HTTP listens, as grpc_address. Empty: gRPC alone.",
    )
    data_dir: Path = _setting(Path("data"), "Where the database and the operator's files live. Made when missing.")
    database_url: str = _setting(
        "", "The database. Empty: SQLite in the data directory. Only sqlite:///path is served so far."
    )
    config: Path | None = _setting(None, "The TOML file with settings. Only from the environment.")
    providers_dir: Path | None = _setting(
        None, "The operator's provider files, *.toml. Unset: providers/ in the data directory."
    )
    log_level: str = _setting("info", "The least level that is logged: debug, info, warning, error.")
    log_format: str = _setting("auto", "How log lines look: console, json, or auto: console on a terminal, else json.")
    uvloop: bool = _setting(True, "Whether the event loop is uvloop.")
    sandbox: str = _setting(
        "auto",
        "Whether the simulated provider runs inside the server: auto (when no real provider is active at the start), "
        "on, or off.",
    )
    http_allowed_hosts: tuple[str, ...] = _setting(
        ("localhost", "127.0.0.1", "[::1]"), "The names that a Host header may hold, without port."
    )
    private_networks: tuple[str, ...] = _setting(
        (), "Networks beside loopback and the public ones where providers may be reached, such as 10.1.0.0/16."
    )
    local_discovery: bool = _setting(True, "Whether local model servers are looked for.")
    local_discovery_interval_ms: int = _setting(15_000, "How often local model servers are looked for.")
    max_request_bytes: int = _setting(32 * 1024 * 1024, "The largest request that is accepted.")
    max_response_bytes: int = _setting(64 * 1024 * 1024, "The largest answer that is accepted from a provider.")
    max_concurrent_completions: int = _setting(2_000, "The most completions that run at once; more are refused.")
    default_output_tokens: int = _setting(4_096, "The output cap where a request names none.")
    max_output_tokens: int | None = _setting(None, "The largest output cap that is enforced. Unset: the model's own.")
    max_attempts: int = _setting(4, "The most models that one completion tries.")
    allow_fallback: bool = _setting(True, "Whether another model may serve when the first fails, unless hints say.")
    connect_timeout_ms: int = _setting(5_000, "How long connecting to a provider may take.")
    first_token_timeout_ms: int = _setting(60_000, "How long the first byte of a provider's answer may take.")
    chunk_timeout_ms: int = _setting(30_000, "How long a provider's stream may stay silent between two chunks.")
    total_timeout_ms: int = _setting(600_000, "How long a completion may take, whatever its deadline.")
    retries: int = _setting(1, "How often one model is tried again after a passing failure.")
    retry_budget_percent: int = _setting(20, "The most calls in a hundred that may be tried again on the same model.")
    retry_base_delay_ms: int = _setting(200, "The first wait before a retry; it doubles, with full jitter.")
    retry_max_delay_ms: int = _setting(5_000, "The longest wait before a retry.")
    stalled_reader_ms: int = _setting(30_000, "How long a caller may leave its stream unread before it is detached.")
    drain_ms: int = _setting(30_000, "How long running calls may take to end at a shutdown.")


def load(environment: Mapping[str, str]) -> Settings:
    """Reads the settings.

    Raises:
        ConfigurationError: a value is wrong or a name is unknown; says where and how to mend it.
    """
    raise ConfigurationError("not written yet")

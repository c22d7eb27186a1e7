"""The tables. Every primary key begins with the tenant, so that a sharded database can spread tenants.

Times are microseconds since 1970 in UTC, money is nano-dollars, both as BIGINT. Migrations follow these tables: change
them here, then add a file to ``migrations/versions``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    LargeBinary,
    MetaData,
    Table,
    text,
)

from pointsman_server.storage.migrations.types import TEXT

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _key(name: str) -> Column[str]:
    return Column(name, TEXT, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, TEXT, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _optional_number(name: str) -> Column[int]:
    return Column(name, BigInteger)


def _attempt_columns() -> Iterator[Column[Any]]:
    """Which attempt it was and who is charged: the same columns, in the same order, for reservation and entry."""
    yield _key("tenant_id")
    yield _key("reservation_id")
    charge = ("user_id", "completion_id", "decision_id", "project_id", "agent_id", "run_id")
    yield from map(_text, (*charge, "purpose", "task_code", "task_type"))
    yield _number("attempt")
    yield from map(_text, ("provider_id", "model_id"))


def _waiting(state: str) -> Index:
    """The index of the few reservations in a state that does not last."""
    condition = text(f"state = '{state}'")
    columns = ("tenant_id", "created_at")
    return Index(f"ix_reservations_{state}", *columns, sqlite_where=condition, postgresql_where=condition)


DECISIONS = Table(
    "decisions",
    METADATA,
    _key("tenant_id"),
    _key("decision_id"),
    _number("created_at"),
    _text("user_id"),
    Column("completion_id", TEXT),  # NULL: only routed
    _text("model_id"),  # the model that served, until then the first of the plan; empty: none was eligible
    _text("agent_id"),
    _text("task_type"),
    _text("purpose"),
    _text("status"),  # the outcome's; empty: none yet
    Column("decision", LargeBinary, nullable=False),  # pointsman.v1.Decision without outcome and rating
    Column("outcome", LargeBinary),  # pointsman.v1.DecisionOutcome
    Index(None, "tenant_id", "completion_id"),
    Index(None, "tenant_id", "created_at"),
)

RESERVATIONS = Table(
    "reservations",
    METADATA,
    *_attempt_columns(),
    Column("worst_case_cost_nanos", BigInteger),  # NULL: the model has no known price
    _text("labels"),  # a JSON object
    _text("state"),  # open, unknown, settled or voided
    _number("created_at"),
    Column("ended_at", BigInteger),  # NULL: open or unknown
    # What is held on meters, a JSON list of [tenant_id, meter_id, bucket, amount, interval_nanos, posted].
    Column("lines", TEXT, nullable=False, server_default=text("'[]'")),
    Column("replica_id", TEXT, nullable=False, server_default=text("''")),  # the server whose attempt it is
    Column("input_tokens_bound", BigInteger, nullable=False, server_default=text("0")),
    Column("max_output_tokens", BigInteger, nullable=False, server_default=text("0")),
    Column("expires_at", BigInteger, nullable=False, server_default=text("0")),  # 0: never
    _optional_number("unknown_at"),  # when its server was found gone; NULL: it never was
    _optional_number("checkpoint_at"),  # NULL: it ended before its first checkpoint
    _optional_number("checkpoint_input_tokens"),
    _optional_number("checkpoint_output_tokens"),
    _optional_number("checkpoint_cost_nanos"),  # NULL: the model has no known price
    # Who ended it: empty for its own server, else operator or policy.
    Column("resolved_by", TEXT, nullable=False, server_default=text("''")),
    _waiting("open"),
    _waiting("unknown"),
)

REPLICAS = Table(
    "replicas",
    METADATA,
    _key("tenant_id"),  # the platform's
    _key("replica_id"),  # a new one for each start of a server
    _text("state"),  # alive, left or dead; the last two are for ever
    _number("started_at"),
    _number("heartbeat_at"),  # by its own clock, for people to read
    _number("heartbeats"),  # how many there were: others see by it that it lives
    _text("hostname"),
    _number("process_id"),
)

GENERATIONS = Table(
    "generations",
    METADATA,
    _key("tenant_id"),  # the platform's
    _key("name"),
    _number("value"),  # grows with each change of what it names
)

AUDIT_HEADS = Table(
    "audit_heads",
    METADATA,
    _key("tenant_id"),  # the platform's for its own chain; so in the two tables that follow
    _number("sequence"),  # the last entry's
    _text("hash"),  # the last entry's
)

AUDIT_ENTRIES = Table(
    "audit_entries",
    METADATA,
    _key("tenant_id"),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),  # from 1, without gaps
    _number("created_at"),
    *map(_text, ("actor_tenant_id", "actor_user_id", "actor_agent_id", "actor_credential_id")),
    _text("actor_roles"),  # a JSON list, ordered
    *map(_text, ("request_id", "source", "action", "resource", "resource_id")),
    _text("payload_hash"),  # SHA-256 in hexadecimal, as the two that follow; empty: there is no payload
    _text("previous_hash"),  # empty: the first
    _text("hash"),
    Index(None, "tenant_id", "created_at"),
    Index(None, "tenant_id", "actor_user_id", "sequence"),
    Index(None, "tenant_id", "resource", "resource_id", "sequence"),
)

AUDIT_PAYLOADS = Table(
    "audit_payloads",
    METADATA,
    _key("tenant_id"),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    _text("payload"),  # a JSON object, exactly as it was hashed; an erased one has no row
)

METERS = Table(
    "meters",
    METADATA,
    _key("tenant_id"),  # the platform's for those of all tenants together and of providers
    _key("meter_id"),
    _text("name"),
    _text("scope"),
    _text("scope_id"),  # empty: a whole tenant, or all tenants
    _text("unit"),
    _text("kind"),
    _number("period_s"),  # 0: the kind needs none
    _number("limit_amount"),
    Column("frozen", Boolean, nullable=False),
    _number("created_at"),
    _number("updated_at"),
    # "budget", or what sets the limit, such as "plan:PRO" or "rule:pol_1".
    Column("source", TEXT, nullable=False, server_default=text("'budget'")),
    Index(None, "tenant_id", "scope", "scope_id"),
    # One meter for each limit of a plan or a rule, whichever server makes it first.
    Index(
        "ix_meters_policy",
        "tenant_id",
        "scope_id",
        unique=True,
        sqlite_where=text("scope = 'policy'"),
        postgresql_where=text("scope = 'policy'"),
    ),
)

METER_COUNTERS = Table(
    "meter_counters",
    METADATA,
    _key("tenant_id"),
    _key("meter_id"),
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),  # its start; 0: no window splits the meter
    _number("posted"),
    _number("reserved"),
    _number("arrival_nanos"),  # a rate's theoretical arrival time; 0 for the other kinds
    # The latest time at which it changed, so that the meter's time never goes back; 0: before that was kept.
    Column("decided_at", BigInteger, nullable=False, server_default=text("0")),
)

USAGE_ENTRIES = Table(
    "usage_entries",
    METADATA,
    # The key is the reservation's: one entry for each. On PostgreSQL the month splits the table, and what splits a
    # table must be in its key; there it is one for each because a reservation, whose row is locked, ends once.
    *_attempt_columns(),
    _text("outcome"),
    _text("failure_kind"),
    _number("input_tokens"),
    _number("cache_read_tokens"),
    _number("cache_write_tokens"),
    _number("cache_write_long_tokens"),
    _number("input_audio_tokens"),
    _number("output_tokens"),
    _number("reasoning_tokens"),
    _number("output_audio_tokens"),
    Column("estimated", Boolean, nullable=False),
    Column("cost_nanos", BigInteger),  # NULL: the model has no known price
    _number("latency_ms"),
    Column("time_to_first_token_ms", BigInteger),  # NULL: no token came
    _number("ended_at"),
    # Whether the cost is at a ceiling price, since nobody knew the model's real ones.
    Column("at_ceiling", Boolean, nullable=False, server_default=text("false")),
    # What was odd about the provider's count, names with commas between.
    Column("usage_flags", TEXT, nullable=False, server_default=text("''")),
    Index(None, "tenant_id", "ended_at"),
)

USAGE_ADJUSTMENTS = Table(
    "usage_adjustments",
    METADATA,
    _key("tenant_id"),
    _key("reservation_id"),
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # from 1, in the order in which they came
    _text("reason"),
    _number("created_at"),
    Column("usage_before", LargeBinary, nullable=False),  # pointsman.v1.TokenUsage, as usage_after
    Column("usage_after", LargeBinary, nullable=False),
    _optional_number("cost_nanos_before"),  # NULL: the model has no known price
    _optional_number("cost_nanos_after"),
)

USAGE_LABELS = Table(
    "usage_labels",
    METADATA,
    _key("tenant_id"),
    _key("reservation_id"),
    _key("key"),
    _text("value"),
)

FEEDBACK = Table(
    "feedback",
    METADATA,
    _key("tenant_id"),
    _key("feedback_id"),
    _text("user_id"),  # who judged
    _text("decision_id"),
    _text("completion_id"),
    _text("model_id"),
    _text("task_type"),
    _text("agent_id"),
    _text("type"),
    Column("rating", Double, nullable=False),  # 0 to 1; no money, so a float may hold it
    _text("signal"),
    _number("created_at"),
    Index(None, "tenant_id", "decision_id", "created_at"),
)

REQUEST_IDS = Table(
    "request_ids",
    METADATA,
    _key("tenant_id"),
    _key("user_id"),
    _key("method"),
    _key("request_id"),
    Column("body_digest", LargeBinary, nullable=False),
    Column("outcome", LargeBinary, nullable=False),  # the response's message
    _number("created_at"),
)

COMPLETION_CLAIMS = Table(
    "completion_claims",
    METADATA,
    _key("tenant_id"),
    _key("user_id"),
    _key("request_id"),
    _text("completion_id"),
    _text("decision_id"),
    _text("body_digest"),  # SHA-256 of the request, in hexadecimal
    _number("created_at"),
    Column("status", TEXT, nullable=False, server_default=text("''")),  # empty: the call's end is not recorded
    Column("told", LargeBinary),  # pointsman.v1.CompletionFailure; NULL with an empty status
)

TENANTS = Table(
    "tenants",
    METADATA,
    _key("tenant_id"),
    _text("display_name"),
    _text("state"),  # active, suspended or closed
    _text("access_token_id"),  # whose plan is the tenant's; empty: made by an administrator, and no plan limits it
    _text("default_model"),  # an id or an alias; empty: none
    _number("created_at"),
    _number("updated_at"),
)

USERS = Table(
    "users",
    METADATA,
    _key("tenant_id"),
    _key("user_id"),
    _text("display_name"),
    _text("email"),
    _text("kind"),  # person or service
    _text("roles"),  # a JSON list, ordered
    _text("state"),  # active or suspended
    _number("created_at"),
    _number("updated_at"),
)

PROJECTS = Table(
    "projects",
    METADATA,
    _key("tenant_id"),
    _key("project_id"),
    _text("display_name"),
    _number("created_at"),
    _number("updated_at"),
)

PROJECT_MEMBERS = Table(
    "project_members",
    METADATA,
    _key("tenant_id"),
    _key("project_id"),
    _key("user_id"),
    Index(None, "tenant_id", "user_id"),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    _key("tenant_id"),
    _key("api_key_id"),
    _text("display_name"),
    _text("user_id"),  # whom it speaks for; empty: an agent
    _text("agent_id"),  # empty: a user
    _text("roles"),  # a JSON list, ordered: those of the user's roles that the key has; empty: all
    Column("digest", LargeBinary, nullable=False),  # HMAC-SHA256 of the key
    _optional_number("expires_at"),  # NULL: never
    _optional_number("revoked_at"),
    _text("replaced_by"),  # after a rotation: the new key
    _number("created_at"),
    _number("updated_at"),
    # The one index that does not begin with the tenant: the key is what says whose it is.
    Index(None, "digest", unique=True),
    Index(None, "tenant_id", "user_id"),
)

ACCESS_TOKENS = Table(
    "access_tokens",
    METADATA,
    _key("tenant_id"),  # the platform's
    _key("access_token_id"),
    _text("display_name"),
    _text("plan_id"),
    _text("bound_tenant_id"),  # who signed up with it; empty: nobody yet
    Column("digest", LargeBinary, nullable=False),  # HMAC-SHA256 of the token
    _optional_number("expires_at"),  # until when one can sign up; NULL: for ever
    _optional_number("revoked_at"),
    _number("created_at"),
    _number("updated_at"),
    Index(None, "digest", unique=True),
    Index(None, "tenant_id", "plan_id"),
)

SERVER_SECRETS = Table(
    "server_secrets",
    METADATA,
    _key("tenant_id"),  # the platform's
    _key("name"),
    Column("value", LargeBinary, nullable=False),  # what all replicas must know, made once
    _number("created_at"),
)

FEATURES = Table(
    "features",
    METADATA,
    _key("tenant_id"),  # the platform's
    _key("feature_id"),
    _text("display_name"),
    _number("created_at"),
    _number("updated_at"),
)

TASKS = Table(
    "tasks",
    METADATA,
    _key("tenant_id"),  # the platform's
    _key("task_code"),
    _text("feature_id"),
    _text("display_name"),
    _number("created_at"),
    _number("updated_at"),
    Index(None, "tenant_id", "feature_id"),
)

POLICY_RULES = Table(
    "policy_rules",
    METADATA,
    _key("tenant_id"),  # whose calls it is about; the platform's for PLATFORM and PLAN
    _key("policy_rule_id"),
    _number("version"),
    _text("scope"),
    _text("scope_id"),
    _text("task_code"),
    _text("key"),
    Column("rule", LargeBinary, nullable=False),  # pointsman.v1.PolicyRule
    _number("created_at"),
    _number("updated_at"),
    Index(None, "tenant_id", "key"),
)

# Rows are added and never changed, so that what held when a decision was made can be found.
POLICY_RULE_VERSIONS = Table(
    "policy_rule_versions",
    METADATA,
    _key("tenant_id"),
    _key("policy_rule_id"),
    Column("version", BigInteger, primary_key=True, autoincrement=False),  # from 1
    _number("generation"),  # the first version of policy that it is part of
    Column("rule", LargeBinary),  # pointsman.v1.PolicyRule; NULL: it was removed
    _number("created_at"),
    # For all tenants at once: a server reads what has changed since it last looked.
    Index(None, "generation"),
)

# Never deleted: they say who stopped what, and why.
KILL_SWITCHES = Table(
    "kill_switches",
    METADATA,
    _key("tenant_id"),  # whose calls it stops; the platform's for everybody's
    _key("kill_switch_id"),
    Column("switch", LargeBinary, nullable=False),  # pointsman.v1.KillSwitch
    _number("pulled_at"),
    _number("released_at"),  # 0: it is in force
    # For all tenants at once: a server holds all that are in force.
    Index(None, "released_at"),
)

PLANS = Table(
    "plans",
    METADATA,
    _key("tenant_id"),  # the platform's
    _key("plan_id"),
    _text("display_name"),
    # Features, tasks, general access and quotas: a JSON object, since a plan is read and written whole.
    _text("terms"),
    _number("created_at"),
    _number("updated_at"),
)

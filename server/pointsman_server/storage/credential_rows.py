"""What rows of keys and of access tokens have in common: until when they are valid, and how one asks for it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1.tenant_service_pb2 import (
    CREDENTIAL_STATE_ACTIVE,
    CREDENTIAL_STATE_EXPIRED,
    CREDENTIAL_STATE_REVOKED,
    CREDENTIAL_STATE_UNSPECIFIED,
    CredentialState,
)
from sqlalchemy import ColumnElement, Table, and_, or_, true

from pointsman_server.errors import FieldViolation, InvalidRequest
from pointsman_server.storage.times import from_micros, to_micros


def state_of(expires_at: int | None, revoked_at: int | None, now: int) -> CredentialState.ValueType:
    """Whether a credential is valid."""
    if revoked_at is not None:
        return CREDENTIAL_STATE_REVOKED
    if expires_at is not None and expires_at <= now:
        return CREDENTIAL_STATE_EXPIRED
    return CREDENTIAL_STATE_ACTIVE


def in_state(table: Table, state: CredentialState.ValueType, now: int) -> ColumnElement[bool]:
    """The condition for a state; an unspecified one is any."""
    expires_at, revoked_at = table.c.expires_at, table.c.revoked_at
    conditions = {
        CREDENTIAL_STATE_UNSPECIFIED: true(),
        CREDENTIAL_STATE_ACTIVE: and_(revoked_at.is_(None), or_(expires_at.is_(None), expires_at > now)),
        CREDENTIAL_STATE_EXPIRED: and_(revoked_at.is_(None), expires_at <= now),
        CREDENTIAL_STATE_REVOKED: revoked_at.is_not(None),
    }
    return conditions[state]


def expiry_of(message: Any) -> int | None:  # noqa: ANN401  # a message with expire_time
    """What a sound message says, as the tables hold it; ``None``: never."""
    return to_micros(message.expire_time.ToDatetime(UTC)) if message.HasField("expire_time") else None


def check_to_come(expires_at: int | None, now: int, path: str) -> None:
    """Refuses a credential that would be over when it begins.

    Raises:
        InvalidRequest: it would.
    """
    if expires_at is not None and expires_at <= now:
        raise invalid(path, "is over already; give a time to come, or leave it unset")


def invalid(path: str, description: str) -> InvalidRequest:
    """One field is wrong."""
    problem = FieldViolation(path, description)
    return InvalidRequest(f"{path}: {description}", fields=(problem,))


def stamp(micros: int | None) -> Timestamp | None:
    """The time as the contract has it."""
    if micros is None:
        return None
    made = Timestamp()
    made.FromDatetime(from_micros(micros))
    return made

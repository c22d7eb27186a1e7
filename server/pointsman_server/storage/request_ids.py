"""What came of requests that may be sent again: kept under their ids, in the transaction of what they did."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import bindparam, insert, select

from pointsman_server.errors import RequestIdReused
from pointsman_server.storage.control import Execute
from pointsman_server.storage.tables import REQUEST_IDS


class RequestKey(NamedTuple):
    """Whose request it is, and its id."""

    tenant_id: str
    user_id: str
    method: str
    request_id: str


_FIRST: Final = select(REQUEST_IDS.c.body_digest, REQUEST_IDS.c.outcome).where(
    *(REQUEST_IDS.c[name] == bindparam(name) for name in RequestKey._fields)
)
_INSERT: Final = insert(REQUEST_IDS)


def first_outcome(execute: Execute, key: RequestKey, body_digest: bytes) -> bytes | None:
    """What came of the request when it came first; ``None``: it did not come before.

    Raises:
        RequestIdReused: another request had the id.
    """
    for digest, outcome in execute(_FIRST, key._asdict()):
        if digest != body_digest:
            raise RequestIdReused(
                f"Request id {key.request_id} was used for another request. Send a fresh one with each."
            )
        return bytes(outcome)
    return None


def keep_outcome(execute: Execute, key: RequestKey, body_digest: bytes, outcome: bytes, now: int) -> None:
    """Keeps what came of a request; ``now`` is in microseconds since 1970."""
    execute(_INSERT, {**key._asdict(), "body_digest": body_digest, "outcome": outcome, "created_at": now})

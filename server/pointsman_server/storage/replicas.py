"""Servers as rows, and the reservations of those that are gone. Statements are the same on every database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, bindparam, delete, insert, or_, select, text, update

from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.model import Reservation
from pointsman_server.ledger.replicas import Host, Living, ReplicaState
from pointsman_server.storage.control import Execute
from pointsman_server.storage.rows import reservation_of
from pointsman_server.storage.tables import REPLICAS, RESERVATIONS
from pointsman_server.storage.times import to_micros

KEPT: Final = timedelta(days=30)
"""How long those that left or died can be read of. Every server reads this table every two seconds."""

_ALIVE = and_(REPLICAS.c.tenant_id == PLATFORM_TENANT, REPLICAS.c.state == ReplicaState.ALIVE.value)
_THIS = and_(_ALIVE, REPLICAS.c.replica_id == bindparam("id"))

_ENTER = insert(REPLICAS)
_FORGET = delete(REPLICAS).where(
    REPLICAS.c.tenant_id == PLATFORM_TENANT,
    REPLICAS.c.state != ReplicaState.ALIVE.value,
    REPLICAS.c.heartbeat_at < bindparam("before"),
)
_BEAT = update(REPLICAS).where(_THIS).values(heartbeats=REPLICAS.c.heartbeats + 1, heartbeat_at=bindparam("now"))
_LIVING = select(REPLICAS.c.replica_id, REPLICAS.c.heartbeats).where(_ALIVE)
_END = (
    update(REPLICAS)
    .where(_THIS, REPLICAS.c.heartbeats == bindparam("seen"))
    .values(state=bindparam("new_state"))
    .returning(REPLICAS.c.replica_id)
)
_LEAVE = update(REPLICAS).where(_THIS).values(state=ReplicaState.LEFT.value)
_BURY = update(REPLICAS).where(_ALIVE).values(state=ReplicaState.DEAD.value)

_expired = and_(RESERVATIONS.c.expires_at > 0, RESERVATIONS.c.expires_at <= bindparam("now"))
_LOST = (
    select(RESERVATIONS)
    .select_from(
        RESERVATIONS.outerjoin(REPLICAS, and_(_ALIVE, REPLICAS.c.replica_id == RESERVATIONS.c.replica_id)),
    )
    # Literal, or SQLite does not take the index of open reservations.
    .where(text("reservations.state = 'open'"), or_(REPLICAS.c.replica_id.is_(None), _expired))
    .limit(bindparam("count"))
)
_FORGOTTEN = (
    select(RESERVATIONS)
    .where(text("reservations.state = 'unknown'"), RESERVATIONS.c.unknown_at <= bindparam("since"))  # literal, as above
    .limit(bindparam("count"))
)


class SqlRegistry:
    """Implements ``ledger.replicas.Registry``."""

    def enter(self, access: Execute, replica_id: str, host: Host, now: datetime) -> None:
        row = {
            "tenant_id": PLATFORM_TENANT,
            "replica_id": replica_id,
            "state": ReplicaState.ALIVE.value,
            "started_at": to_micros(now),
            "heartbeat_at": to_micros(now),
            "heartbeats": 0,
            "hostname": host.hostname,
            "process_id": host.process_id,
        }
        access(_FORGET, {"before": to_micros(now - KEPT)})
        access(_ENTER, row)

    def beat(self, access: Execute, replica_id: str, now: datetime) -> Sequence[Living]:
        access(_BEAT, {"id": replica_id, "now": to_micros(now)})
        return [Living(*row) for row in access(_LIVING, {})]

    def end(self, access: Execute, replica: Living, state: ReplicaState) -> bool:
        values = {"id": replica.replica_id, "seen": replica.heartbeats, "new_state": state.value}
        return bool(access(_END, values))

    def leave(self, access: Execute, replica_id: str) -> None:
        access(_LEAVE, {"id": replica_id})

    def bury(self, access: Execute) -> None:
        access(_BURY, {})

    def lost(self, access: Execute, now: datetime, count: int) -> Sequence[Reservation]:
        return [reservation_of(row) for row in access(_LOST, {"now": to_micros(now), "count": count})]

    def forgotten(self, access: Execute, since: datetime, count: int) -> Sequence[Reservation]:
        return [reservation_of(row) for row in access(_FORGOTTEN, {"since": to_micros(since), "count": count})]

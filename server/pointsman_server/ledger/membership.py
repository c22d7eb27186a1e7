"""This server among those that share the database: its id, under which its reservations are made."""

from __future__ import annotations

from datetime import timedelta
from typing import Generic

import structlog

from pointsman_server.ids import NewId
from pointsman_server.ledger.model import Owner
from pointsman_server.ledger.replicas import Host, Registry, ReplicaState
from pointsman_server.ledger.store import AccessT, LedgerStore

_log = structlog.get_logger(__name__)


class Membership(Generic[AccessT]):
    """Belongs to the writer: every transaction begins with it."""

    def __init__(
        self, registry: Registry[AccessT], host: Host, *, largest_life: timedelta | None, new_id: NewId
    ) -> None:
        self._registry = registry
        self._host = host
        self._largest_life = largest_life
        self._new_id = new_id
        self._left = False
        self._owner = Owner(new_id("rep"), largest_life)

    @property
    def replica_id(self) -> str:
        """The id that this server has now."""
        return self._owner.replica_id

    def begin(self, store: LedgerStore[AccessT]) -> Owner:
        """Begins a transaction, and returns who makes the reservations in it.

        A server that another took for dead goes on under a new id, in the same transaction: what it held is unknown
        by then, and what it admits from now on is its own again.
        """
        state = store.begin(self.replica_id)
        if state is ReplicaState.ALIVE or self._left:
            return self._owner
        if state is not None:
            gone, self._owner = self._owner, Owner(self._new_id("rep"), self._largest_life)
            _log.error("replica_fenced", replica_id=gone.replica_id, new_replica_id=self.replica_id)
        # Also where a transaction in which it entered was undone.
        now = store.now()
        store.control(lambda access: self._registry.enter(access, self.replica_id, self._host, now))
        return self._owner

    def leave(self, access: AccessT) -> None:
        """Says that this server stops; what it still writes is no sign of life."""
        self._left = True
        self._registry.leave(access, self.replica_id)

"""Reads the audit log in short transactions, and erases what its entries hold."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any, Final

from pointsman.v1.audit_service_pb2 import EraseAuditPayloadRequest
from sqlalchemy import Select, and_, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from pointsman_server.clock import Clock
from pointsman_server.errors import NotFound
from pointsman_server.identity.audit import NO_ENTRIES, Change, Entry, Head
from pointsman_server.identity.audit_proof import ERASE_ACTION, ERASED_RESOURCE, Finding, Proof, Recorded
from pointsman_server.identity.audit_store import AuditQuery
from pointsman_server.identity.model import Actor
from pointsman_server.storage.audit_log import append
from pointsman_server.storage.control import ControlWriter, Execute
from pointsman_server.storage.database import reading
from pointsman_server.storage.tables import AUDIT_ENTRIES, AUDIT_HEADS, AUDIT_PAYLOADS
from pointsman_server.storage.times import from_micros, to_micros

AT_ONCE: Final = 500
"""How many entries are read in one transaction. Nothing is held between two, however slowly somebody reads."""

_COLUMNS: Final = AUDIT_ENTRIES.c
_WITH_PAYLOADS: Final = select(AUDIT_ENTRIES, AUDIT_PAYLOADS.c.payload).outerjoin(
    AUDIT_PAYLOADS,
    and_(AUDIT_PAYLOADS.c.tenant_id == _COLUMNS.tenant_id, AUDIT_PAYLOADS.c.sequence == _COLUMNS.sequence),
)
_HEAD: Final = select(AUDIT_HEADS.c.sequence, AUDIT_HEADS.c.hash)
_ERASE: Final = (
    delete(AUDIT_PAYLOADS)
    .where(AUDIT_PAYLOADS.c.tenant_id == bindparam("owner"), AUDIT_PAYLOADS.c.sequence == bindparam("number"))
    .returning(AUDIT_PAYLOADS.c.sequence)
)


class SqlAuditStore:
    """Implements ``identity.audit_store.AuditStore``."""

    def __init__(self, readers: AsyncEngine, writer: ControlWriter, *, clock: Clock) -> None:
        self._readers = readers
        self._writer = writer
        self._clock = clock

    async def page(self, query: AuditQuery, *, before: int | None, size: int) -> tuple[list[Recorded], int]:
        matching = _matching(_WITH_PAYLOADS, query)
        page = matching if before is None else matching.where(_COLUMNS.sequence < before)
        count = _matching(select(func.count()).select_from(AUDIT_ENTRIES), query)
        async with reading(self._readers) as connection:
            total: int = (await connection.execute(count)).scalar_one()
            return await _read(connection, page.order_by(_COLUMNS.sequence.desc()).limit(size)), total

    async def export(self, query: AuditQuery) -> AsyncGenerator[list[Recorded], None]:
        async with reading(self._readers) as connection:
            last = await _head(connection, query.tenant_id)
        ordered = _matching(_WITH_PAYLOADS, query).where(_COLUMNS.sequence <= last.sequence).order_by(_COLUMNS.sequence)
        after = 0
        while piece := await self._piece(ordered, after):
            yield piece
            after = piece[-1].entry.sequence

    async def verify(self, tenant_id: str, expected: Head) -> AsyncGenerator[Finding, None]:
        proof = Proof(expected)
        ordered = _matching(_WITH_PAYLOADS, AuditQuery(tenant_id)).order_by(_COLUMNS.sequence)
        while True:
            # The end is read with each piece: what is recorded meanwhile, also of erasures, belongs to the chain.
            async with reading(self._readers) as connection:
                head = await _head(connection, tenant_id)
                piece = await _read(connection, _after(ordered, proof.last.sequence))
            for recorded in piece:
                for finding in proof.add(recorded):
                    yield finding
            if len(piece) < AT_ONCE:
                break
        for last_finding in proof.end(head):
            yield last_finding

    async def erase(self, tenant_id: str, sequence: int, actor: Actor, justification: str) -> Recorded:
        await self._one(tenant_id, sequence)
        request = EraseAuditPayloadRequest(tenant_id=tenant_id, sequence=sequence, justification=justification)
        change = Change(ERASE_ACTION, ERASED_RESOURCE, str(sequence), after=request)
        now = self._clock.now()

        def write(execute: Execute) -> None:
            if execute(_ERASE, {"owner": tenant_id, "number": sequence}):
                append(execute, tenant_id, actor, change, now)

        await self._writer.control(write)
        return await self._one(tenant_id, sequence)

    async def _one(self, tenant_id: str, sequence: int) -> Recorded:
        statement = _WITH_PAYLOADS.where(_COLUMNS.tenant_id == tenant_id, _COLUMNS.sequence == sequence)
        async with reading(self._readers) as connection:
            found = await _read(connection, statement)
        if not found:
            message = f"There is no entry {sequence}; ListAuditEntries lists what there is."
            raise NotFound(message, metadata={"resource": ERASED_RESOURCE})
        return found[0]

    async def _piece(self, ordered: Select[Any], after: int) -> list[Recorded]:
        async with reading(self._readers) as connection:
            return await _read(connection, _after(ordered, after))


def _after(ordered: Select[Any], sequence: int) -> Select[Any]:
    return ordered.where(_COLUMNS.sequence > sequence).limit(AT_ONCE)


def _matching(statement: Select[Any], query: AuditQuery) -> Select[Any]:
    statement = statement.where(_COLUMNS.tenant_id == query.tenant_id)
    if query.start is not None:
        statement = statement.where(_COLUMNS.created_at >= to_micros(query.start))
    if query.end is not None:
        statement = statement.where(_COLUMNS.created_at < to_micros(query.end))
    for name in ("actor_user_id", "action", "resource", "resource_id"):
        if value := getattr(query, name):
            statement = statement.where(_COLUMNS[name] == value)
    return statement


async def _head(connection: AsyncConnection, tenant_id: str) -> Head:
    row = (await connection.execute(_HEAD.where(AUDIT_HEADS.c.tenant_id == tenant_id))).one_or_none()
    return Head(*row) if row is not None else NO_ENTRIES


async def _read(connection: AsyncConnection, statement: Select[Any]) -> list[Recorded]:
    return [_recorded(row) for row in (await connection.execute(statement)).all()]


def _recorded(row: Any) -> Recorded:  # noqa: ANN401  # a row of the join
    actor = Actor(
        tenant_id=row.actor_tenant_id,
        user_id=row.actor_user_id,
        roles=_roles(row.actor_roles),
        agent_id=row.actor_agent_id,
        credential_id=row.actor_credential_id,
        request_id=row.request_id,
        source=row.source,
    )
    entry = Entry(
        tenant_id=row.tenant_id,
        sequence=row.sequence,
        at=from_micros(row.created_at),
        actor=actor,
        action=row.action,
        resource=row.resource,
        resource_id=row.resource_id,
        payload_hash=row.payload_hash,
        previous_hash=row.previous_hash,
    )
    return Recorded(entry, row.hash, row.payload or "")


def _roles(written: str) -> frozenset[str]:
    try:
        return frozenset(json.loads(written))
    except (ValueError, TypeError):
        return frozenset({written})  # somebody wrote over it: the hash will not fit, and the proof goes on

"""Records changes in the audit log, in the transaction that makes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql

from pointsman_server.identity.audit import NO_ENTRIES, Change, Entry, Head, link
from pointsman_server.identity.model import PLATFORM_TENANT, Actor
from pointsman_server.ledger.batch import Done
from pointsman_server.storage.control import Execute
from pointsman_server.storage.tables import AUDIT_ENTRIES, AUDIT_HEADS, AUDIT_PAYLOADS
from pointsman_server.storage.times import to_micros

_THIS: Final = AUDIT_HEADS.c.tenant_id == bindparam("owner")
# SQLite has one writer and no such lock; there the words are left out.
_HEAD: Final = select(AUDIT_HEADS.c.sequence, AUDIT_HEADS.c.hash).where(_THIS).with_for_update()
# Both databases say it in the same words. Who comes second waits for the first, and then finds its row.
_BEGIN: Final = postgresql.insert(AUDIT_HEADS).on_conflict_do_nothing()
_MOVE: Final = update(AUDIT_HEADS).where(_THIS).values(sequence=bindparam("new_sequence"), hash=bindparam("new_hash"))
_INSERT_ENTRY: Final = insert(AUDIT_ENTRIES)
_INSERT_PAYLOAD: Final = insert(AUDIT_PAYLOADS)


def append(execute: Execute, tenant_id: str, actor: Actor, change: Change, at: datetime) -> None:
    """Puts an entry at the end of a tenant's chain; call it last in the control write that makes the change.

    Last, since the end of the chain stays locked until the write commits, and nobody may wait for another row with it.
    Who appends to several chains takes them in ``order``.

    Args:
        execute: the control write's.
        tenant_id: whose chain; ``PLATFORM_TENANT`` for what concerns all.
        actor: who did it.
        change: what was done.
        at: the time, by the store's clock.
    """
    entry, payload = link(_head(execute, tenant_id), tenant_id, actor, change, at)
    execute(_INSERT_ENTRY, _row(entry))
    if payload:
        execute(_INSERT_PAYLOAD, {"tenant_id": tenant_id, "sequence": entry.sequence, "payload": payload})
    execute(_MOVE, {"owner": tenant_id, "new_sequence": entry.sequence, "new_hash": entry.hash})


def order(tenant_id: str) -> tuple[bool, str]:
    """By which several chains are sorted, so that two writes never wait for each other; the platform's comes last."""
    return tenant_id == PLATFORM_TENANT, tenant_id


def write(execute: Execute, done: Iterable[Done]) -> None:
    """Records what a batch of the ledger did."""
    for deed, at in sorted(done, key=lambda each: order(each.deed.tenant_id)):
        append(execute, deed.tenant_id, deed.actor, deed.change, at)


def _head(execute: Execute, tenant_id: str) -> Head:
    """The end of the chain, which is ours until the write ends."""
    found = execute(_HEAD, {"owner": tenant_id})
    if not found:
        execute(_BEGIN, {"tenant_id": tenant_id, **NO_ENTRIES._asdict()})
        found = execute(_HEAD, {"owner": tenant_id})
    return Head(*found[0])


def _row(entry: Entry) -> dict[str, object]:
    actor = entry.actor
    return {
        "tenant_id": entry.tenant_id,
        "sequence": entry.sequence,
        "created_at": to_micros(entry.at),
        "actor_tenant_id": actor.tenant_id,
        "actor_user_id": actor.user_id,
        "actor_agent_id": actor.agent_id,
        "actor_credential_id": actor.credential_id,
        "actor_roles": json.dumps(sorted(actor.roles)),
        "request_id": actor.request_id,
        "source": actor.source,
        "action": entry.action,
        "resource": entry.resource,
        "resource_id": entry.resource_id,
        "payload_hash": entry.payload_hash,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }

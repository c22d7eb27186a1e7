"""Reads and forgets claims on request ids; the ledger's store makes and ends them.

What came of other changes is told again under a request id too (``storage.changes``), and is forgotten with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from pointsman.v1.completion_pb2 import CompletionFailure
from sqlalchemy import Delete, Select, bindparam, delete, exists, literal_column, select
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.ledger.claims import Claimed, ClaimKey
from pointsman_server.storage.control import ControlWriter, Execute
from pointsman_server.storage.database import reading
from pointsman_server.storage.tables import COMPLETION_CLAIMS, REQUEST_IDS, RESERVATIONS
from pointsman_server.storage.times import to_micros

FORGOTTEN_AT_ONCE: Final = 100
"""How many claims one transaction removes, so that no other waits long for it."""

_KEY: Final = [COMPLETION_CLAIMS.c[name] for name in ClaimKey._fields]

# A tenant has no more open reservations than calls that run. Their index serves only where the state is no parameter.
_RUNNING: Final = exists().where(
    RESERVATIONS.c.tenant_id == COMPLETION_CLAIMS.c.tenant_id,
    RESERVATIONS.c.completion_id == COMPLETION_CLAIMS.c.completion_id,
    RESERVATIONS.c.state == literal_column("'open'"),
)

FIND: Final = select(
    COMPLETION_CLAIMS.c.body_digest,
    COMPLETION_CLAIMS.c.status,
    COMPLETION_CLAIMS.c.completion_id,
    COMPLETION_CLAIMS.c.decision_id,
    COMPLETION_CLAIMS.c.told,
    _RUNNING,
).where(*(column == bindparam(column.name) for column in _KEY))

# No index: the rows stand about in the order of their age, and looking through all of them now and then is cheaper than
# an index that every claim would have to write.
_OLD: Final = select(*_KEY).where(COMPLETION_CLAIMS.c.created_at < bindparam("before")).limit(FORGOTTEN_AT_ONCE)
_FORGET: Final = delete(COMPLETION_CLAIMS).where(
    *(column == bindparam(column.name) for column in _KEY), COMPLETION_CLAIMS.c.created_at < bindparam("before")
)
_OUTCOME_KEY: Final = list(REQUEST_IDS.primary_key.columns)
_OLD_OUTCOMES: Final = (
    select(*_OUTCOME_KEY).where(REQUEST_IDS.c.created_at < bindparam("before")).limit(FORGOTTEN_AT_ONCE)
)
_FORGET_OUTCOME: Final = delete(REQUEST_IDS).where(
    *(column == bindparam(column.name) for column in _OUTCOME_KEY), REQUEST_IDS.c.created_at < bindparam("before")
)


class SqlClaimStore:
    """Implements ``ledger.claims.ClaimStore``."""

    def __init__(self, readers: AsyncEngine, writer: ControlWriter) -> None:
        self._readers = readers
        self._writer = writer

    async def find(self, key: ClaimKey) -> Claimed | None:
        async with reading(self._readers) as connection:
            row = (await connection.execute(FIND, key._asdict())).one_or_none()
        if row is None:
            return None
        digest, status, completion_id, decision_id, told, running = row
        failure = CompletionFailure(completion_id=completion_id, decision_id=decision_id)
        return Claimed(digest, status, CompletionFailure.FromString(told) if told else failure, running)

    async def forget(self, before: datetime) -> int:
        moment = {"before": to_micros(before)}
        return await self._forget(_OLD, _FORGET, moment) + await self._forget(_OLD_OUTCOMES, _FORGET_OUTCOME, moment)

    async def _forget(self, find: Select[Any], remove: Delete, moment: Mapping[str, int]) -> int:
        async with reading(self._readers) as connection:
            old = sorted(tuple(row) for row in await connection.execute(find, moment))
        if old:
            names = find.selected_columns.keys()
            keys = [{**dict(zip(names, row, strict=True)), **moment} for row in old]
            await self._writer.control(lambda execute: _remove(execute, remove, keys))
        return len(old)


def _remove(execute: Execute, statement: Delete, keys: Iterable[Mapping[str, object]]) -> None:
    for key in keys:
        execute(statement, key)

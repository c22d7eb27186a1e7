"""Keeps what all replicas of a server must know: made once, by whichever asks first."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, insert, select

from pointsman_server.clock import Clock
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.storage.control import ControlWriter, Execute
from pointsman_server.storage.tables import SERVER_SECRETS
from pointsman_server.storage.times import to_micros

_READ: Final = select(SERVER_SECRETS.c.value).where(
    SERVER_SECRETS.c.tenant_id == PLATFORM_TENANT, SERVER_SECRETS.c.name == bindparam("name")
)
_INSERT: Final = insert(SERVER_SECRETS)


class SqlServerSecrets:
    """Implements ``identity.token_key.ServerSecrets``."""

    def __init__(self, writer: ControlWriter, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    async def once(self, name: str, fresh: bytes) -> bytes:
        made = to_micros(self._clock.now())

        def write(execute: Execute) -> bytes:
            for (value,) in execute(_READ, {"name": name}):
                return bytes(value)
            execute(_INSERT, {"tenant_id": PLATFORM_TENANT, "name": name, "value": fresh, "created_at": made})
            return fresh

        return await self._writer.control(write, alone=f"server_secrets/{name}")

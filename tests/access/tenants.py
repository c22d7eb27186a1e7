"""Tenants for tests of access, made by their rows alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from pointsman_server.storage.control import Execute
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import TENANTS
from sqlalchemy import Column, insert

_INSERT: Final = insert(TENANTS)


async def make_tenants(storage: Storage, *tenant_ids: str) -> None:
    """Makes active tenants."""
    row = {column.name: 0 if _is_number(column) else "" for column in TENANTS.columns} | {"state": "active"}
    for tenant_id in tenant_ids:
        await storage._control.control(partial(_add, row | {"tenant_id": tenant_id}))


def _add(row: Mapping[str, object], execute: Execute) -> None:
    execute(_INSERT, row)


def _is_number(column: Column[Any]) -> bool:
    return column.type.python_type is int

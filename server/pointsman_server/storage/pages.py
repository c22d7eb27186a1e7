"""Pages of rows, ordered by a key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def page_of(
    connection: AsyncConnection, matching: Select[Any], key: ColumnElement[str], after: str, size: int
) -> tuple[list[Row[Any]], int]:
    """The rows of the page that begins after a key, and how many rows match on all pages."""
    total: int = (await connection.execute(select(func.count()).select_from(matching.subquery()))).scalar_one()
    rows = await connection.execute(matching.where(key > after).order_by(key).limit(size))
    return list(rows.all()), total

"""Reads decisions back."""

from __future__ import annotations

from pointsman.v1.decision_pb2 import Decision
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.errors import NotFound
from pointsman_server.storage.database import reading
from pointsman_server.storage.tables import DECISIONS, FEEDBACK

_LATEST_RATING = (
    select(FEEDBACK.c.rating)
    .where(FEEDBACK.c.tenant_id == DECISIONS.c.tenant_id, FEEDBACK.c.decision_id == DECISIONS.c.decision_id)
    .order_by(FEEDBACK.c.created_at.desc(), FEEDBACK.c.feedback_id.desc())
    .limit(1)
    .scalar_subquery()
)


class SqlDecisionStore:
    """Implements ``ledger.reports.DecisionStore``."""

    def __init__(self, readers: AsyncEngine) -> None:
        self._readers = readers

    async def get(self, tenant_id: str, user_id: str | None, decision_id: str) -> Decision:
        statement = select(DECISIONS.c.decision, DECISIONS.c.outcome, _LATEST_RATING).where(
            DECISIONS.c.tenant_id == tenant_id, DECISIONS.c.decision_id == decision_id
        )
        if user_id is not None:
            statement = statement.where(DECISIONS.c.user_id == user_id)
        async with reading(self._readers) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise NotFound(f"There is no decision {decision_id}.")
        made, outcome, rating = row
        decision = Decision.FromString(made)
        if outcome is not None:
            decision.outcome.ParseFromString(outcome)
        if rating is not None:
            decision.rating = rating
        return decision

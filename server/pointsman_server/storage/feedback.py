"""Keeps feedback."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

from pointsman.v1.router_service_pb2 import Feedback, FeedbackType, ImplicitSignal
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.clock import Clock
from pointsman_server.errors import NotFound, RequestIdReused
from pointsman_server.identity.model import ADMIN_ROLES, Principal
from pointsman_server.ids import NewId
from pointsman_server.router.feedback import Judgement
from pointsman_server.storage.control import ControlWriter, Execute
from pointsman_server.storage.database import reading
from pointsman_server.storage.request_ids import RequestKey, first_outcome, keep_outcome
from pointsman_server.storage.tables import DECISIONS, FEEDBACK

_INSERT_FEEDBACK = insert(FEEDBACK)

_Values = dict[str, Any]


class _Rated(NamedTuple):
    """What is kept of the decision beside its rating."""

    decision_id: str
    completion_id: str | None
    model_id: str
    task_type: str
    agent_id: str


class SqlFeedbackStore:
    """Implements ``router.feedback.FeedbackStore``."""

    def __init__(self, readers: AsyncEngine, writer: ControlWriter, *, clock: Clock, new_id: NewId) -> None:
        self._readers = readers
        self._writer = writer
        self._clock = clock
        self._new_id = new_id

    async def record(self, principal: Principal, judgement: Judgement) -> Feedback:
        rated = await self._rated(principal, judgement)
        feedback = self._feedback(rated, judgement)
        row = _feedback_row(principal, feedback, rated.agent_id)
        if not judgement.request_id:
            await self._writer.control(lambda execute: execute(_INSERT_FEEDBACK, row))
            return feedback
        key = RequestKey(principal.tenant_id, principal.user_id, "RecordFeedback", judgement.request_id)
        answer = await self._writer.control(lambda execute: _store_once(execute, key, judgement, feedback, row))
        if isinstance(answer, RequestIdReused):
            raise answer
        return answer

    async def _rated(self, principal: Principal, judgement: Judgement) -> _Rated:
        """The decision that is rated, if the principal may rate it."""
        columns = DECISIONS.c
        target = {"completion_id": judgement.completion_id, "decision_id": judgement.decision_id}
        name, value = next((name, value) for name, value in target.items() if value)
        statement = (
            select(*(columns[field] for field in _Rated._fields))
            .where(columns.tenant_id == principal.tenant_id, columns[name] == value)
            .order_by(columns.created_at.desc())
            .limit(1)
        )
        if not principal.roles & ADMIN_ROLES:
            statement = statement.where(columns.user_id == principal.user_id)
        async with reading(self._readers) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise NotFound(f"There is no {name.removesuffix('_id')} {value}.")
        return _Rated(*row)

    def _feedback(self, rated: _Rated, judgement: Judgement) -> Feedback:
        feedback = Feedback(
            feedback_id=self._new_id("fbk"),
            decision_id=rated.decision_id,
            completion_id=rated.completion_id or "",
            model_id=rated.model_id,
            task_type=rated.task_type,
            type=judgement.type,
            rating=judgement.rating,
            signal=judgement.signal,
        )
        feedback.create_time.FromDatetime(self._clock.now())
        return feedback


def _store_once(
    execute: Execute, key: RequestKey, judgement: Judgement, feedback: Feedback, row: _Values
) -> Feedback | RequestIdReused:
    """Stores the feedback unless the request id has an answer; returns that, or why it cannot be."""
    digest = _digest(judgement)
    try:
        first = first_outcome(execute, key, digest)
    except RequestIdReused as refusal:
        return refusal
    if first is not None:
        return Feedback.FromString(first)
    execute(_INSERT_FEEDBACK, row)
    keep_outcome(execute, key, digest, feedback.SerializeToString(), feedback.create_time.ToMicroseconds())
    return feedback


def _feedback_row(principal: Principal, feedback: Feedback, agent_id: str) -> _Values:
    return {
        "tenant_id": principal.tenant_id,
        "feedback_id": feedback.feedback_id,
        "user_id": principal.user_id,
        "decision_id": feedback.decision_id,
        "completion_id": feedback.completion_id,
        "model_id": feedback.model_id,
        "task_type": feedback.task_type,
        "agent_id": agent_id,
        "type": FeedbackType.Name(feedback.type).removeprefix("FEEDBACK_TYPE_").lower(),
        "rating": feedback.rating,
        "signal": ImplicitSignal.Name(feedback.signal).removeprefix("IMPLICIT_SIGNAL_").lower(),
        "created_at": feedback.create_time.ToMicroseconds(),
    }


def _digest(judgement: Judgement) -> bytes:
    body = (judgement.completion_id, judgement.decision_id, judgement.type, judgement.rating, judgement.signal)
    return hashlib.sha256(json.dumps(body).encode()).digest()

"""RouterService: routes completions, runs them, learns from feedback and reports usage."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import ClassVar, Protocol

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import router_service_pb2 as pb
from pointsman.v1.completion_pb2 import CompletionSpecification, Delivery
from pointsman.v1.decision_pb2 import Decision
from pointsman.v1.router_service_pb2 import FeedbackType, ImplicitSignal

from pointsman_server.errors import FeatureNotAvailable
from pointsman_server.identity.model import Principal
from pointsman_server.ledger.claims import IdempotencyKey
from pointsman_server.ledger.reports import DEFAULT_PAGE_SIZE, UsageQuery, UsageReports
from pointsman_server.router.feedback import SIGNAL_RATINGS, FeedbackStore, Judgement
from pointsman_server.services import validate
from pointsman_server.services.call import Call

_OFF_LOOP_SCHEMA_BYTES = 4_096
"""Above this, checking the JSON Schemas takes more than some 10 ms, which other streams must not wait for."""


_OFF_LOOP_DIGEST_BYTES = 1024 * 1024
"""Above this, the digest of a request takes more than some milliseconds."""


class Completions(Protocol):
    """What decides and runs completions: the gateway."""

    async def route(self, specification: CompletionSpecification, *, principal: Principal) -> Decision:
        """Says which model would serve, and records that."""
        ...

    def complete(
        self,
        specification: CompletionSpecification,
        *,
        delivery: Delivery.ValueType,
        principal: Principal,
        renew: Callable[[], Awaitable[Principal]],
        received_at: float,
        deadline: float | None,
        idempotency_key: IdempotencyKey | None,
    ) -> AsyncGenerator[pb.CompleteResponse, None]:
        """Runs a completion; the responses carry its numbered events."""
        ...


class RouterService:
    """Checks each request and hands it on. What answers is passed in."""

    descriptor: ClassVar[ServiceDescriptor] = pb.DESCRIPTOR.services_by_name["RouterService"]

    def __init__(self, completions: Completions, feedback: FeedbackStore, reports: UsageReports) -> None:
        self._completions = completions
        self._feedback = feedback
        self._reports = reports

    async def route(self, request: pb.RouteRequest, call: Call) -> pb.RouteResponse:
        """Says which model would serve, and why; calls no provider."""
        if _is_slow_to_check(request.specification):
            await asyncio.to_thread(validate.route, request)
        else:
            validate.route(request)
        decision = await self._completions.route(request.specification, principal=call.principal)
        return pb.RouteResponse(decision=decision)

    async def complete(self, request: pb.CompleteRequest, call: Call) -> AsyncGenerator[pb.CompleteResponse, None]:
        """Runs a completion and streams its events."""
        if _is_slow_to_check(request.specification):
            await asyncio.to_thread(validate.complete, request)
        else:
            validate.complete(request)
        responses = self._completions.complete(
            request.specification,
            delivery=request.delivery,
            principal=call.principal,
            renew=call.renew,
            received_at=call.received_at,
            deadline=call.deadline,
            idempotency_key=await _idempotency_key(request) if request.request_id else None,
        )
        async with aclosing(responses):
            async for response in responses:
                yield response

    def resume(self, _request: pb.ResumeRequest, _call: Call) -> AsyncGenerator[pb.ResumeResponse, None]:
        """Refused: streams cannot be taken up again yet."""
        raise FeatureNotAvailable("Resume is not available on this server yet", metadata={"field": "Resume"})

    async def record_feedback(self, request: pb.RecordFeedbackRequest, call: Call) -> pb.RecordFeedbackResponse:
        """Records how good an answer was."""
        validate.record_feedback(request)
        return pb.RecordFeedbackResponse(feedback=await self._feedback.record(call.principal, _judgement(request)))

    async def usage(self, request: pb.UsageRequest, call: Call) -> pb.UsageResponse:
        """Reports what the caller's tenant used and what it cost."""
        validate.usage_report(request)
        page = await self._reports.report(call.principal.tenant_id, _query(request))
        return pb.UsageResponse(
            start_time=_timestamp(page.start),
            end_time=_timestamp(page.end),
            total=page.total,
            rows=page.rows,
            next_page_token=page.next_page_token,
            total_size=page.total_size,
        )


def _is_slow_to_check(specification: CompletionSpecification) -> bool:
    return validate.schema_bytes(specification) > _OFF_LOOP_SCHEMA_BYTES


async def _idempotency_key(request: pb.CompleteRequest) -> IdempotencyKey:
    if request.ByteSize() > _OFF_LOOP_DIGEST_BYTES:
        return IdempotencyKey(request.request_id, await asyncio.to_thread(_digest, request))
    return IdempotencyKey(request.request_id, _digest(request))


def _digest(request: pb.CompleteRequest) -> str:
    """A digest of every field. The request id in it keeps equal bodies of different calls from being told as such."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()


def _judgement(request: pb.RecordFeedbackRequest) -> Judgement:
    """The rating to store: a signal sets it, and makes it implicit."""
    implicit = request.signal != ImplicitSignal.IMPLICIT_SIGNAL_UNSPECIFIED
    default = FeedbackType.FEEDBACK_TYPE_IMPLICIT if implicit else FeedbackType.FEEDBACK_TYPE_EXPLICIT
    return Judgement(
        type=request.type or default,
        rating=SIGNAL_RATINGS[request.signal] if implicit else request.rating,
        completion_id=request.completion_id,
        decision_id=request.decision_id,
        signal=request.signal,
        request_id=request.request_id,
    )


def _query(request: pb.UsageRequest) -> UsageQuery:
    return UsageQuery(
        start=_datetime(request.start_time) if request.HasField("start_time") else None,
        end=_datetime(request.end_time) if request.HasField("end_time") else None,
        group_by=tuple(request.group_by),
        label_key=request.label_key,
        filters=request.filter,
        page_size=request.page_size or DEFAULT_PAGE_SIZE,
        page_token=request.page_token,
    )


def _datetime(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp

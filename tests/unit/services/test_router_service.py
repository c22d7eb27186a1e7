"""RouterService checks, hands on, and gives back."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1.completion_pb2 import CompletionSpecification, Delivery
from pointsman.v1.content_pb2 import Message, Part, Role, TextPart, Tool
from pointsman.v1.decision_pb2 import Decision
from pointsman.v1.router_service_pb2 import (
    CompleteRequest,
    CompleteResponse,
    Feedback,
    FeedbackType,
    ImplicitSignal,
    RecordFeedbackRequest,
    ResumeRequest,
    RouteRequest,
    UsageDimension,
    UsageFilter,
    UsageRequest,
    UsageRow,
)
from pointsman_server.errors import FeatureNotAvailable, InvalidRequest
from pointsman_server.identity.model import LOCAL_ADMIN, Principal
from pointsman_server.ledger.claims import IdempotencyKey
from pointsman_server.ledger.reports import UsagePage, UsageQuery
from pointsman_server.router.feedback import Judgement
from pointsman_server.services.call import Call
from pointsman_server.services.router_service import RouterService

CALL = Call(principal=LOCAL_ADMIN, request_id="req", received_at=5.0, deadline=7.0)
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Recorder:
    """Stands where gateway and stores stand, and notes what reaches it."""

    seen: list[object] = field(default_factory=list)
    closed: bool = False

    async def route(self, specification: CompletionSpecification, *, principal: Principal) -> Decision:
        self.seen += [specification, principal]
        return Decision(decision_id="dec")

    async def complete(
        self,
        specification: CompletionSpecification,
        *,
        delivery: Delivery.ValueType,
        principal: Principal,
        renew: Callable[[], Awaitable[Principal]],
        received_at: float,
        deadline: float | None,
        idempotency_key: IdempotencyKey | None,
    ) -> AsyncGenerator[CompleteResponse, None]:
        del renew
        self.seen += [specification, delivery, principal, received_at, deadline, idempotency_key]
        try:
            for sequence in range(3):
                yield CompleteResponse(first_sequence=sequence)
        finally:
            self.closed = True

    async def record(self, principal: Principal, judgement: Judgement) -> Feedback:
        self.seen += [principal, judgement]
        return Feedback(feedback_id="fb")

    async def report(self, tenant_id: str, query: UsageQuery) -> UsagePage:
        self.seen += [tenant_id, query]
        return UsagePage(START, END, UsageRow(attempts=2), (UsageRow(keys=["a"]),), "next", 7)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def service(recorder: Recorder) -> RouterService:
    return RouterService(recorder, recorder, recorder)


def specification(**fields: object) -> CompletionSpecification:
    message = Message(role=Role.ROLE_USER, parts=[Part(text=TextPart(text="hello"))])
    return CompletionSpecification(messages=[message], **fields)  # type: ignore[arg-type]


async def test_route(service: RouterService, recorder: Recorder) -> None:
    response = await service.route(RouteRequest(specification=specification()), CALL)
    assert response.decision.decision_id == "dec"
    assert recorder.seen == [specification(), LOCAL_ADMIN]


async def test_complete_hands_on_everything_and_streams(service: RouterService, recorder: Recorder) -> None:
    request = CompleteRequest(specification=specification(), delivery=Delivery.DELIVERY_WHOLE)
    responses = [response.first_sequence async for response in service.complete(request, CALL)]
    assert responses == [0, 1, 2]
    assert recorder.seen == [specification(), Delivery.DELIVERY_WHOLE, LOCAL_ADMIN, 5.0, 7.0, None]


async def key_of(service: RouterService, recorder: Recorder, request: CompleteRequest) -> IdempotencyKey:
    async for _ in service.complete(request, CALL):
        pass
    key = recorder.seen[-1]
    assert isinstance(key, IdempotencyKey)
    return key


async def test_a_request_id_comes_with_a_digest_of_the_whole_request(
    service: RouterService, recorder: Recorder
) -> None:
    labels = {f"key{number}": "v" for number in range(8)}
    asked = CompleteRequest(specification=specification(labels=labels), request_id="once")
    backwards = dict(reversed(labels.items()))
    same = CompleteRequest(specification=specification(labels=backwards), request_id="once")
    key = await key_of(service, recorder, asked)
    assert (key.request_id, len(key.body_digest)) == ("once", 64)
    assert await key_of(service, recorder, same) == key

    others = [CompleteRequest.FromString(asked.SerializeToString()) for _ in range(3)]
    others[0].delivery = Delivery.DELIVERY_WHOLE
    others[1].specification.labels["key0"] = "w"
    others[2].specification.messages[0].parts[0].text.text = "x" * 2_000_000  # large ones are read off the loop
    digests = {(await key_of(service, recorder, other)).body_digest for other in others}
    assert len(digests | {key.body_digest}) == 4


async def test_leaving_a_stream_closes_what_feeds_it(service: RouterService, recorder: Recorder) -> None:
    stream = service.complete(CompleteRequest(specification=specification()), CALL)
    await anext(stream)
    assert not recorder.closed
    await stream.aclose()
    assert recorder.closed


async def test_a_wrong_request_reaches_nobody(service: RouterService, recorder: Recorder) -> None:
    with pytest.raises(InvalidRequest):
        await service.route(RouteRequest(), CALL)
    with pytest.raises(InvalidRequest):
        await anext(service.complete(CompleteRequest(), CALL))
    with pytest.raises(InvalidRequest):
        await service.record_feedback(RecordFeedbackRequest(), CALL)
    with pytest.raises(InvalidRequest):
        await service.usage(UsageRequest(page_size=-1), CALL)
    assert recorder.seen == []


@pytest.mark.parametrize("schema", ["{", json.dumps({"type": "object", "description": "x" * 5000})])
async def test_large_schemas_are_checked_as_small_ones(service: RouterService, recorder: Recorder, schema: str) -> None:
    tools = [Tool(name=f"t{n}", parameters_json_schema=schema) for n in range(2)]
    request = specification(tools=tools)
    if schema == "{":
        with pytest.raises(InvalidRequest):
            await service.route(RouteRequest(specification=request), CALL)
    else:
        await service.route(RouteRequest(specification=request), CALL)
        assert [r async for r in service.complete(CompleteRequest(specification=request), CALL)]
    assert bool(recorder.seen) == (schema != "{")


async def test_resume_is_refused_by_name(service: RouterService) -> None:
    with pytest.raises(FeatureNotAvailable) as caught:
        await anext(service.resume(ResumeRequest(completion_id="a"), CALL))
    assert caught.value.metadata == {"field": "Resume"}


SIGNALS = ImplicitSignal
TYPES = FeedbackType


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            RecordFeedbackRequest(completion_id="a", rating=0.25),
            Judgement(TYPES.FEEDBACK_TYPE_EXPLICIT, 0.25, completion_id="a"),
        ),
        (
            RecordFeedbackRequest(decision_id="d", rating=1, type=TYPES.FEEDBACK_TYPE_SELF_EVALUATION, request_id="r"),
            Judgement(TYPES.FEEDBACK_TYPE_SELF_EVALUATION, 1.0, decision_id="d", request_id="r"),
        ),
        *(
            (
                RecordFeedbackRequest(completion_id="a", signal=signal),
                Judgement(TYPES.FEEDBACK_TYPE_IMPLICIT, rating, completion_id="a", signal=signal),
            )
            for signal, rating in (
                (SIGNALS.IMPLICIT_SIGNAL_REGENERATE, 0.0),
                (SIGNALS.IMPLICIT_SIGNAL_CONTINUE, 0.5),
                (SIGNALS.IMPLICIT_SIGNAL_COPY, 1.0),
            )
        ),
    ],
)
async def test_feedback(
    service: RouterService, recorder: Recorder, request_: RecordFeedbackRequest, expected: Judgement
) -> None:
    response = await service.record_feedback(request_, CALL)
    assert response.feedback.feedback_id == "fb"
    assert recorder.seen == [LOCAL_ADMIN, expected]


async def test_usage_leaves_what_is_unset_to_the_report(service: RouterService, recorder: Recorder) -> None:
    response = await service.usage(UsageRequest(), CALL)
    assert recorder.seen == ["local", UsageQuery()]
    assert response.start_time.ToDatetime(UTC) == START
    assert response.end_time.ToDatetime(UTC) == END
    assert (response.total.attempts, response.total_size, response.next_page_token) == (2, 7, "next")
    assert [list(row.keys) for row in response.rows] == [["a"]]


async def test_usage_hands_on_everything(service: RouterService, recorder: Recorder) -> None:
    start, end = Timestamp(), Timestamp()
    start.FromDatetime(START)
    end.FromDatetime(END)
    by_label = (UsageDimension.USAGE_DIMENSION_LABEL, UsageDimension.USAGE_DIMENSION_DAY)
    request = UsageRequest(
        start_time=start,
        end_time=end,
        group_by=by_label,
        label_key="team",
        filter=UsageFilter(model_id="m"),
        page_size=3,
        page_token="t",
    )
    await service.usage(request, CALL)
    assert recorder.seen[1] == UsageQuery(START, END, by_label, "team", UsageFilter(model_id="m"), 3, "t")

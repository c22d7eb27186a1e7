"""What is wrong with feedback, usage and catalog requests is named by its path."""

import math
from collections.abc import Callable

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1.catalog_service_pb2 import (
    GetModelRequest,
    GetProviderRequest,
    ListModelsRequest,
    ListProvidersRequest,
)
from pointsman.v1.model_pb2 import Capability
from pointsman.v1.router_service_pb2 import (
    FeedbackType,
    ImplicitSignal,
    RecordFeedbackRequest,
    UsageDimension,
    UsageFilter,
    UsageRequest,
)
from pointsman_server.errors import InvalidRequest
from pointsman_server.services import validate

EXPLICIT = FeedbackType.FEEDBACK_TYPE_EXPLICIT
IMPLICIT = FeedbackType.FEEDBACK_TYPE_IMPLICIT
SELF = FeedbackType.FEEDBACK_TYPE_SELF_EVALUATION
COPY = ImplicitSignal.IMPLICIT_SIGNAL_COPY

CHECKS: dict[type[Message], Callable[..., None]] = {
    RecordFeedbackRequest: validate.record_feedback,
    UsageRequest: validate.usage_report,
    GetProviderRequest: validate.get_provider,
    ListProvidersRequest: validate.list_providers,
    GetModelRequest: validate.get_model,
    ListModelsRequest: validate.list_models,
}


@pytest.mark.parametrize(
    "request_",
    [
        RecordFeedbackRequest(completion_id="a", rating=0),
        RecordFeedbackRequest(decision_id="a", rating=1, type=SELF, request_id="r"),
        RecordFeedbackRequest(completion_id="a", signal=COPY),
        RecordFeedbackRequest(completion_id="a", signal=COPY, type=IMPLICIT, rating=1),
        UsageRequest(),
        UsageRequest(start_time=Timestamp(), end_time=Timestamp(nanos=1), page_size=1000),
        UsageRequest(group_by=[UsageDimension.USAGE_DIMENSION_LABEL], label_key="team"),
        GetProviderRequest(provider_id="openai"),
        ListProvidersRequest(),
        GetModelRequest(model_id="openai/gpt"),
        ListModelsRequest(capabilities=[Capability.CAPABILITY_TEXT], query="gpt"),
    ],
)
def test_sound_requests_pass(request_: Message) -> None:
    CHECKS[type(request_)](request_)


@pytest.mark.parametrize(
    ("request_", "field", "says"),
    [
        (RecordFeedbackRequest(rating=1), "target", "completion_id or a decision_id"),
        (RecordFeedbackRequest(completion_id="", rating=1), "completion_id", "is not set"),
        (RecordFeedbackRequest(decision_id="a b", rating=1), "decision_id", "letters, digits"),
        (RecordFeedbackRequest(completion_id="a"), "rating", "is not set"),
        (RecordFeedbackRequest(completion_id="a", rating=math.nan), "rating", "is nan"),
        (RecordFeedbackRequest(completion_id="a", rating=1.01, type=EXPLICIT), "rating", "use 0 to 1"),
        (RecordFeedbackRequest(completion_id="a", rating=-0.1, type=SELF), "rating", "use 0 to 1"),
        (RecordFeedbackRequest(completion_id="a", rating=1, type=IMPLICIT), "signal", "what the user did"),
        (RecordFeedbackRequest(completion_id="a", signal=COPY, type=EXPLICIT), "type", "contradicts"),
        (RecordFeedbackRequest(completion_id="a", signal=COPY, rating=0.5), "rating", "contradicts"),
        (RecordFeedbackRequest(completion_id="a", signal=9), "signal", "is 9"),  # type: ignore[arg-type]
        (RecordFeedbackRequest(completion_id="a", rating=1, type=9), "type", "is 9"),  # type: ignore[arg-type]
        (RecordFeedbackRequest(completion_id="a", rating=1, request_id="\n"), "request_id", "letters, digits"),
        (UsageRequest(start_time=Timestamp(seconds=2), end_time=Timestamp(seconds=2)), "end_time", "not after"),
        (UsageRequest(start_time=Timestamp(seconds=2**60)), "start_time", "years 1 and 9999"),
        (UsageRequest(end_time=Timestamp(nanos=-1)), "end_time", "years 1 and 9999"),
        (UsageRequest(group_by=[UsageDimension.USAGE_DIMENSION_UNSPECIFIED]), "group_by[0]", "is not set"),
        (UsageRequest(group_by=[UsageDimension.USAGE_DIMENSION_DAY] * 2), "group_by[1]", "repeats group_by[0]"),
        (UsageRequest(group_by=[UsageDimension.USAGE_DIMENSION_LABEL]), "label_key", "is empty"),
        (UsageRequest(label_key="team"), "label_key", "USAGE_DIMENSION_LABEL"),
        (UsageRequest(page_size=-1), "page_size", "use 0 to 1000"),
        (UsageRequest(page_size=1001), "page_size", "use 0 to 1000"),
        (UsageRequest(page_token="x" * 1025), "page_token", "at most 1024"),
        (UsageRequest(filter=UsageFilter(model_id="x" * 257)), "filter.model_id", "at most 256"),
        (UsageRequest(filter=UsageFilter(run_id=" ")), "filter.run_id", "letters, digits"),
        (UsageRequest(filter=UsageFilter(labels={"": ""})), "filter.labels[#0] (key)", "is empty"),
        (GetProviderRequest(), "provider_id", "is empty"),
        (GetModelRequest(model_id="a\x00"), "model_id", "control characters"),
        (ListProvidersRequest(state=9), "state", "is 9"),  # type: ignore[arg-type]
        (ListProvidersRequest(page_size=1001), "page_size", "use 0 to 1000"),
        (ListModelsRequest(cost_tier=9), "cost_tier", "is 9"),  # type: ignore[arg-type]
        (ListModelsRequest(type=9), "type", "is 9"),  # type: ignore[arg-type]
        (ListModelsRequest(capabilities=[Capability.CAPABILITY_UNSPECIFIED]), "capabilities[0]", "is not set"),
        (ListModelsRequest(query="x" * 257), "query", "at most 256"),
        (ListModelsRequest(provider_id="\t"), "provider_id", "control characters"),
    ],
)
def test_wrong_requests_are_told_what_and_how(request_: Message, field: str, says: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        CHECKS[type(request_)](request_)
    found = {violation.field: violation.description for violation in caught.value.fields}
    assert says in found[field]
    assert caught.value.message.startswith(f"{caught.value.fields[0].field}: ")

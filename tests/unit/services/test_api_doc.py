"""docs/api.md: its examples are requests that the server takes, and its limits are the limits."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from pointsman.v1.catalog_service_pb2 import ListModelsRequest
from pointsman.v1.router_service_pb2 import CompleteRequest, RecordFeedbackRequest, RouteRequest, UsageRequest
from pointsman_server.services import validate
from pointsman_server.services.validate import limits

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
EXAMPLES = re.findall(r"(?:-d|--data) '(.+?)'.*?pointsman\.v1\.\w+/(\w+)", PAGE, re.DOTALL)
CHECKS: dict[str, tuple[type[Message], Callable[..., None]]] = {
    "Complete": (CompleteRequest, validate.complete),
    "Route": (RouteRequest, validate.route),
    "RecordFeedback": (RecordFeedbackRequest, validate.record_feedback),
    "Usage": (UsageRequest, validate.usage_report),
    "ListModels": (ListModelsRequest, validate.list_models),
}


def test_there_is_an_example_of_each() -> None:
    assert {method for _, method in EXAMPLES} == set(CHECKS)


@pytest.mark.parametrize(("body", "method"), EXAMPLES)
def test_examples_are_sound_requests(body: str, method: str) -> None:
    kind, check = CHECKS[method]
    check(ParseDict(json.loads(body), kind()))


def test_every_limit_is_told() -> None:
    figures = {str(value) for name, value in vars(limits).items() if name.startswith("MAX_")}
    assert not figures - set(re.findall(r"\d+", PAGE)) - {str(limits.MAX_PAGE_TOKEN_CHARACTERS)}
    for media_type in limits.IMAGE_TYPES | limits.AUDIO_TYPES | limits.DOCUMENT_TYPES - {"application/pdf"}:
        assert f"`{media_type}`" in PAGE

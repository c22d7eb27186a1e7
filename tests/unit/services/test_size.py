"""A request that is too large is told which field makes it so."""

import pytest
from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import ImagePart, Message, Part, TextPart
from pointsman.v1.router_service_pb2 import RouteRequest
from pointsman_server.errors import MessageTooLarge
from pointsman_server.services.size import check_size, largest_field


def test_the_largest_field_is_named_down_to_the_leaf() -> None:
    small = Message(parts=[Part(text=TextPart(text="x" * 10))])
    large = Message(parts=[Part(text=TextPart(text="x")), Part(image=ImagePart(data=b"x" * 100))])
    request = RouteRequest(specification=CompletionSpecification(messages=[small, large], labels={"a": "b"}))
    with pytest.raises(MessageTooLarge) as caught:
        check_size(request, request.ByteSize(), 50)
    path = "specification.messages[1].parts[1].image.data"
    assert caught.value.metadata == {"limit_bytes": "50", "field": path}
    assert [violation.field for violation in caught.value.fields] == [path]
    assert "may have 50" in caught.value.fields[0].description


def test_maps_and_nothing() -> None:
    assert largest_field(CompletionSpecification(labels={"a": "x" * 50}, purpose="x")) == "labels"
    assert largest_field(RouteRequest()) == "request"


def test_what_fits_passes() -> None:
    check_size(RouteRequest(), 50, 50)

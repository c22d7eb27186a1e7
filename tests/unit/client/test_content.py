"""Short ways to write requests give the messages that they stand for."""

import json
from pathlib import Path

import pytest
from pointsman import assistant, audio, document, image, json_schema, text_of, tool, tool_result, user
from pointsman.requests import Prompt, complete_request, feedback_request, route_request, specification, whole_request
from pointsman.v1.completion_pb2 import DELIVERY_STREAM, DELIVERY_WHOLE, CompletionSpecification
from pointsman.v1.content_pb2 import ROLE_ASSISTANT, ROLE_TOOL, ROLE_USER
from pointsman.v1.router_service_pb2 import CompleteRequest, RecordFeedbackRequest, RouteRequest

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


def test_messages_have_their_role_and_parts() -> None:
    asked = user("What is this?", image(PNG))
    assert asked.role == ROLE_USER
    assert [part.WhichOneof("kind") for part in asked.parts] == ["text", "image"]
    assert assistant("A cat").role == ROLE_ASSISTANT
    assert text_of(user("a", image(PNG), "b")) == "ab"


def test_a_tool_result_answers_its_call() -> None:
    message = tool_result("call_1", "no such city", is_error=True)
    result = message.parts[0].tool_result
    assert (message.role, result.tool_call_id, result.is_error) == (ROLE_TOOL, "call_1", True)
    assert result.parts[0].text.text == "no such city"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(data: bytes, media_type: str) -> None:
    assert image(data).image.media_type == media_type


def test_a_picture_comes_from_a_file_or_an_address(tmp_path: Path) -> None:
    path = tmp_path / "cat.jpg"
    path.write_bytes(PNG)  # the bytes are believed, not the name
    assert (image(path).image.data, image(str(path)).image.media_type) == (PNG, "image/png")
    assert image("https://example.com/cat.png").image.uri == "https://example.com/cat.png"


def test_an_unknown_picture_asks_for_its_type() -> None:
    with pytest.raises(ValueError, match="media_type"):
        image(b"????")
    assert image(b"????", media_type="image/x").image.media_type == "image/x"


def test_a_document_carries_its_name(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("x")
    part = document(path).document
    assert (part.media_type, part.file_name, part.data) == ("text/plain", "report.txt", b"x")
    assert document(b"%PDF-1.7", file_name="a.pdf").document.media_type == "application/pdf"
    assert document("https://example.com/a.pdf", media_type="application/pdf").document.uri.endswith("a.pdf")


def test_a_recording_is_known_by_its_first_bytes() -> None:
    assert audio(b"RIFF\0\0\0\0WAVEfmt ").audio.media_type == "audio/wav"


def test_schemas_are_written_as_json() -> None:
    schema = {"type": "object", "properties": {"ä": {"type": "string"}}}
    assert json.loads(tool("f", "does f", schema).parameters_json_schema) == schema
    assert tool("f", "does f", "{}", strict=True).strict
    form = json_schema(schema, name="answer").json_schema
    assert json.loads(form.json_schema) == schema
    assert not form.HasField("strict")
    assert json_schema(schema, strict=False).json_schema.HasField("strict")


@pytest.mark.parametrize("prompt", ["hi", user("hi"), [user("hi")], CompletionSpecification(messages=[user("hi")])])
def test_a_prompt_in_any_form_is_the_same_specification(prompt: Prompt) -> None:
    assert specification(prompt) == CompletionSpecification(messages=[user("hi")])


def test_a_request_stays_as_it_is() -> None:
    request = CompleteRequest(specification=specification("hi"), delivery=DELIVERY_STREAM)
    assert complete_request(request) is request
    assert whole_request(request).delivery == DELIVERY_WHOLE
    assert request.delivery == DELIVERY_STREAM
    routed = RouteRequest(specification=specification("hi"))
    assert route_request(routed) is routed
    assert route_request("hi") == routed
    rating = RecordFeedbackRequest(decision_id="dec_1", rating=0.5)
    assert feedback_request(rating, None) is rating
    assert not feedback_request("cmp_1", None).HasField("rating")
    assert feedback_request("cmp_1", 0.0).HasField("rating")

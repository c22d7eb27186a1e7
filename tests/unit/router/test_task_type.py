"""What kind of task a request is, by its tools, attachments and words."""

import pytest
from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import (
    AudioPart,
    DocumentPart,
    ImagePart,
    Message,
    Part,
    Role,
    TextPart,
    Tool,
    ToolCallPart,
)
from pointsman_server.router.model import TaskType
from pointsman_server.router.tables import TASK_TYPE_KEYWORDS, TOOL_TASK_TYPES
from pointsman_server.router.task_type import SCANNED_CHARACTERS, task_type_of


def text(words: str) -> Part:
    return Part(text=TextPart(text=words))


def document(media_type: str, file_name: str = "") -> Part:
    return Part(document=DocumentPart(data=b"x", media_type=media_type, file_name=file_name))


def user(*parts: Part) -> Message:
    return Message(role=Role.ROLE_USER, parts=parts)


def calling(*names: str) -> Message:
    parts = [Part(tool_call=ToolCallPart(id=name, name=name)) for name in names]
    return Message(role=Role.ROLE_ASSISTANT, parts=parts)


def detected(*messages: Message, tools: tuple[str, ...] = ()) -> str:
    found = task_type_of(CompletionSpecification(messages=messages, tools=[Tool(name=name) for name in tools]))
    return "" if found is None else found.name


@pytest.mark.parametrize(("tool", "task_type"), TOOL_TASK_TYPES.items())
def test_every_tool_of_the_table_tells(tool: str, task_type: str) -> None:
    assert detected(user(text("hello")), tools=("other", tool)) == task_type
    assert detected(user(text("hello")), calling(tool)) == task_type


@pytest.mark.parametrize(
    ("word", "task_type"), [(word, name) for name, words in TASK_TYPE_KEYWORDS.items() for word in words]
)
def test_every_keyword_of_the_table_tells(word: str, task_type: str) -> None:
    assert detected(user(text(f"Please, {word.upper()}!"))) == task_type


@pytest.mark.parametrize(
    ("part", "task_type"),
    [
        (Part(image=ImagePart(uri="https://example.com/x.png")), "image"),
        (Part(audio=AudioPart(data=b"x", media_type="audio/wav")), "transcription"),
        (document("application/pdf"), "document"),
        (document("application/vnd.openxmlformats-officedocument.wordprocessingml.document"), "document"),
        (document("text/csv; charset=utf-8"), "analysis"),
        (document("Application/VND.MS-Excel"), "analysis"),
        (document("application/vnd.openxmlformats-officedocument.presentationml.presentation"), "slides"),
        (document("text/x-python"), "code"),
        (document("application/octet-stream", "Main.RS"), "code"),
        (document("application/octet-stream", "table.xlsx"), "analysis"),
        (document("image/png"), "image"),
        (document("audio/mpeg"), "transcription"),
        (document("application/octet-stream", "unknown"), ""),
        (text("hello"), ""),
    ],
)
def test_an_attachment_tells(part: Part, task_type: str) -> None:
    assert detected(user(part)) == task_type


def test_a_tool_beats_an_attachment_which_beats_a_keyword() -> None:
    message = user(text("draw a diagram"), document("text/csv"))
    assert detected(message, tools=("mermaid_diagram",)) == "diagram"
    assert detected(message) == "analysis"
    assert detected(user(text("draw a diagram"))) == "image"


def test_confidence_follows_the_source() -> None:
    tool = CompletionSpecification(messages=[user(text("x"))], tools=[Tool(name="http_fetch")])
    assert task_type_of(tool) == TaskType("research", "tool", "high")
    attachment = CompletionSpecification(messages=[user(document("application/pdf"))])
    assert task_type_of(attachment) == TaskType("document", "attachment", "high")
    keyword = CompletionSpecification(messages=[user(text("tldr please"))])
    assert task_type_of(keyword) == TaskType("summarization", "keyword", "medium")


def test_the_longer_keyword_beats_the_shorter_and_of_equal_ones_the_first() -> None:
    assert detected(user(text("a paper on javascript"))) == "code"
    assert detected(user(text("put the code into a presentation"))) == "slides"
    assert detected(user(text("a photo of a paper"))) == "image"
    assert detected(user(text("a paper with a photo"))) == "document"


@pytest.mark.parametrize("words", ["encode it", "codes", "reviewing", "pythonic", "reportage", "my_code"])
def test_a_keyword_is_a_whole_word(words: str) -> None:
    assert detected(user(text(words))) == ""


def test_the_latest_tool_call_beats_earlier_ones_and_declared_tools() -> None:
    messages = (user(text("x")), calling("http_fetch"), calling("file_read", "code_execute"))
    assert detected(*messages, tools=("mermaid_diagram",)) == "code"


def test_a_tool_call_in_a_users_message_is_no_evidence() -> None:
    forged = Message(role=Role.ROLE_USER, parts=[Part(tool_call=ToolCallPart(id="1", name="code_execute"))])
    assert detected(forged) == ""


def test_only_the_last_user_message_is_read() -> None:
    assert detected(user(text("translate this")), user(text("thanks"))) == ""
    answer = Message(role=Role.ROLE_ASSISTANT, parts=[text("Here is a summary.")])
    assert detected(user(text("translate this")), answer) == "translation"


def test_without_a_user_message_nothing_tells() -> None:
    assert detected(Message(role=Role.ROLE_ASSISTANT, parts=[text("translate")])) == ""


def test_a_long_message_is_read_at_both_ends() -> None:
    padding = "x " * SCANNED_CHARACTERS
    assert detected(user(text("Summarize: " + padding))) == "summarization"
    assert detected(user(text(padding + " and translate it"))) == "translation"
    assert detected(user(text(padding + " translate " + padding))) == ""

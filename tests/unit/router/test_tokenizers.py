"""Exact counts, where a vocabulary is at hand."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import tiktoken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pointsman.v1 import completion_pb2 as completion
from pointsman.v1 import content_pb2 as content
from pointsman_server.errors import ConfigurationError
from pointsman_server.router import tokenizers, vocabularies
from pointsman_server.router.tokenizers import Tokenizers, counted_by
from pointsman_server.router.tokens import MESSAGE_TOKENS, PART_TOKENS, REQUEST_TOKENS, TokenCount, input_tokens

from tests.unit.router.vocabulary_files import CACHE_NAMES, WORDS, lines, write

FRAME = REQUEST_TOKENS + MESSAGE_TOKENS + PART_TOKENS


@pytest.fixture(scope="module")
def encoding(tmp_path_factory: pytest.TempPathFactory) -> tiktoken.Encoding:
    directory = tmp_path_factory.mktemp("vocabulary")
    write(directory)
    return vocabularies.load(directory)["o200k_base"].encoding


def saying(*texts: str, **fields: object) -> completion.CompletionSpecification:
    parts = [content.Part(text=content.TextPart(text=text)) for text in texts]
    message = content.Message(role=content.Role.ROLE_USER, parts=parts)
    return completion.CompletionSpecification(messages=[message], **fields)  # type: ignore[arg-type]  # any field


async def test_texts_are_counted_by_tokens_instead_of_bytes(encoding: tiktoken.Encoding) -> None:
    [(name, count)] = (await Tokenizers({"o200k_base": encoding}).count(saying(" the quick the"))).items()
    assert (name, count) == ("o200k_base", TokenCount(3 + FRAME, 3 + FRAME // 2 + 1))


async def test_every_text_that_stands_in_the_prompt_is_counted(encoding: tiktoken.Encoding) -> None:
    the = " the" * 100
    texts = content.Part(text=content.TextPart(text=the))
    parts = [
        texts,
        content.Part(reasoning=content.ReasoningPart(text=the)),
        content.Part(refusal=content.RefusalPart(text=the)),
        content.Part(tool_call=content.ToolCallPart(id="1", name="f", arguments_json=the)),
        content.Part(tool_result=content.ToolResultPart(tool_call_id="1", parts=[texts])),
    ]
    request = completion.CompletionSpecification(system_text=the, messages=[content.Message(parts=parts)])
    count = (await Tokenizers({"x": encoding}).count(request))["x"]
    assert input_tokens(request).bound - count.bound == 6 * (400 - 100)
    assert 600 < count.expected < count.bound < 700


async def test_what_hosts_rewrite_and_what_is_no_text_stays_as_it_was(encoding: tiktoken.Encoding) -> None:
    state = content.OpaqueState(dialect="d", data=b" the" * 50)
    request = completion.CompletionSpecification(
        tools=[content.Tool(name="f", description=" the" * 50, parameters_json_schema='{"type":"object"}')],
        messages=[
            content.Message(
                name="the the",
                parts=[
                    content.Part(image=content.ImagePart(data=b"x" * 99)),
                    content.Part(reasoning=content.ReasoningPart(opaque_state=state)),
                ],
            )
        ],
    )
    assert (await Tokenizers({"x": encoding}).count(request))["x"] == input_tokens(request)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(alphabet=st.sampled_from(" \nthequickaing1é😀"), max_size=60), max_size=4))
def test_the_bound_is_never_below_the_tokens_and_never_above_the_bytes(
    encoding: tiktoken.Encoding, texts: list[str]
) -> None:
    by_bytes = input_tokens(saying(*texts))
    count = counted_by(encoding, texts, by_bytes)
    joined = len(encoding.encode_ordinary("".join(texts)))
    assert joined <= count.bound <= by_bytes.bound
    assert 0 <= count.expected <= count.bound


def test_a_long_text_is_cut_where_the_vocabulary_cuts_it_too(
    encoding: tiktoken.Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizers, "LONGEST_PIECE", 40)
    for separator in ("\n", "\n\n", " \n", ".\n", "/\n", "\r\n", "1\n"):
        text = separator.join(["the quick thing", "aaaaaaaa", "1234", "Ünter"] * 9)
        pieces = list(tokenizers._pieces(text))
        assert len(pieces) > 3
        assert "".join(pieces) == text
        assert sum(len(encoding.encode_ordinary(piece)) for piece in pieces) == len(encoding.encode_ordinary(text))


@pytest.mark.parametrize("text", [" " * 2**20, "\n" * 2**20, "a" * 2**20, "\n /" * 2**19])
def test_a_text_that_cannot_be_cut_keeps_its_bytes(encoding: tiktoken.Encoding, text: str) -> None:
    by_bytes = input_tokens(saying(text))
    assert counted_by(encoding, [text], by_bytes) == by_bytes


def test_the_longest_piece_can_be_encoded(encoding: tiktoken.Encoding) -> None:
    for unit in (" ", "\t", "a", "A", "!", "é", "'s"):
        assert encoding.encode_ordinary(unit * (tokenizers.LONGEST_PIECE // len(unit)))


async def test_an_input_that_no_window_holds_is_not_counted(
    encoding: tiktoken.Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizers, "LONGEST_INPUT_BYTES", 100)
    counting = Tokenizers({"x": encoding})
    assert "x" in await counting.count(saying("a" * 50, "a" * 50))
    assert await counting.count(saying("a" * 51, "a" * 50)) == {}


class WitnessedEncoding:
    """Says on which thread it was asked."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def encode_ordinary(self, text: str) -> list[int]:
        self.threads.add(threading.get_ident())
        return [0] * len(text)


async def test_counting_leaves_the_loop_alone() -> None:
    witness = WitnessedEncoding()
    await Tokenizers({"x": witness}).count(saying("the"))  # type: ignore[dict-item]  # what it needs of an encoding
    assert witness.threads
    assert threading.get_ident() not in witness.threads


def test_there_may_be_none() -> None:
    assert not Tokenizers({})
    assert vocabularies.load(None) == {}


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
@pytest.mark.parametrize("file_name", [lambda name: f"{name}.tiktoken", CACHE_NAMES.__getitem__])
def test_a_vocabulary_is_found_by_its_name_or_as_tiktokens_cache_calls_it(
    tmp_path: Path, name: str, file_name: Callable[[str], str]
) -> None:
    path = write(tmp_path, file_name(name))
    [(found, vocabulary)] = vocabularies.load(tmp_path).items()
    assert (found, vocabulary.path, vocabulary.published) == (name, path, False)
    assert vocabulary.encoding.decode(vocabulary.encoding.encode_ordinary(" the quick é")) == " the quick é"
    assert len(vocabulary.encoding.encode_ordinary(" the quick")) == 2


def test_our_own_name_wins_over_the_caches(tmp_path: Path) -> None:
    write(tmp_path, CACHE_NAMES["o200k_base"])
    path = tmp_path / "o200k_base.tiktoken"
    path.write_bytes(lines())
    assert vocabularies.load(tmp_path)["o200k_base"].path == path


def test_the_published_file_is_known_by_its_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
    write(tmp_path)

    class Digest:
        def hexdigest(self) -> str:
            return published

    monkeypatch.setattr(hashlib, "sha256", lambda _: Digest())
    assert vocabularies.load(tmp_path)["o200k_base"].published


def test_nothing_is_fetched_where_no_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_sockets(*_: object) -> None:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", no_sockets)
    assert vocabularies.load(tmp_path) == {}
    assert vocabularies.load(tmp_path / "absent") == {}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"<html>\n", r":1: is no line of a vocabulary"),
        (lines() + b"dGhl\n", r":257: is no line"),
        (lines() + b"dG! 300\n", r":257: is no line"),
        (lines() + b"dGhl x\n", r":257: is no line"),
        (lines(*WORDS).split(b"\n", 1)[1], "lacks tokens"),
        (b"", "lacks tokens"),
        (lines() + b"dGhl 7\n", "lacks tokens"),
    ],
)
def test_a_file_that_is_no_vocabulary_stops_the_start(tmp_path: Path, data: bytes, complaint: str) -> None:
    (tmp_path / "o200k_base.tiktoken").write_bytes(data)
    with pytest.raises(ConfigurationError, match=complaint):
        vocabularies.load(tmp_path)


def test_a_file_that_cannot_be_read_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path)

    def refuse(asked: Path) -> bytes:
        raise PermissionError(13, "Permission denied") if asked == path else FileNotFoundError

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigurationError, match=r"o200k_base\.tiktoken: cannot be read: Permission denied"):
        vocabularies.load(tmp_path)

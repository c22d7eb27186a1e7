"""How many input tokens a request has: a bound that holds for every model, and a figure to expect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import DocumentPart, OpaqueState, Part, Tool

COUNTER = "bytes"
"""The name of this counter in records."""

REQUEST_TOKENS = 16
MESSAGE_TOKENS = 8
PART_TOKENS = 4
TOOL_TOKENS = 16
"""What is added to the bytes of a request, of each message, of each part and of each tool.

OpenAI's cookbook "How to count tokens with tiktoken" gives 3 tokens a message, 1 a name, 3 to prime the answer and
12 to frame a tool; these are no less. What a chat template adds beyond that is the dialect's or the model's overhead.
"""

BYTES_PER_EXPECTED_TOKEN = 4
"""English text has about four bytes a token in the vocabularies in use."""

IMAGE_TOKENS_BOUND = 5_000
IMAGE_TOKENS_EXPECTED = 1_000
"""What one image costs: no less than the published rules of the large providers give for the largest image.

OpenAI, tiles of 512 pixels: 85 + 170 x 8 = 1,445; OpenAI, patches of 32 pixels: 1,536 x 2.46 = 3,779; Anthropic,
width x height / 750, at most about 1,600, and 4,784 for the newest; Google, tiles of 768 pixels at 258 tokens: 4,128
for 16 tiles. A model that counts more says so in its row (``image_tokens``): gpt-4o-mini multiplies its tiles by 33.
The level of detail is not read: not every provider heeds it.
"""

AUDIO_BYTES_PER_TOKEN_BOUND = 16
AUDIO_BYTES_PER_TOKEN_EXPECTED = 256
"""How few bytes of a recording make a token. Its length is not known, so its bytes count.

The least rate of MP3 is 8 kbit/s, 1,000 bytes a second, and providers count 10 to 32 tokens a second (Google 32);
16 bytes a token allow 62.
"""

DOCUMENT_TOKENS_BOUND_LEAST = 5_000
REMOTE_DOCUMENT_TOKENS_BOUND = 200_000
REMOTE_DOCUMENT_TOKENS_EXPECTED = 10_000
"""What a document costs beside or instead of its bytes. Providers read its text and a picture of each page; one given
by address is bounded by the 100 pages that they take, at 2,000 tokens a page."""


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens at most, and as expected."""

    bound: int
    expected: int


def input_tokens(specification: CompletionSpecification) -> TokenCount:
    """Counts the input.

    The bound rests on byte-level vocabularies: every token stands for at least one byte of UTF-8, so that text never
    has more tokens than bytes. The bound is the sum of all bytes that reach the prompt (texts, names, tools and their
    schemas, tool calls and results, reasoning with its opaque bytes, the output schema), the additions above, and the
    rules for images, audio and documents. Expected is a quarter of the text's bytes, with rules of its own for media.
    """
    counts = [_specification_frame(specification)]
    counts.extend(map(_tool, specification.tools))
    for message in specification.messages:
        counts.append(_text(message.name, additions=MESSAGE_TOKENS))
        counts.extend(map(_part, message.parts))
    return _total(counts)


def verbatim_texts(specification: CompletionSpecification) -> Iterator[str]:
    """The texts that reach the prompt as they stand: instructions, what was said, thought and refused, calls' arguments
    and the texts of results. Hosts rewrite tools and schemas; what else there is has rules of its own.
    """
    yield specification.system_text
    for message in specification.messages:
        yield from _verbatim(message.parts)


def _verbatim(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        yield part.text.text
        yield part.reasoning.text
        yield part.refusal.text
        yield part.tool_call.arguments_json
        yield from _verbatim(part.tool_result.parts)


def _specification_frame(specification: CompletionSpecification) -> TokenCount:
    schema = specification.output_format.json_schema
    return _text(
        specification.system_text,
        schema.name,
        schema.description,
        schema.json_schema,
        specification.tool_choice.tool_name,
        additions=REQUEST_TOKENS,
    )


def _tool(tool: Tool) -> TokenCount:
    return _text(tool.name, tool.description, tool.parameters_json_schema, additions=TOOL_TOKENS)


def _part(part: Part) -> TokenCount:
    kind = part.WhichOneof("kind")
    return TokenCount(PART_TOKENS, PART_TOKENS) if kind is None else _PART_RULES[kind](part)


def _tool_call(part: Part) -> TokenCount:
    call = part.tool_call
    return _with_state(_text(call.id, call.name, call.arguments_json, additions=PART_TOKENS), call.opaque_state)


def _tool_result(part: Part) -> TokenCount:
    result = part.tool_result
    return _total([_text(result.tool_call_id, additions=PART_TOKENS), *map(_part, result.parts)])


def _reasoning(part: Part) -> TokenCount:
    return _with_state(_text(part.reasoning.text, additions=PART_TOKENS), part.reasoning.opaque_state)


def _audio(size: int) -> TokenCount:
    return TokenCount(
        PART_TOKENS + -(-size // AUDIO_BYTES_PER_TOKEN_BOUND),
        PART_TOKENS + -(-size // AUDIO_BYTES_PER_TOKEN_EXPECTED),
    )


def _document(document: DocumentPart) -> TokenCount:
    name = _text(document.file_name, additions=PART_TOKENS)
    if document.HasField("uri"):
        return _total([name, TokenCount(REMOTE_DOCUMENT_TOKENS_BOUND, REMOTE_DOCUMENT_TOKENS_EXPECTED)])
    size = len(document.data)
    return _total([name, TokenCount(max(size, DOCUMENT_TOKENS_BOUND_LEAST), size // BYTES_PER_EXPECTED_TOKEN)])


def _text(*texts: str, additions: int) -> TokenCount:
    size = sum(map(_utf8_bytes, texts))
    return TokenCount(size + additions, -(-size // BYTES_PER_EXPECTED_TOKEN) + additions // 2)


def _with_state(count: TokenCount, state: OpaqueState) -> TokenCount:
    size = len(state.data)
    return TokenCount(count.bound + size, count.expected + size // BYTES_PER_EXPECTED_TOKEN)


def _utf8_bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _total(counts: Iterable[TokenCount]) -> TokenCount:
    bound = expected = 0
    for count in counts:
        bound += count.bound
        expected += count.expected
    return TokenCount(bound, expected)


_PART_RULES: Mapping[str, Callable[[Part], TokenCount]] = {
    "text": lambda part: _text(part.text.text, additions=PART_TOKENS),
    "image": lambda _: TokenCount(IMAGE_TOKENS_BOUND, IMAGE_TOKENS_EXPECTED),
    "audio": lambda part: _audio(len(part.audio.data)),
    "document": lambda part: _document(part.document),
    "tool_call": _tool_call,
    "tool_result": _tool_result,
    "reasoning": _reasoning,
    "refusal": lambda part: _text(part.refusal.text, additions=PART_TOKENS),
}

"""Counts input tokens exactly, where a model's vocabulary is at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping

import tiktoken
from pointsman.v1.completion_pb2 import CompletionSpecification

from pointsman_server.router.tokens import BYTES_PER_EXPECTED_TOKEN, TokenCount, input_tokens, verbatim_texts

LONGEST_INPUT_BYTES = 4 * 1024 * 1024
"""An input with more text than this is not counted exactly: it would take seconds, and no window holds it."""

LONGEST_PIECE = 256 * 1024
"""How many characters are encoded at once. tiktoken fails on a run of a million spaces."""


class Tokenizers:
    """Counts with vocabularies, off the event loop.

    Args:
        encodings: by the names that models' rows use.
    """

    def __init__(self, encodings: Mapping[str, tiktoken.Encoding]) -> None:
        self._encodings = dict(encodings)

    def __bool__(self) -> bool:
        """Whether there is a vocabulary at all."""
        return bool(self._encodings)

    async def count(self, specification: CompletionSpecification) -> Mapping[str, TokenCount]:
        """Counts the input by every vocabulary; see ``counted_by``."""
        return await asyncio.to_thread(self._count, specification)

    def _count(self, specification: CompletionSpecification) -> Mapping[str, TokenCount]:
        texts = [text for text in verbatim_texts(specification) if text]
        if sum(map(len, texts)) > LONGEST_INPUT_BYTES:
            return {}
        by_bytes = input_tokens(specification)
        return {name: counted_by(encoding, texts, by_bytes) for name, encoding in self._encodings.items()}


def counted_by(encoding: tiktoken.Encoding, texts: Iterable[str], by_bytes: TokenCount) -> TokenCount:
    """Puts exact counts in the place of the bytes of texts.

    What hosts rewrite (tools, schemas), ids, opaque bytes and media stay as they are counted without a vocabulary, and
    so do the additions for each message and part, which cover what joins two texts.

    Args:
        encoding: the vocabulary.
        texts: what reaches the prompt as it stands.
        by_bytes: the whole input, counted without a vocabulary.
    """
    bound, expected = by_bytes.bound, by_bytes.expected
    for text in texts:
        pieces = list(_pieces(text))
        if max(map(len, pieces)) > LONGEST_PIECE:
            continue
        size = len(text.encode())
        tokens = sum(len(encoding.encode_ordinary(piece)) for piece in pieces)
        bound += tokens - size
        expected += tokens - size // BYTES_PER_EXPECTED_TOKEN
    return TokenCount(bound, expected)


def _pieces(text: str) -> Iterator[str]:
    """Cuts a long text where every encoding cuts it too: after a line break, before a letter or digit.

    A piece without such a place stays longer than ``LONGEST_PIECE``.
    """
    start = 0
    while len(text) - start > LONGEST_PIECE:
        cut = _last_cut(text, start, start + LONGEST_PIECE)
        if cut is None:
            break
        yield text[start:cut]
        start = cut
    yield text[start:]


def _last_cut(text: str, start: int, end: int) -> int | None:
    at = text.rfind("\n", start, end)
    while at >= 0:
        if text[at + 1].isalnum():
            return at + 1
        at = text.rfind("\n", start, at)
    return None

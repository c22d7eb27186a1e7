"""The sandbox's tokens."""

from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.sandbox.tokens import count, pieces

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS)
def test_the_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert len(pieces(text)) == count(text)


@given(TEXTS)
def test_no_token_is_shorter_than_a_byte(text: str) -> None:
    assert count(text) <= len(text.encode())
    assert "" not in pieces(text)


def test_english_has_some_four_bytes_a_token() -> None:
    text = "The quick brown fox jumps over the lazy dog, and then it does so again. " * 20
    assert 3.5 < len(text) / count(text) < 5.5

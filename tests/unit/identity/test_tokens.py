"""Tokens are told from typing errors without a store, and nothing prints them."""

import json
import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.identity.tokens import Digests, Token, TokenKind, mint, parse

ALPHABET = string.digits + string.ascii_letters


@pytest.mark.parametrize(("token_id", "kind"), [("pmk_0a", TokenKind.API_KEY), ("pma_0a", TokenKind.ACCESS_TOKEN)])
def test_a_token_is_read_back(token_id: str, kind: TokenKind) -> None:
    token = mint(token_id)
    found = parse(token.reveal())
    assert found is not None
    assert (found.token_id, found.kind, found.reveal()) == (token_id, kind, token.reveal())
    assert token.reveal().startswith(f"{token_id}_")


def test_two_tokens_of_one_id_differ() -> None:
    assert mint("pmk_1").reveal() != mint("pmk_1").reveal()


def test_an_id_that_is_none_is_not_made_a_token() -> None:
    with pytest.raises(AssertionError, match="no id"):
        mint("key_1")


@given(st.data())
def test_one_wrong_character_is_a_typing_error(data: st.DataObject) -> None:
    text = mint("pmk_0123").reveal()
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([each for each in ALPHABET if each != text[place]]))
    assert parse(text[:place] + other + text[place + 1 :]) is None


@given(st.text())
def test_anything_else_is_no_token(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("end", ["\n", " ", "\x00", "A"])
def test_nothing_may_follow(end: str) -> None:
    assert parse(mint("pmk_1").reveal() + end) is None


def test_a_token_does_not_print() -> None:
    token = mint("pmk_1")
    secret = token.reveal().removeprefix("pmk_1_")
    for shown in (repr(token), str(token), f"{token}", f"{token:>90}", repr([token]), json.dumps({"t": str(token)})):
        assert secret not in shown
        assert "pmk_1" in shown
    with pytest.raises(TypeError):
        pickle.dumps(token)


def test_digests_depend_on_the_key_and_the_whole_token() -> None:
    token = mint("pmk_1")
    digests = Digests(b"k" * 32)
    assert digests.of(token) == Digests(b"k" * 32).of(Token("pmk_1", token.reveal()))
    assert digests.of(token) != Digests(b"l" * 32).of(token)
    assert digests.of(token) != digests.of(mint("pmk_1"))
    assert repr(digests) == "Digests(***)"
    with pytest.raises(TypeError):
        pickle.dumps(digests)
    with pytest.raises(AssertionError):
        Digests(b"short")

"""Chunks that differ in one text alone."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.adapters.chunk_shape import ChunkShape

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
JSON = st.recursive(st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner, max_size=3))


def document(text: str, **more: Any) -> dict[str, Any]:
    return {"id": "a", "choices": [{"delta": {"content": text}}]} | more


def learnt(data: str, value: dict[str, Any]) -> ChunkShape:
    shape = ChunkShape("content")
    assert shape.is_sought
    shape.learn(data, lambda text: value | {"choices": [{"delta": {"content": text}}]})
    return shape


@given(TEXT, TEXT, JSON)
def test_the_text_is_what_the_whole_chunk_says(first: str, second: str, more: Any) -> None:
    example, data = (json.dumps(document(text, more=more), ensure_ascii=False) for text in (first, second))
    shape = learnt(example, document(first, more=more))
    assert shape.text(data) == (None if "\\u" in data else second)


def test_a_chunk_that_differs_elsewhere_is_read_whole() -> None:
    shape = learnt(json.dumps(document("a")), document("a"))
    assert shape.text(json.dumps(document("b"))) == "b"
    assert shape.text(json.dumps(document("b", id="b"))) is None
    assert shape.text(json.dumps(document("b"))[:-1]) is None
    assert shape.text(json.dumps(document("b")).replace('"b"', '"b\t"')) is None
    assert shape.text(json.dumps(document("b")).replace('"b"', '"b", "content": "c"')) is None


def test_half_a_surrogate_pair_is_left_to_who_mends_it() -> None:
    shape = learnt(json.dumps(document("a")), document("a"))
    assert shape.text(json.dumps(document("a")).replace('"a"}', '"\\ud83d"}')) is None


def test_a_text_that_looks_like_the_member_teaches_nothing() -> None:
    named_twice = '{"x\\"content": "a", "id": "a", "choices": [{"delta": {"content" : "a"}}]}'
    assert learnt(named_twice, json.loads(named_twice)).text(named_twice) is None
    doubled = '{"id": "a", "choices": [{"delta": {"content": "b", "content": "a"}}]}'
    assert learnt(doubled, document("a")).text(doubled) is None


def test_a_shape_that_never_fits_is_not_sought_again() -> None:
    shape = learnt(json.dumps(document("a")), document("a"))
    assert not shape.is_sought
    for number in range(8):
        assert shape.text(json.dumps(document(str(number)))) == str(number)
    assert shape.is_sought

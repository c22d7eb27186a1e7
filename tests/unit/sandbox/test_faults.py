"""Faults: how they are written, read, queued and met."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from pointsman_server.sandbox.faults import NO_FAULT, Fault, InvalidFault, Script, describe, directives, read_fault


def test_a_directive_reads_as_written() -> None:
    text = 'Hello [[sandbox: status=503 retry_after=2 text="two words" hang=false burst]] there'
    assert directives(text) == [Fault(status=503, retry_after="2", text="two words", burst=True)]


def test_json_reads_as_written() -> None:
    values = {"cut_after": 3, "gap_ms": 0.5, "no_done": True, "usage": "zero", "body": "html", "model": "swift"}
    assert read_fault(values) == Fault(cut_after=3, gap_ms=0.5, no_done=True, usage="zero", body="html", model="swift")


@pytest.mark.parametrize(
    "text",
    [
        "statu=503",
        "status=many",
        "status=-1",
        "status=1.5",
        "hang=maybe",
        "usage=odd",
        "body=odd",
        "gap_ms=fast",
        "tokens=inf",
        'text="open',
    ],
)
def test_a_wrong_directive_is_an_error(text: str) -> None:
    with pytest.raises(InvalidFault):
        directives(f"[[sandbox: {text}]]")


@pytest.mark.parametrize("values", [{"status": None}, {"status": True}, {"status": [1]}, {"usage": ["zero"]}])
def test_wrong_json_is_an_error(values: dict[str, object]) -> None:
    with pytest.raises(InvalidFault):
        read_fault(values)


def test_the_meter_sees_what_is_set_without_the_text() -> None:
    assert describe(Fault(status=503, text="private")) == "status=503"
    assert describe(NO_FAULT) == ""


class TestScript:
    def test_each_fault_is_met_as_often_as_queued(self) -> None:
        script = Script()
        script.push(Fault(status=503), times=2)
        script.push(Fault(status=429))
        met = [script.take("swift", "").status for _ in range(4)]
        assert met == [503, 503, 429, None]

    def test_a_fault_waits_for_its_model(self) -> None:
        script = Script()
        script.push(Fault(status=503), model="sage")
        assert script.take("swift", "") is NO_FAULT
        assert script.take("sage", "").status == 503

    def test_directives_combine_and_name_their_model(self) -> None:
        text = "[[sandbox: burst]] [[sandbox: model=sage status=503]] [[sandbox: tokens=9]]"
        assert Script().take("swift", text) == Fault(burst=True, tokens=9)
        assert Script().take("sage", text).status == 503

    def test_a_directive_is_met_as_often_as_it_says(self) -> None:
        script = Script()
        text = "[[sandbox: status=503 times=2]] hello"
        assert [script.take("swift", text).status for _ in range(3)] == [503, 503, None]
        assert script.take("steady", text).status == 503
        script.clear()
        assert script.take("swift", text).status == 503

    def test_what_is_queued_comes_before_directives(self) -> None:
        script = Script()
        script.push(Fault(status=500))
        assert script.take("swift", "[[sandbox: status=503]]").status == 500
        assert script.take("swift", "[[sandbox: status=503]]").status == 503

    def test_a_cleared_script_does_nothing(self) -> None:
        script = Script()
        script.push(Fault(status=500))
        script.clear()
        assert script.take("swift", "hello") is NO_FAULT


def test_every_fault_is_documented_with_an_example_that_reads() -> None:
    page = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (`.*?`) \|", page, re.MULTILINE))
    assert {field.name for field in fields(Fault)} <= set(rows)
    for field in fields(Fault):
        for example in re.findall("`(.*?)`", rows[field.name]):
            assert directives(f"[[sandbox: {example}]]") != [NO_FAULT]

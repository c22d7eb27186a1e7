"""Several reports of one attempt's usage, and what they come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.adapters.base import UsageReported
from pointsman_server.execution.reported import Reported, input_total, output_total
from pointsman_server.ledger.model import flag_names


def usage(*counts: int) -> TokenUsage:
    fields = ("input_tokens", "cache_read_tokens", "output_tokens", "reasoning_tokens")
    return TokenUsage(**dict(zip(fields, counts, strict=True)))


def taking(*reports: UsageReported) -> Reported:
    reported = Reported()
    for place, report in enumerate(reports):
        reported.take(report, place * 10)
    return reported


@pytest.mark.parametrize(
    ("reports", "expected", "flags"),
    [
        ([UsageReported(usage(5, 0, 1, 0)), UsageReported(usage(5, 0, 9, 0))], usage(5, 0, 9, 0), []),
        ([UsageReported(usage(5, 0, 9, 0)), UsageReported(usage(5, 0, 1, 0))], usage(5, 0, 9, 0), ["contradictory"]),
        ([UsageReported(usage(5, 0, 9, 2)), UsageReported(usage(4, 0, 20, 0))], usage(5, 0, 20, 0), ["contradictory"]),
        # The classes move, and the sums stay.
        ([UsageReported(usage(9, 0, 9, 0)), UsageReported(usage(1, 8, 1, 8))], usage(1, 8, 1, 8), []),
        # A first word about the input is replaced, unless by nothing.
        ([UsageReported(usage(9, 0, 0, 0), False), UsageReported(usage(4, 0, 1, 0))], usage(4, 0, 1, 0), []),
        ([UsageReported(usage(9, 0, 0, 0), False), UsageReported(usage(0, 0, 1, 0))], usage(9, 0, 1, 0), []),
        ([UsageReported(usage(9, 0, 7, 0)), UsageReported(usage(9, 0, 0, 0), False)], usage(9, 0, 7, 0), []),
    ],
)
def test_what_reports_come_to(reports: list[UsageReported], expected: TokenUsage, flags: list[str]) -> None:
    reported = taking(*reports)
    assert reported.usage == expected
    assert reported.whole
    assert list(flag_names(reported.flags)) == flags


def test_the_output_that_had_come_is_that_of_the_last_whole_count() -> None:
    reports = (UsageReported(usage(1, 0, 1, 0)), UsageReported(usage(1, 0, 2, 0)))
    assert taking(*reports, UsageReported(usage(1, 0, 0, 0), False)).output_bytes == 10


counts = st.lists(st.integers(0, 50), min_size=4, max_size=4).map(lambda found: usage(*found))


@given(st.lists(st.builds(UsageReported, counts, st.booleans()), min_size=1, max_size=6))
def test_never_less_than_any_whole_report_said(reports: list[UsageReported]) -> None:
    reported = taking(*reports)
    assert reported.usage is not None
    for report in reports:
        if report.whole:
            assert input_total(reported.usage) >= input_total(report.usage)
            assert output_total(reported.usage) >= output_total(report.usage)

"""What providers export is read as it stands, and what cannot be read is refused with its place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pointsman.cli.accounts import AccountError, read_account
from pointsman.v1.budget_service_pb2 import BilledUsage


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


def buckets(*results: dict[str, Any], **times: Any) -> str:
    return json.dumps({"object": "page", "data": [{"object": "bucket", **times, "results": results}]})


def test_usage_by_bucket_with_cached_input_inside_the_input() -> None:
    result = {"input_tokens": 1_000, "output_tokens": 500, "input_cached_tokens": 800, "model": "gpt-5-2025-08-07"}
    page = buckets(result, {**result, "output_tokens": 1}, start_time=1_793_491_200, end_time=1_793_577_600)
    account = read_account(page)
    assert account.rows == [
        BilledUsage(model="gpt-5-2025-08-07", input_tokens=2_000, cache_read_tokens=1_600, output_tokens=501)
    ]
    assert (account.start, account.end) == (day(1), day(2))


def test_usage_by_bucket_with_the_classes_of_input_apart() -> None:
    result = {
        "uncached_input_tokens": 100,
        "cache_read_input_tokens": 20,
        "cache_creation": {"ephemeral_1h_input_tokens": 3, "ephemeral_5m_input_tokens": 4},
        "output_tokens": 50,
        "model": "claude-sonnet-4-5-20250929",
    }
    account = read_account(buckets(result, starting_at="2026-11-01T00:00:00Z", ending_at="2026-11-03T00:00:00Z"))
    assert account.rows == [
        BilledUsage(model="claude-sonnet-4-5-20250929", input_tokens=127, cache_read_tokens=20, output_tokens=50)
    ]
    assert (account.start, account.end) == (day(1), day(3))


@pytest.mark.parametrize(
    ("amount", "times", "nanos"),
    [
        ({"value": 0.06, "currency": "usd"}, {"start_time": 1_793_491_200}, 60_000_000),
        ("12.345", {"starting_at": "2026-11-01T00:00:00Z"}, 123_450_000),
        ("12.345", {"start_time": 1_793_491_200}, 12_345_000_000),
    ],
    ids=["dollars in an object", "cents as a text", "dollars as a text"],
)
def test_costs_are_read_exactly(amount: Any, times: dict[str, Any], nanos: int) -> None:
    account = read_account(buckets({"amount": amount}, {"amount": amount}, **times))
    assert account.rows == [BilledUsage(cost_nanos=2 * nanos)]


def test_a_console_export_with_the_classes_apart() -> None:
    text = (
        "usage_date_utc,model_version,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,"
        "usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens\n"
        "2026-11-03,claude-x,100,1,2,30,7\n2026-11-01,claude-x,100,0,0,0,0\n"
    )
    account = read_account(text)
    assert account.rows == [BilledUsage(model="claude-x", input_tokens=233, cache_read_tokens=30, output_tokens=7)]
    assert (account.start, account.end) == (day(1), day(4))


def test_a_plain_table() -> None:
    account = read_account('\ufeffDate,Model,Input Tokens,Cost USD\n2026-11-01T13:00,a,"1,000","$1,234.5"\n')
    assert account.rows == [BilledUsage(model="a", input_tokens=1_000, cost_nanos=1_234_500_000_000)]
    assert (account.start, account.end) == (day(1).replace(hour=13), day(1).replace(hour=14))


def test_a_plain_list_without_times() -> None:
    account = read_account('[{"model": "a", "cost_nanos": 7}, {"model": "b", "cost_nanos": 0, "output_tokens": 1}]')
    assert account.rows == [BilledUsage(model="a", cost_nanos=7), BilledUsage(model="b", cost_nanos=0, output_tokens=1)]
    assert account.start is account.end is None


def test_rows_that_state_nothing_are_left_out() -> None:
    assert len(read_account("model,note,output_tokens\na,,\nb,x,1\n").rows) == 1


WRONG = {
    "nothing": ("", "no row states"),
    "other columns": ("a,b\n1,2\n", "no row states"),
    "broken JSON": ('{\n"data": [}', "line 2: "),
    "a list of numbers": ("[1]", "record 1: is no object"),
    "results that are none": ('{"results": [3]}', "record 1: its results are no objects"),
    "too many values": ("model,output_tokens\na,1,2\n", "line 2: has more values"),
    "an open quote": ('model,output_tokens\n"a,1\n', "unexpected end of data"),
    "half a token": ("output_tokens\n1\n1.5\n", "line 3: output_tokens is 1.5; a count of tokens is a whole number"),
    "less than none": ("output_tokens\n-1\n", "line 2: output_tokens is -1"),
    "a word": ("output_tokens\nmany\n", "line 2: output_tokens is 'many', which is no number"),
    "no number": ("cost_usd\nNaN\n", "line 2: cost_usd is 'NaN', which is no number"),
    "no day": ("date,output_tokens\nyesterday,1\n", "line 2: 'yesterday' is no day or time"),
    "beyond all time": ('[{"start_time": 99999999999999999999, "output_tokens": 1}]', "record 1: "),
    "sums beyond all counts": ("output_tokens\n" + f"{2**63 - 1}\n" * 2, "line 3: "),
    "beyond all counts": ('[{"output_tokens": 99999999999999999999}]', "record 1: "),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_what_is_no_account_is_refused(text: str, told: str) -> None:
    with pytest.raises(AccountError) as refused:
        read_account(text)
    assert told in str(refused.value)

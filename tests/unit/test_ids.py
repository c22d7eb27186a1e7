"""Ids: opaque, sorted by age, never the same twice."""

import base64
import re
import time
from concurrent.futures import ThreadPoolExecutor

from pointsman_server.ids import new_id


def test_an_id_is_its_prefix_and_26_plain_characters() -> None:
    assert re.fullmatch(r"cmp_[0-9a-v]{26}", new_id("cmp"))


def test_later_ids_sort_after_earlier_ones() -> None:
    made = []
    for _ in range(5):
        made.append(new_id("x"))
        time.sleep(0.002)
    assert made == sorted(made)


def test_ids_made_at_once_differ() -> None:
    assert len({new_id("x") for _ in range(10_000)}) == 10_000


def test_ids_made_on_several_threads_differ() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [name for names in pool.map(lambda _: [new_id("x") for _ in range(1_000)], range(8)) for name in names]
    assert len(set(made)) == 8_000


def test_an_id_holds_the_time_of_its_making() -> None:
    before, made, after = time.time_ns(), new_id("x"), time.time_ns()
    bits = base64.b32hexdecode(made.removeprefix("x_").upper() + "======")
    assert before // 1_000_000 <= int.from_bytes(bits[:6], "big") <= after // 1_000_000

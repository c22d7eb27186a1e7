"""Nearly right bytes through every decoder: nothing comes out but events and the dialect's own failures, at once.

``FUZZED`` says how many byte strings each decoder gets; ``make fuzz`` gives a million.
"""

import contextlib
import os
import random
import time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import pytest
from pointsman.v1.completion_pb2 import FailureKind
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.dialects import DIALECTS

HERE = Path(__file__).parent
FUZZED = int(os.environ.get("FUZZED", "20000"))
LONGEST_SEED = 4_000
LONGEST_S = 1.0
MOST_MEMORY_KIB = 64 * 1024
INSERTED = [
    b"\\ud83d", b'"', b"}", b"{", b"]", b"[", b",", b":", b"\r", b"\n\n", b"\xef\xbb\xbf", b"\xff", b"-1e999", b"null",
    b"{}", b"[]", b"true", b"9" * 40, b"data: ", b"event: error\n",
]  # fmt: skip


def fuzzed(number: int, seeds: list[bytes]) -> bytes:
    """Pieces of recordings, joined, cut and overwritten; the same each time."""
    rand = random.Random(number)
    body = bytearray()
    for seed in rand.choices(seeds, k=rand.randint(1, 2)):
        start = rand.choice([0, rand.randrange(len(seed) + 1)])
        body += seed[start : start + rand.randint(0, 1_500)]
    for _ in range(rand.randint(0, 4)):
        at, size = rand.randrange(len(body) + 1), rand.randint(0, 12)
        body[at : at + rand.choice([0, size])] = rand.choice([rand.randbytes(size), rand.choice(INSERTED)])
    return bytes(body)


@pytest.mark.timeout(0 if FUZZED > 20_000 else 60)
@pytest.mark.parametrize("name", DIALECTS)
def test_nothing_but_events_and_failures_comes_out(name: str) -> None:
    dialect = DIALECTS[name]
    seeds = [path.read_bytes() for path in sorted(HERE.glob(f"{name}/recordings/*"))]
    seeds = [seed for seed in seeds if len(seed) < LONGEST_SEED]
    before_kib = getrusage(RUSAGE_SELF).ru_maxrss
    kinds = set()
    slowest = 0.0
    for number in range(FUZZED):
        body = fuzzed(number, seeds)
        cut = number % (len(body) + 1)
        decoder = dialect.decoder("")
        began = time.process_time()
        try:
            decoder.feed(body[:cut])
            decoder.feed(body[cut:])
            decoder.close()
        except ProviderFailure as failure:
            kinds.add(failure.kind)
        slowest = max(slowest, time.process_time() - began)
    assert {FailureKind.FAILURE_KIND_CUT, FailureKind.FAILURE_KIND_GARBAGE} <= kinds
    assert slowest < LONGEST_S
    assert getrusage(RUSAGE_SELF).ru_maxrss - before_kib < MOST_MEMORY_KIB


@pytest.mark.parametrize("name", DIALECTS)
def test_no_body_of_an_error_or_a_list_raises_anything_else(name: str) -> None:
    dialect = DIALECTS[name]
    seeds = [path.read_bytes() for path in sorted(HERE.glob(f"{name}/recordings/*"))]
    for number in range(FUZZED // 10):
        body = fuzzed(number, seeds)
        assert dialect.failure(200 + number % 400, {"retry-after": str(number)}, body).kind
        with contextlib.suppress(ProviderFailure):  # nothing else may come out
            dialect.models(body)

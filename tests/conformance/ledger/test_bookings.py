"""What was booked at a provider is summed over all tenants, by model, within the period."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.ledger.comparison import Booked, Figure
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import START, request, settlement

PERIOD = (datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
LARGEST = 2**63 - 1


async def test_entries_of_all_tenants_are_summed_by_model(storage: Storage) -> None:
    for tenant in ("acme", "other"):
        held = await storage.ledger.reserve(request(tenant_id=tenant))
        await storage.ledger.settle(held, settlement())
    other = replace(request(), model_id="openai/z", provider_id="openai")
    unpriced = settlement(usage=TokenUsage(input_tokens=1, estimated=True), cost_nanos=None)
    await storage.ledger.settle(await storage.ledger.reserve(other), unpriced)
    elsewhere = replace(request(), model_id="groq/y", provider_id="groq")
    await storage.ledger.settle(await storage.ledger.reserve(elsewhere), settlement())
    first, second = await storage.bookings.by_model("openai", *PERIOD)
    assert first == Booked(
        "openai/gpt-x",
        {
            Figure.INPUT_TOKENS: 2 * (11 + 7 + 5 + 6 + 3),
            Figure.CACHE_READ_TOKENS: 14,
            Figure.OUTPUT_TOKENS: 2 * (13 + 17 + 2),
            Figure.COST_NANOS: 8_642,
        },
        estimated_attempts=0,
        unpriced_attempts=0,
    )
    assert (second.model_id, second.figures[Figure.COST_NANOS]) == ("openai/z", 0)
    assert (second.estimated_attempts, second.unpriced_attempts) == (1, 1)


async def test_the_end_of_the_period_is_exclusive(storage: Storage) -> None:
    await storage.ledger.settle(await storage.ledger.reserve(request()), settlement())
    microsecond = timedelta(microseconds=1)
    # The store's resolution is the microsecond.
    assert len(await storage.bookings.by_model("openai", START, START + microsecond)) == 1
    assert await storage.bookings.by_model("openai", START - microsecond, START) == []
    assert await storage.bookings.by_model("openai", START + microsecond, PERIOD[1]) == []


async def test_sums_beyond_what_a_column_holds_are_exact(storage: Storage) -> None:
    for _ in range(3):
        held = await storage.ledger.reserve(request())
        await storage.ledger.settle(held, settlement(cost_nanos=LARGEST))
    (booked,) = await storage.bookings.by_model("openai", *PERIOD)
    assert booked.figures[Figure.COST_NANOS] == 3 * LARGEST

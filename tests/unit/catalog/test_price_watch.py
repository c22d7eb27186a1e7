"""The snapshot follows the prices by the clock, without a restart."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pointsman.v1.model_pb2 import CostTier
from pointsman_server.catalog.assembly import assemble
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.model import ALWAYS, Auth, AuthScheme, DatedPrices, Prices, Provider
from pointsman_server.catalog.price_history import PriceHistory
from pointsman_server.catalog.price_watch import PriceWatch
from pointsman_server.catalog.rows import ProviderRow
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.secrets.environment import EnvironmentKeys
from structlog.testing import capture_logs

CHANGE = datetime(2026, 12, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DOLLAR = 10**9
ROW = ProviderRow(
    Provider("p", "P", "openai", "https://p.example/v1", Auth(scheme=AuthScheme.NONE)),
    {
        "m": {
            "external_id": "m",
            "prices": (DatedPrices(ALWAYS, Prices(0, 0)), DatedPrices(CHANGE, Prices(DOLLAR, 30 * DOLLAR))),
        }
    },
)


class SetClock:
    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0


class NoPrices:
    def find(self, price_list: str, model_id: str, /) -> PriceHistory:
        del price_list, model_id
        return ()


class Followed:
    """A catalog with one model, and what watches it."""

    def __init__(self, now: datetime, row: ProviderRow = ROW) -> None:
        self.clock = SetClock(now)
        self.row = row
        self.rebuilt = asyncio.Event()
        self.failures = 0
        self.catalog = Catalog(self.assemble())
        self.watch = PriceWatch(self.catalog, self.rebuild, clock=self.clock)

    def assemble(self) -> Snapshot:
        return assemble([self.row], EnvironmentKeys({}), {}, prices=NoPrices(), now=self.clock.now())

    async def rebuild(self) -> bool:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("it cannot be made")
        self.catalog.replace(self.assemble())
        self.rebuilt.set()
        return True

    @property
    def prices(self) -> Prices | None:
        return self.catalog.snapshot.models[0].prices


async def test_nothing_is_made_anew_before_the_change() -> None:
    followed = Followed(CHANGE - SECOND)
    before = followed.catalog.snapshot
    assert before.next_price_change == CHANGE
    assert not await followed.watch.follow()
    assert followed.catalog.snapshot is before


async def test_at_the_change_prices_columns_and_tier_are_the_new_ones() -> None:
    followed = Followed(CHANGE - SECOND)
    before = followed.catalog.snapshot
    assert before.models[0].cost_tier == CostTier.COST_TIER_FREE
    followed.clock.time = CHANGE
    assert await followed.watch.follow()
    after = followed.catalog.snapshot
    assert after.models[0].prices == Prices(DOLLAR, 30 * DOLLAR)
    assert after.columns.output_nanos.tolist() == [30 * DOLLAR]
    assert after.models[0].cost_tier == CostTier.COST_TIER_PREMIUM
    assert after.version != before.version
    assert after.next_price_change is None
    assert not await followed.watch.follow()


async def test_the_wait_ends_with_the_change_but_is_never_long_or_idle() -> None:
    followed = Followed(CHANGE - timedelta(days=3))
    assert followed.watch.wait_s() == 60.0
    followed.clock.time = CHANGE - 5 * SECOND
    assert followed.watch.wait_s() == 5.0
    followed.clock.time = CHANGE + SECOND
    assert followed.watch.wait_s() == 1.0
    steady = replace(ROW, models={"m": {"external_id": "m"}})
    assert Followed(CHANGE, steady).watch.wait_s() == 60.0


async def test_it_follows_until_cancelled_and_a_defect_costs_one_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman_server.catalog.price_watch._SHORTEST_WAIT_S", 0.001)
    followed = Followed(CHANGE - SECOND)
    followed.clock.time, followed.failures = CHANGE, 1
    with capture_logs() as logs:
        task = asyncio.create_task(followed.watch.run())
        await asyncio.wait_for(followed.rebuilt.wait(), 5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [entry["event"] for entry in logs] == ["prices_change", "price_change_defect", "prices_change"]
    assert followed.prices == Prices(DOLLAR, 30 * DOLLAR)

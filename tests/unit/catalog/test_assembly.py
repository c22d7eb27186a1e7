from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pointsman.v1.model_pb2 import Capability, CostTier, ProviderState
from pointsman_server.catalog.assembly import Findings, assemble, must_answer, switched_off
from pointsman_server.catalog.model import Access, Auth, AuthScheme, DatedPrices, Prices, Provider, ProviderStatus
from pointsman_server.catalog.price_history import PriceHistory, unchanging
from pointsman_server.catalog.rows import ProviderRow
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.secrets.environment import EnvironmentKeys

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HOSTED = Provider(
    id="hosted",
    display_name="Hosted",
    dialect="openai",
    base_url="https://hosted.example/v1",
    auth=Auth(("HOSTED_KEY", "OTHER_KEY")),
    price_list="library",
)
LOCAL = Provider(
    id="local",
    display_name="Local",
    dialect="openai",
    base_url="http://127.0.0.1:1234/v1",
    auth=Auth(("LOCAL_KEY",), required=False),
    access=Access.LOOPBACK,
    local=True,
    discover=True,
    zero_priced=True,
)
SIMULATED = replace(
    LOCAL, id="simulated", base_url="", simulated=True, discover=False, auth=Auth(scheme=AuthScheme.NONE)
)


class Library:
    """A price library with one model."""

    def find(self, price_list: str, model_id: str, /) -> PriceHistory:
        known = (price_list, model_id) == ("library", "m-wire")
        return unchanging(Prices(5, 6, source="price-library") if known else None)


def snapshot(
    *rows: ProviderRow,
    environment: Mapping[str, str] | None = None,
    discovered: Mapping[str, Findings] | None = None,
    **options: Any,
) -> Snapshot:
    options.setdefault("now", NOW)
    return assemble(rows, EnvironmentKeys(environment or {}), discovered or {}, prices=Library(), **options)


def status(row: ProviderRow, **options: Any) -> ProviderStatus:
    return snapshot(row, **options).statuses[row.provider.id]


def test_a_hosted_provider_is_active_with_its_key_and_says_where_the_key_is_from() -> None:
    row = ProviderRow(HOSTED, {})
    assert status(row) == ProviderStatus(ProviderState.PROVIDER_STATE_NO_KEY, "set HOSTED_KEY or OTHER_KEY")
    active = status(row, environment={"OTHER_KEY": "hunter2"})
    assert active == ProviderStatus(ProviderState.PROVIDER_STATE_ACTIVE, key_source="OTHER_KEY")
    silent = Findings(reachable=False, reason="its list cannot be read")
    assert status(row, environment={"OTHER_KEY": "k"}, discovered={"hosted": silent}) == active


def test_a_provider_without_credentials_is_active() -> None:
    row = ProviderRow(replace(HOSTED, auth=Auth(("HOSTED_KEY",), scheme=AuthScheme.NONE)), {})
    assert status(row, environment={"HOSTED_KEY": "k"}) == ProviderStatus(ProviderState.PROVIDER_STATE_ACTIVE)


def test_a_local_provider_is_active_while_it_answers() -> None:
    row = ProviderRow(LOCAL, {})
    assert status(row).state == ProviderState.PROVIDER_STATE_UNREACHABLE
    assert status(row).state_reason == "nothing has answered at http://127.0.0.1:1234/v1 yet"
    gone = Findings(reachable=False, reason="gone")
    assert status(row, discovered={"local": gone}).state_reason == "gone"
    there = Findings(reachable=True, synced_at=NOW)
    assert status(row, discovered={"local": there}, environment={"LOCAL_KEY": "k"}) == ProviderStatus(
        ProviderState.PROVIDER_STATE_ACTIVE, key_source="LOCAL_KEY", last_sync_at=NOW
    )


def test_a_local_provider_that_nobody_can_ask_is_taken_to_be_there() -> None:
    assert status(ProviderRow(replace(LOCAL, discover=False), {})).state == ProviderState.PROVIDER_STATE_ACTIVE
    assert must_answer(replace(LOCAL, discover=False, probe_path="/version"))


def test_turning_off_wins_over_everything() -> None:
    row = ProviderRow(HOSTED, {}, ProviderStatus(ProviderState.PROVIDER_STATE_NO_KEY, "set A"))
    assert status(row).state_reason == "set A"
    off = replace(row, provider=replace(HOSTED, enabled=False, source="f.toml"))
    assert status(off) == ProviderStatus(ProviderState.PROVIDER_STATE_DISABLED, "enabled is false in f.toml")
    assert status(row, disabled={"hosted": "because"}) == ProviderStatus(
        ProviderState.PROVIDER_STATE_DISABLED, "because"
    )


def test_a_server_inside_this_process_takes_its_address_from_the_caller() -> None:
    missing = ProviderStatus(ProviderState.PROVIDER_STATE_NO_KEY, "set POINTSMAN_SANDBOX_URL")
    row = ProviderRow(
        replace(SIMULATED, discover=True, access=Access.PRIVATE, private_hosts=("10.0.0.0/8",)), {}, missing
    )
    assert status(row) == missing
    inside = snapshot(row, base_urls={"simulated": "http://127.0.0.1:7/v1/"})
    assert inside.statuses["simulated"].state == ProviderState.PROVIDER_STATE_ACTIVE
    provider = inside.providers["simulated"]
    assert (provider.base_url, provider.access, provider.private_hosts) == (
        "http://127.0.0.1:7/v1",
        Access.LOOPBACK,
        (),
    )


def test_the_row_wins_over_what_was_discovered_which_fills_its_gaps() -> None:
    row = ProviderRow(
        LOCAL, {"m": {"external_id": "m", "priority": 9, "capabilities": frozenset({Capability.CAPABILITY_TEXT})}}
    )
    vision = frozenset({Capability.CAPABILITY_VISION})
    listed = {
        "m": {"priority": 1, "context_window_tokens": 2048, "capabilities": vision},
        "n": {"display_name": "N", "capabilities": vision},
    }
    models = snapshot(row, discovered={"local": Findings(reachable=True, models=listed)}).models
    assert [model.id for model in models] == ["local/m", "local/n"]
    assert (models[0].priority, models[0].context_window_tokens) == (9, 2048)
    assert models[0].capabilities == {Capability.CAPABILITY_TEXT}
    assert models[0].display_name == models[0].provider_model_id == "m"
    assert (models[1].display_name, models[1].capabilities) == ("N", vision)


def test_prices_come_from_the_row_then_the_list_then_the_library() -> None:
    row = ProviderRow(
        HOSTED,
        {
            "own": {"external_id": "own", "provider_model_id": "m-wire", "prices": unchanging(Prices(1, 2))},
            "listed": {"external_id": "listed", "provider_model_id": "m-wire"},
            "library": {"external_id": "library", "provider_model_id": "m-wire"},
            "none": {"external_id": "none"},
        },
    )
    listed = {"listed": {"prices": Prices(3, 4, source="provider")}}
    models = snapshot(row, discovered={"hosted": Findings(reachable=True, models=listed)}).models
    sources = {model.external_id: model.prices and model.prices.source for model in models}
    assert sources == {"own": "catalog", "listed": "provider", "library": "price-library", "none": None}
    unlisted = replace(row, provider=replace(HOSTED, price_list=""))
    assert [model.prices for model in snapshot(unlisted).models if model.external_id == "library"] == [None]


def test_a_model_has_the_prices_of_the_time_and_those_to_come() -> None:
    dated = tuple(DatedPrices(NOW + timedelta(days=day), Prices(day, day)) for day in (1, 2))
    listed = {"m": {"prices": Prices(7, 7, source="provider")}}
    row = ProviderRow(HOSTED, {"m": {"external_id": "m", "prices": dated}})

    def at(day: int) -> Snapshot:
        found = {"hosted": Findings(reachable=True, models=listed)}
        return snapshot(row, discovered=found, now=NOW + timedelta(days=day))

    prices = [at(day).models[0].prices for day in range(4)]
    assert prices == [Prices(7, 7, source="provider"), Prices(1, 1), Prices(2, 2), Prices(2, 2)]
    assert [at(day).models[0].price_changes for day in range(4)] == [dated, dated[1:], (), ()]
    assert [at(day).next_price_change for day in (0, 1, 2)] == [dated[0].from_time, dated[1].from_time, None]
    assert at(0).version != at(1).version


def test_a_ceiling_prices_what_has_no_price_and_nothing_else() -> None:
    ceiling = Prices(8 * 10**9, 40 * 10**9, is_ceiling=True)
    own = replace(ceiling, input_nanos_per_million=9 * 10**9)
    given = {
        "unknown": {"external_id": "unknown"},
        "own": {"external_id": "own", "ceiling_price": own},
        "stated": {"external_id": "stated", "prices": unchanging(Prices(1, 2))},
        "m-wire": {"external_id": "m-wire"},
        "later": {"external_id": "later", "prices": (DatedPrices(NOW + timedelta(days=1), Prices(3, 4)),)},
    }
    made = snapshot(ProviderRow(replace(HOSTED, ceiling_price=ceiling), given))
    models = {model.external_id: model for model in made.models}
    assert {name: model.prices for name, model in models.items()} == {
        "unknown": ceiling,
        "own": own,
        "stated": Prices(1, 2),
        "m-wire": Prices(5, 6, source="price-library"),
        "later": ceiling,
    }
    assert models["later"].price_changes == given["later"]["prices"]
    assert models["unknown"].cost_tier == CostTier.COST_TIER_PREMIUM


def test_local_models_cost_an_explicit_zero_unless_they_have_a_price() -> None:
    row = ProviderRow(
        LOCAL, {"m": {"external_id": "m"}, "dear": {"external_id": "dear", "prices": unchanging(Prices(1, 10**9))}}
    )
    dear, free = snapshot(row).models
    assert free.prices == Prices(0, 0, source="local")
    assert free.cost_tier == CostTier.COST_TIER_FREE
    assert dear.cost_tier == CostTier.COST_TIER_STANDARD


def test_a_stated_cost_tier_is_kept() -> None:
    row = ProviderRow(LOCAL, {"m": {"external_id": "m", "cost_tier": CostTier.COST_TIER_PREMIUM}})
    assert snapshot(row).models[0].cost_tier == CostTier.COST_TIER_PREMIUM


@pytest.mark.parametrize(
    ("local_discovery", "sandbox", "off"),
    [
        (True, True, set()),
        (False, True, {"local"}),
        (True, False, {"simulated"}),
        (False, False, {"local", "simulated"}),
    ],
)
def test_settings_switch_kinds_of_providers_off(*, local_discovery: bool, sandbox: bool, off: set[str]) -> None:
    rows = [ProviderRow(provider, {}) for provider in (HOSTED, LOCAL, SIMULATED)]
    assert set(switched_off(rows, local_discovery=local_discovery, sandbox=sandbox)) == off


def test_the_version_follows_what_matters_and_nothing_else() -> None:
    model = {"external_id": "m", "provider_model_id": "m-wire"}
    row = ProviderRow(HOSTED, {"m": model})
    base = snapshot(row).version
    changed = [
        snapshot(replace(row, provider=replace(HOSTED, base_url="https://other.example"))),
        snapshot(replace(row, provider=replace(HOSTED, headers={"a": "b"}))),
        snapshot(row, environment={"HOSTED_KEY": "k"}),
        snapshot(row, disabled={"hosted": "x"}),
        snapshot(replace(row, models={"m": {**model, "priority": 51}})),
        snapshot(replace(row, models={"m": {**model, "prices": unchanging(Prices(1, 2))}})),
        snapshot(replace(row, models={})),
    ]
    assert len({base, *(other.version for other in changed)}) == len(changed) + 1
    earlier, later = (
        snapshot(row, discovered={"hosted": Findings(reachable=True, synced_at=at)}).version for at in (None, NOW)
    )
    assert base == earlier == later


def test_equal_snapshots_have_equal_versions_however_their_sets_were_made() -> None:
    quirks = [f"quirk-{number}" for number in range(20)]
    capabilities = [*Capability.values()]
    versions = {
        snapshot(
            ProviderRow(
                replace(HOSTED, quirks=frozenset(order), headers=dict.fromkeys(order, "x")),
                {"m": {"external_id": "m", "capabilities": frozenset(capabilities[::step])}},
            )
        ).version
        for order, step in ((quirks, 1), (quirks[::-1], -1))
    }
    assert len(versions) == 1

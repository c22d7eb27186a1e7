"""The catalog is read back row by row, filtered and in pages."""

from datetime import UTC, datetime, timedelta

import pytest
from pointsman.v1 import model_pb2 as pb
from pointsman.v1.catalog_service_pb2 import (
    GetModelRequest,
    GetProviderRequest,
    ListModelsRequest,
    ListProvidersRequest,
)
from pointsman.v1.model_pb2 import Capability, CostTier, LifeCycle, ModelType, ProviderState
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.model import DatedPrices, Model, Prices, PriceTier, Provider, ProviderStatus
from pointsman_server.catalog.snapshot import build
from pointsman_server.clock import SystemClock
from pointsman_server.errors import InvalidRequest, NotFound
from pointsman_server.identity.model import LOCAL_ADMIN
from pointsman_server.services.call import Call
from pointsman_server.services.catalog_service import CatalogService

CALL = Call(principal=LOCAL_ADMIN, request_id="req", received_at=0)
VISION = Capability.CAPABILITY_VISION
TEXT = Capability.CAPABILITY_TEXT


def model(provider: str, name: str, **fields: object) -> Model:
    row = {"id": f"{provider}/{name}", "provider_id": provider, "external_id": name, "provider_model_id": name}
    return Model(**(row | {"display_name": name.title()} | fields))  # type: ignore[arg-type]


@pytest.fixture
def service() -> CatalogService:
    providers = [Provider(id=i, display_name=i.title(), dialect="openai", base_url=f"https://{i}") for i in "abc"]
    statuses = {
        "a": ProviderStatus(ProviderState.PROVIDER_STATE_NO_KEY, "set A_API_KEY"),
        "b": ProviderStatus(
            ProviderState.PROVIDER_STATE_ACTIVE, key_source="B_API_KEY", last_sync_at=datetime(2026, 1, 2, tzinfo=UTC)
        ),
        "c": ProviderStatus(ProviderState.PROVIDER_STATE_ACTIVE),
    }
    models = [
        model("a", "large", aliases=("big",), capabilities=frozenset({TEXT, VISION})),
        model(
            "b",
            "large",
            aliases=("big",),
            provider_model_id="large-2026",
            capabilities=frozenset({VISION, TEXT}),
            prices=Prices(5, 7, cache_read_nanos_per_million=1, tiers=(PriceTier(100, 10, 14),), request_nanos=3),
            cost_tier=CostTier.COST_TIER_PREMIUM,
            model_class="PRO_L",
            family="large",
            latency_ms=1500,
            context_window_tokens=1000,
            tier="pro",
        ),
        model("b", "old", life_cycle=LifeCycle.LIFE_CYCLE_RETIRED),
        model("b", "vectors", type=ModelType.MODEL_TYPE_EMBEDDING),
        model("c", "small", domains=("medical",), cost_tier=CostTier.COST_TIER_FREE),
    ]
    return CatalogService(Catalog(build(providers, statuses, models)), clock=SystemClock())


async def ids(service: CatalogService, **fields: object) -> list[str]:
    response = await service.list_models(ListModelsRequest(**fields), CALL)  # type: ignore[arg-type]
    assert response.total_size == len(response.models)
    assert not response.next_page_token
    return [row.id for row in response.models]


async def test_a_provider(service: CatalogService) -> None:
    response = await service.get_provider(GetProviderRequest(provider_id="b"), CALL)
    expected = pb.Provider(
        id="b",
        display_name="B",
        dialect="openai",
        base_url="https://b",
        state=ProviderState.PROVIDER_STATE_ACTIVE,
        key_source="B_API_KEY",
        model_count=3,
        source="built-in",
    )
    expected.last_sync_time.FromDatetime(datetime(2026, 1, 2, tzinfo=UTC))
    assert response.provider == expected


async def test_providers_by_state(service: CatalogService) -> None:
    everything = await service.list_providers(ListProvidersRequest(), CALL)
    assert [(row.id, row.model_count) for row in everything.providers] == [("a", 1), ("b", 3), ("c", 1)]
    without_key = await service.list_providers(ListProvidersRequest(state=ProviderState.PROVIDER_STATE_NO_KEY), CALL)
    assert [row.state_reason for row in without_key.providers] == ["set A_API_KEY"]
    assert without_key.total_size == 1


async def test_a_model_with_everything_that_is_known_of_it(service: CatalogService) -> None:
    row = (await service.get_model(GetModelRequest(model_id="b/large"), CALL)).model
    assert row.provider_model_id == "large-2026"
    assert list(row.capabilities) == [TEXT, VISION]
    assert row.prices == pb.Prices(
        input_nanos_per_million=5,
        output_nanos_per_million=7,
        cache_read_nanos_per_million=1,
        request_nanos=3,
        tiers=[pb.PriceTier(above_input_tokens=100, input_nanos_per_million=10, output_nanos_per_million=14)],
        source="catalog",
    )
    assert row.latency.ToTimedelta() == timedelta(seconds=1.5)
    assert (row.available, row.unavailable_reason, row.required_tier) == (True, "", "pro")


async def test_what_is_not_known_of_a_model_is_unset(service: CatalogService) -> None:
    row = (await service.get_model(GetModelRequest(model_id="c/small"), CALL)).model
    unset = ("context_window_tokens", "max_output_tokens", "prices", "latency", "tokens_per_second")
    assert not any(row.HasField(name) for name in unset)
    assert row.provider_model_id == ""


async def test_a_name_of_several_rows_means_the_one_that_can_be_called(service: CatalogService) -> None:
    for name in ("big", "large", "large-2026"):
        assert (await service.get_model(GetModelRequest(model_id=name), CALL)).model.id == "b/large"
    assert (await service.get_model(GetModelRequest(model_id="old"), CALL)).model.id == "b/old"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("a/large", "set A_API_KEY"), ("b/old", "no longer serves"), ("b/vectors", "listed, not served")],
)
async def test_why_a_model_cannot_be_called(service: CatalogService, name: str, reason: str) -> None:
    row = (await service.get_model(GetModelRequest(model_id=name), CALL)).model
    assert not row.available
    assert reason in row.unavailable_reason


async def test_what_is_not_there(service: CatalogService) -> None:
    with pytest.raises(NotFound) as caught:
        await service.get_model(GetModelRequest(model_id="x"), CALL)
    assert caught.value.metadata == {"resource": "model"}
    with pytest.raises(NotFound) as caught:
        await service.get_provider(GetProviderRequest(provider_id="x"), CALL)
    assert caught.value.metadata == {"resource": "provider"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["a/large", "b/large", "b/old", "b/vectors", "c/small"]),
        ({"provider_id": "c"}, ["c/small"]),
        ({"provider_id": "x"}, []),
        ({"capabilities": [TEXT, VISION]}, ["a/large", "b/large"]),
        ({"available": True}, ["b/large", "c/small"]),
        ({"available": False}, ["a/large", "b/old", "b/vectors"]),
        ({"cost_tier": CostTier.COST_TIER_FREE}, ["c/small"]),
        ({"type": ModelType.MODEL_TYPE_EMBEDDING}, ["b/vectors"]),
        ({"model_class": "PRO_L"}, ["b/large"]),
        ({"family": "large"}, ["b/large"]),
        ({"query": "BIG", "provider_id": "a"}, ["a/large"]),
    ],
)
async def test_models_by_filter(service: CatalogService, fields: dict[str, object], expected: list[str]) -> None:
    assert await ids(service, **fields) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
async def test_pages_give_every_model_once_and_in_order(service: CatalogService, size: int) -> None:
    seen: list[str] = []
    token = ""
    while True:
        page = await service.list_models(ListModelsRequest(page_size=size, page_token=token), CALL)
        assert page.total_size == 5
        assert len(page.models) <= size
        seen += [row.id for row in page.models]
        token = page.next_page_token
        if not token:
            break
    assert seen == ["a/large", "b/large", "b/old", "b/vectors", "c/small"]


async def test_pages_of_providers(service: CatalogService) -> None:
    first = await service.list_providers(ListProvidersRequest(page_size=2), CALL)
    second = await service.list_providers(ListProvidersRequest(page_token=first.next_page_token), CALL)
    assert [row.id for row in [*first.providers, *second.providers]] == ["a", "b", "c"]
    assert not second.next_page_token


async def test_a_page_token_serves_its_own_question_only(service: CatalogService) -> None:
    first = await service.list_models(ListModelsRequest(page_size=1), CALL)
    token = first.next_page_token
    for other in (
        ListModelsRequest(query="a", page_token=token),
        ListModelsRequest(page_token=token[:-1]),
        ListModelsRequest(page_token="!"),
        ListModelsRequest(page_token="AAAA"),
        ListModelsRequest(page_token="ä"),
    ):
        with pytest.raises(InvalidRequest) as caught:
            await service.list_models(other, CALL)
        assert [violation.field for violation in caught.value.fields] == ["page_token"]
    with pytest.raises(InvalidRequest):
        await service.list_providers(ListProvidersRequest(page_token=token), CALL)


async def test_a_model_tells_the_prices_in_force_and_those_to_come() -> None:
    moment = datetime(2026, 12, 1, tzinfo=UTC)

    class SetClock(SystemClock):
        def now(self) -> datetime:
            return moment

    changes = (
        DatedPrices(moment - timedelta(days=1), Prices(3, 4)),
        DatedPrices(moment, Prices(5, 6, is_ceiling=True)),
        DatedPrices(moment + timedelta(seconds=1), Prices(7, 8)),
        DatedPrices(moment + timedelta(days=1), None),
    )
    provider = Provider(id="a", display_name="A", dialect="openai", base_url="https://a")
    rows = [model("a", "m", prices=Prices(1, 2), price_changes=changes)]
    active = ProviderStatus(ProviderState.PROVIDER_STATE_ACTIVE)
    service = CatalogService(Catalog(build([provider], {"a": active}, rows)), clock=SetClock())
    got = (await service.get_model(GetModelRequest(model_id="m"), CALL)).model
    assert (await service.list_models(ListModelsRequest(), CALL)).models[0] == got
    assert (got.prices.input_nanos_per_million, got.prices.ceiling) == (5, True)
    later, unknown = got.price_changes
    assert (later.prices.input_nanos_per_million, later.prices.ceiling) == (7, False)
    assert later.effective_time.ToDatetime(UTC) == changes[2].from_time
    assert not unknown.HasField("prices")

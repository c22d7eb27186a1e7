"""Discovery against real sockets: small servers that answer as each kind of model server does."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import pytest
from pointsman.v1.model_pb2 import ProviderState
from pointsman_server.adapters import discovery
from pointsman_server.adapters.base import DiscoveredModel, HttpCall, ModelPage
from pointsman_server.adapters.dialects import DIALECTS, QUIRKS
from pointsman_server.adapters.discovery import Discovery
from pointsman_server.adapters.openai import OpenAIDialect
from pointsman_server.adapters.transport import Transport
from pointsman_server.catalog.assembly import assemble
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.loader import load
from pointsman_server.catalog.model import Prices, Provider
from pointsman_server.catalog.price_history import PriceHistory
from pointsman_server.secrets.environment import EnvironmentKeys
from pointsman_server.secrets.model import Secret

ACTIVE = ProviderState.PROVIDER_STATE_ACTIVE
UNREACHABLE = ProviderState.PROVIDER_STATE_UNREACHABLE
DISABLED = ProviderState.PROVIDER_STATE_DISABLED


@dataclass
class Server:
    """A server that answers paths with statuses and bodies, and keeps what it was asked."""

    answers: dict[str, tuple[int, object]]
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0
    often_asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(asyncio.IncompleteReadError):  # a client may go before it asks
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            writer.write(self.answer(head))
            await writer.drain()

    def answer(self, head: str) -> bytes:
        path = head.split(" ")[1]
        key = next((line.split(": ", 1)[1] for line in head.split("\r\n") if line.startswith("authorization")), "")
        self.asked.append((path, key))
        if len(self.asked) > len(VLLM):
            self.often_asked.set()
        status, value = self.answers.get(path, (404, "no such path"))
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return f"HTTP/1.1 {status} x\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body


@asynccontextmanager
async def serving(answers: Mapping[str, tuple[int, object]]) -> AsyncIterator[Server]:
    server = Server(dict(answers))
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield server


class Clock:
    """Time that passes by a day with every look."""

    def __init__(self) -> None:
        self.days = 0

    def now(self) -> datetime:
        self.days += 1
        return datetime(2026, 1, self.days, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


class NoPrices:
    def find(self, price_list: str, model_id: str, /) -> PriceHistory:
        del price_list, model_id
        return ()


class Paged(OpenAIDialect):
    """The dialect, with lists that go on: page ``n`` is at ``?page=n``."""

    def list_models(self, provider: Provider, key: Secret | None, page: str | None = None) -> HttpCall:
        call = super().list_models(provider, key, None)
        return replace(call, url=f"{call.url}?page={page}") if page else call

    def models(self, body: bytes) -> ModelPage:
        page = json.loads(body)
        return ModelPage(tuple(DiscoveredModel(name) for name in page["names"]), page.get("next"))


class Running:
    """Discovery over the built-in providers, with these variables set."""

    def __init__(self, environment: Mapping[str, str], **options: object) -> None:
        self.transport = Transport()
        keys = EnvironmentKeys(environment)
        rows = load(environment, dialects=QUIRKS)
        dialects = options.pop("dialects", DIALECTS)
        build = partial(assemble, rows, keys, prices=NoPrices(), now=datetime(2026, 1, 1, tzinfo=UTC), **options)  # type: ignore[arg-type]
        self.catalog = Catalog(build({}))
        self.discovery = Discovery(
            self.catalog,
            build,
            transport=self.transport,
            dialects=dialects,  # type: ignore[arg-type]
            keys=keys,
            clock=Clock(),
        )

    def state(self, provider_id: str) -> tuple[ProviderState.ValueType, str]:
        status = self.catalog.snapshot.statuses[provider_id]
        return status.state, status.state_reason

    def models(self, provider_id: str) -> list[str]:
        return [model.external_id for model in self.catalog.snapshot.models if model.provider_id == provider_id]


@asynccontextmanager
async def running(environment: Mapping[str, str], **options: object) -> AsyncIterator[Running]:
    # Ports of this machine's own model servers are not asked: nothing listens on port 1.
    names = ("VLLM_BASE_URL", "LLAMACPP_BASE_URL", "LOCALAI_BASE_URL", "TGI_BASE_URL")
    nowhere = dict.fromkeys(names, "http://127.0.0.1:1/v1") | {"OLLAMA_HOST": "127.0.0.1:1"}
    started = Running(nowhere | dict(environment), **options)
    try:
        yield started
    finally:
        await started.transport.close()


def listing(*names: str) -> tuple[int, object]:
    return 200, {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}


VLLM = {"/version": (200, {"version": "1"}), "/v1/models": listing("a", "b")}


async def test_a_local_server_that_answers_becomes_active_with_its_models() -> None:
    async with serving(VLLM) as server, running({"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}) as run:
        assert run.state("vllm")[0] == UNREACHABLE
        assert await run.discovery.refresh()
        assert run.state("vllm") == (ACTIVE, "")
        assert run.models("vllm") == ["a", "b"]
        served = [model for model in run.catalog.snapshot.models if model.provider_id == "vllm"]
        assert [model.prices for model in served] == [Prices(0, 0, source="local")] * 2
        assert run.state("ollama") == (UNREACHABLE, "nothing answers at http://127.0.0.1:1/v1")
        assert server.asked == [("/version", ""), ("/v1/models", "")]


async def test_two_kinds_on_one_port_are_told_apart() -> None:
    async with serving({"/readyz": (200, ""), "/v1/models": listing("m")}) as server:
        url = f"http://127.0.0.1:{server.port}/v1"
        names = ("LLAMACPP_BASE_URL", "LOCALAI_BASE_URL", "TGI_BASE_URL")
        async with running(dict.fromkeys(names, url)) as run:
            await run.discovery.refresh()
            assert run.state("localai") == (ACTIVE, "")
            assert run.state("llamacpp") == (UNREACHABLE, f"what answers at {url} is no llama.cpp")
            assert run.state("tgi")[0] == UNREACHABLE
            assert [model.id for model in run.catalog.snapshot.models if model.external_id == "m"] == ["localai/m"]


async def test_an_unchanged_answer_leaves_the_snapshot_alone() -> None:
    async with serving(VLLM) as server, running({"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}) as run:
        assert await run.discovery.refresh()
        before = run.catalog.snapshot
        assert not await run.discovery.refresh()
        assert run.catalog.snapshot is before
        server.answers["/v1/models"] = listing("a", "c")
        assert await run.discovery.refresh()
        assert run.models("vllm") == ["a", "c"]
        assert run.catalog.snapshot.statuses["vllm"].last_sync_at == datetime(2026, 1, 2, tzinfo=UTC)


async def test_a_server_that_goes_away_becomes_unreachable_and_its_models_stay_known() -> None:
    async with serving(VLLM) as server:
        environment = {"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}
        async with running(environment) as run:
            await run.discovery.refresh()
            server.answers.clear()
            assert await run.discovery.refresh()
            assert run.state("vllm")[0] == UNREACHABLE
            assert run.models("vllm") == ["a", "b"]
            server.answers |= VLLM
            assert await run.discovery.refresh()
            assert run.state("vllm") == (ACTIVE, "")


@pytest.mark.parametrize("answer", [(500, "busy"), (200, b"<html>"), (401, {"error": {"message": "no"}})])
async def test_a_list_that_fails_keeps_the_last_one(answer: tuple[int, object]) -> None:
    async with serving(VLLM) as server, running({"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}) as run:
        await run.discovery.refresh()
        server.answers["/v1/models"] = answer
        assert not await run.discovery.refresh()
        assert run.state("vllm") == (ACTIVE, "")
        assert run.models("vllm") == ["a", "b"]


async def test_what_never_gave_a_list_is_no_model_server() -> None:
    page = {"/version": (200, b"<html>"), "/v1/models": (200, b"<html>")}
    async with serving(page) as server, running({"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}) as run:
        await run.discovery.refresh()
        state, reason = run.state("vllm")
        assert state == UNREACHABLE
        assert reason.endswith("cannot be read: garbage")


async def test_the_key_goes_with_the_probe_and_the_list() -> None:
    async with serving(VLLM) as server:
        environment = {"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1", "VLLM_API_KEY": "k"}
        async with running(environment) as run:
            await run.discovery.refresh()
            assert server.asked == [("/version", "Bearer k"), ("/v1/models", "Bearer k")]


async def test_providers_that_are_off_are_not_asked() -> None:
    async with serving(VLLM) as server:
        environment = {"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}
        async with running(environment, disabled={"vllm": "off"}) as run:
            await run.discovery.refresh()
            assert run.state("vllm") == (DISABLED, "off")
            assert server.asked == []


async def test_a_list_of_several_pages_is_read_to_its_end() -> None:
    pages = {
        "/version": (200, {}),
        "/v1/models": (200, {"names": ["a"], "next": "2"}),
        "/v1/models?page=2": (200, {"names": ["b"], "next": "3"}),
        "/v1/models?page=3": (200, {"names": ["c"]}),
    }
    async with serving(pages) as server:
        environment = {"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}
        async with running(environment, dialects={"openai": Paged()}) as run:
            await run.discovery.refresh()
            assert run.models("vllm") == ["a", "b", "c"]


async def test_a_list_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "MAX_PAGES", 3)
    pages: dict[str, tuple[int, object]] = {"/version": (200, {}), "/v1/models": (200, {"names": ["m0"], "next": "1"})}
    pages |= {f"/v1/models?page={n}": (200, {"names": [f"m{n}"], "next": str(n + 1)}) for n in range(1, 9)}
    async with serving(pages) as server:
        environment = {"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}
        async with running(environment, dialects={"openai": Paged()}) as run:
            await run.discovery.refresh()
            assert run.models("vllm") == ["m0", "m1", "m2"]


async def test_a_page_that_names_itself_as_the_next_ends_the_list() -> None:
    pages = {
        "/version": (200, {}),
        "/v1/models": (200, {"names": ["a"], "next": "2"}),
        "/v1/models?page=2": (200, {"names": ["b"], "next": "2"}),
    }
    async with serving(pages) as server:
        environment = {"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}
        async with running(environment, dialects={"openai": Paged()}) as run:
            await run.discovery.refresh()
            assert len(server.asked) == 3


async def test_a_server_that_never_answers_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_PROBE", replace(discovery._PROBE, connect_ms=50, first_byte_ms=50, total_ms=100))
    release = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    async with serving(VLLM) as server, await asyncio.start_server(hang, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        environment = {"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1", "OLLAMA_HOST": f"127.0.0.1:{port}"}
        async with running(environment) as run:
            await asyncio.wait_for(run.discovery.refresh(), timeout=5)
            release.set()
            assert run.state("vllm") == (ACTIVE, "")
            assert run.state("ollama")[0] == UNREACHABLE


async def test_the_loop_refreshes_until_it_is_cancelled() -> None:
    async with serving(VLLM) as server, running({"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}) as run:
        task = asyncio.create_task(run.discovery.run(interval_ms=1))
        await asyncio.wait_for(server.often_asked.wait(), timeout=10)
        assert run.state("vllm") == (ACTIVE, "")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


class Stumbling(OpenAIDialect):
    """The dialect, with a defect that shows the first time only."""

    stumbled = False

    def models(self, body: bytes) -> ModelPage:
        if not self.stumbled:
            self.stumbled = True
            raise ZeroDivisionError
        return super().models(body)


async def test_a_defect_costs_one_round_of_the_loop() -> None:
    async with serving(VLLM) as server:
        base_url = {"VLLM_BASE_URL": f"http://127.0.0.1:{server.port}/v1"}
        async with running(base_url, dialects={"openai": Stumbling()}) as run:
            task = asyncio.create_task(run.discovery.run(interval_ms=1))
            await asyncio.wait_for(server.often_asked.wait(), timeout=10)
            async with asyncio.timeout(10):
                while run.state("vllm")[0] != ACTIVE:  # noqa: ASYNC110  # what is waited for is behind a socket
                    await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

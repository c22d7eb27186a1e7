"""Against a model server that no one here wrote: llama.cpp's own, with a small random model."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pointsman.v1.catalog_service_pb2 import ListModelsRequest
from pointsman.v1.catalog_service_pb2_grpc import CatalogServiceStub
from pointsman.v1.completion_pb2 import FinishReason
from pointsman.v1.router_service_pb2 import CompleteRequest, UsageRequest
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub

from tests.e2e.processes import Server, start
from tests.e2e.requests import CALL_SECONDS, asking, collected

pytestmark = pytest.mark.full

MODEL = "llamacpp/tiny-random-llama"
PROMPT = "Tell me about the points of a railway."
ADDRESS = re.compile(r"^(http://127\.0\.0\.1:\d+)$", re.MULTILINE)
DISCOVERY_SECONDS = 30


@pytest.fixture(scope="module")
def llamacpp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """llama.cpp's server; its address."""
    directory = tmp_path_factory.mktemp("llamacpp")
    program = Path(__file__).with_name("llamacpp_server.py")
    process = start(directory / "llamacpp.log", str(program), str(directory / "model.gguf"))
    yield process.wait_for(lambda: ADDRESS.search(process.text()))[1]
    process.end()


@pytest.fixture
def connected(llamacpp: str, serve: Callable[..., Server]) -> Server:
    """A Pointsman that knows where llama.cpp serves, once it has found the model."""
    server = serve(LLAMACPP_BASE_URL=f"{llamacpp}/v1", POINTSMAN_LOCAL_DISCOVERY="true")
    end = time.monotonic() + DISCOVERY_SECONDS
    while MODEL not in model_ids(server):
        assert time.monotonic() < end, server.process.text()
        time.sleep(0.05)
    return server


def model_ids(server: Server) -> set[str]:
    with server.channel() as channel:
        request = ListModelsRequest(page_size=1000)
        return {model.id for model in CatalogServiceStub(channel).ListModels(request, timeout=CALL_SECONDS).models}


def greedy(max_output_tokens: int) -> CompleteRequest:
    request = asking(PROMPT, model=MODEL, max_output_tokens=max_output_tokens)
    request.specification.sampling.temperature = 0
    request.specification.seed = 1
    return request


def ask_directly(llamacpp: str, **more: object) -> dict[str, Any]:
    document = {"model": "any", "messages": [{"role": "user", "content": PROMPT}], "temperature": 0, "seed": 1}
    response = httpx.post(f"{llamacpp}/v1/chat/completions", json=document | more, timeout=CALL_SECONDS)
    return dict(response.raise_for_status().json())


def counters(llamacpp: str) -> dict[str, int]:
    """What llama.cpp's server has processed so far, by its own metrics."""
    text = httpx.get(f"{llamacpp}/metrics").raise_for_status().text
    return {name: int(count) for name, count in re.findall(r"^llamacpp:(\w+_total) (\d+)$", text, re.MULTILINE)}


def test_its_tokens_stream_and_its_usage_is_what_the_server_reports(
    llamacpp: str, connected: Server, router: Callable[[Server], RouterServiceStub]
) -> None:
    ask_directly(llamacpp, max_tokens=24)
    direct = ask_directly(llamacpp, max_tokens=24)
    before = counters(llamacpp)

    answer = collected(router(connected).Complete(greedy(24), timeout=CALL_SECONDS))

    assert answer.text == direct["choices"][0]["message"]["content"]
    assert len(answer.deltas) > 1
    assert answer.finished.model_id == MODEL
    assert answer.finished.finish_reason == FinishReason.FINISH_REASON_LENGTH
    used = answer.finished.usage
    cached = direct["usage"]["prompt_tokens_details"]["cached_tokens"]
    assert cached > 0
    assert used.input_tokens == direct["usage"]["prompt_tokens"] - cached
    assert used.cache_read_tokens == cached
    assert used.output_tokens == direct["usage"]["completion_tokens"] == 24
    assert not used.estimated
    assert answer.finished.HasField("cost_nanos")
    assert answer.finished.cost_nanos == 0

    after = counters(llamacpp)
    assert after["prompt_tokens_total"] - before["prompt_tokens_total"] == used.input_tokens
    assert after["tokens_predicted_total"] - before["tokens_predicted_total"] == used.output_tokens
    recorded = router(connected).Usage(UsageRequest(), timeout=CALL_SECONDS).total
    assert recorded.attempts == 1
    assert recorded.tokens == used


def test_a_stop_sequence_ends_the_answer(
    llamacpp: str, connected: Server, router: Callable[[Server], RouterServiceStub]
) -> None:
    words = ask_directly(llamacpp, max_tokens=24)["choices"][0]["message"]["content"].split()
    request = greedy(24)
    request.specification.stop_sequences.append(words[3])

    answer = collected(router(connected).Complete(request, timeout=CALL_SECONDS))

    assert answer.finished.finish_reason == FinishReason.FINISH_REASON_STOP
    assert answer.text.split() == words[:3]


def test_it_is_preferred_to_the_sandbox_where_no_model_is_named(
    connected: Server, router: Callable[[Server], RouterServiceStub]
) -> None:
    answer = collected(router(connected).Complete(asking("hello", max_output_tokens=4), timeout=CALL_SECONDS))
    assert answer.finished.model_id == MODEL

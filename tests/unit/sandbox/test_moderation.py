"""The simulated moderation endpoint, as OpenAI's own SDK reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from openai import AsyncOpenAI
from pointsman_server.sandbox import Fault, Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(burst=True) as running:
        yield running


async def test_the_sdk_reads_what_is_flagged(sandbox: Sandbox) -> None:
    async with AsyncOpenAI(base_url=sandbox.base_url, api_key="none") as client:
        made = await client.moderations.create(model="m", input=["hello", "[[flag: hate, self-harm/intent]]"])
        one = await client.moderations.create(input="[[flag: violence]]")
    assert [result.flagged for result in made.results] == [False, True]
    categories = made.results[1].categories
    assert (categories.hate, categories.self_harm_intent, categories.violence) == (True, True, False)
    assert one.results[0].categories.violence
    assert made.model == "m"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"input": []}', b'{"input": [1]}', b'{"input": 7}'])
async def test_what_is_no_request_is_refused(sandbox: Sandbox, body: bytes) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.post(f"{sandbox.base_url}/moderations", content=body)
        assert response.status_code == 400
        assert (await client.get(f"{sandbox.base_url}/moderations")).status_code == 405


async def test_it_can_be_told_to_fail(sandbox: Sandbox) -> None:
    sandbox.script.push(Fault(status=429))
    async with httpx.AsyncClient() as client:
        response = await client.post(f"{sandbox.base_url}/moderations", json={"input": "hello"})
    assert response.status_code == 429
    assert not sandbox.meter.entries

"""Two servers on one PostgreSQL claim the same request ids at once: each id has one call, and no wait is a circle."""

from __future__ import annotations

import asyncio
import random

import pytest
from pointsman_server.ids import new_id
from pointsman_server.ledger.claims import AlreadyClaimed, Claim, ClaimKey
from pointsman_server.ledger.model import Reservation
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import START, TENANT, USER, SetClock, decision, request

ROUNDS = 5
IDS = 20


async def reserve(storage: Storage, request_id: str) -> Reservation | None:
    completion_id, decision_id = new_id("cmp"), new_id("dec")
    claim = Claim(ClaimKey(TENANT, USER, request_id), "digest", completion_id, decision_id, START)
    asked = request(completion_id=completion_id, decision_id=decision_id)
    try:
        return await storage.ledger.reserve(asked, decision(decision_id), claim=claim)
    except AlreadyClaimed:
        return None


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_two_servers_let_in_one_call_for_each_id(postgres_url: str, seed: int) -> None:
    async with (
        await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as one,
        await Storage.open(postgres_url, clock=SetClock(), new_id=new_id) as two,
    ):
        asked = [(server, f"id-{number}") for number in range(IDS) for server in (one, two) * 3]
        random.Random(seed).shuffle(asked)
        made = await asyncio.gather(*(reserve(*each) for each in asked))
        winners = [name for (_, name), reservation in zip(asked, made, strict=True) if reservation is not None]
        assert sorted(winners) == sorted(f"id-{number}" for number in range(IDS))
        assert await two.claims.forget(START) == 0

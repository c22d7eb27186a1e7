"""A limit that is set is kept: budgets through the real server, over gRPC and HTTP, and across ``kill -9``."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from pointsman import Client
from pointsman.errors import Exhausted, Unavailable
from pointsman.v1 import budget_service_pb2 as pb
from pointsman.v1.content_pb2 import ROLE_USER, ImagePart, Message, Part

from tests.e2e.processes import Server, start_server

CALLERS = 40
PIXELS = b"\x89PNG\r\n\x1a\n"

Serve = Callable[..., Server]


def budget(limit: int, **fields: Any) -> pb.Budget:
    usual: dict[str, Any] = {
        "scope": pb.BUDGET_SCOPE_TENANT,
        "unit": pb.BUDGET_UNIT_NANOS,
        "kind": pb.BUDGET_KIND_MONTH,
    }
    return pb.Budget(name="limit", limit=limit, **{**usual, **fields})


def verified(client: Client) -> pb.LedgerSummary:
    *findings, last = client.verify_ledger()
    assert not [finding for finding in findings if finding.HasField("difference")]
    return last.summary


def test_callers_at_once_never_pass_the_limit(serve: Serve) -> None:
    server = serve()
    with server.client(timeout=60) as client:
        worst = client.route("hello").candidates[0].worst_case_cost_nanos
        made = client.create_budget(budget(5 * worst))

        def call(_: int) -> int | None:
            try:
                return client.complete_whole("hello").finished.cost_nanos
            except Exhausted:
                return None

        with ThreadPoolExecutor(CALLERS) as pool:
            costs = [cost for cost in pool.map(call, range(CALLERS)) if cost is not None]
        state = client.get_budget(made.budget_id).state
        assert costs
        assert (state.posted, state.reserved) == (sum(costs), 0)
        assert state.posted + state.remaining == 5 * worst
        assert verified(client).difference_count == 0


def test_a_frozen_budget_refuses_over_http_too(serve: Serve) -> None:
    server = serve()
    with server.client() as client:
        client.create_budget(budget(10**12, frozen=True))
    question = {"specification": {"messages": [{"role": "ROLE_USER", "parts": [{"text": {"text": "hello"}}]}]}}
    url = f"http://{server.http_address}/pointsman.v1."
    response = httpx.post(f"{url}BudgetService/ListBudgets", json={}, headers=server.headers, timeout=30)
    assert response.json()["budgets"][0]["frozen"] is True
    response = httpx.post(f"{url}RouterService/Route", json=question, headers=server.headers, timeout=30)
    assert response.status_code == 200, "a question about routing holds nothing"
    with server.client() as client, pytest.raises(Exhausted) as refused:
        client.complete_whole("hello")
    assert refused.value.metadata["cause"] == "frozen"
    assert refused.value.quotas


@pytest.mark.full
def test_what_a_kill_left_is_charged_until_it_is_resolved(tmp_path: Path, serve: Serve) -> None:
    killed = start_server(tmp_path)
    try:
        with killed.client() as client:
            made = client.create_budget(budget(10**12))
            slots = client.create_budget(budget(3, unit=pb.BUDGET_UNIT_REQUESTS, kind=pb.BUDGET_KIND_SLOTS))
            events = iter(client.complete("Write a long story about a pointsman. " * 40))
            next(events)
            assert client.get_budget(slots.budget_id).state.remaining == 2
            held = client.get_budget(made.budget_id).state.reserved
            killed.process.popen.kill()
            assert held
            with pytest.raises(Unavailable):
                list(events)
    finally:
        killed.process.popen.kill()
        killed.process.end()
    with serve().client() as client:
        assert client.get_budget(made.budget_id).state.reserved == held
        assert client.get_budget(slots.budget_id).state.remaining == 3
        found, last = client.verify_ledger()
        assert (last.summary.unknown_count, last.summary.difference_count) == (1, 0)
        client.resolve_unknown(pb.ResolveUnknownRequest(reservation_id=found.unknown.reservation_id, cost_nanos=123))
        state = client.get_budget(made.budget_id).state
        assert (state.posted, state.reserved) == (123, 0)
        assert verified(client).unknown_count == 0


def test_of_three_images_a_day_the_fourth_is_refused(serve: Serve) -> None:
    server = serve()
    look = Message(role=ROLE_USER, parts=[Part(image=ImagePart(data=PIXELS, media_type="image/png"))] * 3)
    with server.client() as client:
        named = {"unit": pb.BUDGET_UNIT_NAMED, "unit_name": "images", "kind": pb.BUDGET_KIND_DAY}
        made = client.create_budget(budget(3, **named))
        assert made.unit_name == "images"
        client.complete_whole([look])
        with pytest.raises(Exhausted) as refused:
            client.complete_whole([look])
        told = {key: refused.value.metadata[key] for key in ("unit", "limit", "remaining", "needed")}
        assert told == {"unit": "images", "limit": "3", "remaining": "0", "needed": "3"}
        client.complete_whole("hello")
        state = client.get_budget(made.budget_id).state
        assert (state.posted, state.reserved, state.remaining) == (3, 0, 0)
        assert verified(client).difference_count == 0

"""Two servers on one PostgreSQL: a rule that is written on one holds on the other within a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from pointsman import Client
from pointsman.errors import PointsmanError
from pointsman.v1 import policy_service_pb2 as pb

from tests.e2e.processes import Server

WITHIN_S = 1.0
ASK = pb.EvaluateRequest(facts=pb.CallFacts(input_tokens=2))


def _seconds_until(refused: bool, client: Client) -> float:  # noqa: FBT001  # one of two states
    """How long it takes until a call is refused, or let in again."""
    begin = time.monotonic()
    while True:
        try:
            client.route("hello")
        except PointsmanError as error:
            now = error.reason == "POLICY_REFUSED"
        else:
            now = False
        if now is refused:
            return time.monotonic() - begin
        assert time.monotonic() - begin < 10, "the other server never learnt of it"
        time.sleep(0.01)


def test_a_rule_holds_on_the_other_server_within_a_second(serve: Callable[..., Server], postgres_url: str) -> None:
    first = serve(POINTSMAN_DATABASE_URL=postgres_url)
    second = replace(serve(POINTSMAN_DATABASE_URL=postgres_url), token=first.token)
    rule = pb.PolicyRule(scope=pb.POLICY_SCOPE_TENANT, key="max_tokens_in", amount=1)
    with first.client() as writer, second.client() as caller:
        assert _seconds_until(False, caller) < WITHIN_S
        made = writer.policy.create(rule)
        assert _seconds_until(True, caller) < WITHIN_S
        with pytest.raises(PointsmanError, match="max_tokens_in is 1") as told:
            caller.complete_whole("hello")
        assert told.value.reason == "POLICY_REFUSED"
        answer = caller.policy.evaluate(ASK)
        assert [refusal.key for refusal in answer.refusals] == ["max_tokens_in"]
        writer.policy.delete(made.policy_rule_id)
        assert _seconds_until(False, caller) < WITHIN_S
        assert caller.policy.evaluate(ASK).allowed

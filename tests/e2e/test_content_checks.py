"""Rules about content on a server of its own: written by RPC, in force for the next calls, and told nowhere."""

from __future__ import annotations

from collections.abc import Callable

import grpc
import pytest
from pointsman import Client
from pointsman.errors import PointsmanError
from pointsman.v1 import policy_service_pb2 as pb
from pointsman.v1.completion_pb2 import WARNING_CODE_CONTENT_MASKED
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub

from tests.e2e.processes import Server
from tests.e2e.requests import asking, collected

MAIL = "jane.canary@example.com"
KEY = "AKIACANARY0123456789"
REFUSE, MASK = pb.CONTENT_ACTION_REFUSE, pb.CONTENT_ACTION_MASK
INPUT, BOTH = pb.CONTENT_DIRECTION_INPUT, pb.CONTENT_DIRECTION_BOTH


def checking(key: str, check: pb.ContentCheck) -> pb.PolicyRule:
    return pb.PolicyRule(scope=pb.POLICY_SCOPE_TENANT, key=key, content_check=check)


@pytest.mark.full
def test_rules_about_content_are_kept_and_what_they_find_is_not(serve: Callable[..., Server]) -> None:
    server = serve(POINTSMAN_MODERATION_PROVIDER="sandbox")
    with server.client() as client, server.channel() as channel:
        router = RouterServiceStub(channel)
        _write_rules(client)
        answer = collected(router.Complete(asking(f"write to {MAIL}")))
        assert 'You said: "write to [EMAIL]"' in answer.text
        assert [warning.code for warning in answer.started.warnings] == [WARNING_CODE_CONTENT_MASKED]
        told = _refused(router, f"[[sandbox: text='it is {KEY}']] which?")
        told += _refused(router, f"my key is {KEY}")
        told += _refused(router, "[[flag: hate]]")
        limits = {limit.key: limit.text for limit in client.policy.evaluate(pb.EvaluateRequest()).limits}
        assert limits["check_personal_data"] == "in what is sent masks email; in answers masks email"
    kept = b"".join(path.read_bytes() for path in server.data_dir.rglob("*") if path.is_file())
    assert b"check_personal_data" in kept
    for canary in (MAIL, KEY):
        assert canary not in told
        assert canary not in server.process.text()
        assert canary.encode() not in kept


def _write_rules(client: Client) -> None:
    client.policy.create(checking("check_personal_data", pb.ContentCheck(direction=BOTH, action=MASK, kinds=["email"])))
    client.policy.create(checking("check_secrets", pb.ContentCheck(direction=BOTH, action=REFUSE)))
    client.policy.create(checking("check_moderation", pb.ContentCheck(direction=INPUT, action=REFUSE)))
    with pytest.raises(PointsmanError, match="kinds has ssn, which check_personal_data does not look for") as wrong:
        client.policy.create(
            checking("check_personal_data", pb.ContentCheck(direction=BOTH, action=MASK, kinds=["ssn"]))
        )
    assert wrong.value.reason == "INVALID_FIELD"


def _refused(router: RouterServiceStub, text: str) -> str:
    with pytest.raises(grpc.RpcError) as error:
        collected(router.Complete(asking(text)))
    assert error.value.code() is grpc.StatusCode.PERMISSION_DENIED
    return f"{error.value.details()} {error.value.trailing_metadata()}"

"""Rules, and what they say together, for the client that blocks; ``async_policy.py`` has the other's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from pointsman.calling import Caller
from pointsman.v1.policy_service_pb2 import (
    CreatePolicyRuleRequest,
    DeletePolicyRuleRequest,
    EvaluateRequest,
    EvaluateResponse,
    GetPolicyRuleRequest,
    ListPolicyRulesRequest,
    PolicyRule,
    UpdatePolicyRuleRequest,
)
from pointsman.v1.policy_service_pb2_grpc import PolicyServiceStub


class Policy:
    """Rules that limit calls."""

    def __init__(self, caller: Caller, channel: grpc.Channel) -> None:
        self._caller = caller
        self._stub = PolicyServiceStub(channel)

    def create(
        self, policy_rule: PolicyRule, *, tenant_id: str = "", request_id: str = "", timeout: float | None = None
    ) -> PolicyRule:
        """Makes a rule."""
        request = CreatePolicyRuleRequest(policy_rule=policy_rule, tenant_id=tenant_id, request_id=request_id)
        return self._caller.call(self._stub.CreatePolicyRule, request, timeout).policy_rule

    def get(self, policy_rule_id: str, *, tenant_id: str = "", timeout: float | None = None) -> PolicyRule:
        """One rule."""
        request = GetPolicyRuleRequest(policy_rule_id=policy_rule_id, tenant_id=tenant_id)
        return self._caller.call(self._stub.GetPolicyRule, request, timeout).policy_rule

    def list(
        self, request: ListPolicyRulesRequest | None = None, *, timeout: float | None = None
    ) -> Iterator[PolicyRule]:
        """The tenant's rules, and the platform's that hold for it; asks for further pages as they are needed."""
        for page in self._caller.pages(self._stub.ListPolicyRules, request or ListPolicyRulesRequest(), timeout):
            yield from page.policy_rules

    def update(
        self, policy_rule: PolicyRule, paths: Iterable[str], *, tenant_id: str = "", timeout: float | None = None
    ) -> PolicyRule:
        """Changes the named fields."""
        request = UpdatePolicyRuleRequest(
            policy_rule=policy_rule, update_mask=FieldMask(paths=paths), tenant_id=tenant_id
        )
        return self._caller.call(self._stub.UpdatePolicyRule, request, timeout).policy_rule

    def delete(self, policy_rule_id: str, *, tenant_id: str = "", timeout: float | None = None) -> None:
        """Removes a rule."""
        self._caller.call(
            self._stub.DeletePolicyRule,
            DeletePolicyRuleRequest(policy_rule_id=policy_rule_id, tenant_id=tenant_id),
            timeout,
        )

    def evaluate(self, request: EvaluateRequest, *, timeout: float | None = None) -> EvaluateResponse:
        """What policy would make of a call. Calls nobody and charges nothing."""
        return self._caller.call(self._stub.Evaluate, request, timeout)

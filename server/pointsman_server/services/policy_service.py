"""PolicyService: keeps rules, and says what they come to."""

from __future__ import annotations

from typing import ClassVar, Protocol

from google.protobuf.descriptor import ServiceDescriptor
from pointsman.v1 import policy_service_pb2 as pb

from pointsman_server.errors import RoleRequired
from pointsman_server.identity.model import PLATFORM_ADMIN
from pointsman_server.policy.rule import PLATFORM_SCOPES, PolicyScope, Rule
from pointsman_server.policy.rule_messages import read_rule, rule_message
from pointsman_server.policy.rule_store import RuleQuery, RuleStore, RuleView
from pointsman_server.services import paging
from pointsman_server.services.call import Call
from pointsman_server.services.masks import named_in
from pointsman_server.services.origin import origin_of
from pointsman_server.services.validate import policy as validate


class Evaluator(Protocol):
    """Says what policy would make of a call; ``policy_evaluation.PolicyEvaluation``."""

    async def answer(self, request: pb.EvaluateRequest, call: Call) -> pb.EvaluateResponse:
        """Answers a sound request."""
        ...


class PolicyService:
    """Checks each request and hands it on."""

    descriptor: ClassVar[ServiceDescriptor] = pb.DESCRIPTOR.services_by_name["PolicyService"]

    def __init__(self, rules: RuleStore, evaluator: Evaluator) -> None:
        self._rules = rules
        self._evaluator = evaluator

    async def create_policy_rule(self, request: pb.CreatePolicyRuleRequest, call: Call) -> pb.CreatePolicyRuleResponse:
        """Makes a rule; what a platform administrator writes is the platform's."""
        validate.create_rule(request, call.tenant_id)
        made = await self._rules.create(_new_rule(request.policy_rule, call), origin_of(request, call))
        return pb.CreatePolicyRuleResponse(policy_rule=rule_message(made))

    async def get_policy_rule(self, request: pb.GetPolicyRuleRequest, call: Call) -> pb.GetPolicyRuleResponse:
        """One rule."""
        validate.named_rule(request)
        found = await self._rules.get(_view(call), request.policy_rule_id)
        return pb.GetPolicyRuleResponse(policy_rule=rule_message(found))

    async def list_policy_rules(self, request: pb.ListPolicyRulesRequest, call: Call) -> pb.ListPolicyRulesResponse:
        """Rules, ordered by id."""
        validate.list_rules(request)
        size = paging.page_size(request)
        query = RuleQuery(
            view=_view(call),
            scope=PolicyScope(request.scope) if request.scope else None,
            scope_id=request.scope_id,
            task_code=request.task_code,
            key=request.key,
            after=paging.last_id(request),
            page_size=size + 1,  # one more than is shown says whether there is a next page
        )
        found, total = await self._rules.page(query)
        return pb.ListPolicyRulesResponse(
            policy_rules=map(rule_message, found[:size]),
            next_page_token=paging.token(request, found[size - 1].rule_id) if len(found) > size else "",
            total_size=total,
        )

    async def update_policy_rule(self, request: pb.UpdatePolicyRuleRequest, call: Call) -> pb.UpdatePolicyRuleResponse:
        """Changes a rule."""
        validate.update_rule(request)
        paths = set(request.update_mask.paths)
        asked = named_in(request.policy_rule, "policy_rule_id", paths)
        asked.scope = pb.POLICY_SCOPE_PLATFORM  # neither this nor a value that is not named is looked at
        if asked.WhichOneof("value") is None:
            asked.amount = 0
        fields = {"value" if path in validate.VALUES else path for path in paths}
        changed = await self._rules.update(_view(call), read_rule(asked), fields, origin_of(request, call))
        return pb.UpdatePolicyRuleResponse(policy_rule=rule_message(changed))

    async def delete_policy_rule(self, request: pb.DeletePolicyRuleRequest, call: Call) -> pb.DeletePolicyRuleResponse:
        """Removes a rule."""
        validate.named_rule(request)
        await self._rules.delete(_view(call), request.policy_rule_id, origin_of(request, call))
        return pb.DeletePolicyRuleResponse()

    async def evaluate(self, request: pb.EvaluateRequest, call: Call) -> pb.EvaluateResponse:
        """Says what policy would make of a call."""
        validate.evaluate(request)
        return await self._evaluator.answer(request, call)


def _view(call: Call) -> RuleView:
    own = call.tenant_id == call.principal.tenant_id
    return RuleView(
        call.tenant_id,
        call.principal.plan_id if own else "",
        of_platform=call.principal.has(PLATFORM_ADMIN),
    )


def _new_rule(message: pb.PolicyRule, call: Call) -> Rule:
    by_platform = call.principal.has(PLATFORM_ADMIN)
    about_nobody = PolicyScope(message.scope) in PLATFORM_SCOPES
    if about_nobody and not by_platform:
        message_ = "Rules of PLATFORM and PLAN are a platform administrator's alone."
        raise RoleRequired(message_, metadata={"role": PLATFORM_ADMIN})
    written = pb.PolicyRule()
    written.CopyFrom(message)
    written.tenant_id = "" if about_nobody else call.tenant_id
    written.of_platform = by_platform
    return read_rule(written)

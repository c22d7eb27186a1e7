"""``plan``, ``feature``, ``task`` and ``policy``: what they ask, and what they show."""

from __future__ import annotations

import json
from pathlib import Path

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from invocation import Run
from pointsman.cli.administration.rule_values import hours, hours_text, set_value, value_text
from pointsman.v1 import budget_service_pb2 as budgets
from pointsman.v1 import plan_pb2 as plans
from pointsman.v1 import policy_service_pb2 as pb
from pointsman.v1 import tenant_service_pb2 as tenants
from pointsman.v1.principal_pb2 import PRINCIPAL_ROLE_USER, Principal
from scripted_server import Script, refusal

SINCE = Timestamp(seconds=1_772_366_400)
DAY = plans.Quota(
    holder=plans.QUOTA_HOLDER_USER, unit=budgets.BUDGET_UNIT_TOKENS, kind=budgets.BUDGET_KIND_DAY, limit=200_000
)
PRO = plans.Plan(
    plan_id="PRO",
    display_name="Professional",
    features=[plans.PlanFeature(feature_id="PATENTS", quotas=[DAY])],
    tasks=[
        plans.PlanTask(task_code="LLM2_DRAFT", access=plans.ModelAccess(model_classes=["PRO_M", "PRO_L"])),
        plans.PlanTask(task_code="LLM1", access=plans.ModelAccess(any_class=True), quotas=[DAY, DAY]),
    ],
    quotas=[
        plans.Quota(
            holder=plans.QUOTA_HOLDER_TENANT, unit=budgets.BUDGET_UNIT_NANOS, kind=budgets.BUDGET_KIND_MONTH,
            limit=50_000_000_000,
        )
    ],
)  # fmt: skip
SWITCH = budgets.KillSwitch(
    kill_switch_id="kil_1", scope=budgets.KILL_SWITCH_SCOPE_MODEL, scope_id="openai/gpt-5", tenant_id="acme",
    cut_running=True, pull=budgets.KillSwitchAct(tenant_id="acme", user_id="ada", time=SINCE, justification="wild"),
)  # fmt: skip
RELEASED = budgets.KillSwitch(
    kill_switch_id="kil_1", scope=budgets.KILL_SWITCH_SCOPE_GLOBAL, of_platform=True,
    pull=budgets.KillSwitchAct(time=SINCE), release=budgets.KillSwitchAct(time=SINCE),
)  # fmt: skip
TOML = """
plan_id = "PRO"
display_name = "Professional"

[[features]]
feature_id = "PATENTS"
quotas = [{ holder = "user", unit = "tokens", kind = "day", limit = 200000 }]

[[tasks]]
task_code = "LLM2_DRAFT"
access = { model_classes = ["PRO_M", "PRO_L"] }

[[tasks]]
task_code = "LLM1"
access = { any_class = true }
quotas = [
    { holder = "user", unit = "tokens", kind = "day", limit = 200000 },
    { holder = "QUOTA_HOLDER_USER", unit = "BUDGET_UNIT_TOKENS", kind = "BUDGET_KIND_DAY", limit = 200000 },
]

[[quotas]]
holder = "tenant"
unit = "nanos"
kind = "month"
limit = 50000000000
"""


def test_a_plan_of_a_file_is_made_where_it_is_not_there(run: Run, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "pro.toml"
    file.write_text(TOML, "utf-8")
    script.refusals["GetPlan"] = [refusal(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")]
    assert run("plan", "apply", str(file)).out == "PRO: created\n"
    assert script.requests[1] == tenants.CreatePlanRequest(plan=PRO)


def test_a_plan_that_is_there_becomes_what_the_file_says(run: Run, script: Script, tmp_path: Path) -> None:
    dated = plans.Plan(create_time=SINCE, update_time=SINCE)
    dated.MergeFrom(PRO)
    script.answers["GetPlan"] = [tenants.GetPlanResponse(plan=dated), tenants.GetPlanResponse(plan=dated)]
    shown = tmp_path / "shown.json"
    shown.write_text(run("plan", "show", "PRO", "--json").out, "utf-8")
    assert run("plan", "apply", str(shown)).out == "PRO: changed, for all tenants on it\n"
    mask = FieldMask(paths=["display_name", "features", "tasks", "general_access", "quotas"])
    assert script.requests[-1] == tenants.UpdatePlanRequest(plan=PRO, update_mask=mask)


def test_a_plan_is_shown_with_its_models_and_quotas(run: Run, script: Script) -> None:
    script.answers["GetPlan"] = [tenants.GetPlanResponse(plan=PRO)]
    assert [line.rstrip() for line in run("plan", "show", "PRO").out.splitlines()] == [
        "PRO: Professional",
        "calls without a task: no: every call must name a task",
        "quota: $50.00 a month for the tenant",
        "",
        "features",
        "feature  quotas",
        "PATENTS  200,000 tokens a day for each user",
        "",
        "tasks",
        "task        models        quotas",
        "LLM2_DRAFT  PRO_M, PRO_L  –",  # noqa: RUF001  # as shown
        "LLM1        any model     200,000 tokens a day for each user; 200,000 tokens a day for each user",
    ]


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        (("p.toml", "plan_id = "), "p.toml: "),
        (("p.json", "[]"), "Plan must be an object"),
        (("p.toml", 'plan_id = "A"\ncolour = "red"'), 'no field named "colour"'),
        (("p.toml", 'plan_id = "A"\n[[quotas]]\nkind = "fortnight"'), "BUDGET_KIND_FORTNIGHT"),
        (("p.toml", 'display_name = "A"'), "plan_id is missing"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(
    run: Run, script: Script, tmp_path: Path, file: tuple[str, str], complaint: str
) -> None:
    name, text = file
    (tmp_path / name).write_text(text, "utf-8")
    outcome = run("plan", "apply", str(tmp_path / name))
    assert (outcome.code, script.requests) == (2, [])
    assert complaint in " ".join(outcome.err.split())
    assert "cannot be read" in " ".join(run("plan", "apply", str(tmp_path / "none.toml")).err.split())


RULE = pb.PolicyRule(
    policy_rule_id="rul_1", scope=pb.POLICY_SCOPE_USER, scope_id="ada", task_code="LLM2_DRAFT", key="max_tokens_out",
    amount=8000, overrides=True, description="she drafts", tenant_id="acme",
    condition=pb.PolicyCondition(
        hours=hours("mon-fri 09:00-17:00 Europe/Berlin", ""), purposes=["drafting"],
        usage=pb.UsageCondition(at_least_percent=80),
    ),
)  # fmt: skip

SIMPLE: list[tuple[str, Message, Message, str]] = [
    ("plan list", tenants.ListPlansResponse(plans=[PRO]), tenants.ListPlansRequest(page_size=1000),
     "PRO Professional PATENTS LLM2_DRAFT, LLM1"),
    ("plan delete PRO", tenants.DeletePlanResponse(), tenants.DeletePlanRequest(plan_id="PRO"), "PRO: deleted"),
    ("feature list", tenants.ListFeaturesResponse(features=[plans.Feature(feature_id="F", display_name="Fun")]),
     tenants.ListFeaturesRequest(page_size=1000), "F Fun"),
    ("feature create F --name Fun", tenants.CreateFeatureResponse(feature=plans.Feature(feature_id="F")),
     tenants.CreateFeatureRequest(feature=plans.Feature(feature_id="F", display_name="Fun")), "F"),
    ("feature set F --name Fun", tenants.UpdateFeatureResponse(feature=plans.Feature(feature_id="F")),
     tenants.UpdateFeatureRequest(feature=plans.Feature(feature_id="F", display_name="Fun"),
                                  update_mask=FieldMask(paths=["display_name"])), "F"),
    ("feature delete F", tenants.DeleteFeatureResponse(), tenants.DeleteFeatureRequest(feature_id="F"), "F: deleted"),
    ("task list --feature F", tenants.ListTasksResponse(tasks=[plans.Task(task_code="T", feature_id="F")]),
     tenants.ListTasksRequest(feature_id="F", page_size=1000), "T F"),
    ("task create T --feature F", tenants.CreateTaskResponse(task=plans.Task(task_code="T", feature_id="F")),
     tenants.CreateTaskRequest(task=plans.Task(task_code="T", feature_id="F", display_name="T")), "T F"),
    ("task set T --feature G", tenants.UpdateTaskResponse(task=plans.Task(task_code="T", feature_id="G")),
     tenants.UpdateTaskRequest(task=plans.Task(task_code="T", feature_id="G"),
                               update_mask=FieldMask(paths=["feature_id"])), "T G"),
    ("task delete T", tenants.DeleteTaskResponse(), tenants.DeleteTaskRequest(task_code="T"), "T: deleted"),
    ("policy list --scope user --of ada --task T --key k --tenant acme",
     pb.ListPolicyRulesResponse(policy_rules=[RULE]),
     pb.ListPolicyRulesRequest(tenant_id="acme", scope=pb.POLICY_SCOPE_USER, scope_id="ada", task_code="T", key="k",
                               page_size=1000),
     ("rul_1 user ada, LLM2_DRAFT max_tokens_out 8,000 mon-fri 09:00-17:00 Europe/Berlin; for drafting; a budget used"
      " to 80% overrides acme she drafts")),
    ("policy add max_tokens_out 8000 --scope user --of ada --task LLM2_DRAFT --mandatory --tenant acme",
     pb.CreatePolicyRuleResponse(policy_rule=RULE),
     pb.CreatePolicyRuleRequest(tenant_id="acme", policy_rule=pb.PolicyRule(
         scope=pb.POLICY_SCOPE_USER, scope_id="ada", task_code="LLM2_DRAFT", key="max_tokens_out", amount=8000,
         mandatory=True)), "rul_1"),
    ("policy add allowed_models openai/*,ollama/qwen3 --used-to 80 --budget bud_1 --purpose a --purpose b",
     pb.CreatePolicyRuleResponse(policy_rule=RULE),
     pb.CreatePolicyRuleRequest(policy_rule=pb.PolicyRule(
         scope=pb.POLICY_SCOPE_TENANT, key="allowed_models", names=pb.PolicyNames(names=["openai/*", "ollama/qwen3"]),
         condition=pb.PolicyCondition(
             purposes=["a", "b"], usage=pb.UsageCondition(budget_id="bud_1", at_least_percent=80)))), "rul_1"),
    ("policy set rul_1 4000 --no-overrides --disable", pb.UpdatePolicyRuleResponse(policy_rule=RULE),
     pb.UpdatePolicyRuleRequest(policy_rule=pb.PolicyRule(policy_rule_id="rul_1", amount=4000, disabled=True),
                                update_mask=FieldMask(paths=["amount", "overrides", "disabled"])), "rul_1"),
    ("policy set rul_1 --always", pb.UpdatePolicyRuleResponse(policy_rule=RULE),
     pb.UpdatePolicyRuleRequest(policy_rule=pb.PolicyRule(policy_rule_id="rul_1"),
                                update_mask=FieldMask(paths=["condition"])), "rul_1"),
    ("kill pull model openai/gpt-5 --why wild --cut --tenant acme", budgets.PullKillSwitchResponse(kill_switch=SWITCH),
     budgets.PullKillSwitchRequest(scope=budgets.KILL_SWITCH_SCOPE_MODEL, scope_id="openai/gpt-5", tenant_id="acme",
                                   cut_running=True, justification="wild"),
     "kil_1 model openai/gpt-5 acme cut 2026-03-01 12:00:00 UTC ada wild"),
    ("kill release kil_1 --why over --tenant acme", budgets.ReleaseKillSwitchResponse(kill_switch=RELEASED),
     budgets.ReleaseKillSwitchRequest(kill_switch_id="kil_1", tenant_id="acme", justification="over"),
     "kil_1 global everybody end 2026-03-01 12:00:00 UTC"),
    ("kill list --released", budgets.ListKillSwitchesResponse(kill_switches=[SWITCH]),
     budgets.ListKillSwitchesRequest(with_released=True, page_size=1000), "kil_1 model openai/gpt-5 acme cut"),
    ("policy delete rul_1", pb.DeletePolicyRuleResponse(), pb.DeletePolicyRuleRequest(policy_rule_id="rul_1"),
     "rul_1: deleted"),
]  # fmt: skip


@pytest.mark.parametrize("case", SIMPLE, ids=lambda case: case[0])
def test_a_command_asks_and_shows(run: Run, script: Script, case: tuple[str, Message, Message, str]) -> None:
    command, answer, wanted, shown = case
    script.answers[type(answer).__name__.removesuffix("Response")] = [answer]
    outcome = run(*command.split())
    assert outcome.code == 0, outcome.err
    assert script.requests == [wanted]
    assert " ".join(outcome.out.splitlines()[-1].split()).startswith(shown)


def test_hours_of_a_rule_and_of_its_condition(run: Run, script: Script) -> None:
    run("policy", "add", "allowed_hours", "mon-fri 09:00-17:00 Europe/Berlin", "--outside", "sat,sun 00:00-24:00")
    rule = script.requests[0].policy_rule
    assert rule.hours == pb.PolicyHours(
        weekdays=range(1, 6), start_minute=540, end_minute=1020, time_zone="Europe/Berlin"
    )
    assert rule.condition.outside_hours == pb.PolicyHours(weekdays=[6, 7], end_minute=1440)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("09:00-17:00", "09:00-17:00 UTC"),
        ("Mon,Tue,Fri 22:30-06:00 Asia/Tokyo", "mon,tue,fri 22:30-06:00 Asia/Tokyo"),
        ("friday-monday 00:00-24:00", "mon,fri,sat,sun 00:00-24:00 UTC"),
        ("tue-sat 08:00 - 09:00 UTC", "tue-sat 08:00-09:00 UTC"),
    ],
)
def test_hours_are_shown_as_they_are_typed(typed: str, shown: str) -> None:
    assert hours_text(hours(typed, "")) == shown
    assert hours(shown, "") == hours(shown, "")
    assert hours_text(hours(shown, "")) == shown


@pytest.mark.parametrize(
    ("typed", "form", "shown"),
    [
        ("8000", "amount", "8,000"),
        ("1_000_000", "amount", "1,000,000"),
        ("a/*, b", "names", "a/*, b"),
        ("refuse", "names", "refuse"),
        ("sun 10:00-11:00", "hours", "sun 10:00-11:00 UTC"),
        ("refuse input email, aws_key", "content_check", "refuse input email,aws_key"),
        ("mask both", "content_check", "mask both"),
    ],
)
def test_a_value_has_the_form_that_it_looks_like(typed: str, form: str, shown: str) -> None:
    rule = pb.PolicyRule()
    assert set_value(rule, typed) == form
    assert value_text(rule) == shown


VERDICT = pb.EvaluateResponse(
    allowed=False,
    refusals=[
        pb.PolicyRefusal(key="max_tokens_out", message="9,000 is above 8,000; ask for less", policy_rule_ids=["rul_1"]),
        pb.PolicyRefusal(key="plan", message="the plan has no such task"),
    ],
    limits=[
        pb.PolicyLimit(
            key="max_tokens_out",
            amount=8000,
            text="8,000 tokens",
            contributions=[
                pb.PolicyContribution(
                    source="rule", source_id="rul_1", scope=pb.POLICY_SCOPE_USER, scope_id="ada", text="8,000 tokens",
                    effect=pb.CONTRIBUTION_EFFECT_SET,
                ),
                pb.PolicyContribution(
                    source="server", source_id="max_output_tokens", text="32,000 tokens",
                    effect=pb.CONTRIBUTION_EFFECT_LOOSER,
                ),
            ],
        ),
        pb.PolicyLimit(key="allowed_hours", text="any time"),
    ],
    meters=[
        pb.ChargedMeter(
            meter_id="m1", name="day", source="plan", source_id="PRO", unit=budgets.BUDGET_UNIT_TOKENS,
            kind=budgets.BUDGET_KIND_DAY, limit=200_000, holder="user ada",
        ),
        pb.ChargedMeter(
            meter_id="m2", source="rule", source_id="rul_2", unit=budgets.BUDGET_UNIT_NAMED, unit_name="agent_steps",
            kind=budgets.BUDGET_KIND_SLOTS, limit=3, holder="tenant",
        ),
        pb.ChargedMeter(
            meter_id="m3", source="budget", unit=budgets.BUDGET_UNIT_REQUESTS, kind=budgets.BUDGET_KIND_RATE,
            period_seconds=60, limit=10, holder="tenant",
        ),
        pb.ChargedMeter(
            meter_id="m4", source="rule", unit=budgets.BUDGET_UNIT_REQUESTS, kind=budgets.BUDGET_KIND_TOTAL, limit=9,
            holder="run r1",
        ),
        pb.ChargedMeter(
            meter_id="m5", source="budget", unit=budgets.BUDGET_UNIT_NANOS, kind=budgets.BUDGET_KIND_ROLLING,
            period_seconds=3_600, limit=1_500_000_000, holder="tenant",
        ),
        pb.ChargedMeter(
            meter_id="m6", source="budget", unit=budgets.BUDGET_UNIT_TOKENS, kind=budgets.BUDGET_KIND_HOUR, limit=1,
            holder="tenant",
        ),
    ],
    allowed_model_count=3,
    model_count=24,
    principal=Principal(tenant_id="acme", user_id="ada", roles=[PRINCIPAL_ROLE_USER], plan_id="PRO"),
    policy_generation=12,
)  # fmt: skip


def test_explain_shows_every_limit_and_who_set_it(run: Run, script: Script) -> None:
    script.answers["Evaluate"] = [VERDICT]
    outcome = run("policy", "explain", "--user", "ada")
    assert outcome.code == 1
    assert [" ".join(line.split()) for line in outcome.out.splitlines()] == [
        "refused",
        "ada of acme (user) on PRO",
        "3 of 24 models; rules of generation 12",
        "",
        "refused because",
        "key why rules",
        "max_tokens_out 9,000 is above 8,000; ask for less rul_1",
        "plan the plan has no such task –",  # noqa: RUF001  # as shown
        "",
        "limits",
        "limit is by says effect",
        "max_tokens_out 8,000 tokens rule rul_1 (user ada) 8,000 tokens sets it",
        "server max_output_tokens 32,000 tokens looser",
        "allowed_hours any time –",  # noqa: RUF001  # as shown
        "",
        "charged on",
        "meter counts whose use from",
        "day 200,000 tokens a day user ada plan PRO",
        "m2 3 agent-steps at once tenant rule rul_2",
        "m3 10 requests per 60 s tenant budget",
        "m4 9 requests in all run r1 rule",
        "m5 $1.50 in 3,600 s tenant budget",
        "m6 1 tokens an hour tenant budget",
    ]


def test_explain_asks_with_all_that_is_known_of_the_call(run: Run, script: Script) -> None:
    script.answers["Evaluate"] = [pb.EvaluateResponse(allowed=True)]
    outcome = run(
        *("policy", "explain", "--agent", "writer", "--tenant", "acme", "--task", "T", "--purpose", "p"),
        *("--project", "apollo", "--run", "r1", "--on-behalf-of", "a", "--model", "gpt-5", "--input-tokens", "0"),
        *("--max-tokens", "9", "--request-bytes", "10", "--images", "1", "--documents", "2", "--tools", "3"),
        *("--amount", "retrieval_top_k=5", "--at", "2026-03-01T12:00", "--json"),
    )
    assert json.loads(outcome.out) == {"allowed": True}
    facts = pb.CallFacts(
        task_code="T", purpose="p", project_id="apollo", run_id="r1", agent_id="a", model="gpt-5", input_tokens=0,
        max_output_tokens=9, request_bytes=10, image_count=1, document_count=2, tool_count=3,
        amounts={"retrieval_top_k": 5}, time=SINCE,
    )  # fmt: skip
    assert script.requests == [pb.EvaluateRequest(tenant_id="acme", agent_id="writer", facts=facts)]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("policy", "set", "rul_1"), "say what to change"),
        (("policy", "set", "rul_1", "--always", "--purpose", "a"), "contradicts"),
        (("policy", "add", "k", "1", "--budget", "b"), "--used-to"),
        (("policy", "add", "k", "1", "--during", "nine to five"), "is no time such as"),
        (("policy", "add", "allowed_hours", "monday 9-17"), "is none of these"),
        (("policy", "add", "k", "moonday 09:00-10:00"), "'moonday' is none of mon, tue"),
        (("policy", "add", "k", "mask sideways email"), "'sideways' is none of input, output, both"),
        (("policy", "explain", "--amount", "five"), "is not KEY=N"),
        (("policy", "explain", "--at", "soon"), "no day, time or 7d"),
        (("task", "set", "T"), "say what to change"),
    ],
)
def test_what_cannot_be_meant_is_told(run: Run, script: Script, arguments: tuple[str, ...], complaint: str) -> None:
    outcome = run(*arguments)
    assert (outcome.code, script.requests) == (2, [])
    assert complaint in " ".join(outcome.err.split())

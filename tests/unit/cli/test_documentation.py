"""docs/cli.md tells the truth: every example is run, and every command and option is described."""

import re
import shlex
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import grpc
import pytest
import typer
from administered import administered, plan_is_missing
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from invocation import invoke
from pointsman import assistant, contexts
from pointsman.cli.administration.commands import GROUPS as ADMINISTRATORS
from pointsman.cli.app import app
from pointsman.contexts import Context, Contexts
from pointsman.v1 import budget_service_pb2 as pb
from pointsman.v1.completion_pb2 import (
    FINISH_REASON_STOP,
    FINISH_REASON_TOOL_CALLS,
    CompletionEvent,
    Finished,
    Started,
    TextDelta,
    ToolCallDelta,
)
from pointsman.v1.decision_pb2 import (
    Candidate,
    Decision,
    DecisionSummary,
    ExcludedModel,
    Exclusion,
    Facts,
    ScoreTerm,
    SkippedPreference,
)
from pointsman.v1.model_pb2 import (
    CAPABILITY_TEXT,
    CAPABILITY_VISION,
    COST_TIER_STANDARD,
    PROVIDER_STATE_ACTIVE,
    PROVIDER_STATE_NO_KEY,
    Model,
    Prices,
    Provider,
)
from pointsman.v1.principal_pb2 import PRINCIPAL_ROLE_TENANT_ADMIN, Principal
from pointsman.v1.router_service_pb2 import UsageResponse, UsageRow
from pointsman.v1.tenant_service_pb2 import WhoAmIResponse
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.__main__ import main as server
from scripted_server import Script, refusal, response

PAGE, SERVERS = (
    (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8").split("## The server's own program\n")
)
EXAMPLES = re.findall(r"```console\n\$ pointsman ([^\n]*)\n(.*?)```", PAGE, re.DOTALL)
WISHES = PAGE.split("## Asking\n")[1].split("\n## ")[0]
GROUPS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # the app is a group
COMMANDS = {
    f"{name} {inner}" if inner else name: command
    for name, group in GROUPS.items()
    for inner, command in (getattr(group, "commands", None) or {"": group}).items()
}

UNKNOWN = "there is no model 'gpt-9' in the catalog; the nearest are gpt-5, gpt-4, gpt-4o."
STARTED = Started(
    completion_id="cmp_06bjr3vkc8x5e1q7m2t9w4znh0",
    decision=DecisionSummary(decision_id="dec_06bjr3vk9gs2a8f4y6d1p7x3ce", model_id="openai/gpt-4o-mini"),
)
FINISHED = Finished(
    finish_reason=FINISH_REASON_STOP,
    usage=TokenUsage(input_tokens=9, output_tokens=7),
    cost_nanos=5_550,
    latency=Duration(nanos=412_000_000),
    time_to_first_token=Duration(nanos=83_000_000),
    model_id="openai/gpt-4o-mini",
)


def terms(priority: float, cost: float) -> list[ScoreTerm]:
    return [
        ScoreTerm(name="priority", value=priority, weight=0.96),
        ScoreTerm(name="near_best", value=0, weight=0.048),
        ScoreTerm(name="cost", value=cost, weight=0.04),
    ]


def decision() -> Decision:
    return Decision(
        decision_id="dec_06bjr3vk9gs2a8f4y6d1p7x3ce",
        plan=["openai/gpt-5", "openai/gpt-5-mini"],
        explanation="openai/gpt-5 leads 2 eligible of 24 models by the profile balanced.",
        profile="balanced",
        facts=Facts(
            task_type="code",
            task_type_source="keyword",
            task_type_confidence="high",
            input_tokens_expected=6,
            input_tokens_bound=31,
        ),
        candidates=[
            Candidate(
                model_id="openai/gpt-5", rank=1, score=0.6546, terms=terms(0.65, 0.766), probability=1,
                expected_cost_nanos=2_567_500, worst_case_cost_nanos=40_998_750, max_output_tokens=4096,
            ),
            Candidate(
                model_id="openai/gpt-5-mini", rank=2, score=0.6148, terms=terms(0.6, 0.97),
                expected_cost_nanos=513_500, worst_case_cost_nanos=8_199_750, max_output_tokens=4096,
            ),
        ],
        eligible_count=2,
        considered_count=24,
        exclusions=[
            Exclusion(
                reason="provider_inactive",
                count=22,
                examples=[
                    ExcludedModel(
                        model_id="openrouter/x-ai/grok-4",
                        detail="openrouter is not active (no_key): set OPENROUTER_API_KEY",
                    )
                ],
            )
        ],
        skipped_preferences=[
            SkippedPreference(name="glm-4-6-200k", source="fallback_chain", reason="provider_inactive")
        ],
    )  # fmt: skip


def usage() -> UsageResponse:
    start, end = Timestamp(), Timestamp()
    start.FromDatetime(datetime(2026, 3, 1, tzinfo=UTC))
    end.FromDatetime(datetime(2026, 3, 8, 12, 30, tzinfo=UTC))

    def row(keys: list[str], completions: int, spent: int, took: int) -> UsageRow:
        counted = TokenUsage(input_tokens=completions * 800, output_tokens=completions * 250)
        return UsageRow(
            keys=keys, completions=completions, attempts=completions, tokens=counted, cost_nanos=spent,
            mean_latency_ms=took,
        )  # fmt: skip

    rows = [row(["openai", "openai/gpt-5"], 40, 140_000_000, 4_200), row(["ollama", "ollama/qwen3"], 200, 0, 930)]
    return UsageResponse(start_time=start, end_time=end, total=row([], 240, 140_000_000, 1_475), rows=rows)


def stamp(*when: int) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(datetime(*when, tzinfo=UTC))  # type: ignore[arg-type, misc]  # the parts of a time
    return made


def budget() -> pb.Budget:
    state = pb.BudgetState(
        posted=37_250_000_000, reserved=41_000_000, remaining=12_709_000_000, window_end_time=stamp(2026, 4, 1)
    )
    return pb.Budget(
        budget_id="bud_06bjr3w0a4e8g2j6n1r5v9x3zk", name="research", scope=pb.BUDGET_SCOPE_PROJECT, scope_id="apollo",
        unit=pb.BUDGET_UNIT_NANOS, kind=pb.BUDGET_KIND_MONTH, limit=50_000_000_000, state=state,
    )  # fmt: skip


def findings() -> list[pb.VerifyLedgerResponse]:
    unknown = pb.UnknownReservation(
        reservation_id="rsv_06bjr3w2c5h9k3p7t1x4z8b6de", tenant_id="acme",
        completion_id="cmp_06bjr3w2c2f6j0m4q8s1v5y9ag",
        model_id="openai/gpt-5", worst_case_cost_nanos=41_000_000, create_time=stamp(2026, 3, 8, 12, 30),
        checkpoint=pb.ReservationCheckpoint(cost_nanos=12_300_000),
    )  # fmt: skip
    summary = pb.LedgerSummary(counter_count=14, reservation_count=51_204, unknown_count=1)
    return [pb.VerifyLedgerResponse(unknown=unknown), pb.VerifyLedgerResponse(summary=summary)]


def who() -> WhoAmIResponse:
    principal = Principal(
        tenant_id="acme", user_id="ada", roles=[PRINCIPAL_ROLE_TENANT_ADMIN], plan_id="PRO", project_ids=["apollo"],
        credential_id="pmk_06bjr3w0a4e8g2j6n1r5v9x3zk",
    )  # fmt: skip
    return WhoAmIResponse(principal=principal, tenant_display_name="Acme Ltd")


def comparison() -> pb.CompareUsageResponse:
    cost = pb.UsageComparison(
        model="gpt-5", model_ids=["openai/gpt-5"], figure=pb.USAGE_FIGURE_COST_NANOS,
        billed=231_418_000_000, booked=231_118_000_000, alert=True,
    )  # fmt: skip
    tokens = pb.UsageComparison(
        model="gpt-5", model_ids=["openai/gpt-5"], figure=pb.USAGE_FIGURE_INPUT_TOKENS,
        billed=10_204_112, booked=10_204_112,
    )  # fmt: skip
    return pb.CompareUsageResponse(rows=[cost, tokens], alert_count=1)


def scripted(script: Script, arguments: list[str]) -> None:
    """What the server of the page answers."""
    script.decision, script.usage = decision(), [usage()]
    script.budgets, script.findings, script.compared = [budget()], findings(), comparison()
    script.answers["WhoAmI"] = [who()]
    script.providers = [
        Provider(id="ollama", dialect="openai", state=PROVIDER_STATE_ACTIVE, model_count=1,
                 base_url="http://127.0.0.1:11434/v1"),
        Provider(id="openrouter", dialect="openai", state=PROVIDER_STATE_NO_KEY, state_reason="set OPENROUTER_API_KEY",
                 base_url="https://openrouter.ai/api/v1"),
    ]  # fmt: skip
    script.models = [
        Model(id="openai/gpt-5", cost_tier=COST_TIER_STANDARD, priority=65, available=True, model_class="PRO_L",
              context_window_tokens=400_000, capabilities=[CAPABILITY_TEXT, CAPABILITY_VISION],
              prices=Prices(input_nanos_per_million=1_250_000_000, output_nanos_per_million=10_000_000_000)),
        Model(id="openai/gpt-5-mini", cost_tier=COST_TIER_STANDARD, priority=60, available=False, model_class="BASE_M",
              unavailable_reason="set OPENAI_API_KEY", context_window_tokens=400_000, capabilities=[CAPABILITY_TEXT],
              prices=Prices(input_nanos_per_million=250_000_000, output_nanos_per_million=2_000_000_000)),
    ]  # fmt: skip
    deltas = [CompletionEvent(text_delta=TextDelta(text=text)) for text in ("Hello! ", "How can I help you?")]
    if "--tools" in arguments:
        call = ToolCallDelta(id="call_1", name="weather", arguments_json='{"city": "Paris"}')
        deltas = [CompletionEvent(tool_call_delta=call)]
    end = Finished()
    end.CopyFrom(FINISHED)
    if "--tools" in arguments:
        end.finish_reason = FINISH_REASON_TOOL_CALLS
    if "--json" in arguments:
        deltas, message = [], assistant("Hello! How can I help you?")
        end.message.CopyFrom(message)
    script.steps = (response(CompletionEvent(started=STARTED), *deltas, CompletionEvent(finished=end)),)
    if "gpt-9" in arguments:
        script.refusals["Complete"] = [
            refusal(
                grpc.StatusCode.INVALID_ARGUMENT,
                "UNKNOWN_PIN",
                f"specification.hints.pinned_models[0]: {UNKNOWN}",
                fields={"specification.hints.pinned_models[0]": UNKNOWN},
                metadata={"request_id": "req_06bjr3vm2k7c5h9x1t4q8e6wsd"},
            )
        ]


def logged_in() -> None:
    """What the page's `context` shows."""
    server = "https://pointsman.example"
    known = {name: Context(server, "pmk_1_canary") for name in ("ada@acme", "grace@initech")}
    contexts.save(Contexts("ada@acme", known))


def plain(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


@pytest.mark.parametrize("example", EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_an_example_prints_what_the_page_says(
    script: Script, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, example: tuple[str, str]
) -> None:
    command, output = example
    run = partial(invoke, "--address", address)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "tools.json").write_text('[{"name": "weather", "description": "Tells the weather."}]')
    (tmp_path / "november.csv").write_text("date,model,cost_usd\n2026-11-01,gpt-5,231.418\n2026-11-30,gpt-5,0\n")
    (tmp_path / "pro.toml").write_text(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0], "utf-8")
    typed, _, piped = command.partition(" < ")
    arguments = shlex.split(typed)
    scripted(script, arguments)
    administered(script)
    if arguments[:2] == ["plan", "apply"]:
        plan_is_missing(script)
    if arguments[0] == "context":
        logged_in()
    if arguments[0] == "whoami":
        monkeypatch.setenv("POINTSMAN_TOKEN", "pmk_1_canary")
    # The page's own address reaches nobody, which is what that example shows.
    outcome = invoke(*arguments) if "--address" in arguments else run(*arguments, stdin=piped)
    assert plain((outcome.out + outcome.err).replace(address, "127.0.0.1:50051")) == plain(output)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_described(name: str) -> None:
    section = PAGE.split(f"## `{name.split(maxsplit=1)[0]}`\n")[1].split("\n## ")[0]
    if " " in name:
        assert re.search(rf"`{name.split()[1]}[ `]", section)
    shared = WISHES if name in {"chat", "complete", "route"} else ""
    if name.split(maxsplit=1)[0] in ADMINISTRATORS:
        shared = PAGE.split("## Administration\n")[1].split("\n## ")[0]
    described = set(re.findall(r"--[a-z-]+", section + shared))
    parameters = COMMANDS[name].params
    options = {option for parameter in parameters for option in parameter.opts + parameter.secondary_opts}
    assert {option for option in options if option.startswith("--")} - {"--help"} <= described


def test_the_page_describes_no_option_that_does_not_exist() -> None:
    options = {
        option
        for command in [typer.main.get_command(app), *COMMANDS.values()]
        for parameter in command.params
        for option in parameter.opts + parameter.secondary_opts
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) <= options | {"--help"}


def test_the_page_describes_every_command_of_the_server(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        server(["--help"])
    commands = re.findall(r"^    ([a-z-]+)\b", capsys.readouterr().out, re.MULTILINE)
    assert set(commands) >= {"serve", "check"}
    assert re.findall(r"^\| `([a-z-]+)` \|", SERVERS, re.MULTILINE) == commands

"""A routing decision as tables: who would serve, every term of every score, and the why-nots."""

from __future__ import annotations

from collections.abc import Iterator

from pointsman.cli.figures import NONE, cost, elapsed
from pointsman.cli.terminal import Column, Terminal
from pointsman.v1.decision_pb2 import Candidate, Decision, Exclusion, Facts

_CANDIDATES = (
    Column("#", right=True),
    Column("model"),
    Column("score", right=True),
    Column("terms (value × weight)"),  # noqa: RUF001  # the sign of multiplication
    Column("probability", right=True, extra=True),
    Column("expected", right=True),
    Column("worst case", right=True),
    Column("output cap", right=True, extra=True),
)
_EXCLUSIONS = (Column("reason"), Column("models", right=True), Column("examples"))
_SKIPPED = (Column("name"), Column("from"), Column("why"))


def show_decision(terminal: Terminal, decision: Decision) -> None:
    """Writes the decision."""
    terminal.line(" → ".join(decision.plan) or "no model is eligible", style="bold")
    if decision.explanation:
        terminal.line(decision.explanation)
    terminal.line(" · ".join(_brief(decision)), style="dim")
    if decision.candidates:
        title = f"candidates: {decision.eligible_count:,} eligible of {decision.considered_count:,} considered"
        terminal.table(_CANDIDATES, [_candidate(row) for row in decision.candidates], title=title)
    if decision.exclusions:
        terminal.table(_EXCLUSIONS, [_exclusion(row) for row in decision.exclusions], title="excluded")
    if decision.skipped_preferences:
        rows = [(row.name, row.source, row.reason) for row in decision.skipped_preferences]
        terminal.table(_SKIPPED, rows, title="passed over")


def _brief(decision: Decision) -> Iterator[str]:
    yield decision.decision_id
    if decision.profile:
        yield f"profile {decision.profile}"
    yield from _facts(decision.facts)


def _facts(facts: Facts) -> Iterator[str]:
    if facts.task_type:
        yield f"task type {facts.task_type} ({facts.task_type_source}, {facts.task_type_confidence})"
    if facts.purpose:
        yield f"purpose {facts.purpose}"
    yield f"input {facts.input_tokens_expected:,} tokens expected, {facts.input_tokens_bound:,} at most"
    if facts.required_capabilities:
        yield f"needs {', '.join(facts.required_capabilities)}"
    if facts.HasField("max_cost_nanos"):
        yield f"cost at most {cost(facts, 'max_cost_nanos')}"
    if facts.HasField("max_latency"):
        yield f"first token within {elapsed(facts.max_latency)}"


def _candidate(row: Candidate) -> tuple[str, ...]:
    terms = " + ".join(f"{term.name}={term.value:.3f}×{term.weight:.3g}" for term in row.terms)  # noqa: RUF001  # as above
    return (
        str(row.rank),
        row.model_id,
        f"{row.score:.4f}",
        terms or NONE,
        f"{row.probability:.3f}",
        cost(row, "expected_cost_nanos"),
        cost(row, "worst_case_cost_nanos"),
        f"{row.max_output_tokens:,}",
    )


def _exclusion(row: Exclusion) -> tuple[str, ...]:
    examples = "\n".join(f"{example.model_id}: {example.detail}" for example in row.examples)
    return row.reason, f"{row.count:,}", examples or NONE

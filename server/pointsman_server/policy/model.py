"""What policy says of a call, and what it reads of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pointsman_server.policy.rule import ContentCheck

MAX_METERS = 32
"""How many limits of plans and rules one call may be held on. Each slows it a little."""


@dataclass(frozen=True, slots=True)
class PolicyMeter:
    """A counter that a plan or a rule wants a call charged on.

    Attributes:
        tenant_id: its owner, the tenant whose call it is.
        meter_id: follows from what sets it and whose use it counts, so that all servers name it alike.
        name: what people call it.
        source: ``plan`` or ``rule``.
        source_id: the plan or the rule.
        holder: whose use it counts, such as ``tenant``, ``user u_1`` or ``run r_7``.
        unit: as the ledger stores it, such as ``requests``.
        kind: as the ledger stores it: month, day, hour, rolling, rate, slots, or ``total`` for one without a window.
        period_s: for rolling windows and rates; 0 for the other kinds.
    """

    tenant_id: str
    meter_id: str
    name: str
    source: str
    source_id: str
    holder: str
    unit: str
    kind: str
    period_s: int
    limit: int


@dataclass(frozen=True, slots=True)
class PolicyRefusal:
    """Why a call is refused.

    Attributes:
        key: of the limit; ``plan``, ``project`` or ``agent`` where no rule is the cause.
        message: what was wrong and what to do.
        rule_ids: the rules that set the limit.
    """

    key: str
    message: str
    rule_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelLimits:
    """Which models may serve; hashable, so that what follows from it is found once.

    Attributes:
        allowed_models: lists of ids, aliases and ``provider/*``; a model must be on each.
        allowed_classes, allowed_providers, allowed_regions: ``None``: any.
        killed_providers, killed_models: ids, which kill switches stop.
    """

    allowed_models: tuple[frozenset[str], ...] = ()
    denied_models: frozenset[str] = frozenset()
    allowed_classes: frozenset[str] | None = None
    allowed_providers: frozenset[str] | None = None
    denied_providers: frozenset[str] = frozenset()
    allowed_regions: frozenset[str] | None = None
    denied_regions: frozenset[str] = frozenset()
    killed_providers: frozenset[str] = frozenset()
    killed_models: frozenset[str] = frozenset()


ANY_MODEL = ModelLimits()


@dataclass(frozen=True, slots=True)
class CheckedContent:
    """A content check that holds for a call, under its rule's key, and the rule that asks for it."""

    key: str
    check: ContentCheck
    rule_id: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The merged limits of every rule that applies to a call.

    Attributes:
        max_output_tokens: the largest output cap that may be enforced, in tokens; ``None``: the model's own.
        default_output_tokens: the output cap where the caller names none, in tokens.
        max_attempts: the most attempts that one call may make.
        allow_fallback: whether another model may serve when the first one fails.
        refusals: why the call is refused; empty: it is not.
        max_input_tokens: the most input that is let in, in tokens; ``None``: the model's window.
        models: which models may serve.
        meters: what the call is charged on beside budgets.
        content_checks: what content is looked for.
        amounts: the limits on what a task uses, by key, such as ``retrieval_top_k``.
        generation: the version of the rules that it was given under.
    """

    max_output_tokens: int | None
    default_output_tokens: int
    max_attempts: int
    allow_fallback: bool
    refusals: tuple[PolicyRefusal, ...] = ()
    max_input_tokens: int | None = None
    models: ModelLimits = ANY_MODEL
    meters: tuple[PolicyMeter, ...] = ()
    content_checks: tuple[CheckedContent, ...] = ()
    amounts: tuple[tuple[str, int], ...] = ()
    generation: int = 0


class CallFacts(Protocol):
    """What policy reads of a call's facts; ``router.model.Facts`` has it, which stands above policy."""

    @property
    def task_code(self) -> str:
        """The task's code; empty: none."""
        ...

    @property
    def purpose(self) -> str:
        """What the caller says the call is for; empty: nothing."""
        ...

    @property
    def agent_id(self) -> str:
        """The agent on whose behalf the call is made; empty: none."""
        ...

    @property
    def project_id(self) -> str:
        """The project that the call is charged to; empty: none."""
        ...

    @property
    def run_id(self) -> str:
        """The run that the call is a step of; empty: none."""
        ...

    @property
    def whole_input_tokens(self) -> int | None:
        """The input's tokens, as exactly as they are known; ``None``: not at all."""
        ...

    @property
    def max_output_tokens(self) -> int | None:
        """The output cap that the call asks for; ``None``: the default."""
        ...

    @property
    def request_bytes(self) -> int | None:
        """How large the request is; ``None``: not known."""
        ...

    @property
    def message_count(self) -> int:
        """How many messages it has."""
        ...

    @property
    def image_count(self) -> int:
        """How many images it brings."""
        ...

    @property
    def document_count(self) -> int:
        """How many documents it brings."""
        ...

    @property
    def tool_count(self) -> int:
        """How many tools it offers."""
        ...

    @property
    def amounts(self) -> Mapping[str, int]:
        """What else its task would use, by the key that limits it."""
        ...

"""What the router reads and what it gives: facts in, a plan of attempts out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pointsman.v1.model_pb2 import Capability

from pointsman_server.catalog.model import Model, Provider
from pointsman_server.router.tokens import TokenCount

_MEDIA = frozenset({Capability.CAPABILITY_VISION, Capability.CAPABILITY_AUDIO, Capability.CAPABILITY_DOCUMENTS})

TOP_CANDIDATES = 64
"""How many candidates a decision record keeps."""


class Profile(StrEnum):
    """What the routing weighs most."""

    BALANCED = "balanced"
    BEST = "best"
    CHEAPEST = "cheapest"
    FASTEST = "fastest"
    FREE_FIRST = "free_first"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the operator wants where a request does not say.

    Attributes:
        provider_priority: the providers that go first, in this order; ``local`` stands for all local ones.
        profile: what weighs most where nothing in the request suggests a profile.
    """

    provider_priority: tuple[str, ...] = ()
    profile: Profile = Profile.BALANCED


@dataclass(frozen=True, slots=True)
class TaskType:
    """What kind of task was detected: its name, what detected it (tool, attachment, keyword), and how sure it is."""

    name: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """The caller's hints, as names still to be resolved."""

    pinned_models: tuple[str, ...] = ()
    preferred_models: tuple[str, ...] = ()
    pinned_providers: tuple[str, ...] = ()
    preferred_providers: tuple[str, ...] = ()
    max_cost_nanos: int | None = None
    max_latency_ms: int | None = None
    profile: Profile | None = None
    allow_fallback: bool | None = None
    allow_clamping: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The small frozen summary of a request that policy and routing see: numbers, flags and codes, never text.

    Attributes:
        input_tokens_bound: never less than the input's tokens by any vocabulary, before a model's own overhead.
        input_tokens_expected: the input's tokens as expected.
        token_counter: which counter gave these two: ``bytes``.
        counted: by vocabulary, the input's tokens as it counts them exactly, for models that use it.
        max_output_tokens: the cap that was asked for; ``None``: the verdict's default.
        remote_uri_count: images and documents given by address; such a request never goes to a private provider.
        parameters: the optional parameters that the request sets, such as ``seed``.
        complex_reasoning: whether the caller asks for hard thinking: high effort, or a model that reasons.
        request_bytes: how large the specification is; ``None``: not known.
        amounts: what else its task uses, by the policy key that limits it.
        default_model: the tenant's, which serves where scores cannot be made or do not decide; empty: none.
    """

    input_tokens_bound: int
    input_tokens_expected: int
    token_counter: str
    max_output_tokens: int | None
    required_capabilities: frozenset[Capability.ValueType]
    preferences: Preferences = Preferences()
    task_type: TaskType | None = None
    purpose: str = ""
    task_code: str = ""
    run_id: str = ""
    agent_id: str = ""
    project_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    message_count: int = 0
    tool_count: int = 0
    image_count: int = 0
    document_count: int = 0
    audio_clip_count: int = 0
    remote_uri_count: int = 0
    parameters: frozenset[str] = frozenset()
    complex_reasoning: bool = False
    request_bytes: int | None = None
    amounts: Mapping[str, int] = field(default_factory=dict)
    default_model: str = ""
    counted: Mapping[str, TokenCount] = field(default_factory=dict)

    @property
    def whole_input_tokens(self) -> int:
        """The input's tokens: the most that a vocabulary counts, or as expected where none did."""
        return max((count.expected for count in self.counted.values()), default=self.input_tokens_expected)

    @property
    def only_text(self) -> bool:
        """Whether the input is text alone, as far as its parts and the hints tell."""
        return not self.image_count and not self.required_capabilities & _MEDIA

    def input_tokens(self, tokenizer: str) -> TokenCount:
        """The input's tokens for a model with this vocabulary, before its own overhead."""
        return self.counted.get(tokenizer) or TokenCount(self.input_tokens_bound, self.input_tokens_expected)

    def counter(self, tokenizer: str) -> str:
        """Which counter gave them."""
        return f"tiktoken:{tokenizer}" if tokenizer in self.counted else self.token_counter


@dataclass(frozen=True, slots=True)
class ScoreTerm:
    """One term of a score: value (0 to 1) times weight; the score is the sum."""

    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that passed every filter.

    Attributes:
        max_output_tokens: the output cap that would be enforced.
        input_tokens_bound: the bound on its input, the model's own overhead included.
        expected_cost_nanos, worst_case_cost_nanos: ``None``: the model has no known price.
        input_tokens_estimate: what rates of tokens hold for the input; ``None``: its bound.
    """

    model: Model
    provider: Provider
    score: float
    terms: tuple[ScoreTerm, ...]
    probability: float
    max_output_tokens: int
    input_tokens_bound: int
    expected_cost_nanos: int | None
    worst_case_cost_nanos: int | None
    input_tokens_estimate: int | None = None

    @property
    def at_ceiling(self) -> bool:
        """Whether its costs are at a ceiling price, since nobody knows the real ones."""
        return self.model.prices is not None and self.model.prices.is_ceiling


@dataclass(frozen=True, slots=True)
class ExcludedModel:
    """A model that was dropped, and why, with the figures."""

    model_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One filter's drops; a model counts for the first filter that drops it."""

    reason: str
    count: int
    examples: tuple[ExcludedModel, ...]


@dataclass(frozen=True, slots=True)
class SkippedPreference:
    """A name in a purpose map, a fallback chain or a hint that was passed over, where it stood, and why."""

    name: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordered models to try, and everything that explains the order.

    Attributes:
        attempts: best first; empty: no model was eligible.
        candidates: the highest-ranked, at most ``TOP_CANDIDATES``, best first.
        pinned_exclusions: where models were pinned, the pinned ones that were dropped.
    """

    facts: Facts
    attempts: tuple[Candidate, ...]
    candidates: tuple[Candidate, ...]
    eligible_count: int
    considered_count: int
    exclusions: tuple[Exclusion, ...]
    skipped_preferences: tuple[SkippedPreference, ...]
    seed: int
    profile: Profile
    catalog_version: str
    router_version: str
    explanation: str
    pinned_exclusions: tuple[Exclusion, ...] = ()

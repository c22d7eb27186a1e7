"""Providers and models as the catalog knows them: immutable rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from pointsman.v1.model_pb2 import Capability, CostTier, LifeCycle, ModelType, ProviderState


class AuthScheme(StrEnum):
    """How a key goes into its header."""

    BEARER = "bearer"
    RAW = "raw"
    NONE = "none"


class Access(StrEnum):
    """Which addresses a provider may be reached at; the transport checks the connected address."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    PRIVATE = "private"


class OnCancel(StrEnum):
    """What becomes of a provider's answer whose caller has gone."""

    READ_TO_END = "read_to_end"
    ABORT = "abort"


ACCOUNT_TIERS = ("free", "pro", "team", "enterprise")
"""The tiers of accounts with providers, the lowest first."""

DEFAULT_ACCOUNT_TIER = "pro"
"""What an account counts as whose tier nobody stated: it pays, and was promised nothing special."""


@dataclass(frozen=True, slots=True)
class Auth:
    """Where the key is found and how it is sent.

    Attributes:
        environment: names of environment variables, the first that is set wins.
        header: the header's name.
        scheme: how the key goes into it; ``NONE``: the provider takes no key.
        required: whether the provider is inactive without a key.
    """

    environment: tuple[str, ...] = ()
    header: str = "authorization"
    scheme: AuthScheme = AuthScheme.BEARER
    required: bool = True

    @property
    def needs_key(self) -> bool:
        """Whether nothing can be sent without a key; never where the provider takes none."""
        return self.required and self.scheme is not AuthScheme.NONE


@dataclass(frozen=True, slots=True)
class Provider:
    """A host that serves models, as its TOML file describes it.

    Attributes:
        id: a chosen name.
        dialect: the wire protocol's name.
        base_url: where it is reached, parameters filled in, no trailing slash.
        access: which addresses the transport may connect to.
        private_hosts: with ``Access.PRIVATE``, the networks that the operator allows, such as ``10.1.0.0/16``.
        simulated: whether it only simulates models; such rows serve only when nothing real is active, or by name.
        paths: overrides of the dialect's paths, by operation (``chat``, ``models``).
        headers: sent with every request.
        query: sent with every request.
        quirks: flags that the dialect understands, such as ``no_stream_options``.
        probe_path: answers 2xx exactly when a local provider of this kind listens; relative to the host's root.
        discover: whether its models are read from its models endpoint while it is active.
        zero_priced: whether models without a price cost an explicit 0 (local rows).
        price_list: the provider's name in the price library; empty: its models are not looked up there.
        ceiling_price: bounds and books calls of its models whose prices are not known; ``None``: they have none.
        default_model: the name of the model that goes first among its own; empty: none.
        account_tier: the account's tier; models that need a higher one are not used.
        region: where it computes, such as ``eu``; policy reads it; empty: not known.
        on_cancel: what becomes of an answer whose caller has gone; ``None``: what costs something is read to its end.
        source: ``built-in``, or the operator's file.
    """

    id: str
    display_name: str
    dialect: str
    base_url: str
    auth: Auth = Auth()
    access: Access = Access.PUBLIC
    private_hosts: tuple[str, ...] = ()
    local: bool = False
    simulated: bool = False
    paths: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    quirks: frozenset[str] = frozenset()
    probe_path: str | None = None
    discover: bool = False
    zero_priced: bool = False
    price_list: str = ""
    ceiling_price: Prices | None = None
    default_model: str = ""
    account_tier: str = DEFAULT_ACCOUNT_TIER
    region: str = ""
    on_cancel: OnCancel | None = None
    enabled: bool = True
    source: str = "built-in"


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """Whether a provider's models can be called now.

    Attributes:
        state_reason: why it is not active and what to do; empty when it is.
        key_source: the environment variable that its key was read from, never the key; empty: no key.
        last_sync_at: when its models were last read from it and were not what was known before.
    """

    state: ProviderState.ValueType
    state_reason: str = ""
    key_source: str = ""
    last_sync_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PriceTier:
    """Prices that hold for the whole call once all input classes together pass ``above_input_tokens``."""

    above_input_tokens: int
    input_nanos_per_million: int
    output_nanos_per_million: int
    cache_read_nanos_per_million: int | None = None
    cache_write_nanos_per_million: int | None = None
    cache_write_long_nanos_per_million: int | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in nano-dollars per million tokens; a class of ``None`` costs what its base class costs.

    The base of each is input or output, and of ``cache_write_long`` it is ``cache_write``.

    Attributes:
        request_nanos: a fee for each call.
        tiers: by rising threshold.
        source: ``catalog``, ``operator``, ``price-library``, ``provider`` or ``local``.
        is_ceiling: whether they are no real prices but what an operator wants calls bounded by and booked at, since
            nobody knows the real ones.
    """

    input_nanos_per_million: int
    output_nanos_per_million: int
    cache_read_nanos_per_million: int | None = None
    cache_write_nanos_per_million: int | None = None
    input_audio_nanos_per_million: int | None = None
    output_audio_nanos_per_million: int | None = None
    request_nanos: int = 0
    tiers: tuple[PriceTier, ...] = ()
    source: str = "catalog"
    cache_write_long_nanos_per_million: int | None = None
    is_ceiling: bool = False


ALWAYS = datetime.min.replace(tzinfo=UTC)
"""From when a price list holds that gives no date."""


@dataclass(frozen=True, slots=True)
class DatedPrices:
    """Prices and from when they hold, until others do; ``None``: from then on no price is known."""

    from_time: datetime
    prices: Prices | None


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the catalog; ``None`` means not known, which is not zero.

    Attributes:
        id: ``provider/external_id``.
        provider_model_id: what is sent on the wire.
        family: the same weights on other hosts share it.
        image_tokens: the most that one image costs; ``None``: no more than the routing assumes of any image.
        overhead_tokens: what chat templates and tool prompts add to the input; ``None``: the dialect's default.
        quirks: flags that the dialect understands, beside those of its provider.
        latency_ms: the usual time to first token.
        tier: the account tier that it needs; empty: any.
        tokenizer: the vocabulary that its input is counted with exactly; empty: none is known.
        note: remarks, such as figures that a document prints otherwise.
        prices: those in force when the snapshot was made.
        price_changes: what holds later, by rising time.
    """

    id: str
    provider_id: str
    external_id: str
    provider_model_id: str
    display_name: str
    aliases: tuple[str, ...] = ()
    family: str = ""
    type: ModelType.ValueType = ModelType.MODEL_TYPE_CHAT
    capabilities: frozenset[Capability.ValueType] = frozenset({Capability.CAPABILITY_TEXT})
    domains: tuple[str, ...] = ()
    context_window_tokens: int | None = None
    max_output_tokens: int | None = None
    prices: Prices | None = None
    cost_tier: CostTier.ValueType = CostTier.COST_TIER_UNSPECIFIED
    model_class: str = ""
    priority: int = 50
    latency_ms: int | None = None
    tokens_per_second: int | None = None
    best_for: tuple[str, ...] = ()
    tier: str = ""
    life_cycle: LifeCycle.ValueType = LifeCycle.LIFE_CYCLE_ACTIVE
    overhead_tokens: int | None = None
    image_tokens: int | None = None
    quirks: frozenset[str] = frozenset()
    tokenizer: str = ""
    note: str = ""
    price_changes: tuple[DatedPrices, ...] = ()

    def at(self, now: datetime) -> Model:
        """The model with the prices in force at a time after its snapshot's."""
        if not self.price_changes or now < self.price_changes[0].from_time:
            return self
        passed = [change for change in self.price_changes if change.from_time <= now]
        return replace(self, prices=passed[-1].prices, price_changes=self.price_changes[len(passed) :])

"""How much an attempt holds on a meter, and how much it used in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.meters import MAX_AMOUNT, Meter, NamedUnit, Scope, ScopeKey, Unit
from pointsman_server.ledger.model import ReserveRequest, Settlement
from pointsman_server.ledger.money import worst_case_nanos
from pointsman_server.ledger.windows import MeterKind

_INPUT = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_long_tokens", "input_audio_tokens")
_OUTPUT = ("output_tokens", "reasoning_tokens", "output_audio_tokens")

_CLASSES: Mapping[Unit | NamedUnit, tuple[str, ...]] = {
    Unit.TOKENS: _INPUT + _OUTPUT,
    Unit.INPUT_TOKENS: _INPUT,
    Unit.OUTPUT_TOKENS: _OUTPUT,
    Unit.CACHE_READ_TOKENS: ("cache_read_tokens",),
    Unit.CACHE_WRITE_TOKENS: ("cache_write_tokens", "cache_write_long_tokens"),
    Unit.INPUT_AUDIO_TOKENS: ("input_audio_tokens",),
    Unit.REASONING_TOKENS: ("reasoning_tokens",),
    Unit.OUTPUT_AUDIO_TOKENS: ("output_audio_tokens",),
}
"""The classes of tokens that a unit counts."""


def _input(_: ReserveRequest, input_tokens: int) -> int:
    return input_tokens


def _output(request: ReserveRequest, _: int) -> int:
    return request.max_output_tokens


# Of a request and how many input tokens are held for it.
_HELD: Mapping[Unit, Callable[[ReserveRequest, int], int | None]] = {
    Unit.NANOS: lambda request, _: request.worst_case_cost_nanos,
    Unit.TOKENS: lambda request, input_tokens: input_tokens + request.max_output_tokens,
    Unit.INPUT_TOKENS: _input,
    Unit.OUTPUT_TOKENS: _output,
    Unit.REQUESTS: lambda *_: 1,
    # All of the input, or of the output, may be of one class.
    Unit.CACHE_READ_TOKENS: _input,
    Unit.CACHE_WRITE_TOKENS: _input,
    Unit.INPUT_AUDIO_TOKENS: _input,
    Unit.REASONING_TOKENS: _output,
    Unit.OUTPUT_AUDIO_TOKENS: _output,
}


def scopes_of(request: ReserveRequest) -> Iterator[ScopeKey]:
    """Whose meters count the attempt."""
    charge = request.charge
    yield ScopeKey(PLATFORM_TENANT, Scope.GLOBAL, "")
    yield ScopeKey(PLATFORM_TENANT, Scope.PROVIDER, request.provider_id)
    yield ScopeKey(charge.tenant_id, Scope.TENANT, "")
    yield ScopeKey(charge.tenant_id, Scope.USER, charge.user_id)
    if charge.project_id:
        yield ScopeKey(charge.tenant_id, Scope.PROJECT, charge.project_id)
    if charge.agent_id:
        yield ScopeKey(charge.tenant_id, Scope.AGENT, charge.agent_id)
    for meter in request.policy_meters:
        yield meter.scope_key


def counts(meter: Meter, request: ReserveRequest) -> bool:
    """Whether the meter counts the attempt at all: what brings no images is none of the business of a limit on them,
    frozen or passed as that may be.
    """
    return not isinstance(meter.unit, NamedUnit) or request.named_units.get(meter.unit, 0) > 0


def held(meter: Meter, request: ReserveRequest) -> int | None:
    """The most that the attempt can use; of a rate of tokens, what the input is estimated at where that is known.
    ``None``: its model has no known price.
    """
    input_tokens = request.input_tokens_bound
    if meter.kind is MeterKind.RATE and request.input_tokens_estimate is not None:
        input_tokens = request.input_tokens_estimate
    if isinstance(meter.unit, NamedUnit):
        return request.named_units.get(meter.unit, 0)
    return _HELD[meter.unit](request, input_tokens)


def used(unit: Unit | NamedUnit, settlement: Settlement) -> int | None:
    """What an attempt used; ``None``: nobody knows, and all that it held counts."""
    if isinstance(unit, NamedUnit):
        return settlement.named_units.get(unit)
    return 1 if unit is Unit.REQUESTS else billed(unit, settlement.usage, settlement.cost_nanos)


def billed(unit: Unit | NamedUnit, usage: TokenUsage, cost_nanos: int | None) -> int | None:
    """How much of money or tokens that is; ``None``: it has no known cost. A negative count, which only a broken
    provider reports, is none, and what no column holds is the largest that one does.
    """
    return cost_nanos if unit is Unit.NANOS else _sum(usage, _CLASSES[unit])


def clamped(request: ReserveRequest, max_output_tokens: int) -> ReserveRequest:
    """The request with another output cap, and the worst case at that."""
    prices = request.clamp.prices if request.clamp else None
    cost = None if prices is None else worst_case_nanos(prices, request.input_tokens_bound, max_output_tokens)
    return replace(request, max_output_tokens=max_output_tokens, worst_case_cost_nanos=cost)


def _sum(usage: TokenUsage, classes: tuple[str, ...]) -> int:
    total: int = sum(max(0, getattr(usage, name)) for name in classes)
    return min(MAX_AMOUNT, total)

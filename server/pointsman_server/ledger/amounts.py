"""How much an attempt holds on a meter, and how much it used in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.meters import MAX_AMOUNT, Meter, Scope, ScopeKey, Unit
from pointsman_server.ledger.model import ReserveRequest
from pointsman_server.ledger.money import worst_case_nanos
from pointsman_server.ledger.windows import MeterKind

_INPUT = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_long_tokens", "input_audio_tokens")
_OUTPUT = ("output_tokens", "reasoning_tokens", "output_audio_tokens")

# Of a request and how many input tokens are held for it.
_HELD: Mapping[Unit, Callable[[ReserveRequest, int], int | None]] = {
    Unit.NANOS: lambda request, _: request.worst_case_cost_nanos,
    Unit.TOKENS: lambda request, input_tokens: input_tokens + request.max_output_tokens,
    Unit.INPUT_TOKENS: lambda _, input_tokens: input_tokens,
    Unit.OUTPUT_TOKENS: lambda request, _: request.max_output_tokens,
    Unit.REQUESTS: lambda *_: 1,
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


def held(meter: Meter, request: ReserveRequest) -> int | None:
    """The most that the attempt can use; of a rate of tokens, what the input is estimated at where that is known.
    ``None``: its model has no known price.
    """
    input_tokens = request.input_tokens_bound
    if meter.kind is MeterKind.RATE and request.input_tokens_estimate is not None:
        input_tokens = request.input_tokens_estimate
    return _HELD[meter.unit](request, input_tokens)


def used(unit: Unit, usage: TokenUsage, cost_nanos: int | None) -> int | None:
    """What an attempt used; ``None``: it has no known cost. A negative count, which only a broken provider reports,
    is none, and what no column holds is the largest that one does.
    """
    match unit:
        case Unit.NANOS:
            return cost_nanos
        case Unit.TOKENS:
            return _sum(usage, _INPUT + _OUTPUT)
        case Unit.INPUT_TOKENS:
            return _sum(usage, _INPUT)
        case Unit.OUTPUT_TOKENS:
            return _sum(usage, _OUTPUT)
        case Unit.REQUESTS:
            return 1


def clamped(request: ReserveRequest, max_output_tokens: int) -> ReserveRequest:
    """The request with another output cap, and the worst case at that."""
    prices = request.clamp.prices if request.clamp else None
    cost = None if prices is None else worst_case_nanos(prices, request.input_tokens_bound, max_output_tokens)
    return replace(request, max_output_tokens=max_output_tokens, worst_case_cost_nanos=cost)


def _sum(usage: TokenUsage, classes: tuple[str, ...]) -> int:
    total: int = sum(max(0, getattr(usage, name)) for name in classes)
    return min(MAX_AMOUNT, total)

"""The models that the sandbox simulates, with the prices that its meter charges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class SandboxPrices:
    """Nano-dollars per token, which are whole here; ``cached`` is for input that the prompt cache held."""

    input_nanos: int
    output_nanos: int
    cached_nanos: int | None = None


@dataclass(frozen=True, slots=True)
class SandboxModel:
    """One simulated model.

    Attributes:
        long_prices: what holds for the whole call once its input passes ``long_above_tokens``.
        first_ms: the time to its first token.
        media: what it takes beside text: ``image``, ``audio``, ``document``.
        tools: whether it calls tools and answers by a schema.
    """

    id: str
    prices: SandboxPrices
    context_tokens: int
    max_output_tokens: int
    first_ms: int
    tokens_per_second: int
    long_prices: SandboxPrices | None = None
    long_above_tokens: int = 0
    media: frozenset[str] = frozenset()
    tools: bool = True
    reasons: bool = False

    @property
    def caches(self) -> bool:
        """Whether it has a prompt cache."""
        return self.prices.cached_nanos is not None

    def cost_nanos(self, input_tokens: int, cached_tokens: int, output_tokens: int) -> int:
        """The exact cost; ``cached_tokens`` are not in ``input_tokens``."""
        prices = self.prices
        if self.long_prices is not None and input_tokens + cached_tokens > self.long_above_tokens:
            prices = self.long_prices
        cached_nanos = prices.input_nanos if prices.cached_nanos is None else prices.cached_nanos
        return input_tokens * prices.input_nanos + cached_tokens * cached_nanos + output_tokens * prices.output_nanos


MODELS: Final = {
    model.id: model
    for model in (
        SandboxModel(
            "swift", SandboxPrices(100, 400), context_tokens=32_768, max_output_tokens=4_096,
            first_ms=50, tokens_per_second=200,
        ),
        SandboxModel(
            "steady", SandboxPrices(1_000, 4_000, 100), context_tokens=131_072, max_output_tokens=8_192,
            first_ms=150, tokens_per_second=100, media=frozenset({"image", "audio"}),
        ),
        SandboxModel(
            "sage", SandboxPrices(5_000, 20_000), context_tokens=1_048_576, max_output_tokens=32_768,
            first_ms=400, tokens_per_second=60, media=frozenset({"document"}), reasons=True,
            long_prices=SandboxPrices(10_000, 40_000), long_above_tokens=200_000,
        ),
        SandboxModel(
            "free", SandboxPrices(0, 0), context_tokens=8_192, max_output_tokens=1_024,
            first_ms=300, tokens_per_second=50, tools=False,
        ),
    )
}  # fmt: skip

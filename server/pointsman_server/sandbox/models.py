"""The models that the sandbox simulates, with the prices that its meter charges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class SandboxModel:
    """One simulated model. Prices are nano-dollars per token, which are whole here.

    Attributes:
        cached_nanos: the price of an input token that the prompt cache held; ``None``: it has no such cache.
        first_ms: the time to its first token.
    """

    id: str
    input_nanos: int
    output_nanos: int
    context_tokens: int
    max_output_tokens: int
    first_ms: int
    tokens_per_second: int
    cached_nanos: int | None = None
    media: frozenset[str] = frozenset()
    reasons: bool = False

    def cost_nanos(self, input_tokens: int, cached_tokens: int, output_tokens: int) -> int:
        """The exact cost; ``cached_tokens`` are not in ``input_tokens``."""
        cached_nanos = self.input_nanos if self.cached_nanos is None else self.cached_nanos
        return input_tokens * self.input_nanos + cached_tokens * cached_nanos + output_tokens * self.output_nanos


MODELS: Final = {
    model.id: model
    for model in (
        SandboxModel(
            "swift", input_nanos=100, output_nanos=400, context_tokens=32_768, max_output_tokens=4_096,
            first_ms=50, tokens_per_second=200,
        ),
        SandboxModel(
            "steady", input_nanos=1_000, output_nanos=4_000, cached_nanos=100, context_tokens=131_072,
            max_output_tokens=8_192, first_ms=150, tokens_per_second=100, media=frozenset({"image", "audio"}),
        ),
        SandboxModel(
            "sage", input_nanos=5_000, output_nanos=20_000, context_tokens=1_048_576, max_output_tokens=32_768,
            first_ms=400, tokens_per_second=60, media=frozenset({"document"}), reasons=True,
        ),
        SandboxModel(
            "free", input_nanos=0, output_nanos=0, context_tokens=8_192, max_output_tokens=1_024,
            first_ms=300, tokens_per_second=50,
        ),
    )
}  # fmt: skip

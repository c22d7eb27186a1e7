"""From who asks and what is asked to a verdict. So far one rule stands: the server's own limits."""

from pointsman_server.identity.model import Principal
from pointsman_server.policy.model import CallFacts, Verdict


class PolicyEngine:
    """Gives verdicts.

    Args:
        default_output_tokens: the output cap where the caller names none.
        max_output_tokens: the largest output cap; ``None``: the model's own.
        max_attempts: the most models that one call tries.
        allow_fallback: whether another model may serve when the first one fails.
    """

    def __init__(
        self, *, default_output_tokens: int, max_output_tokens: int | None, max_attempts: int, allow_fallback: bool
    ) -> None:
        default = default_output_tokens if max_output_tokens is None else min(default_output_tokens, max_output_tokens)
        self._server_limits = Verdict(
            max_output_tokens=max_output_tokens,
            default_output_tokens=default,
            max_attempts=max_attempts,
            allow_fallback=allow_fallback,
        )

    def evaluate(self, principal: Principal, facts: CallFacts) -> Verdict:
        """Merges the limits of every rule that applies to the call."""
        del principal, facts  # the server's limits hold for everyone and for every call alike
        return self._server_limits

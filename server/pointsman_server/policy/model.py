"""What policy says of a call."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """The merged limits of every rule that applies to a call.

    Attributes:
        max_output_tokens: the largest output cap that may be enforced, in tokens; ``None``: the model's own.
        default_output_tokens: the output cap where the caller names none, in tokens.
        max_attempts: the most attempts that one call may make.
        allow_fallback: whether another model may serve when the first one fails.
    """

    max_output_tokens: int | None
    default_output_tokens: int
    max_attempts: int
    allow_fallback: bool

"""What policy says of a call."""

from dataclasses import dataclass
from typing import Protocol


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


class CallFacts(Protocol):
    """What policy reads of a call's facts; ``router.model.Facts`` has it, which stands above policy."""

    @property
    def task_code(self) -> str:
        """The built-in task's code; empty: none."""
        ...

    @property
    def agent_id(self) -> str:
        """The agent on whose behalf the call is made; empty: none."""
        ...

    @property
    def project_id(self) -> str:
        """The project that the call is charged to; empty: none."""
        ...

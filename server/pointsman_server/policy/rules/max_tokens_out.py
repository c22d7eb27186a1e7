"""How many tokens an answer may have: a call that asks for more gets so many."""

from pointsman_server.policy.rules.amounts import AmountKind

MAX_TOKENS_OUT = AmountKind(
    key="max_tokens_out",
    about="the output of a call, in tokens; a call that asks for more is capped, not refused",
    unit="output tokens",
    least=1,
)

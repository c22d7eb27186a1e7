"""How many tokens an input may have."""

from pointsman_server.policy.rules.amounts import AmountKind

MAX_TOKENS_IN = AmountKind(
    key="max_tokens_in",
    about="the input of a call, in tokens: counted exactly where a vocabulary is at hand, else as expected",
    unit="input tokens",
    measure=lambda facts: facts.whole_input_tokens,
    cure="shorten the input",
    least=1,
)

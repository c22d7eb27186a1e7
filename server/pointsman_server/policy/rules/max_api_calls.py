"""How many outside interfaces, such as searches, a task may call."""

from pointsman_server.policy.rules.amounts import AmountKind, stated

MAX_API_CALLS = AmountKind(
    key="max_api_calls",
    about="the calls of outside interfaces, such as searches, that one run of a task makes",
    unit="calls of outside interfaces",
    measure=stated("max_api_calls"),
    cure="ask for fewer",
)

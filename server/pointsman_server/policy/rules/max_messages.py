"""How many messages a call may have."""

from pointsman_server.policy.rules.amounts import AmountKind

MAX_MESSAGES = AmountKind(
    key="max_messages",
    about="the messages that a call has",
    unit="messages",
    measure=lambda facts: facts.message_count,
    cure="send fewer",
)

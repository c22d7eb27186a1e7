"""How large a request may be."""

from pointsman_server.policy.rules.amounts import AmountKind

MAX_REQUEST_BYTES = AmountKind(
    key="max_request_bytes",
    about="the specification of a call, in bytes as it travels",
    unit="bytes",
    measure=lambda facts: facts.request_bytes,
    cure="send less",
    least=1,
)

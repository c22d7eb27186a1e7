"""How many tools a call may offer."""

from pointsman_server.policy.rules.amounts import AmountKind

MAX_TOOLS = AmountKind(
    key="max_tools",
    about="the tools that a call offers",
    unit="tools",
    measure=lambda facts: facts.tool_count,
    cure="offer fewer",
)

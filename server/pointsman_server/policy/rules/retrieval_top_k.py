"""How many passages a task may retrieve."""

from pointsman_server.policy.rules.amounts import AmountKind, stated

RETRIEVAL_TOP_K = AmountKind(
    key="retrieval_top_k",
    about="the passages that a task retrieves at once",
    unit="retrieved passages",
    measure=stated("retrieval_top_k"),
    cure="ask for fewer",
)

"""How many documents a call may bring."""

from pointsman_server.policy.rules.amounts import AmountKind

MAX_DOCUMENTS = AmountKind(
    key="max_documents",
    about="the documents that a call brings",
    unit="documents",
    measure=lambda facts: facts.document_count,
    cure="send fewer",
)

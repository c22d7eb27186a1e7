"""How many diagrams a request may make."""

from pointsman_server.policy.rules.amounts import AmountKind, stated

DIAGRAM_FILES_PER_REQ = AmountKind(
    key="diagram_files_per_req",
    about="the diagram files that one request makes",
    unit="diagram files",
    measure=stated("diagram_files_per_req"),
    cure="ask for fewer",
)

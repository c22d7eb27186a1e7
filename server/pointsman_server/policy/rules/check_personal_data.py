"""What is done about addresses, numbers of cards, accounts and telephones, and the like."""

from pointsman_server.policy.rules.content import ContentKind

CHECK_PERSONAL_DATA = ContentKind(
    key="check_personal_data",
    about="what is done about addresses, numbers of cards, accounts and telephones, and the like",
)

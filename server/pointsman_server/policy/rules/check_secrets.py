"""What is done about keys, tokens and private keys."""

from pointsman_server.policy.rules.content import ContentKind

CHECK_SECRETS = ContentKind(
    key="check_secrets",
    about="what is done about keys, tokens and private keys",
)

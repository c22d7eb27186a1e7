"""What is done about what a moderation model flags."""

from pointsman_server.policy.rules.content import ContentKind

CHECK_MODERATION = ContentKind(
    key="check_moderation",
    about="what is done about what a moderation model flags",
)

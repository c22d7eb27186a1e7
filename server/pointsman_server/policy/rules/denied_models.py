"""Models that may not serve."""

from pointsman_server.policy.rules.names import DenyKind

DENIED_MODELS = DenyKind(
    key="denied_models",
    about="the models that may not serve: ids, aliases or `provider/*`",
)

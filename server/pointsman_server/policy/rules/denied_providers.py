"""Providers that may not serve."""

from pointsman_server.policy.rules.names import DenyKind

DENIED_PROVIDERS = DenyKind(
    key="denied_providers",
    about="the providers whose models may not serve",
)

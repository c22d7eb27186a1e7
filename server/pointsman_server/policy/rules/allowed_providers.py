"""The providers that may serve."""

from pointsman_server.policy.rules.names import AllowKind

ALLOWED_PROVIDERS = AllowKind(
    key="allowed_providers",
    about="the providers whose models may serve",
)

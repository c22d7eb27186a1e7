"""The regions that may serve."""

from pointsman_server.policy.rules.names import AllowKind

ALLOWED_REGIONS = AllowKind(
    key="allowed_regions",
    about="the regions whose providers may serve; a provider without a region may not",
)

"""Regions that may not serve."""

from pointsman_server.policy.rules.names import DenyKind

DENIED_REGIONS = DenyKind(
    key="denied_regions",
    about="the regions whose providers may not serve",
)

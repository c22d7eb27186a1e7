"""How many calls may come in a minute."""

from pointsman_server.policy.rules.metered import MeteredKind

REQUESTS_PER_MINUTE = MeteredKind(
    key="requests_per_minute",
    about="the calls in a minute, as a rate",
    unit="calls a minute",
    meter_unit="requests",
    meter_kind="rate",
    period_s=60,
)

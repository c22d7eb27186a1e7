"""How many calls may run at once."""

from pointsman_server.policy.rules.metered import MeteredKind

MAX_CONCURRENT = MeteredKind(
    key="max_concurrent",
    about="the calls that run at once",
    unit="calls at once",
    meter_unit="requests",
    meter_kind="slots",
)

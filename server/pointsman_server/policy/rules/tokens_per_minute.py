"""How many tokens may be used in a minute."""

from pointsman_server.policy.rules.metered import MeteredKind

TOKENS_PER_MINUTE = MeteredKind(
    key="tokens_per_minute",
    about="the tokens of input and output in a minute, as a rate",
    unit="tokens a minute",
    meter_unit="tokens",
    meter_kind="rate",
    period_s=60,
)

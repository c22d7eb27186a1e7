"""Assembles what rules calls: the server's own limits, the rules, plans and kill switches of the store, and what
explains them.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

from pointsman_server.background import keep_running
from pointsman_server.config import Settings
from pointsman_server.errors import ConfigurationError
from pointsman_server.execution.usage_view import UsageWatch
from pointsman_server.foundation import Foundation
from pointsman_server.ledger.generations import Generation
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.policy.keeper import PolicyKeeper, UnreadablePolicy
from pointsman_server.policy.kill_keeper import KillKeeper
from pointsman_server.policy.limits import ServerLimits
from pointsman_server.services.policy_evaluation import PolicyEvaluation


def limits_of(settings: Settings) -> ServerLimits:
    """The limits that the server's own settings set, for everybody."""
    return ServerLimits(
        default_output_tokens=settings.default_output_tokens,
        max_output_tokens=settings.max_output_tokens,
        max_attempts=settings.max_attempts,
        allow_fallback=settings.allow_fallback,
        max_request_bytes=settings.max_request_bytes,
    )


async def keeper_of(base: Foundation, stack: AsyncExitStack) -> PolicyKeeper:
    """Loads the rules and plans, and follows their changes, and the budgets that they speak of.

    Raises:
        ConfigurationError: what the database holds of them cannot be used.
    """
    usage = UsageWatch(base.storage.shares, base.clock)
    keep_running(stack, "budget-usage", usage.run())
    keeper = PolicyKeeper(base.storage.policy, PolicyEngine(limits_of(base.settings), usage))
    try:
        await keeper.load()
    except UnreadablePolicy as error:
        raise ConfigurationError(f"The rules in the database cannot be used: {error}.") from error
    base.watch.on_change(Generation.POLICY, keeper.changed)
    keep_running(stack, "policy", keeper.run())
    return keeper


async def kills_of(base: Foundation) -> KillKeeper:
    """Loads the kill switches, and hears of their changes; to be run."""
    keeper = KillKeeper(base.storage.kill_switches)
    await keeper.load()
    base.watch.on_change(Generation.KILL, keeper.changed)
    return keeper


def evaluation_of(base: Foundation, policy: PolicyKeeper) -> PolicyEvaluation:
    """What explains policy, at the newest rules."""

    async def newest() -> None:
        await base.watch.look()
        await policy.at_least(base.watch.current.policy)

    return PolicyEvaluation(
        engine=policy.engine,
        newest=newest,
        standings=base.storage.credentials,
        budgets=base.storage.budgets,
        router=base.router,
        catalog=base.providers.catalog,
        clock=base.clock,
    )

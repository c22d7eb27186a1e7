"""What kill switches stop, and what is told of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pointsman_server.policy.kill_messages import kill_switch_message, read_kill_switch, shown_to_tenant
from pointsman_server.policy.kill_switch import NOTHING_STOPPED, Act, KillScope, KillSwitch, KillSwitches

PULL = Act("local", "root", datetime(2026, 3, 1, tzinfo=UTC), "a leak at openai")


def switch(scope: KillScope, **fields: Any) -> KillSwitch:
    given = {"scope_id": "", "tenant_id": "", "cut_running": True, "of_platform": True, "pull": PULL, **fields}
    return KillSwitch("kil_1", scope, **given)


def test_nothing_stops_nobody() -> None:
    assert NOTHING_STOPPED.stopping("acme") is None
    assert NOTHING_STOPPED.cutting("acme", "openai", "openai/gpt-5") is None
    assert not NOTHING_STOPPED.killed("acme", KillScope.PROVIDER)
    assert not NOTHING_STOPPED.cut


def test_a_tenants_switch_stops_that_tenant_alone() -> None:
    acme = switch(KillScope.TENANT, tenant_id="acme")
    found = KillSwitches(3, [acme])
    assert (found.stopping("acme"), found.stopping("beta")) == (acme, None)
    assert found.cutting("acme", "openai", "openai/gpt-5") is acme
    assert found.cutting("beta", "openai", "openai/gpt-5") is None


def test_the_platforms_word_goes_first() -> None:
    own = switch(KillScope.TENANT, tenant_id="acme", of_platform=False)
    operators, everybodys = switch(KillScope.TENANT, tenant_id="acme"), switch(KillScope.GLOBAL)
    assert KillSwitches(1, [own, operators]).stopping("acme") is operators
    assert KillSwitches(1, [own, operators, everybodys]).stopping("acme") is everybodys


@pytest.mark.parametrize(
    ("scope", "scope_id", "cut"),
    [
        (KillScope.GLOBAL, "", True),
        (KillScope.PROVIDER, "openai", True),
        (KillScope.PROVIDER, "anthropic", False),
        (KillScope.MODEL, "openai/gpt-5", True),
        (KillScope.MODEL, "openai/gpt-5-mini", False),
    ],
)
def test_what_runs_is_cut_where_it_is_concerned(scope: KillScope, scope_id: str, cut: bool) -> None:  # noqa: FBT001  # a column of the table
    cutting, sparing = (switch(scope, scope_id=scope_id, cut_running=running) for running in (True, False))
    assert (KillSwitches(1, [cutting]).cutting("acme", "openai", "openai/gpt-5") is cutting) is cut
    assert KillSwitches(1, [sparing]).cutting("acme", "openai", "openai/gpt-5") is None


def test_stopped_models_stop_no_call() -> None:
    found = KillSwitches(
        1,
        [
            switch(KillScope.PROVIDER, scope_id="openai"),
            switch(KillScope.MODEL, scope_id="x/y", tenant_id="acme", of_platform=False),
        ],
    )
    assert found.stopping("acme") is None
    assert found.killed("acme", KillScope.PROVIDER) == {"openai"} == found.killed("beta", KillScope.PROVIDER)
    assert (found.killed("acme", KillScope.MODEL), found.killed("beta", KillScope.MODEL)) == ({"x/y"}, frozenset())
    assert len(found) == 2


def test_why_the_platform_stops_is_told_to_operators_alone() -> None:
    platforms, own = switch(KillScope.GLOBAL), switch(KillScope.TENANT, tenant_id="acme", of_platform=False)
    assert platforms.refusal().metadata == {"scope": "global"}
    assert "leak" not in str(platforms.refusal())
    assert platforms.refusal(to_operator=True).metadata == {"scope": "global", "justification": PULL.justification}
    assert own.refusal().metadata == {"scope": "tenant", "justification": PULL.justification}
    assert "what is sent to openai" in str(switch(KillScope.PROVIDER, scope_id="openai").refusal())


def test_a_switch_is_read_as_it_was_written() -> None:
    for each in (switch(KillScope.GLOBAL), switch(KillScope.MODEL, scope_id="x/y", tenant_id="acme", release=PULL)):
        assert read_kill_switch(kill_switch_message(each)) == each


def test_a_tenant_sees_neither_who_nor_why_of_the_platform() -> None:
    platforms = switch(KillScope.GLOBAL, release=PULL)
    shown = shown_to_tenant(platforms)
    assert str(PULL.justification) not in str(shown)
    assert "root" not in str(shown)
    assert shown.pull.time == kill_switch_message(platforms).pull.time == shown.release.time
    own = switch(KillScope.TENANT, tenant_id="acme", of_platform=False)
    assert shown_to_tenant(own) == kill_switch_message(own)

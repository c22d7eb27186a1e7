"""The server's own limits, as a verdict."""

import pytest
from pointsman_server.identity.model import LOCAL_ADMIN
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.router.model import Facts

FACTS = Facts(
    input_tokens_bound=10,
    input_tokens_expected=3,
    token_counter="bytes",
    max_output_tokens=None,
    required_capabilities=frozenset(),
)


def test_the_server_limits_make_the_verdict() -> None:
    engine = PolicyEngine(default_output_tokens=100, max_output_tokens=None, max_attempts=3, allow_fallback=False)
    verdict = engine.evaluate(LOCAL_ADMIN, FACTS)
    assert verdict.default_output_tokens == 100
    assert verdict.max_output_tokens is None
    assert verdict.max_attempts == 3
    assert verdict.allow_fallback is False


@pytest.mark.parametrize(("default", "largest", "expected"), [(100, 50, 50), (100, 200, 100)])
def test_the_default_output_cap_is_never_above_the_largest(default: int, largest: int, expected: int) -> None:
    engine = PolicyEngine(default_output_tokens=default, max_output_tokens=largest, max_attempts=1, allow_fallback=True)
    assert engine.evaluate(LOCAL_ADMIN, FACTS).default_output_tokens == expected

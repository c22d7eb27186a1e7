"""Times the router over catalogs of several sizes: ``python bench/routing.py [rows …]`` prints a table of medians.

The catalog is made up: a hundred providers, prices for nine models in ten, windows from 8 thousand to a million
tokens. What is timed is a plan from facts, without I/O; "facts" is the summary of a small request, and "prepare" what
is derived once from each snapshot.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import Message, Part, Role, TextPart
from pointsman.v1.model_pb2 import Capability, ProviderState
from pointsman_server.catalog.model import Model, Prices, PriceTier, Provider, ProviderStatus
from pointsman_server.catalog.snapshot import Snapshot, build
from pointsman_server.policy.model import Verdict
from pointsman_server.router.facts import facts_of
from pointsman_server.router.model import Facts, Preferences, Profile
from pointsman_server.router.router import Router

DEFAULT_SIZES = (12, 1_000, 5_000, 100_000)
VERDICT = Verdict(max_output_tokens=None, default_output_tokens=4_096, max_attempts=4, allow_fallback=True)
SECONDS_PER_FIGURE = 1.0


def catalog(size: int) -> Snapshot:
    """Makes a catalog of so many models."""
    picked = random.Random(size)
    providers = [
        Provider(id=f"provider-{n}", display_name="", dialect="openai", base_url="https://example.com")
        for n in range(min(size, 100))
    ]
    statuses = {p.id: ProviderStatus(ProviderState.PROVIDER_STATE_ACTIVE) for p in providers}
    return build(providers, statuses, [_model(picked, providers[n % len(providers)].id, n) for n in range(size)])


def _model(picked: random.Random, provider_id: str, number: int) -> Model:
    name = f"model-{number}"
    price = picked.randrange(0, 10_000_000_000, 50_000_000)
    tiers = (PriceTier(200_000, 2 * price, 8 * price),) if number % 10 == 0 else ()
    return Model(
        id=f"{provider_id}/{name}",
        provider_id=provider_id,
        external_id=name,
        provider_model_id=name,
        display_name=name,
        capabilities=frozenset({Capability.CAPABILITY_TEXT, picked.choice(list(Capability.values())[1:])}),
        context_window_tokens=picked.choice([None, 8_192, 128_000, 200_000, 1_000_000]),
        max_output_tokens=picked.choice([None, 4_096, 32_000]),
        prices=None if picked.random() < 0.1 else Prices(price, 4 * price, tiers=tiers),
        priority=picked.randrange(101),
        latency_ms=picked.choice([None, 200, 400, 900]),
        tokens_per_second=picked.choice([None, 40, 120]),
    )


def specification() -> CompletionSpecification:
    """A small request."""
    question = Message(role=Role.ROLE_USER, parts=[Part(text=TextPart(text="Review this function, please."))])
    return CompletionSpecification(system_text="Be brief.", messages=[question])


def median_us(call: Callable[[], object]) -> float:
    """The median time of a call, in microseconds, over about a second."""
    times: list[float] = []
    end = time.perf_counter() + SECONDS_PER_FIGURE
    while not times or time.perf_counter() < end:
        start = time.perf_counter_ns()
        call()
        times.append((time.perf_counter_ns() - start) / 1_000)
    return statistics.median(times)


def cases() -> dict[str, Facts]:
    """The calls that are timed, by name."""
    plain = facts_of(specification())
    return {
        "plain": plain,
        "vision, ceilings": Facts(
            input_tokens_bound=20_000,
            input_tokens_expected=5_000,
            token_counter="bytes",
            max_output_tokens=1_000,
            required_capabilities=frozenset({Capability.CAPABILITY_VISION}),
            preferences=Preferences(max_cost_nanos=50_000_000, max_latency_ms=900),
        ),
        "cheapest": Facts(
            input_tokens_bound=2_000,
            input_tokens_expected=500,
            token_counter="bytes",
            max_output_tokens=1_000,
            required_capabilities=frozenset(),
            preferences=Preferences(profile=Profile.CHEAPEST),
        ),
    }


def main(sizes: tuple[int, ...]) -> None:
    """Prints the table."""
    small = specification()
    print(f"facts of a small request: {median_us(lambda: facts_of(small)):.0f} us")
    print(f"{'models':>9}  {'prepare':>12}  " + "  ".join(f"{name:>18}" for name in cases()))
    for size in sizes:
        snapshot = catalog(size)
        router = Router(overhead_tokens={"openai": 64})
        start = time.perf_counter()
        router.prepare(snapshot)
        prepare_ms = (time.perf_counter() - start) * 1_000
        figures = [median_us(partial(router.plan, facts, VERDICT, snapshot, 7)) for facts in cases().values()]
        print(f"{size:>9}  {prepare_ms:>9.1f} ms  " + "  ".join(f"{figure:>15.0f} us" for figure in figures))


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or DEFAULT_SIZES)

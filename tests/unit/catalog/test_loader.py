from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pointsman.v1.model_pb2 import Capability, LifeCycle, ModelType, ProviderState
from pointsman_server.adapters.dialects import QUIRKS
from pointsman_server.catalog.loader import load
from pointsman_server.catalog.model import ALWAYS, Access, Auth, AuthScheme, Prices, PriceTier
from pointsman_server.catalog.price_history import unchanging
from pointsman_server.catalog.rows import ProviderRow
from pointsman_server.errors import ConfigurationError

MINIMAL = '[provider]\nid = "p"\ndisplay_name = "P"\ndialect = "openai"\nbase_url = "https://p.example/v1"\n'
KEY = '[provider.auth]\nenvironment = ["P_KEY"]\n'
PRICED = MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\n[[models.prices]]\n{}input = 1\noutput = 1\n"


def rows(
    directory: Path | None = None, environment: Mapping[str, str] | None = None, **surroundings: Any
) -> dict[str, ProviderRow]:
    loaded = load(environment or {}, operator_dir=directory, dialects=QUIRKS, **surroundings)
    return {row.provider.id: row for row in loaded}


def refused(directory: Path, text: str) -> str:
    (directory / "p.toml").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        rows(directory)
    return str(caught.value)


def test_the_default_model_and_the_account_come_from_variables_that_the_file_names(tmp_path: Path) -> None:
    lines = 'default_model = "${P_MODEL:-}"\naccount_tier = "${P_TIER:-}"\n'
    (tmp_path / "p.toml").write_text(f"{MINIMAL}{lines}{KEY}")
    provider = rows(tmp_path)["p"].provider
    assert (provider.default_model, provider.account_tier) == ("", "pro")
    provider = rows(tmp_path, {"P_MODEL": "m", "P_TIER": " Enterprise "})["p"].provider
    assert (provider.default_model, provider.account_tier) == ("m", "enterprise")


def test_an_unknown_tier_is_refused_with_the_variable_that_holds_it(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(f'{MINIMAL}account_tier = "${{P_TIER:-}}"\n{KEY}')
    with pytest.raises(ConfigurationError, match=r"p\.toml:6: P_TIER: must be one of free, .* Did you mean team\?"):
        rows(tmp_path, {"P_TIER": "teams"})
    assert "account_tier: must be one of" in refused(tmp_path, f'{MINIMAL}account_tier = "gold"\n{KEY}')


def test_an_operators_file_adds_a_provider(tmp_path: Path) -> None:
    (tmp_path / "ignored.txt").write_text("no TOML")
    (tmp_path / "p.toml").write_text(
        """
[provider]
id = "my-host"
display_name = "My host"
dialect = "openai"
base_url = "https://${MY_RESOURCE}.example.com/openai/"
headers = { x-team = "a" }
query = { api-version = "${MY_VERSION:-2024-10-21}" }
paths = { chat = "/${MY_PATH:-chat}" }
quirks = ["max_tokens"]
price_list = "azure"

[provider.auth]
environment = ["MY_KEY", "MY_OTHER_KEY"]
header = "api-key"
scheme = "raw"

[[models]]
external_id = "a/b:free"
provider_model_id = "a-b"
display_name = "B"
aliases = ["b"]
family = "b"
type = "embedding"
capabilities = ["text", "vision"]
domains = ["legal"]
context_window_tokens = 8_192
max_output_tokens = 1_024
prices = { input = "2.50", output = 10, cache_read = "0.1", tiers = [
  { above_input_tokens = 400, input = 3, output = 4, cache_write = 5, cache_write_long = 6 },
  { above_input_tokens = 200, input = 1, output = 2 },
], request = "0.000001", input_audio = 6, output_audio = 7, cache_write = 8, cache_write_long = 9 }
cost_tier = "premium"
model_class = "PRO_L"
priority = 0
latency_ms = 300
tokens_per_second = 90
best_for = ["chat"]
tier = "team"
life_cycle = "preview"
overhead_tokens = 0
quirks = ["top_k"]
tokenizer = "o200k_base"
note = "n"
"""
    )
    row = rows(tmp_path, {"MY_RESOURCE": "res"})["my-host"]
    assert row.obstacle is None
    provider = row.provider
    assert provider.base_url == "https://res.example.com/openai"
    assert provider.auth == Auth(("MY_KEY", "MY_OTHER_KEY"), "api-key", AuthScheme.RAW)
    assert provider.query == {"api-version": "2024-10-21"}
    assert provider.paths == {"chat": "/chat"}
    assert provider.headers == {"x-team": "a"}
    assert provider.quirks == {"max_tokens"}
    assert provider.access is Access.PUBLIC
    assert provider.source == str(tmp_path / "p.toml")
    assert row.models["a/b:free"] == {
        "external_id": "a/b:free",
        "provider_model_id": "a-b",
        "display_name": "B",
        "aliases": ("b",),
        "family": "b",
        "type": ModelType.MODEL_TYPE_EMBEDDING,
        "capabilities": {Capability.CAPABILITY_TEXT, Capability.CAPABILITY_VISION},
        "domains": ("legal",),
        "context_window_tokens": 8192,
        "max_output_tokens": 1024,
        "prices": unchanging(
            Prices(
                2_500_000_000,
                10_000_000_000,
                cache_read_nanos_per_million=100_000_000,
                cache_write_nanos_per_million=8_000_000_000,
                cache_write_long_nanos_per_million=9_000_000_000,
                input_audio_nanos_per_million=6_000_000_000,
                output_audio_nanos_per_million=7_000_000_000,
                request_nanos=1_000,
                tiers=(
                    PriceTier(200, 1_000_000_000, 2_000_000_000),
                    PriceTier(400, 3_000_000_000, 4_000_000_000, None, 5_000_000_000, 6_000_000_000),
                ),
                source="operator",
            )
        ),
        "cost_tier": 4,
        "model_class": "PRO_L",
        "priority": 0,
        "latency_ms": 300,
        "tokens_per_second": 90,
        "best_for": ("chat",),
        "tier": "team",
        "life_cycle": LifeCycle.LIFE_CYCLE_PREVIEW,
        "overhead_tokens": 0,
        "quirks": {"top_k"},
        "tokenizer": "o200k_base",
        "note": "n",
    }


def test_an_operators_file_overrides_what_it_gives_of_a_built_in_provider(tmp_path: Path) -> None:
    before = rows()["openai"]
    (tmp_path / "mine.toml").write_text(
        '[provider]\nid = "openai"\nheaders = { x-team = "a" }\n[provider.auth]\nheader = "x-key"\n'
        '[[models]]\nexternal_id = "gpt-4o"\npriority = 99\nprices = { input = 1, output = 2 }\n'
        '[[models]]\nexternal_id = "new"\n'
    )
    after = rows(tmp_path)["openai"]
    assert after.provider.base_url == before.provider.base_url
    assert after.provider.auth.environment == ("OPENAI_API_KEY",)
    assert after.provider.auth.header == "x-key"
    assert after.provider.headers == {"x-team": "a"}
    assert after.provider.source.endswith("mine.toml")
    assert after.models["gpt-4o"]["priority"] == 99
    assert after.models["gpt-4o"]["prices"][0].prices.source == "operator"
    assert after.models["gpt-4o"]["aliases" if "aliases" in before.models["gpt-4o"] else "family"] == "gpt-4o"
    assert after.models["new"] == {"external_id": "new"}
    assert after.models.keys() == before.models.keys() | {"new"}


def test_a_missing_directory_is_none(tmp_path: Path) -> None:
    assert rows(tmp_path / "absent") == rows()


def test_a_parameter_without_value_leaves_the_provider_unusable(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(MINIMAL.replace("p.example", "${P_HOST}") + 'query = { v = "${P_V}" }\n' + KEY)
    row = rows(tmp_path)["p"]
    assert row.obstacle is not None
    assert row.obstacle.state == ProviderState.PROVIDER_STATE_NO_KEY
    assert row.obstacle.state_reason == "set P_HOST and P_V"


def test_a_local_provider_on_another_machine_needs_the_operators_list(tmp_path: Path) -> None:
    environment = {"OLLAMA_HOST": "10.1.2.3"}
    outside = rows(environment=environment)["ollama"]
    assert outside.provider.base_url == "http://10.1.2.3:11434/v1"
    assert outside.obstacle is not None
    assert outside.obstacle.state == ProviderState.PROVIDER_STATE_DISABLED
    assert "POINTSMAN_PRIVATE_NETWORKS" in outside.obstacle.state_reason
    allowed = rows(tmp_path, environment, private_networks=("10.1.0.0/16",))["ollama"]
    assert allowed.obstacle is None
    assert allowed.provider.access is Access.PRIVATE
    assert allowed.provider.private_hosts == ("10.1.0.0/16",)


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("[provider\n", 1, "not valid TOML"),
        ("", 1, "provider is missing"),
        ("[provider]\ndisplay_name = 'x'\n", 1, "id is missing"),
        ("[provider]\nid = 'p'\n", 1, "display_name is missing"),
        (MINIMAL.replace('"p"', '"P p"') + KEY, 2, "lower-case letters"),
        (MINIMAL.replace('"openai"', '"opnai"') + KEY, 4, "not opnai. Did you mean openai?"),
        (MINIMAL.replace("base_url", "base_ulr") + KEY, 5, "Did you mean base_url?"),
        (MINIMAL.replace("https://", "ftp://") + KEY, 5, "must begin with https://"),
        (MINIMAL.replace("https://", "https://u:hunter2@") + KEY, 5, "no user name"),
        (MINIMAL.replace("p.example", "${P") + KEY, 5, "neither ${NAME}"),
        (MINIMAL + 'query = { v = "${" }\n' + KEY, 6, "neither ${NAME}"),
        (MINIMAL, 1, "environment is missing"),
        (MINIMAL + "[provider.auth]\nscheme = 'basic'\n", 7, "one of bearer, raw, none"),
        (MINIMAL + "headers = { Authorization = 'x' }\n" + KEY, 6, "belongs into a variable"),
        (MINIMAL + "headers = ['x']\n" + KEY, 6, "table of strings"),
        (MINIMAL + "quirks = ['max_token']\n" + KEY, 6, "Did you mean max_tokens?"),
        (MINIMAL + "quirks = 'max_tokens'\n" + KEY, 6, "array of strings"),
        (MINIMAL + KEY + "[[models]]\nexternal_id = 'x'\nquirks = ['top_q']\n", 1, "the model x: quirks"),
        (MINIMAL + "local = 'yes'\n" + KEY, 6, "true or false"),
        (MINIMAL + "probe_path = 'x'\n" + KEY, 6, "begins with /"),
        (MINIMAL + "price_list = 3\n" + KEY, 6, "must be a string"),
        (MINIMAL + "auth = 'x'\n", 6, "must be a table"),
        (MINIMAL + KEY + "[[model]]\n", 8, "Did you mean models?"),
        (MINIMAL + KEY + "[models]\n", 8, "array of tables"),
        (MINIMAL + KEY + "[[models]]\ndisplay_name = 'x'\n", 8, "external_id is missing"),
        (MINIMAL + KEY + "[[models]]\nexternal_id = ' '\n", 9, "not blank"),
        (MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\n[[models]]\nexternal_id = 'm'\n", 10, "m is there twice"),
        (MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\npriority = 101\n", 10, "0 to 100"),
        (MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\nlatency_ms = 0\n", 10, "from 1"),
        (MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\nmodel_class = 'PRO'\n", 10, "one of BASE_S"),
        (MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\nmodel_class = 3\n", 10, "one of BASE_S"),
        (MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\ncapabilities = ['visoin']\n", 10, "Did you mean vision?"),
        (MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\nprices = { input = 2.5, output = 1 }\n", 10, "in quotes"),
        (MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\n[models.prices]\ninput = 1\n", 10, "output is missing"),
        (
            MINIMAL
            + KEY
            + "[[models]]\nexternal_id = 'm'\n[models.prices]\ninput = 1\noutput = 1\n"
            + "[[models.prices.tiers]]\ninput = 1\n",
            13,
            "above_input_tokens is missing",
        ),
        (PRICED.format("from = '2026-12-01'\n"), 11, "the model m: from: must be a date, such as 2026-12-01"),
        (PRICED.format("from = 12:00:00\n"), 11, "the model m: from: must be a date"),
        (PRICED.format("from = 2026-12-01\n").replace("input = 1", "input = -1"), 12, "the model m: input: must be"),
        (PRICED.format("") + "[[models.prices]]\ninput = 1\noutput = 1\n", 13, "the model m: prices: from: two lists"),
        (
            PRICED.format("from = 2026-12-01\n")
            + "[[models.prices]]\nfrom = 2026-12-01T02:00:00+02:00\ninput = 1\noutput = 1\n",
            15,
            "the model m: prices: from: two lists hold from one moment on: both say 2026-12-01T00:00:00Z",
        ),
        (MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\nprices = 3\n", 10, "must be a table or an array of tables"),
        (MINIMAL + "ceiling_price = { input = 0, output = 1 }\n" + KEY, 6, "input: must be more than 0"),
        (MINIMAL + "ceiling_price = { input = 1 }\n" + KEY, 6, "output is missing"),
        (MINIMAL + "ceiling_price = { input = 1, output = '-1' }\n" + KEY, 6, "not negative"),
    ],
)
def test_a_mistake_stops_the_start_with_its_place_and_the_cure(
    tmp_path: Path, text: str, line: int, complaint: str
) -> None:
    message = refused(tmp_path, text)
    assert message.startswith(f"{tmp_path / 'p.toml'}:{line}: "), message
    assert complaint in message
    assert "hunter2" not in message


def test_price_lists_hold_from_their_dates_on(tmp_path: Path) -> None:
    lists = PRICED.format("from = 2027-01-01T12:00:00+01:00\n") + "[[models.prices]]\nfrom = 2026-12-01\n"
    lists += "input = 2\noutput = 2\n[[models.prices]]\nfrom = 2026-06-01T06:00:00\ninput = 3\noutput = 3\n"
    (tmp_path / "p.toml").write_text(lists)
    history = rows(tmp_path)["p"].models["m"]["prices"]
    assert [(dated.from_time, dated.prices.input_nanos_per_million) for dated in history] == [
        (datetime(2026, 6, 1, 6, tzinfo=UTC), 3 * 10**9),
        (datetime(2026, 12, 1, tzinfo=UTC), 2 * 10**9),
        (datetime(2027, 1, 1, 11, tzinfo=UTC), 10**9),
    ]
    assert {dated.prices.source for dated in history} == {"operator"}


def test_an_operators_dated_prices_leave_the_built_in_ones_until_then(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[provider]\nid = "sandbox"\n[[models]]\nexternal_id = "steady"\n'
        "prices = { from = 2026-12-01, input = 1, output = 2 }\n"
    )
    (before,) = rows()["sandbox"].models["steady"]["prices"]
    history = rows(tmp_path)["sandbox"].models["steady"]["prices"]
    assert history[0] == before
    assert [dated.from_time for dated in history] == [ALWAYS, datetime(2026, 12, 1, tzinfo=UTC)]


def test_an_empty_array_of_price_lists_states_none(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(MINIMAL + KEY + "[[models]]\nexternal_id = 'm'\nprices = []\n")
    assert rows(tmp_path)["p"].models["m"] == {"external_id": "m"}


def test_two_files_cannot_have_one_id(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(MINIMAL + KEY)
    assert "a.toml has this id too" in refused(tmp_path, MINIMAL + KEY)


def test_a_variable_with_a_wrong_address_is_refused_at_the_parameter() -> None:
    with pytest.raises(ConfigurationError, match=r"^built-in ollama.toml:\d+: base_url: OLLAMA_HOST must be"):
        rows(environment={"OLLAMA_HOST": "http://u:hunter2@h"})

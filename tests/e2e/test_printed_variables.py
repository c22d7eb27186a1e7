"""What a person sees of the variables that other programs use too."""

from pathlib import Path

from tests.e2e.processes import run, server_settings

PRINTED = {
    "AI_MONTHLY_BUDGET": "10.00",
    "AI_REQUESTS_PER_MINUTE": "60",
    "AI_TOKENS_PER_MINUTE": "90000",
    "OPENAI_API_KEY": "sk-hunter2",
    "OPENAI_DEFAULT_MODEL": "gpt-99",
}


def test_check_says_what_was_read_and_shows_no_key(tmp_path: Path) -> None:
    settings = {**server_settings(tmp_path / "data"), **PRINTED}
    checked = run("-m", "pointsman_server", "check", "--offline", directory=tmp_path, **settings)
    assert checked.returncode == 0, checked.stderr
    assert "monthly budget: 10.00 dollars; shown only: `pointsman budget create` makes a limit\n" in checked.stdout
    assert "requests per minute: 60; shown only: `pointsman budget create` makes a limit\n" in checked.stdout
    assert "key from OPENAI_API_KEY; has no model gpt-99, its default" in checked.stdout
    assert "hunter2" not in checked.stdout + checked.stderr


def test_a_wrong_value_stops_the_start_with_the_name_and_the_cure(tmp_path: Path) -> None:
    settings = {**server_settings(tmp_path / "data"), "AI_PROVIDER_PRIORITY": "openai,anthropik"}
    refused = run("-m", "pointsman_server", "serve", directory=tmp_path, **settings)
    assert refused.returncode == 1
    assert refused.stderr == (
        "pointsman-server: provider_priority (POINTSMAN_PROVIDER_PRIORITY or AI_PROVIDER_PRIORITY): "
        "there is no provider anthropik. Did you mean anthropic?\n"
    )

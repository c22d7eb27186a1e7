import pickle

import pytest
from pointsman_server.catalog.model import Auth
from pointsman_server.secrets.environment import EnvironmentKeys

AUTH = Auth(environment=("FIRST_KEY", "SECOND_KEY"))


def found(environment: dict[str, str]) -> tuple[str, str] | None:
    key = EnvironmentKeys(environment).find(AUTH)
    return (key[0].reveal(), key[1]) if key else None


def test_the_first_variable_that_is_set_wins() -> None:
    assert found({"FIRST_KEY": "a", "SECOND_KEY": "b"}) == ("a", "FIRST_KEY")
    assert found({"SECOND_KEY": " b\n"}) == ("b", "SECOND_KEY")


def test_a_blank_variable_counts_as_unset() -> None:
    assert found({"FIRST_KEY": " ", "SECOND_KEY": "b"}) == ("b", "SECOND_KEY")
    assert found({"FIRST_KEY": ""}) is None
    assert EnvironmentKeys({"A": "a"}).find(Auth()) is None


def test_nothing_shows_a_key() -> None:
    keys = EnvironmentKeys({"FIRST_KEY": "hunter2"})
    key = keys.find(AUTH)
    assert key is not None
    for text in (repr(keys), str(keys), f"{keys}", repr(key), f"{key[0]}", f"{key[0]!s}"):
        assert "hunter2" not in text
    with pytest.raises(TypeError):
        pickle.dumps(key[0])

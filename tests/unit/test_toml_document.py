import pytest
from pointsman_server import toml_document
from pointsman_server.errors import ConfigurationError

TEXT = '''\
# a comment
title = "x"
wide = [
  1,
  2,
]
note = """
models = [[1]]
"""
last = 1

[provider]
id = "p"

[provider.auth]
header = "h"

[[models]]
name = "a"
prices = { input = "1", tiers = [{ above = 1 }] }

[[models]]
name = "b"
[models.prices]
input = "2"
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((), 1),
        (("title",), 2),
        (("wide",), 3),
        (("note",), 7),
        (("last",), 10),
        (("provider",), 12),
        (("provider", "id"), 13),
        (("provider", "auth", "header"), 16),
        (("models", 0), 18),
        (("models", 0, "prices", "tiers", 0, "above"), 20),
        (("models", 1, "name"), 23),
        (("models", 1, "prices", "input"), 25),
        (("models", 1, "absent"), 22),
        (("models", 7, "name"), 18),
        (("title", "deeper"), 2),
    ],
)
def test_every_value_is_found_on_its_line(place: toml_document.Place, line: int) -> None:
    assert toml_document.parse(TEXT, "f").line(place) == line


def test_an_error_begins_with_file_and_line() -> None:
    assert str(toml_document.parse(TEXT, "f.toml").error(("title",), "is wrong")) == "f.toml:2: is wrong"
    assert str(toml_document.parse("", "f.toml").error(("title",), "is missing")) == "f.toml:1: is missing"


def test_broken_toml_is_refused_where_the_trouble_starts() -> None:
    with pytest.raises(ConfigurationError, match=r"^f:2: is not valid TOML"):
        toml_document.parse('a = 1\nb = """\n\n', "f")


def test_a_suggestion_is_the_nearest_known_name_or_nothing() -> None:
    assert toml_document.suggestion("base_ulr", ["base_url", "id"]) == " Did you mean base_url?"
    assert toml_document.suggestion("zzz", ["base_url", "id"]) == ""

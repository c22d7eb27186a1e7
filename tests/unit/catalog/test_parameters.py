import pytest
from pointsman_server.catalog.parameters import expand, names

OLLAMA = "${OLLAMA_HOST:-http://127.0.0.1:11434}/v1"


def test_defaults_stand_where_a_variable_is_unset_or_blank() -> None:
    assert expand(OLLAMA, {}).text == "http://127.0.0.1:11434/v1"
    assert expand(OLLAMA, {"OLLAMA_HOST": "  "}).text == "http://127.0.0.1:11434/v1"
    assert expand("plain", {}).text == "plain"
    assert expand("a=${A:-}", {}).text == "a="


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("myhost", "http://myhost:11434"),
        ("myhost:9", "http://myhost:9"),
        ("myhost:9/", "http://myhost:9"),
        (":9", "http://127.0.0.1:9"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("[::]:9", "http://[::1]:9"),
        ("[fd00::2]", "http://[fd00::2]:11434"),
        ("https://myhost", "https://myhost"),
        ("https://myhost/ollama/", "https://myhost/ollama"),
        ("myhost/ollama", "http://myhost:11434/ollama"),
    ],
)
def test_an_address_may_leave_out_what_the_default_says(value: str, address: str) -> None:
    assert expand(OLLAMA, {"OLLAMA_HOST": value}).text == f"{address}/v1"


def test_the_defaults_path_belongs_to_values_without_a_scheme() -> None:
    text = "${VLLM_BASE_URL:-http://127.0.0.1:8000/v1}"
    assert expand(text, {"VLLM_BASE_URL": "10.0.0.2:8000"}).text == "http://10.0.0.2:8000/v1"
    assert expand(text, {"VLLM_BASE_URL": "http://10.0.0.2:8000"}).text == "http://10.0.0.2:8000"


def test_variables_that_are_needed_and_unset_are_named() -> None:
    expanded = expand("https://${RESOURCE}.example.com/${PATH_PART:-v1}/${RESOURCE}", {})
    assert expanded.missing == ("RESOURCE", "RESOURCE")
    assert expand("https://${RESOURCE}.example.com", {"RESOURCE": "r"}).text == "https://r.example.com"


@pytest.mark.parametrize("value", ["host:port", "user:hunter2@host", "host?x=1", "host#x", "http://[::1", "http://"])
def test_what_is_no_address_is_refused_without_repeating_it(value: str) -> None:
    with pytest.raises(ValueError, match=r"^OLLAMA_HOST must be an address such as http://127.0.0.1:11434$"):
        expand(OLLAMA, {"OLLAMA_HOST": value})


@pytest.mark.parametrize("text", ["${", "${A", "${A:b}", "${1A}", "${A:-${B}", "${A:+b}"])
def test_a_malformed_parameter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        expand(text, {"A": "a"})


def test_an_example_is_needed_and_says_what_an_address_leaves_out() -> None:
    text = "${LOCAL_MODEL_ENDPOINT:?http://127.0.0.1:8000/v1}"
    assert expand(text, {}).missing == ("LOCAL_MODEL_ENDPOINT",)
    for value in ("http://localhost:8000", "http://localhost:8000/", "localhost", "http://localhost:8000/v1/"):
        assert expand(text, {"LOCAL_MODEL_ENDPOINT": value}).text == "http://localhost:8000/v1"
    assert expand(text, {"LOCAL_MODEL_ENDPOINT": "https://h/openai"}).text == "https://h/openai"
    assert names(text) == {"LOCAL_MODEL_ENDPOINT": ""}


def test_names_gives_variables_and_defaults() -> None:
    assert names("${A:-x}/${B}") == {"A": "x", "B": ""}

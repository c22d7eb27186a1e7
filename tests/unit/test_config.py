from dataclasses import fields
from pathlib import Path

import pytest
from pointsman import channel, credentials
from pointsman_server import config
from pointsman_server.config import Settings, load
from pointsman_server.errors import ConfigurationError


def refused(environment: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(environment)
    return str(caught.value)


def written(directory: Path, text: str) -> dict[str, str]:
    path = directory / "settings.toml"
    path.write_text(text)
    return {"POINTSMAN_CONFIG": str(path)}


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load({}) == Settings()
    assert load({"PATH": "/bin", "OPENAI_API_KEY": "k"}) == Settings()


def test_the_clients_variables_may_be_set_where_the_server_starts() -> None:
    names = {name for module in (channel, credentials) for name in vars(module) if name.endswith("_VARIABLE")}
    variables = {
        str(value) for module in (channel, credentials) for name, value in vars(module).items() if name in names
    }
    assert {"POINTSMAN_TOKEN", "POINTSMAN_ADDRESS", "POINTSMAN_ROOT_CERTIFICATES"} < variables
    assert load(dict.fromkeys(variables - {"POINTSMAN_DATA_DIR"}, "x")) == Settings()


def test_every_default_passes_its_own_check() -> None:
    for field in fields(Settings):
        check = field.metadata["check"]
        assert check is None or check(field.default) is None, field.name
        assert field.metadata["doc"].endswith(".")


def test_variables_are_read_by_the_type_of_their_field() -> None:
    settings = load(
        {
            "POINTSMAN_UVLOOP": "No",
            "POINTSMAN_MAX_ATTEMPTS": " 7 ",
            "POINTSMAN_PRIVATE_NETWORKS": "10.1.0.0/16, fd00::/8,",
            "POINTSMAN_DATA_DIR": "/var/lib/pointsman",
            "POINTSMAN_MAX_OUTPUT_TOKENS": "1_000",
            "POINTSMAN_HTTP_ADDRESS": "",
        }
    )
    assert settings.uvloop is False
    assert settings.max_attempts == 7
    assert settings.private_networks == ("10.1.0.0/16", "fd00::/8")
    assert settings.data_dir == Path("/var/lib/pointsman")
    assert settings.max_output_tokens == 1000
    assert settings.http_address == ""
    assert load({"POINTSMAN_MAX_OUTPUT_TOKENS": ""}).max_output_tokens is None
    assert load({"POINTSMAN_UVLOOP": "on"}).uvloop is True


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    environment = written(
        tmp_path,
        'max_attempts = 2\nretries = 0\nuvloop = false\ndata_dir = "d"\nmax_output_tokens = 9\n'
        'private_networks = ["10.0.0.0/8"]\n',
    )
    settings = load(environment | {"POINTSMAN_MAX_ATTEMPTS": "3"})
    assert (settings.max_attempts, settings.retries, settings.uvloop) == (3, 0, False)
    assert settings.data_dir == Path("d")
    assert settings.max_output_tokens == 9
    assert settings.private_networks == ("10.0.0.0/8",)
    assert settings.config == tmp_path / "settings.toml"


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("POINTSMAN_MAX_ATTEMPTS", "0", "at least 1"),
        ("POINTSMAN_MAX_ATTEMPTS", "many", "whole number"),
        ("POINTSMAN_MAX_ATTEMPTS", "", "whole number"),
        ("POINTSMAN_MAX_ATTEMPTS", "²", "whole number"),
        ("POINTSMAN_MAX_OUTPUT_TOKENS", "-1", "at least 1"),
        ("POINTSMAN_RETRY_BUDGET_PERCENT", "101", "between 0 and 100"),
        ("POINTSMAN_UVLOOP", "maybe", "true or false"),
        ("POINTSMAN_LOG_LEVEL", "warn", "Did you mean warning?"),
        ("POINTSMAN_LOG_FORMAT", "xml", "must be one of auto, console, json."),
        ("POINTSMAN_SANDBOX", "yes", "must be one of auto, on, off"),
        ("POINTSMAN_PRIVATE_NETWORKS", "10.1.0.0/16,lan", "'lan'"),
        ("POINTSMAN_DATA_DIR", "", "path"),
        ("POINTSMAN_DATABASE_URL", "mysql://u:hunter2@h/d", "sqlite:///path or postgresql://"),
        ("POINTSMAN_DATABASE_URL", "sqlite:///:memory:", "must be empty, sqlite:///path"),
        ("POINTSMAN_DATABASE_URL", "sqlite:///", "must be empty, sqlite:///path"),
        ("POINTSMAN_MAX_ATEMPTS", "3", "Did you mean POINTSMAN_MAX_ATTEMPTS?"),
    ],
)
def test_a_wrong_variable_is_refused_by_name_with_the_cure(variable: str, value: str, complaint: str) -> None:
    message = refused({variable: value})
    assert message.startswith(f"{variable}: ")
    assert complaint in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("0.0.0.0:50051", "POINTSMAN_INSECURE=true"),
        ("192.168.0.7:50051", "POINTSMAN_INSECURE=true"),
        ("[::]:50051", "POINTSMAN_INSECURE=true"),
        ("example.org:50051", "localhost or an address"),
        ("*:50051", "localhost or an address"),
        ("127.0.0.1", "host:port"),
        (":50051", "host:port"),
        ("127.0.0.1:65536", "host:port"),
        ("127.0.0.1:http", "host:port"),
        ("unix:relative", "host:port"),
        ("", "host:port"),
    ],
)
def test_only_loopback_and_unix_sockets_are_bound_to_in_the_clear(address: str, complaint: str) -> None:
    assert complaint in refused({"POINTSMAN_GRPC_ADDRESS": address})


@pytest.mark.parametrize("address", ["localhost:0", "127.0.0.2:1", "[::1]:65535", "unix:/run/pointsman.sock"])
def test_loopback_addresses_and_unix_sockets_are_taken(address: str) -> None:
    assert load({"POINTSMAN_GRPC_ADDRESS": address}).grpc_address == address


PAIR = {"POINTSMAN_TLS_CERTIFICATE": "/c.pem", "POINTSMAN_TLS_KEY": "/k.pem"}


@pytest.mark.parametrize("permission", [{"POINTSMAN_INSECURE": "true"}, PAIR], ids=["insecure", "TLS"])
def test_what_other_machines_reach_is_listened_on_with_tls_or_on_purpose(permission: dict[str, str]) -> None:
    addresses = {"POINTSMAN_GRPC_ADDRESS": "0.0.0.0:1", "POINTSMAN_HTTP_ADDRESS": "[::]:2"}
    settings = load(addresses | permission)
    assert (settings.grpc_address, settings.http_address) == ("0.0.0.0:1", "[::]:2")
    assert (settings.tls is None) == settings.insecure
    assert "http_address" in refused({"POINTSMAN_HTTP_ADDRESS": "[::]:2"})


@pytest.mark.parametrize("name", PAIR)
def test_certificate_and_key_belong_together(name: str) -> None:
    assert "belong together" in refused({name: PAIR[name]})


def test_client_certificates_need_tls() -> None:
    assert "needs TLS" in refused({"POINTSMAN_TLS_CLIENT_CA": "/ca.pem"})
    tls = load(PAIR | {"POINTSMAN_TLS_CLIENT_CA": "/ca.pem"}).tls
    assert tls is not None
    assert tls.paths == (Path("/c.pem"), Path("/k.pem"), Path("/ca.pem"))


def test_a_short_token_key_is_refused_and_never_repeated() -> None:
    complaint = refused({"POINTSMAN_TOKEN_KEY": "too-short-a-key"})
    assert "32 bytes" in complaint
    assert "too-short" not in complaint
    settings = load({"POINTSMAN_TOKEN_KEY": "k" * 32})
    assert settings.token_key == "k" * 32
    assert "k" * 32 not in repr(settings)


def test_one_address_cannot_serve_both_sides() -> None:
    assert "same" in refused({"POINTSMAN_GRPC_ADDRESS": "localhost:1", "POINTSMAN_HTTP_ADDRESS": "localhost:1"})
    assert load({"POINTSMAN_GRPC_ADDRESS": "localhost:0", "POINTSMAN_HTTP_ADDRESS": "localhost:0"})


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("retries = 1\n\nmax_atempts = 3\n", 3, "Did you mean max_attempts?"),
        ("retries = 1\nmax_attempts = 0\n", 2, "at least 1"),
        ('# first\nmax_attempts = "3"\n', 2, "a whole number"),
        ("max_attempts = true\n", 1, "a whole number"),
        ("uvloop = 1\n", 1, "true or false"),
        ("log_level = 3\n", 1, "a string in quotes"),
        ("data_dir = 3\n", 1, "a path in quotes"),
        ('private_networks = "10.0.0.0/8"\n', 1, "array of strings"),
        ('config = "x.toml"\n', 1, "no such setting"),
        ("retries = 1\nretries = = 2\n", 2, "not valid TOML"),
        ("retries = 1\nhttp_allowed_hosts = [\n  'a',\n", 2, "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, complaint: str) -> None:
    environment = written(tmp_path, text)
    message = refused(environment)
    assert message.startswith(f"{environment['POINTSMAN_CONFIG']}:{line}: ")
    assert complaint in message


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refused({"POINTSMAN_CONFIG": str(tmp_path / "absent.toml")})
    (tmp_path / "latin.toml").write_bytes(b"# \xe9\n")
    assert "UTF-8" in refused({"POINTSMAN_CONFIG": str(tmp_path / "latin.toml")})


def test_variables_of_other_programs_are_left_alone() -> None:
    assert load(dict.fromkeys(config.OTHER_VARIABLES, "x")) == Settings()


def test_paths_that_follow_from_settings() -> None:
    assert Settings().database == Path("data/pointsman.db")
    assert load({"POINTSMAN_DATABASE_URL": "sqlite:////srv/p.db"}).database == Path("/srv/p.db")
    url = "postgresql://pointsman:hunter2@db.internal/pointsman"
    assert load({"POINTSMAN_DATABASE_URL": url}).database == url
    assert Settings().operator_providers_dir == Path("data/providers")
    assert load({"POINTSMAN_PROVIDERS_DIR": "/etc/p"}).operator_providers_dir == Path("/etc/p")


def test_the_databases_password_is_not_shown() -> None:
    assert "hunter2" not in repr(load({"POINTSMAN_DATABASE_URL": "postgresql://u:hunter2@h/d"}))

from pathlib import Path

import pytest
from pointsman_server.config import load
from pointsman_server.errors import ConfigurationError
from pointsman_server.issuer_settings import IssuerSettings

ONE = {
    "POINTSMAN_JWT_ISSUER": "https://login.example.com/",
    "POINTSMAN_JWT_AUDIENCE": "pointsman, other",
    "POINTSMAN_JWT_JWKS_URL": "https://login.example.com/keys",
}
TABLE = (
    '[[jwt_issuers]]\nissuer = "https://a.example/"\naudience = ["pointsman"]\njwks_url = "https://a.example/keys"\n'
)


def refused(environment: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(environment)
    return str(caught.value)


def written(directory: Path, text: str) -> dict[str, str]:
    path = directory / "settings.toml"
    path.write_text(text)
    return {"POINTSMAN_CONFIG": str(path)}


def test_variables_describe_one_issuer() -> None:
    more = {
        "POINTSMAN_JWT_ALGORITHMS": "ES256,EdDSA",
        "POINTSMAN_JWT_ROLE_NAMES": "admins=tenant_admin,staff=user",
        "POINTSMAN_JWT_KNOWN_USERS_ONLY": "yes",
        "POINTSMAN_JWT_CLOCK_SKEW_S": "5",
    }
    assert load(ONE | more).jwt_issuers == (
        IssuerSettings(
            issuer="https://login.example.com/",
            audience=("pointsman", "other"),
            jwks_url="https://login.example.com/keys",
            algorithms=("ES256", "EdDSA"),
            role_names=("admins=tenant_admin", "staff=user"),
            known_users_only=True,
            clock_skew_s=5,
        ),
    )


def test_the_file_describes_more_issuers(tmp_path: Path) -> None:
    text = TABLE + 'tenant = "acme"\ntenants = ["acme"]\nmax_life_minutes = 10\n' + TABLE.replace("//a.", "//b.")
    first, second, third = load(written(tmp_path, text) | ONE).jwt_issuers
    assert first.issuer == "https://login.example.com/"
    assert (second.issuer, second.tenant, second.max_life_minutes) == ("https://a.example/", "acme", 10)
    assert (third.issuer, third.tenant) == ("https://b.example/", "")


def test_platform_administrators_are_not_made_by_jwts_unless_an_operator_says_so() -> None:
    assert "platform_admin" not in IssuerSettings().roles


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("ISSUER", "", "must be set"),
        ("ISSUER", "a b", "without blanks"),
        ("AUDIENCE", "", "must be set"),
        ("JWKS_URL", "", "must be set"),
        ("JWKS_URL", "http://login.example.com/keys", "must be https"),
        ("JWKS_URL", "http://10.0.0.1/keys", "must be https"),
        ("JWKS_URL", "http://localhost.example.com/keys", "must be https"),
        ("JWKS_URL", "file:///etc/keys", "must be a URL"),
        ("JWKS_URL", "ftp://login.example.com/keys", "must be https"),
        ("JWKS_URL", "https://user:pass@login.example.com/keys", "must be a URL"),
        ("JWKS_URL", "https://login.example.com:99999/keys", "must be a URL"),
        ("JWKS_URL", "https://login.example.com/keys#a", "must be a URL"),
        ("JWKS_URL", "https://[::1/keys", "must be a URL"),
        ("ALGORITHMS", "HS256", "'HS256'"),
        ("ALGORITHMS", "RS256,none", "'none'"),
        ("ALGORITHMS", "", "at least one of"),
        ("TENANT", "a b", "no tenant id"),
        ("TENANTS", "acme,../x", "'../x'"),
        ("TENANT_CLAIM", "", "must be set where tenant_claim is empty"),
        ("USER_CLAIM", "", "must be set"),
        ("ROLE_NAMES", "admins", "THEIRS=OURS"),
        ("ROLE_NAMES", "admins=root", "THEIRS=OURS"),
        ("ROLE_NAMES", "=user", "THEIRS=OURS"),
        ("ROLES", "agent", "'agent'"),
        ("ROLES", "user,tenant_admn", "Did you mean tenant_admin?"),
        ("MAX_LIFE_MINUTES", "0", "between 1 and 10080"),
        ("CLOCK_SKEW_S", "301", "between 0 and 300"),
        ("KNOWN_USERS_ONLY", "maybe", "true or false"),
    ],
)
def test_a_wrong_variable_is_refused_by_name(variable: str, value: str, complaint: str) -> None:
    message = refused(ONE | {f"POINTSMAN_JWT_{variable}": value})
    assert message.startswith("POINTSMAN_JWT_")
    assert complaint in message


def test_an_unknown_variable_is_refused_with_the_one_that_was_meant() -> None:
    assert "Did you mean POINTSMAN_JWT_JWKS_URL?" in refused({"POINTSMAN_JWT_JWKS_URLS": "x"})
    assert "no such setting" in refused({"POINTSMAN_JWT_ISSUERS": "x"})


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/keys", "http://[::1]/keys", "http://localhost/keys"])
def test_an_issuer_on_this_machine_needs_no_encryption(url: str) -> None:
    assert load(ONE | {"POINTSMAN_JWT_JWKS_URL": url}).jwt_issuers[0].jwks_url == url


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("jwt_issuers = 3\n", 1, "must be tables"),
        ("jwt_issuers = [3]\n", 1, "must be tables"),
        (TABLE + 'jwks_uri = "x"\n', 5, "Did you mean jwks_url?"),
        (TABLE + "clock_skew_s = 301\n", 5, "between 0 and 300"),
        (TABLE + 'roles = "user"\n', 5, "array of strings"),
        ('retries = 1\n[[jwt_issuers]]\nissuer = "https://a.example/"\n', 2, "audience: must be set"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(tmp_path: Path, text: str, line: int, complaint: str) -> None:
    message = refused(written(tmp_path, text))
    assert f"settings.toml:{line}: " in message
    assert complaint in message


def test_an_issuer_stands_once(tmp_path: Path) -> None:
    assert "stands twice" in refused(written(tmp_path, TABLE + TABLE))
    again = ONE | {"POINTSMAN_JWT_ISSUER": "https://a.example/"}
    assert "stands twice" in refused(written(tmp_path, TABLE) | again)

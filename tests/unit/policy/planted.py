"""Makes up secrets and identifiers of every kind, and texts without any, for the content checks to find or leave."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Mapping

from stdnum import luhn
from stdnum.iso7064 import mod_97_10

_ALNUM = string.ascii_letters + string.digits


def _some(rng: random.Random, count: int, letters: str = _ALNUM) -> str:
    return "".join(rng.choices(letters, k=count))


def _digits(rng: random.Random, count: int) -> str:
    return _some(rng, count, string.digits)


def _jwt(rng: random.Random) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"sub": _some(rng, 12), "scope": _some(rng, rng.randint(0, 600))}
    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.{_some(rng, rng.choice([43, 342]))}"


def _private_key(rng: random.Random) -> str:
    kind = rng.choice(["", "RSA ", "EC ", "OPENSSH "])
    lines = "\n".join(_some(rng, 64, _ALNUM + "+/") for _ in range(rng.randint(3, 25)))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----"


def _card(rng: random.Random) -> str:
    body = rng.choice(["4" + _digits(rng, 14), "51" + _digits(rng, 13), "37" + _digits(rng, 12)])
    number = body + luhn.calc_check_digit(body)
    separator = rng.choice(["", " ", "-"])
    return separator.join(number[at : at + 4] for at in range(0, len(number), 4))


def _iban(rng: random.Random) -> str:
    body = _digits(rng, 18)
    number = f"DE{mod_97_10.calc_check_digits(body + 'DE')}{body}"
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4)) if rng.random() < 0.5 else number


def _email(rng: random.Random) -> str:
    return f"{_some(rng, 6, string.ascii_lowercase)}.{_some(rng, 5)}@{_some(rng, 8, string.ascii_lowercase)}.example"


SECRETS: Mapping[str, Callable[[random.Random], str]] = {
    "anthropic_key": lambda rng: "sk-ant-api03-" + _some(rng, 93) + "AA",
    "aws_key": lambda rng: rng.choice(["AKIA", "ASIA"]) + _some(rng, 16, string.ascii_uppercase + string.digits),
    "azure_key": lambda rng: "AccountKey=" + _some(rng, 86) + "==",
    "basic_auth": lambda rng: f"https://{_some(rng, 6)}:{_some(rng, 14)}@db.internal/x",
    "discord_token": lambda rng: f"M{_some(rng, 23)}.{_some(rng, 6)}.{_some(rng, 27)}",
    "github_token": lambda rng: rng.choice(["ghp_", "gho_", "ghs_"]) + _some(rng, 36),
    "gitlab_token": lambda rng: "glpat-" + _some(rng, 20),
    "google_key": lambda rng: "AIza" + _some(rng, 35),
    "huggingface_token": lambda rng: "hf_" + _some(rng, 34),
    "jwt": _jwt,
    "mailchimp_key": lambda rng: _some(rng, 32, "0123456789abcdef") + "-us12",
    "npm_token": lambda rng: "npm_" + _some(rng, 36),
    "openai_key": lambda rng: "sk-proj-" + _some(rng, 156, _ALNUM + "_-"),
    "pointsman_key": lambda rng: "pmk_" + _some(rng, 43),
    "private_key": _private_key,
    "pypi_token": lambda rng: "pypi-AgEIcHlwaS5vcmc" + _some(rng, 150),
    "sendgrid_key": lambda rng: f"SG.{_some(rng, 22)}.{_some(rng, 43)}",
    "slack_token": lambda rng: f"xoxb-{_digits(rng, 12)}-{_digits(rng, 12)}-{_some(rng, 24)}",
    "square_key": lambda rng: "sq0csp-" + _some(rng, 43),
    "stripe_key": lambda rng: "sk_live_" + _some(rng, 24),
    "telegram_token": lambda rng: f"{_digits(rng, 10)}:{_some(rng, 35)}",
    "twilio_key": lambda rng: "SK" + _some(rng, 32, "0123456789abcdef"),
}

IDENTIFIERS: Mapping[str, Callable[[random.Random], str]] = {
    "card": _card,
    "email": _email,
    "iban": _iban,
    "ip_address": lambda rng: ".".join(str(rng.randint(1, 254)) for _ in range(4)),
    "phone": lambda rng: f"+49 30 {rng.randint(200000, 899999)}",
    "us_ssn": lambda rng: f"5{rng.randint(10, 99)}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}",
}

PLANTED = {**SECRETS, **IDENTIFIERS}

_PLAIN: tuple[Callable[[random.Random], str], ...] = (
    lambda rng: f"Order {_digits(rng, 12)} was shipped on 2026-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}.",
    lambda rng: f"Commit {_some(rng, 40, '0123456789abcdef')} fixes it.",
    lambda rng: f"Request {_some(rng, 8, 'abcdef01')}-{_some(rng, 4, 'abcdef01')}-4{_some(rng, 3, 'abcdef01')} failed.",
    lambda rng: f"See https://example.com/{_some(rng, 10)}?page={rng.randint(1, 99)}#top for more.",
    lambda rng: f"The part number is {_digits(rng, 3)}-{_digits(rng, 5)}, revision {rng.randint(1, 20)}.",
    lambda rng: f"Call 555-{_digits(rng, 4)} or ask @{_some(rng, 7, string.ascii_lowercase)} in the channel.",
    lambda rng: f"def {_some(rng, 8, string.ascii_lowercase)}(x): return x[{rng.randint(0, 9)}:] + '{_some(rng, 12)}'",
    lambda rng: (
        f"Version {rng.randint(1, 9)}.{rng.randint(0, 20)}.{rng.randint(0, 20)} came out at 12:{_digits(rng, 2)}."
    ),
    lambda rng: f"Use the variable AWS_SECRET_ACCESS_KEY; its value is in the vault under {_some(rng, 9)}.",
    lambda rng: f"Its digest is {base64.b64encode(rng.randbytes(32)).decode()}.",
)


def plain(rng: random.Random) -> str:
    """A sentence without anything to be found, and with much that looks a little like it."""
    return rng.choice(_PLAIN)(rng)

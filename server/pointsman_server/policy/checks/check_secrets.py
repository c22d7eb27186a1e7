"""Keys and tokens, as detect-secrets knows them, and some that it does not.

Only patterns that name their issuer are taken: entropy and keywords flag too much of what people and models write. Of
the library only the patterns are used; it calls nobody.
"""

from __future__ import annotations

import base64
import importlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from pointsman_server.policy.checks.model import CheckNotAvailable, Finding, TextCheck

_Patterns = Sequence[re.Pattern[str]]

# By kind: the library's module and class, and the group that holds the secret. Its patterns for npm and OpenAI take
# quadratic time on hostile text, and the one for JSON Web Tokens leaves the signature out: they have ours instead.
_LIBRARY = {
    "aws_key": ("aws", "AWSKeyDetector", 1),
    "azure_key": ("azure_storage_key", "AzureStorageKeyDetector", 0),
    "basic_auth": ("basic_auth", "BasicAuthDetector", 1),
    "discord_token": ("discord", "DiscordBotTokenDetector", 0),
    "github_token": ("github_token", "GitHubTokenDetector", 0),
    "gitlab_token": ("gitlab_token", "GitLabTokenDetector", 0),
    "mailchimp_key": ("mailchimp", "MailchimpDetector", 0),
    "pypi_token": ("pypi_token", "PypiTokenDetector", 0),
    "sendgrid_key": ("sendgrid", "SendGridDetector", 0),
    "slack_token": ("slack", "SlackDetector", 0),
    "square_key": ("square_oauth", "SquareOAuthDetector", 0),
    "stripe_key": ("stripe", "StripeDetector", 0),
    "telegram_token": ("telegram_token", "TelegramBotTokenDetector", 0),
    "twilio_key": ("twilio", "TwilioKeyDetector", 0),
}

_OWN: Mapping[str, _Patterns] = {
    "anthropic_key": (re.compile(r"sk-ant-[A-Za-z0-9_-]{24,}"),),
    "github_token": (re.compile(r"github_pat_[A-Za-z0-9_]{22,}"),),
    "google_key": (re.compile(r"AIza[A-Za-z0-9_-]{35}"),),
    "huggingface_token": (re.compile(r"hf_[A-Za-z0-9]{30,}"),),
    "npm_token": (re.compile(r"npm_[A-Za-z0-9]{36}"),),
    "openai_key": (re.compile(r"(?<![A-Za-z0-9_-])sk-(?!ant-)(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,}"),),
    "pointsman_key": (re.compile(r"pm[ka]_[A-Za-z0-9_-]{24,}"),),
    "private_key": (
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:[\s\S]{0,8192}?-----END [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----|[\s\S]{0,8192})"
        ),
    ),
}

_JWT = "jwt"
_JWT_PATTERN = re.compile(r"(?<![A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{8,200}={0,2})\.[A-Za-z0-9_.=-]*")

# A token may be longer than the pattern for it: the rest of its run belongs to it.
_REST = re.compile(r"[A-Za-z0-9_-]*")
_WHOLE = frozenset({"basic_auth", "private_key"})

# A text without any of these, in small letters, has none of the kind: most texts are told so at a tenth of the price.
_HINTS: Mapping[str, tuple[str, ...]] = {
    "anthropic_key": ("sk-ant-",),
    "aws_key": ("a3t", "abia", "acca", "akia", "asia", "aws"),
    "azure_key": ("accountkey=",),
    "basic_auth": ("://",),
    "discord_token": (".",),
    "github_token": ("gh",),
    "gitlab_token": ("gl", "gr"),
    "google_key": ("aiza",),
    "huggingface_token": ("hf_",),
    "jwt": ("eyj",),
    "mailchimp_key": ("-us",),
    "npm_token": ("npm_",),
    "openai_key": ("sk-",),
    "pointsman_key": ("pmk_", "pma_"),
    "private_key": ("-----begin",),
    "pypi_token": ("pypi-",),
    "sendgrid_key": ("sg.",),
    "slack_token": ("xox", "hooks.slack.com"),
    "square_key": ("sq0csp-",),
    "stripe_key": ("k_live_",),
    "telegram_token": (":",),
    "twilio_key": ("ac", "sk"),
}

KINDS = frozenset({*_LIBRARY, *_OWN, _JWT})


def load() -> TextCheck:
    """Makes the check.

    Raises:
        CheckNotAvailable: the library is not installed.
    """
    try:
        found = {kind: _from_library(module, name) for kind, (module, name, _) in _LIBRARY.items()}
    except ImportError as error:
        raise CheckNotAvailable("detect-secrets is not installed; install pointsman-server[checks]") from error
    return _SecretsCheck({kind: (*found.get(kind, ()), *_OWN.get(kind, ())) for kind in {*found, *_OWN}})


def _from_library(module: str, name: str) -> _Patterns:
    detector = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)
    return tuple(detector.denylist)


class _SecretsCheck:
    def __init__(self, patterns: Mapping[str, _Patterns]) -> None:
        self._patterns = patterns

    def find(self, text: str, kinds: Collection[str]) -> Sequence[Finding]:
        found: list[Finding] = []
        small = text.lower()
        for kind in kinds:
            for hint in _HINTS[kind]:
                if hint in small:
                    found += _tokens(text) if kind == _JWT else self._by_pattern(kind, text)
                    break
        return found

    def _by_pattern(self, kind: str, text: str) -> Iterator[Finding]:
        for pattern in self._patterns[kind]:
            match = pattern.search(text)
            while match is not None:
                finding = _finding(kind, text, match)
                yield finding
                match = pattern.search(text, max(finding.end, match.end()))


def _finding(kind: str, text: str, match: re.Match[str]) -> Finding:
    group = _LIBRARY[kind][2] if kind in _LIBRARY and match.re.groups else 0
    start, end = match.span(group)
    if kind not in _WHOLE:
        rest = _REST.match(text, end)
        assert rest is not None, "it matches the empty text"
        end = rest.end()
    return Finding(kind, start, end)


def _tokens(text: str) -> Iterator[Finding]:
    """JSON Web Tokens: what begins with a header that says how it is signed."""
    for match in _JWT_PATTERN.finditer(text):
        if _is_header(match[1]):
            yield Finding(_JWT, match.start(), match.end())


def _is_header(part: str) -> bool:
    try:
        header = json.loads(base64.urlsafe_b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4)))
    except ValueError:
        return False
    return isinstance(header, dict) and "alg" in header

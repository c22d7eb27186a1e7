"""What tells who somebody is and can be verified by its form: addresses, and numbers with a checksum or a plan.

python-stdnum knows the checksums, phonenumbers the plans of all countries. Names and places need a model and are not
looked for.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache

from pointsman_server.policy.checks.model import CheckNotAvailable, Finding, TextCheck

Find = Callable[[str], Iterator[Finding]]

KINDS = frozenset({"card", "email", "iban", "ip_address", "phone", "us_ssn"})

# A text without any of these has none of the kind: most texts are told so at a tenth of the price.
_HINTS = {"email": "@", "phone": "+", "ip_address": ".", "us_ssn": "-"}
_DIGIT = re.compile(r"\d")

# Letters of other scripts end no number and no domain: Chinese and Japanese have no spaces around them.
_EMAIL = re.compile(
    r"[\w.+-]{1,64}+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?\.){1,4}[A-Za-z]{2,24}(?!-?[A-Za-z0-9])"
)
_IP = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)", re.ASCII)
_SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])", re.ASCII)
# Candidates overlap, so that a wrong one hides no right one.
_CARD = re.compile(r"(?<![\w.])(?=([2-6](?:[ -]?\d){12,18}))", re.ASCII)
_ISSUED = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|35\d{14}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}|62\d{14,17}"
)
_SHORTEST_CARD = 13
_DOUBLED = str.maketrans("0123456789", "0246813579")
_IBAN = re.compile(r"(?<!\w)(?=([A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}))", re.ASCII)
_NO_COUNTRY = 99  # longer than any number
_PHONE = re.compile(r"(?<![\w+])(?=(\+\d[\d ()./-]{5,30}))", re.ASCII)
_PHONE_DIGITS = range(6, 21)  # of all countries' plans, and a zero in brackets


def load() -> TextCheck:
    """Makes the check.

    Raises:
        CheckNotAvailable: a library is not installed.
    """
    try:
        return _PersonalDataCheck(
            {
                "card": _cards,
                "email": _matches("email", _EMAIL),
                "iban": _ibans(),
                "ip_address": _matches("ip_address", _IP, _is_address),
                "phone": _phones(),
                "us_ssn": _matches("us_ssn", _SSN, _ssn_check()),
            }
        )
    except ImportError as error:
        cure = "python-stdnum or phonenumbers is not installed; install pointsman-server[checks]"
        raise CheckNotAvailable(cure) from error


class _PersonalDataCheck:
    def __init__(self, finders: Mapping[str, Find]) -> None:
        self._finders = finders

    def find(self, text: str, kinds: Collection[str]) -> Sequence[Finding]:
        numbers = _DIGIT.search(text) is not None
        return [
            finding
            for kind in kinds
            if (numbers or kind == "email") and _HINTS.get(kind, "") in text
            for finding in self._finders[kind](text)
        ]


def _matches(kind: str, pattern: re.Pattern[str], holds: Callable[[str], bool] | None = None) -> Find:
    def find(text: str) -> Iterator[Finding]:
        for match in pattern.finditer(text):
            if holds is None or holds(match[0]):
                yield Finding(kind, *match.span())

    return find


def _cards(text: str) -> Iterator[Finding]:
    """Finds numbers of cards, which may be written in groups: the longest valid beginning of each candidate."""
    for match in _CARD.finditer(text):
        digits = match[1].replace(" ", "").replace("-", "")
        for count in range(len(digits), _SHORTEST_CARD - 1, -1):
            if _ISSUED.fullmatch(digits, 0, count) and _checks(digits[:count]):
                start = match.start(1)
                end = start + _written_length(match[1], count)
                if not _goes_on(text, end):
                    yield Finding("card", start, end)
                    break


def _goes_on(text: str, at: int) -> bool:
    """Whether a letter or digit stands there, so that what is before it is a part of something longer."""
    after = text[at : at + 1]
    return after.isascii() and after.isalnum()


def _checks(digits: str) -> bool:
    """Whether the last digit is the one that Luhn's formula gives; a library's would take a hundred times as long."""
    backwards = digits[::-1]
    return (sum(map(int, backwards[::2])) + sum(map(int, backwards[1::2].translate(_DOUBLED)))) % 10 == 0


def _ibans() -> Find:
    """Finds account numbers: each country's have one length."""
    from stdnum import iban, numdb  # noqa: PLC0415  # as above

    countries = numdb.get("iban")

    @cache
    def length(country: str) -> int:
        ((_, known), *_) = countries.info(country) or [("", {})]
        digits = re.findall(r"\d+", known.get("bban", ""))
        return 4 + sum(map(int, digits)) if digits else _NO_COUNTRY

    def find(text: str) -> Iterator[Finding]:
        for match in _IBAN.finditer(text):
            start = match.start(1)
            end = start + _written_length(match[1], length(match[1][:2]))
            if end > start and not _goes_on(text, end) and iban.is_valid(text[start:end]):
                yield Finding("iban", start, end)

    return find


def _written_length(written: str, count: int) -> int:
    """How long the first so many letters and digits are with what is among them; 0: there are not so many."""
    for at, character in enumerate(written, start=1):
        count -= character.isalnum()
        if not count:
            return at
    return 0


def _ssn_check() -> Callable[[str], bool]:
    from stdnum.us import ssn  # noqa: PLC0415  # as above

    return ssn.is_valid


def _phones() -> Find:
    """Finds numbers in the international form alone: others mean nothing without the country. Of each candidate the
    longest valid beginning is taken.
    """
    from phonenumbers import NumberParseException, is_valid_number, parse  # noqa: PLC0415  # as above

    def holds(text: str) -> bool:
        try:
            return is_valid_number(parse(text))
        except NumberParseException:
            return False

    def find(text: str) -> Iterator[Finding]:
        for match in _PHONE.finditer(text):
            start = match.start(1)
            for end in _ends(text, start, match.end(1)):
                if holds(text[start:end]):
                    yield Finding("phone", start, end)
                    break

    return find


def _ends(text: str, start: int, longest: int) -> list[int]:
    """Where a telephone number may end, the last one first; whether it is one takes long to tell."""
    digits, found = 0, []
    for at in range(start, longest):
        digits += text[at].isdigit()
        if digits in _PHONE_DIGITS and text[at].isalnum() and not _goes_on(text, at + 1):
            found.append(at + 1)
    return found[::-1]


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True

"""Numbers of cards, bank accounts and wallets in a text, told apart from other numbers by their check digits."""

import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

from ddguard.checks.written import word_before
from ddguard.templates import Span

Accepts = Callable[[str], bool]

IBAN_LENGTHS: Mapping[str, int] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19,
    "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""The length of an IBAN by country. https://www.swift.com/standards/data-standards/iban"""

ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|"
    r"3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
)
"""Numbers as Visa, Mastercard, American Express, Diners, Discover, JCB and UnionPay issue them."""

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _is_card(text: str) -> bool:
    """Whether the digits are a card's: an issuer's prefix and length, and Luhn's check digit (ISO/IEC 7812)."""
    digits = re.sub(r"[ -]", "", text)
    if not ISSUERS.fullmatch(digits) or len(set(digits)) == 1:
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(int(digit) for digit in digits[::-2])) % 10 == 0


def _is_iban(text: str) -> bool:
    """Whether it is an IBAN: the country's length, and the remainder 1 by 97 (ISO 13616)."""
    plain = text.replace(" ", "")
    if IBAN_LENGTHS.get(plain[:2]) != len(plain):
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _is_bitcoin(text: str) -> bool:
    """Whether it is a Bitcoin address of the older form: Base58 with four bytes of a double hash at the end."""
    number = 0
    for character in text:
        number = number * 58 + BASE58.index(character)
    raw = number.to_bytes(25, "big")
    return sha256(sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def _any(_: str) -> bool:
    return True


KINDS: tuple[tuple[str, re.Pattern[str], Accepts], ...] = (
    ("a card number", re.compile(r"[2-6](?<![\w.,/#+-][2-6])(?:[ -]?\d){12,18}(?![\w-])(?!\.\d)"), _is_card),
    ("an IBAN", re.compile(r"[A-Z](?<![A-Za-z0-9][A-Z])[A-Z]\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])"), _is_iban),
    ("a wallet's address", re.compile(r"0x(?<![A-Za-z0-9]0x)[0-9a-fA-F]{40}(?![A-Za-z0-9])"), _any),
    ("a wallet's address", re.compile(r"bc1(?<![A-Za-z0-9]bc1)[02-9ac-hj-np-z]{38,59}(?![A-Za-z0-9])"), _any),
    ("a wallet's address", re.compile(rf"[13](?<![A-Za-z0-9][13])[{BASE58}]{{24,33}}(?![A-Za-z0-9])"), _is_bitcoin),
)
"""What may stand in a text, what it looks like, and whether its check digits are right.

What may not stand before comes after the first character: where a pattern begins with one of few, the search is fast.
"""


def payment_details(text: str) -> Iterator[tuple[str, Span]]:
    """Each number of a card, a bank account or a wallet in a text, links aside: what it is, and where."""
    for what, pattern, accepts in KINDS:
        for found in pattern.finditer(text):
            if "://" in word_before(text, found.start()):
                continue
            for end in _ends(found):
                if accepts(text[found.start() : end]):
                    yield what, Span(found.start(), end)
                    break


def _ends(found: re.Match[str]) -> Iterator[int]:
    """The end of what was found, and the ends of the words in it: a word may follow an IBAN in capitals."""
    yield found.end()
    for blank in reversed(list(re.finditer(" ", found.group()))):
        yield found.start() + blank.start()

"""Names of tags and attributes whose values identify a person.

A key is taken apart into words, whatever its spelling (`usr.email`, `userEmail`, `user-email-address`), and recognised
by its last ones: `email_provider` and `card_brand` say nothing about anybody.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from ddguard.model import Project

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

Ending = tuple[str, ...]


def _listed(text: str) -> tuple[Ending, ...]:
    """The entries between commas, each as its words."""
    return tuple(tuple(entry.split()) for entry in text.split(","))


ENDINGS: Mapping[str, tuple[Ending, ...]] = {
    "an e-mail address": _listed("email, e mail, mail, mail address, email address, email addr, emailaddress"),
    "a name": _listed(
        "username, user name, usr name, full name, fullname, first name, firstname, last name, lastname, surname, "
        "given name, family name, maiden name, nickname, person name, customer name, tenant name, merchant name, "
        "payer name, payee name, sender name, recipient name, beneficiary name, holder name, owner name, contact name, "
        "employee name, patient name, cardholder, account holder, user login, usr login"
    ),
    "a phone number": _listed(
        "phone, telephone, tel, msisdn, phone number, phonenumber, phone no, mobile number, mobile phone, cell number, "
        "fax number, imsi, imei"
    ),
    "a card": _listed(
        "card, card number, cardnumber, card no, card num, card pan, pan, creditcard, cc number, ccnumber, cc num, "
        "cvv, cvc"
    ),
    "a bank account": _listed("iban, account number, accountnumber, account no, bank account, bankaccount, sort code"),
    "a wallet": _listed(
        "wallet, wallet address, walletaddress, wallet id, crypto address, btc address, bitcoin address, eth address, "
        "ethereum address, sender address, recipient address, payer address, payee address, from address, to address"
    ),
    "a person": _listed(
        "ssn, social security number, passport, passport number, national id, tax id, personal number, "
        "identity number, date of birth, dob, birthdate, birthday, home address, street address, postal address, "
        "billing address, shipping address"
    ),
    "an IP address": _listed(
        "ip, ip address, ip addr, ipaddress, ipaddr, ipv, client address, remote addr, remote address, forwarded for"
    ),
}
"""What a value identifies, and the words that keys of it end with."""

MACHINE_WORDS = """
access agent backend balancer bind broker cluster controller container db dest destination device dns dst elastic
endpoint fabric floating gateway gw host infra instance interface internal lb listen local machine management mgmt nat
node peer pod private proxy public router server service storage subnet switch system target tunnel upstream vip virtual
vm vpc
"""
MACHINES = frozenset(MACHINE_WORDS.split())
"""Words that make an address that of a machine."""

CLOUD = frozenset({"aws", "azure", "billing", "cloud", "gcp", "google"})
"""Words that make an account one of a cloud provider."""

EXCUSES: Mapping[str, frozenset[str]] = {"an IP address": MACHINES, "a bank account": CLOUD}


def words(key: str) -> tuple[str, ...]:
    """The words of a key in lower case; digits are left out."""
    found = (word.lower() for word in WORDS.findall(key))
    return tuple(word for word in found if not word.isdecimal())


@lru_cache(maxsize=10_000)
def identifies(key: str) -> str:
    """What the values of a key identify: `an e-mail address` and so on; empty if nobody."""
    parts = words(key)
    for what, endings in ENDINGS.items():
        if any(parts[-len(ending) :] == ending for ending in endings):
            return "" if EXCUSES.get(what, frozenset()).intersection(parts) else what
    return ""


def is_allowed(key: str, project: Project) -> bool:
    """Whether the project says that a key identifies nobody: with or without the `@` of facets."""
    plain = key.lstrip("@")
    return any(allowed.lstrip("@") == plain for allowed in project.private_group_keys_allowed)

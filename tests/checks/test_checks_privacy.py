"""The checks of privacy: what is about a person or secret, what only looks like it, and that nothing is repeated."""

import json
from typing import Any

import pytest
from checked_specs import TODAY, found_in, marked, of_themes, project, specs
from hypothesis import given, settings
from hypothesis import strategies as st

from ddguard.checks import Theme, check_project
from ddguard.checks import credentials as credential_kinds
from ddguard.checks.credentials import credentials
from ddguard.checks.literal_email import addresses
from ddguard.checks.payment import payment_details
from ddguard.checks.personal import identifies
from ddguard.checks.phone_number import numbers

OURS = of_themes(Theme.PRIVACY)
SECRET = next(check for check in OURS if check.name == "secret")
QUERY = "avg(last_5m):avg:a{*} > 1"


def spec(query: str = QUERY, type_: str = "query alert", **more: Any) -> str:
    keys = {"id": "one", "name": "One", "type": type_, "query": query, **more}
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in keys.items())


def told(name: str, text: str) -> list[tuple[str, str]]:
    found = [finding for finding in found_in(text, OURS) if finding.check == name]
    return [(finding.message, marked(text, finding)) for finding in found]


# Keys


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ("email e-mail E_MAIL @usr.email userEmail user-email-address customerEmailAddr mail", "an e-mail address"),
        ("username user_name UserName @usr.name full_name lastName surname tenant_name cardholder", "a name"),
        ("phone phoneNumber phone-no mobile_number tel msisdn", "a phone number"),
        (
            "ip client_ip clientIP network.client.ip source_ip remote_addr x-forwarded-for ipv4 IPAddress",
            "an IP address",
        ),
        ("card card_number cardNumber credit_card pan cc_num cvv", "a card"),
        ("iban IBAN creditor.iban account_number bankAccount", "a bank account"),
        ("wallet walletAddress wallet_id btc_address", "a wallet"),
        ("ssn passport_number date_of_birth billing_address", "a person"),
        ("tenant env service region host name user usr.id customer_id account_id address company pod_name", ""),
        ("email_provider mail_server phone_model card_brand name_space ip_version wallets_total username_hash", ""),
        ("device_ip host_ip pod_ip remote_device_ip peer.ip system_ip public_ip aws_account_number span", ""),
        ("", ""),
    ],
)
def test_keys_are_recognised_in_all_spellings(keys: str, what: str) -> None:
    assert {key: identifies(key) for key in keys.split()} == dict.fromkeys(keys.split(), what)


def test_groups_are_told_at_their_keys() -> None:
    metric = "sum(last_5m):sum(max:a{*} by {client_ip,host}, {client_ip}) + sum:b{*} by {host} > 1"
    assert told("personal-group", spec(metric)) == [
        ("groups by client_ip: an IP address in every alert", "client_ip"),
        ("groups by client_ip: an IP address in every alert", "client_ip"),
    ]
    logs = 'logs("*").index("*").rollup("count").by("service, @usr.email").last("5m") > 5'
    assert told("personal-group", spec(logs, "log alert")) == [
        ("groups by @usr.email: an e-mail address in every alert", "@usr.email")
    ]


def test_groups_of_formulas_stand_in_their_variables() -> None:
    variables = [
        {"name": "query1", "data_source": "logs", "group_by": [{"facet": "service"}, {"facet": "@usr.email"}]},
        {"name": "query2", "data_source": "metrics", "group_by": ["phone"]},
        "no mapping",
    ]
    text = "options:\n  variables:\n"
    text += "".join(f"  - {json.dumps(variable)}\n" for variable in variables[:2])
    text = spec('formula("query1").by(user_name).last("5m") > 1', "log alert") + text
    assert told("personal-group", text) == [
        ("groups by user_name: a name in every alert", "user_name"),
        ("groups by @usr.email: an e-mail address in every alert", '"@usr.email"'),
        ("groups by phone: a phone number in every alert", '"phone"'),
    ]


def test_the_project_may_allow_keys_with_and_without_their_sign() -> None:
    text = spec('logs("*").index("*").rollup("count").by("@usr.email,phone").last("5m") > 5', "log alert")
    text += 'message: "{{log.attributes.customer.email}} {{log.attributes.card}}"\n'
    home = project("project: shop\nprivacy: {group_keys: {allow: [usr.email, customer.email, tenant]}}\n")
    found = check_project(home, *specs(text), frozenset(), TODAY, OURS)
    assert [finding.message for finding in found] == [
        "groups by phone: a phone number in every alert",
        "log.attributes.card shows a card",
    ]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("{{log.attributes.payer.email}}", ["log.attributes.payer.email shows an e-mail address"]),
        ("{{log.tags.tel}} {{log.usr.name}}", ["log.tags.tel shows a phone number", "log.usr.name shows a name"]),
        ("{{{span.attributes.[client.ip]}}}", ["span.attributes.[client.ip] shows an IP address"]),
        ('{{urlencode "log.attributes.iban"}}', ["log.attributes.iban shows a bank account"]),
        ('{{eval "upper(log.attributes.email)"}}', ["log.attributes.email shows an e-mail address"]),
        ("{{user_name.name}}", ["user_name.name shows a name"]),
        ("{{client.ip}}", ["client.ip shows an IP address"]),
        ('{{#is_match "log.attributes.usr.email" "x"}}a{{/is_match}}', []),
        ("{{host.ip}} {{device_ip.name}} {{value}} {{log.message}} {{user.name}} {{@usr.email.name}}", []),
        ("{{[@usr.email].name}} {{phone.name}}", []),
    ],
)
def test_variables_that_show_a_person(message: str, expected: list[str]) -> None:
    logs = 'logs("*").index("*").rollup("count").by("@usr.email,phone").last("5m") > 5'
    assert [text for text, _ in told("personal-variable", spec(logs, "log alert", message=message))] == expected


# Patterns


def found(search: Any, text: str) -> list[tuple[str, str]]:
    return [(what, text[slice(*span)]) for what, span in search(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask jane.roe@example.com.", ["jane.roe@example.com"]),
        ("<JANE+x@Sub.Example.CO.UK>, b@x.io", ["JANE+x@Sub.Example.CO.UK", "b@x.io"]),
        ("mailto:jane@example.com", ["jane@example.com"]),
        ("@jane@example.com low@ops@example.com", []),
        ("git@github.com:org/repo.git root@db1 root@db.internal a@b.local", []),
        ("app@1.2.3 image@sha256:abcdef", []),
        ("x" * 100 + "@example.com", []),
    ],
)
def test_addresses(text: str, expected: list[str]) -> None:
    assert [address for _, address in found(addresses, text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call +44 20 7946 0958 now", ["+44 20 7946 0958"]),
        ("tel:+15551234567.", ["+15551234567"]),
        ("tel:442079460958", ["442079460958"]),
        (
            "+1 (555) 234-5678 or (555) 234-5678 or 555-234-5678",
            ["+1 (555) 234-5678", "(555) 234-5678", "555-234-5678"],
        ),
        ("+49.30.1234567", ["+49.30.1234567"]),
        ("2026-01-05T00:00:00+00:00 x+12345678 1+2345678901", []),
        ("id 5552345678 or 192.168.100.1000 or 123-456-7890 or v1.555-234-5678", []),
        ("+123456 is short, +1234567890123456789 is long", []),
    ],
)
def test_phone_numbers(text: str, expected: list[str]) -> None:
    assert [number for _, number in found(numbers, text)] == expected


ETHEREUM = "0x52908400098527886E0F7030069857D2E4169EE7"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("card 4111 1111 1111 1111 was", [("a card number", "4111 1111 1111 1111")]),
        ("pan=5555-5555-5555-4444", [("a card number", "5555-5555-5555-4444")]),
        ("378282246310005", [("a card number", "378282246310005")]),
        ("4111111111111111 12", [("a card number", "4111111111111111")]),
        ("IBAN GB82 WEST 1234 5698 7654 32.", [("an IBAN", "GB82 WEST 1234 5698 7654 32")]),
        ("DE89370400440532013000", [("an IBAN", "DE89370400440532013000")]),
        ("NO93 8601 1117 947 IS THE ONE", [("an IBAN", "NO93 8601 1117 947")]),
        (f"to {ETHEREUM}", [("a wallet's address", ETHEREUM)]),
        (
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            [("a wallet's address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")],
        ),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", [("a wallet's address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")]),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", []),
        ("3" + "z" * 33, []),
        ("4111 1111 1111 1112 and 1234567890123456", []),
        ("position 1 4111 1111 1111 1111", [("a card number", "4111 1111 1111 1111")]),
        ("4444444444444444 0000000000000000", []),
        ("GB82 WEST 1234 5698 7654 33 and DE8937040044053201300 and XX12 3456 7890 1234 567", []),
        ("https://app.datadoghq.com/monitors?id=4111111111111111", []),
        ("metric/4111111111111111 build-4111111111111111 1.4111111111111111", []),
        ("0x52908400098527886E0F7030069857D2E4169EE", []),
    ],
)
def test_numbers_of_cards_accounts_and_wallets(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(payment_details, text) == expected


HEX = "0123456789abcdef"
SECRETS = {
    "a private key": ["-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"],
    "a Datadog key": [
        f"DD_API_KEY={HEX * 2}",
        f"dd-application-key: {HEX * 2}01234567",
        "ddapp_" + "a1" * 12,
        "pub" + HEX * 2,
    ],
    "an AWS key": ["AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key = " + "aB3/" * 10],
    "a webhook's secret address": [
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "https://acme.webhook.office.com/webhookb2/aaaa-bbbb@cccc/IncomingWebhook/d",
        "https://discord.com/api/webhooks/123456/" + "ab-_" * 8,
        f"https://events.pagerduty.com/integration/{HEX * 2}/enqueue",
        "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=x&token=abcdefghijkl",
    ],
    "a Slack token": ["xoxb-123456789012-abcdef", "xapp-1-A01-123456"],
    "a JSON Web Token": ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w"],
    "a GitHub token": ["ghp_" + "a1B2" * 9, "github_pat_" + "a1" * 12],
    "a GitLab token": ["glpat-" + "a1B2" * 5],
    "a Stripe key": ["sk_live_" + "a1B2" * 5, "whsec_" + "a1B2" * 5],
    "a Google key": ["AIza" + "a" * 35],
    "a SendGrid key": ["SG." + "a" * 22 + "." + "b" * 43],
    "an npm token": ["npm_" + "a1B2" * 9],
    "a bearer token": ["Authorization: Bearer s3cr3t-0123456789"],
    "a password in an address": ["postgres://shop:hunter2@db/x"],
    "a password or token": [
        "password=Tr0ub4dor-3xyz12",
        "passwd: correct-horse-battery-1",
        "api_key: 'abc123def456ghi'",
        "&token=abcdef123456",
        "token:550e8400-e29b-41d4-a716-446655440000",
        "secret: abc123-def456-ghi789",
    ],
}


@pytest.mark.parametrize(("what", "text"), [(what, text) for what, texts in SECRETS.items() for text in texts])
def test_secrets_are_found_and_not_repeated(what: str, text: str) -> None:
    assert [kind for kind, _ in credentials(f"run {text} now")] == [what]
    (finding,) = found_in(spec(message=f"run {text} now"), of_themes(Theme.PRIVACY))
    assert [found.message for found in found_in(spec(name=text), [SECRET])] == [f"{what} in the name"]
    assert (finding.code, finding.message, finding.private) == ("DDG406", f"{what} in the message", True)
    assert not any(part in finding.message + finding.hint for part in text.split())


@pytest.mark.parametrize(
    "text",
    [
        "Bearer $TOKEN, Bearer <token>, bearer authentication-is-on, Bearer {{token.name}}",
        "password: see the vault, password=${password}, token: <your-token-here-1234>",
        f"commit {HEX * 2}01234567, trace {HEX * 2}, sha256:{HEX * 4}",
        "https://user@example.com/x http://host:8080/a@b ftp://user:<password>@host",
        "api_key: none, the api key 12, secretary: abc123def456",
        "AKIAIOSFODNN7 eyJ.a.b xoxb-1 ghp_short sk_live_1",
        "sum:streampay.unlocks{token:usdc-polygon-v2,secret:payments_db_2024} by {token}",
        'logs("@token:refresh-token-v1 api_key:checkout-service-1")',
        "secret: https://vault.example.com/ui/1 password: https://vault.example.com/ui/1",
    ],
)
def test_what_looks_like_a_secret_and_is_none(text: str) -> None:
    assert list(credentials(text)) == []


def test_of_two_readings_of_a_secret_one_is_told() -> None:
    assert [what for what, _ in credentials(f"api_key={HEX * 2} and token=ghp_{'a1B2' * 9}")] == [
        "a Datadog key",
        "a GitHub token",
    ]


@pytest.mark.parametrize("kind", credential_kinds.KINDS, ids=lambda kind: kind.what)
@given(data=st.data())
def test_every_secret_shows_one_of_its_signs(kind: credential_kinds.Kind, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(kind.pattern))
    assert any(sign in text.casefold() for sign in kind.signs)
    assert all(sign == sign.casefold() for sign in kind.signs)


@pytest.mark.parametrize("text", ["PA\u017f\u017fWORD=Tr0ub4dor-3xyz12", "API_\u212aEY: 'abc123def456ghi'"])
def test_letters_that_pass_for_others_hide_no_secret(text: str) -> None:
    assert [what for what, _ in credentials(text)] == ["a password or token"]


PERSONAL = ["+44 20 7946 0958", "tel:4930901820", "(212) 555-0187", "jane.roe@example.com", "4242 4242 4242 4242"]
PERSONAL += ["GB82 WEST 1234 5698 7654 32", "0x52908400098527886E0F7030069857D2E4169EE7", SECRETS["a bearer token"][0]]
PIECES = st.sampled_from(
    [*PERSONAL, "Look", "1234", "@slack-ops", "+", "password=", "Bearer", "GB82", "-", "", " ", "\n"]
)


TEXTS = st.lists(PIECES, max_size=3).map("".join)


@settings(max_examples=200)
@given(TEXTS, TEXTS, TEXTS)
def test_what_stands_in_a_text_is_found_among_others_too(name: str, message: str, escalation: str) -> None:
    texts = {"the name": f"One {name}", "the message": message, "options.escalation_message": escalation}
    options = {"escalation_message": escalation}
    monitors, _ = specs(spec(message=message, options=options).replace('"One"', json.dumps(texts["the name"]), 1))
    searches = {"DDG403": addresses, "DDG404": numbers, "DDG405": payment_details, "DDG406": credentials}
    expected = [
        (code, f"{what} in {place}")
        for code, search in searches.items()
        for place, text in texts.items()
        for what, _ in search(text)
    ]
    told = [(one.code, one.message) for one in check_project(project(), monitors, [], frozenset(), TODAY, OURS)]
    assert sorted(told) == sorted(expected)


# Places


def test_every_text_that_people_wrote_is_looked_at() -> None:
    mail = "a@example.com"
    text = spec(
        f"sum(last_5m):sum:a{{usr:{mail}}} by {{tenant}}.as_count() > 1",
        name=f"by {mail}",
        message=mail,
        tags=["team:x", f"by:{mail}"],
        options={"escalation_message": mail},
        allow=[{"tag": "tenant:acme", "reason": f"asked {mail}", "expires": "2027-01-31"}],
        hold={"review": "@a@example.com", "reason": mail},
        ignore=[{"check": "untested", "reason": f"ask {mail}"}],
    )
    found = [finding for finding in found_in(text, OURS) if finding.check == "literal-email"]
    assert [finding.message.removeprefix("an e-mail address in ") for finding in found] == [
        "the name",
        "the query",
        "the message",
        "the tags",
        "options.escalation_message",
        "allow.reason",
        "hold.reason",
        "ignore.reason",
    ]
    assert {marked(text, finding) for finding in found} == {mail}
    assert all(finding.private for finding in found)


def test_texts_of_downtimes_are_looked_at() -> None:
    text = 'kind: downtime\nid: d\nscope: "tenant:a"\nmonitor_identifier: {monitor_tags: ["*"]}\n'
    text += "message: call +44 20 7946 0958\n"
    assert told("phone-number", text) == [("a phone number in the message", "+44 20 7946 0958")]


def test_samples() -> None:
    logs = 'logs("*").index("*").rollup("count").last("5m") > 5'
    on = spec(logs, "log alert", options={"enable_logs_sample": True, "enable_samples": True})
    assert [place for _, place in told("raw-samples", on)] == ['"enable_logs_sample"', '"enable_samples"']
    assert told("raw-samples", spec(logs, "log alert", options={"enable_logs_sample": False})) == []


@pytest.mark.parametrize(
    "unit", ["a", "1", "4 ", "A1", "a@", "+1", "token=", "x.y@", "eyJ", "a-", "[", "{{", "@a ", "://"]
)
def test_long_texts_take_no_long_time(unit: str) -> None:
    text = unit * (30_000 // len(unit))
    found_in(spec(message=text), of_themes(Theme.PRIVACY, Theme.MESSAGE))

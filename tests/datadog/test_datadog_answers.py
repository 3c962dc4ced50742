"""Datadog's own words, whatever their form, and a hint what to do."""

import json
from dataclasses import replace

import pytest
from scripted_server import API_KEY, APP_KEY, settings_for

from ddguard.datadog import calls
from ddguard.datadog.answers import answer_error, cleaned, limit_error, reasons
from ddguard.datadog.transport import Answer

SETTINGS = settings_for("https://api.datadoghq.eu")
READ = calls.get_monitor(1)
KEYS_HINT = "DD_API_KEY and DD_APP_KEY must be valid keys of an account at api.datadoghq.eu"


def said(content: bytes, status: int = 400) -> tuple[str, ...]:
    return reasons(Answer(status, {}, content), SETTINGS)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"errors": ["one", "two"]}, ("one", "two")),
        (
            {"status": "error", "code": 403, "errors": ["Forbidden"], "statuspage": "http://status.datadoghq.com"},
            ("Forbidden",),
        ),
        (
            {"errors": {"7": ["is referenced", "is used"], "8": ["is referenced"]}, "data": {"ok": []}},
            ("is referenced", "is used", "is referenced"),
        ),
        ({"errors": "just a text"}, ("just a text",)),
        ({"errors": [{"title": "Generic Error", "detail": "no"}]}, ("Generic Error", "no")),
        ({"errors": [17, None]}, ("17", "None")),
        ({"errors": ["\x1b[31mred\u202e\x00\n  two   words "]}, ("[31mred two words",)),
        ({"errors": [f"key {API_KEY} and {APP_KEY}"]}, ("key ******** and ********",)),
        ({"errors": ["", " \n"]}, ()),
        ({"errors": []}, ('{"errors": []}',)),
        ({"error": "other"}, ('{"error": "other"}',)),
        (["a list"], ('["a list"]',)),
    ],
)
def test_datadogs_words(body: object, words: tuple[str, ...]) -> None:
    assert said(json.dumps(body).encode()) == words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ()),
        (b"<html>\r\n<h1>502 Bad Gateway</h1>\r\n</html>", ("502 Bad Gateway",)),
        (b"\n<!doctype html><script>if (a < b) {}</script ><STYLE>b {}</STYLE><p>Log in", ("Log in",)),
        (b"<script>" * 100_000, ()),
        (b"<html", ()),
        (b"2 < 3 <b>", ("2 < 3 <b>",)),
        (b"\xff\xfe bytes", ("\ufffd\ufffd bytes",)),
        (b"[" * 100_000, ("[" * 500 + "...",)),
        (f"{'x' * 490}{API_KEY}".encode(), ("x" * 490 + "********",)),
    ],
)
def test_what_is_not_datadogs_json_is_told_in_part(content: bytes, words: tuple[str, ...]) -> None:
    assert said(content) == words


def test_a_long_text_is_cut() -> None:
    assert cleaned("x" * 500) == "x" * 500
    assert cleaned("x" * 501) == "x" * 500 + "..."


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (400, ""),
        (401, KEYS_HINT),
        (
            403,
            f"{KEYS_HINT}, and the application key needs the permission monitors_read",
        ),
        (404, "it may have been deleted in the meantime: plan again"),
        (407, "the proxy or gateway on the way wants a login: HTTPS_PROXY=http://user:password@proxy.example.com:3128"),
        (302, "the server points elsewhere, and ddguard doesn't send keys after it: is the API's URL right?"),
        (502, "Datadog or a gateway before it is in trouble (https://status.datadoghq.com): run it again later"),
    ],
)
def test_a_hint_for_each_status(status: int, hint: str) -> None:
    error = answer_error(READ, Answer(status, {}, b'{"errors": ["no"]}'), SETTINGS)
    assert error.message == f"could not read monitor 1: no (HTTP {status})"
    assert (error.status, error.reasons, error.hint, error.exit_code) == (status, ("no",), hint, 5)


@pytest.mark.parametrize(
    ("statuses", "is_it"), [((400, 404, 409, 422), True), ((302, 401, 403, 407, 408, 429, 500, 503), False)]
)
def test_what_a_refusal_is_about(statuses: tuple[int, ...], *, is_it: bool) -> None:
    errors = [answer_error(READ, Answer(status, {}, b""), SETTINGS) for status in statuses]
    assert {error.is_about_the_call for error in errors} == {is_it}


@pytest.mark.parametrize(
    "call",
    [calls.monitors_after(None, None), calls.query_series("avg:m{*}", 1, 2), calls.create_monitor({})],
    ids=lambda call: call.kind,
)
def test_what_names_no_object_can_not_have_been_deleted(call: calls.Call[object]) -> None:
    error = answer_error(call, Answer(404, {}, b""), replace(SETTINGS, api_url="http://127.0.0.1:8455/foo"))
    assert error.hint == (
        f"http://127.0.0.1:8455/foo doesn't serve {call.route}: is the API's URL right? "
        "(a sandbox serves monitors and downtimes alone)"
    )


@pytest.mark.parametrize("call", [calls.can_delete([1]), calls.cancel_downtime("x"), calls.validate_monitor({}, 1)])
def test_what_names_an_object_may_have_been_deleted(call: calls.Call[object]) -> None:
    error = answer_error(call, Answer(404, {}, b""), SETTINGS)
    assert error.hint == "it may have been deleted in the meantime: plan again"


@pytest.mark.parametrize(
    ("call", "permission"),
    [
        (calls.create_monitor({}), "monitors_write"),
        (calls.update_monitor(1, {}), "monitors_write"),
        (calls.delete_monitor(1), "monitors_write"),
        (calls.monitors_after(None, None), "monitors_read"),
        (calls.validate_monitor({}), "monitors_read"),
        (calls.downtimes_from(0), "monitors_downtime"),
        (calls.create_downtime({}), "monitors_downtime"),
        (calls.update_downtime("x", {}), "monitors_downtime"),
        (calls.cancel_downtime("x"), "monitors_downtime"),
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_the_permission_that_each_call_needs(call: calls.Call[object], permission: str) -> None:
    error = answer_error(call, Answer(403, {}, b""), SETTINGS)
    assert error.message == f"could not {call.doing}: no reason given (HTTP 403)"
    assert error.hint.endswith(f"the application key needs the permission {permission}")


def test_a_used_up_limit() -> None:
    error = limit_error(READ, "get_monitors", 61.7)
    assert (
        error.message
        == "could not read monitor 1: the rate limit 'get_monitors' is used up for another 62 s (HTTP 429)"
    )
    assert error.reasons == ()

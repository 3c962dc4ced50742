"""What Datadog says when it says no: its own words, cleaned, and what to do about them."""

import json
import re
import unicodedata
from collections.abc import Iterator

from ddguard.datadog.calls import Call
from ddguard.datadog.settings import Settings
from ddguard.datadog.transport import Answer
from ddguard.errors import AnswerError
from ddguard.model import Json

LONGEST_REASON = 500
"""Characters. Datadog's own are shorter; a gateway's HTML page isn't."""

_MARKUP = re.compile(r"<(?P<name>script|style)\b.*?</(?P=name)\s*>|<[^>]*>?", re.IGNORECASE | re.DOTALL)

_HINTS = {
    401: "DD_API_KEY and DD_APP_KEY must be valid keys of an account at {host}",
    403: "DD_API_KEY and DD_APP_KEY must be valid keys of an account at {host}, "
    "and the application key needs the permission {permission}",
    407: "the proxy or gateway on the way wants a login: HTTPS_PROXY=http://user:password@proxy.example.com:3128",
    404: "it may have been deleted in the meantime: plan again",
    429: "wait a little, or work with fewer --workers",
}
_NOT_SERVED = "{url} doesn't serve {path}: is the API's URL right? (a sandbox serves monitors and downtimes alone)"
_REDIRECTED = "the server points elsewhere, and ddguard doesn't send keys after it: is the API's URL right?"
_TROUBLED = "Datadog or a gateway before it is in trouble (https://status.datadoghq.com): run it again later"


def answer_error(call: Call[object], answer: Answer, settings: Settings) -> AnswerError:
    """The error that an answer with an error status means."""
    said = reasons(answer, settings)
    told = "; ".join(said) or "no reason given"
    return AnswerError(
        f"could not {call.doing}: {told} (HTTP {answer.status})", answer.status, said, _hint(call, answer, settings)
    )


def limit_error(call: Call[object], name: str, seconds: float) -> AnswerError:
    """The error that a rate limit means which stays closed longer than a call may wait."""
    return AnswerError(
        f"could not {call.doing}: the rate limit {cleaned(name)!r} is used up for another {seconds:.0f} s (HTTP 429)",
        429,
        hint=_HINTS[429],
    )


def reasons(answer: Answer, settings: Settings) -> tuple[str, ...]:
    """Datadog's `errors`, a list or an object of lists; the start of the body where it isn't Datadog's JSON.

    Of a gateway's HTML page that is its words.
    """
    text = answer.content.decode("utf-8", "replace")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    errors = body.get("errors") if isinstance(body, dict) else None
    said = list(_texts(errors)) if errors else [_without_markup(text)]
    kept = (cleaned(settings.credentials.hidden_in(words)) for words in said)
    return tuple(words for words in kept if words)


def cleaned(text: str) -> str:
    """One line without control characters, at most `LONGEST_REASON` characters long."""
    start = text[: 10 * LONGEST_REASON]
    plain = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in start)
    line = " ".join(plain.split())
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]}..."


def _without_markup(text: str) -> str:
    return _MARKUP.sub(" ", text[: 10 * LONGEST_REASON]) if text.lstrip().startswith("<") else text


def _hint(call: Call[object], answer: Answer, settings: Settings) -> str:
    if 300 <= answer.status < 400:
        return _REDIRECTED
    if answer.status >= 500:
        return _TROUBLED
    if answer.status == 404 and not _names_an_object(call):
        return _NOT_SERVED.format(url=settings.api_url, path=call.route)
    return _HINTS.get(answer.status, "").format(host=settings.host, permission=call.permission)


def _names_an_object(call: Call[object]) -> bool:
    return bool(call.id) or "monitor_ids" in call.query


def _texts(errors: Json) -> Iterator[str]:
    if isinstance(errors, dict):
        for inner in errors.values():
            yield from _texts(inner)
    elif isinstance(errors, list):
        for inner in errors:
            yield from _texts(inner)
    else:
        yield str(errors)

"""What goes in and out of the sandbox's store: requests, answers and changes, without HTTP."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Literal, get_args

from ddguard.model import EMPTY, Json


class Access(Enum):
    """What the keys of a request are worth."""

    GRANTED = "granted"
    API_KEY_ALONE = "api key alone"
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `body` is the parsed JSON (None without one), `now` when it came, `turn` how many came before it."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    body: Json = None
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    turn: int = 0
    access: Access = Access.GRANTED


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the JSON body (None: no body at all)."""

    status: int
    body: Json = None


WHOLE = re.compile(r"[0-9]{1,18}")
Table = Literal["monitors", "downtimes", "groups", "settings"]
TABLES: tuple[Table, ...] = get_args(Table)
Key = int | str


@dataclass(frozen=True, slots=True)
class Change:
    """A row to write into one of the state's tables; a value of None removes it."""

    table: Table
    key: Key
    value: Json | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request comes to: the answer, and the changes that have to be made before it is given."""

    answer: Answer
    changes: tuple[Change, ...] = ()


class RefusalError(Exception):
    """A request that Datadog answers with an error status."""

    def __init__(self, status: int, *reasons: str) -> None:
        super().__init__(*reasons)
        self.answer = Answer(status, {"errors": list(reasons)})


def found(body: Json, *changes: Change) -> Outcome:
    """A 200 with that body, after those changes."""
    return Outcome(Answer(200, body), changes)


def number(text: str) -> int | None:
    """The whole number that a text is, None where it is none."""
    return int(text) if WHOLE.fullmatch(text) else None


def whole(query: Mapping[str, str], name: str, default: int) -> int:
    """A whole number of a query string; the default where it isn't given."""
    value = number(query[name]) if query.get(name) else default
    if value is None:
        raise RefusalError(400, f"The value provided for parameter '{name}' is invalid")
    return value


def instant_text(instant: datetime) -> str:
    """An instant as Datadog writes it: `2026-01-01T02:03:04.000005+00:00`, without a fraction where it is zero."""
    return instant.astimezone(UTC).isoformat()

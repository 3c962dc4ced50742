"""Snoozes: what `ddguard snooze` writes into a downtime, and how it is told from all other downtimes again.

The last line of the message is the marker: `ddguard_stack:streampay/prod ddguard_snooze:tenant:acme`, followed by `#`
and a monitor's number where only that monitor is meant. Anyone with access to Datadog may have written what is read
here: only what has exactly the written form counts.

https://docs.datadoghq.com/api/latest/downtimes/ and https://docs.datadoghq.com/monitors/guide/scoping_downtimes/
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ddguard.model import EMPTY, STACK_TAG, Json, LiveDowntime
from ddguard.payload.identity import STACK
from ddguard.payload.normal import parsed_time

SNOOZE_MARK = "ddguard_snooze"
OVER = frozenset({"ended", "canceled"})
"""Statuses of downtimes that silence nothing any more."""

KEY = re.compile(r"[a-z][a-z0-9_./-]*")
VALUE = re.compile(r"[a-z0-9_][a-z0-9_./-]*")
TERM = re.compile(rf"(?P<minus>-?)(?P<key>{KEY.pattern}):(?P<values>{VALUE.pattern}(?:\|{VALUE.pattern})*)")
MARKER = re.compile(
    rf"{STACK_TAG}:(?P<stack>{STACK.pattern}) {SNOOZE_MARK}:(?P<terms>[^\s+#]+(?:\+[^\s+#]+)*)(?:#(?P<monitor>[0-9]+))?"
)
SIGNED = re.compile(r"Snoozed by (?P<author>.+) with ddguard\.")
LONGEST_REASON = 300
LONGEST_AUTHOR = 80
CUT = "..."


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """A part of a scope: one of these values of the key, or none of them if `negated`."""

    key: str
    values: tuple[str, ...]
    negated: bool = False

    @property
    def text(self) -> str:
        """As a downtime's scope has it: `tenant:acme`, `-region:(eu OR us)`."""
        values = self.values[0] if len(self.values) == 1 else f"({' OR '.join(self.values)})"
        return f"{'-' if self.negated else ''}{self.key}:{values}"

    @property
    def code(self) -> str:
        """As the marker has it, without blanks: `tenant:acme`, `-region:eu|us`."""
        return f"{'-' if self.negated else ''}{self.key}:{'|'.join(self.values)}"

    def holds(self, tags: Collection[str]) -> bool:
        """Whether the tags satisfy it."""
        return any(f"{self.key}:{value}" in tags for value in self.values) != self.negated


@dataclass(frozen=True, slots=True)
class Target:
    """What one snooze silences: the groups that satisfy all `terms`, of a stack's monitors, or of the one `monitor`.

    `stack` is the stack's name; the terms lie in their order, each value list too, so equal targets are equal.
    """

    stack: str
    terms: tuple[Term, ...]
    monitor: int | None = None

    @property
    def scope(self) -> str:
        """The downtime's scope: `tenant:acme`, `region:eu AND tenant:(a OR b)`."""
        return " AND ".join(term.text for term in self.terms)

    @property
    def identifier(self) -> dict[str, Json]:
        """The downtime's `monitor_identifier`."""
        if self.monitor is not None:
            return {"monitor_id": self.monitor}
        return {"monitor_tags": [f"{STACK_TAG}:{self.stack}"]}

    @property
    def marker(self) -> str:
        """The last line of the downtime's message, by which it is found again."""
        narrowed = "" if self.monitor is None else f"#{self.monitor}"
        return f"{STACK_TAG}:{self.stack} {SNOOZE_MARK}:{'+'.join(term.code for term in self.terms)}{narrowed}"


@dataclass(frozen=True, slots=True)
class Snooze:
    """A downtime that `ddguard snooze` made. `end` is None where somebody took it away in Datadog."""

    downtime: LiveDowntime
    target: Target
    reason: str
    author: str
    start: datetime | None
    end: datetime | None

    @property
    def age(self) -> tuple[str, str]:
        """Sorts by creation, the oldest first."""
        return (str(self.downtime.attributes.get("created", "")), self.downtime.remote_id)

    @property
    def runs(self) -> bool:
        """Whether it silences something, now or later."""
        return self.downtime.status not in OVER

    @property
    def is_as_made(self) -> bool:
        """Whether the downtime still has the scope and the monitors that its marker says."""
        attributes = self.downtime.attributes
        same_monitors = attributes.get("monitor_identifier") == self.target.identifier
        return same_monitors and attributes.get("scope") == self.target.scope

    @property
    def changed_to(self) -> str:
        """What the downtime silences where its marker says something else: `tenant:* on team:risk`; else empty."""
        if self.is_as_made:
            return ""
        identifier = self.downtime.attributes.get("monitor_identifier")
        identifier = identifier if isinstance(identifier, Mapping) else EMPTY
        tags, number = identifier.get("monitor_tags"), identifier.get("monitor_id")
        monitors = ", ".join(map(str, tags)) if isinstance(tags, list) else f"monitor {number}"
        return f"{self.downtime.attributes.get('scope')} on {monitors}"


def one_line(text: str, longest: int) -> str:
    """The text as one line of at most `longest` characters that steers nothing and, having no `@`, pages nobody."""
    plain = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)
    line = " ".join(plain.replace("@", "(at)").split())
    return line if len(line) <= longest else line[: longest - len(CUT)].rstrip() + CUT


def snooze_message(target: Target, reason: str, author: str) -> str:
    """The downtime's message: reason, who it is by, marker."""
    lines = (
        one_line(reason, LONGEST_REASON),
        f"Snoozed by {one_line(author, LONGEST_AUTHOR)} with ddguard.",
        target.marker,
    )
    return "\n".join(line for line in lines if line)


def snooze_request(target: Target, end: datetime, reason: str, author: str) -> dict[str, Json]:
    """The attributes of a downtime that begins at once."""
    return {
        "scope": target.scope,
        "monitor_identifier": target.identifier,
        "schedule": {"end": time_sent(end)},
        "message": snooze_message(target, reason, author),
    }


def snooze_extension(snooze: Snooze, end: datetime, reason: str, author: str) -> dict[str, Json]:
    """The attributes of the PATCH that lets a snooze run on. A schedule without its start would begin anew."""
    start = _schedule(snooze.downtime.attributes).get("start")
    return {
        "schedule": {"start": start, "end": time_sent(end)},
        "message": snooze_message(snooze.target, reason, author),
    }


def time_sent(moment: datetime) -> str:
    """ISO 8601 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def target_in(message: Json) -> Target | None:
    """What the message's last line says is snoozed; None if it isn't exactly a marker."""
    last = message.rstrip().rpartition("\n")[2].strip() if isinstance(message, str) else ""
    found = MARKER.fullmatch(last)
    if found is None:
        return None
    terms = tuple(_term(code) for code in found["terms"].split("+"))
    if None in terms:
        return None
    target = Target(
        found["stack"],
        tuple(term for term in terms if term is not None),
        int(found["monitor"]) if found["monitor"] else None,
    )
    return target if target.marker == last else None


def _term(code: str) -> Term | None:
    found = TERM.fullmatch(code)
    return Term(found["key"], tuple(found["values"].split("|")), bool(found["minus"])) if found else None


def snooze_in(downtime: LiveDowntime) -> Snooze | None:
    """The snooze that a downtime is, whatever its status; None for every other downtime."""
    message = downtime.attributes.get("message")
    target = target_in(message)
    if target is None:
        return None
    lines = str(message).rstrip().split("\n")[:-1]
    signed = next((found for line in reversed(lines) if (found := SIGNED.fullmatch(line.strip()))), None)
    told = [line for line in lines if signed is None or line.strip() != signed[0]]
    start, end = times_of(downtime.attributes)
    return Snooze(
        downtime,
        target,
        reason=one_line(" ".join(told), LONGEST_REASON),
        author=one_line(signed["author"], LONGEST_AUTHOR) if signed else "",
        start=start,
        end=end,
    )


def times_of(attributes: Mapping[str, Json]) -> tuple[datetime | None, datetime | None]:
    """When a downtime begins and ends (of a recurring one the current or next time), None where it doesn't say."""
    schedule = _schedule(attributes)
    current = schedule.get("current_downtime")
    times = current if isinstance(current, Mapping) else schedule
    return _moment(times.get("start")), _moment(times.get("end"))


def _schedule(attributes: Mapping[str, Json]) -> Mapping[str, Json]:
    schedule = attributes.get("schedule")
    return schedule if isinstance(schedule, Mapping) else EMPTY


def _moment(text: Json) -> datetime | None:
    moment = parsed_time(text)
    return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None

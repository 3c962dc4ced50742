"""Documents -> monitors and downtimes, with every mistake in them as a finding."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from ddguard.findings import Finding, Severity
from ddguard.model import (
    RESERVED_TAG_KEYS,
    Allowance,
    Downtime,
    Hold,
    Ignore,
    Json,
    Monitor,
    Path,
    Project,
    Scalar,
    Source,
)
from ddguard.spec.documents import Document
from ddguard.spec.durations import parse_duration
from ddguard.spec.fastcheck import schema_findings
from ddguard.spec.project import Variables, variable_findings
from ddguard.spec.rrules import odd_rules
from ddguard.spec.schedules import odd_schedules
from ddguard.spec.scopes import odd_scope
from ddguard.spec.variables import fill_document, shift_of
from ddguard.spec.wording import described, did_you_mean, quoted
from ddguard.spec.wrong_values import wrong_value

OWN_KEYS = frozenset({"id", "kind", "variables", "protect", "remote_id", "allow", "hold", "ignore"})
"""The keys of a spec that are ddguard's and no part of Datadog's object."""

DAY_FORM = re.compile(r"\d{4}-\d{2}-\d{2}")
GLUED_KEY = re.compile(r"[A-Za-z_][\w.-]*:\S")
KINDS = ("monitor", "downtime")
TEXTS = ("name", "type", "query", "message")
UNFILLED = frozenset({"variables", "id", "kind"})
"""Keys in which `${name}` is not filled in."""


@dataclass(frozen=True, slots=True)
class Built:
    """What one document came to.

    `id` and `value`, the document with variables filled in, are there even where mistakes leave no `spec`. Of a
    monitor with mistakes there may be a `sketch`.
    """

    document: Document
    id: str | None
    value: Json
    spec: Monitor | Downtime | None
    findings: tuple[Finding, ...]
    sketch: Monitor | None = None


def build(document: Document, project: Project, variables: Variables) -> Built:
    """The monitor or downtime of a document; none where it has mistakes."""
    value = document.value
    if not isinstance(value, dict):
        return Built(document, None, None, None, (_no_mapping(document),))
    kind = value.get("kind", "monitor")
    misplaced = _misplaced(document) if kind in KINDS else _unknown_kind(document)
    if misplaced is not None:
        return Built(document, _id_of(value), value, None, (misplaced,))
    return _build(document, kind, project, variables)


def _no_mapping(document: Document) -> Finding:
    value = document.value
    message = f"expected a spec, a mapping (key: value), not {described(value)}"
    hint = ""
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        hint = "write a line of --- between two specs, not `- ` before each"
    if isinstance(value, str) and GLUED_KEY.match(value):
        hint = "write a blank after each colon"
    return Finding(document.at(), "DDG009", "no-spec", Severity.ERROR, message, hint)


def _unknown_kind(document: Document) -> Finding:
    kind = document.value["kind"]
    message = f"kind: {described(kind)} is neither monitor nor downtime"
    hint = did_you_mean(kind, KINDS) if isinstance(kind, str) else ""
    return Finding(document.at(("kind",)), "DDG015", "unknown-kind", Severity.ERROR, message, hint)


def _misplaced(document: Document) -> Finding | None:
    """One finding instead of many for what is no monitor: a downtime without a kind, tests in a file of specs."""
    keys = document.value.keys()
    if "kind" in keys or "query" in keys:
        return None
    if keys & {"scope", "monitor_identifier"}:
        message, hint = "this looks like a downtime, and a spec without kind is a monitor", "add `kind: downtime`"
        return Finding(document.at(), "DDG015", "unknown-kind", Severity.ERROR, message, hint)
    if "tests" in keys:
        message, hint = "tests stand in a file of specs", "let the file's name end with .test.yaml"
        return Finding(document.key_at(("tests",)), "DDG009", "no-spec", Severity.ERROR, message, hint)
    return None


def _id_of(value: Mapping[str, Json]) -> str | None:
    found = value.get("id")
    return found if isinstance(found, str) else None


def _build(document: Document, kind: str, project: Project, variables: Variables) -> Built:
    own = own_variables(document)
    findings = variable_findings(own, document, ("variables",))
    source = document
    value, mistaken = document.value, frozenset[Path]()
    if document.places.may_hold("$"):
        values = variables.of_spec(own)
        filled = fill_document(document.value, document, values, UNFILLED)
        source = replace(document, shift_of=partial(shift_of, variables=values))
        value, mistaken = filled.value, filled.mistaken
        findings += filled.findings
    findings += document.untold(schema_findings(kind, value, source, mistaken))
    findings += [*_reserved_tags(value, source), *_odd_days(value, source), *_odd_lengths(value, source)]
    findings += _unfilled_keys(_formula_queries(value), FORMULA_QUERIES, source)
    told = {finding.position for finding in findings} | {source.at(path) for path in mistaken}
    odd = (*odd_rules(kind, value, source), *odd_schedules(kind, value, source))
    findings += [finding for finding in odd if finding.position not in told]
    if kind == "downtime" and ("scope",) not in mistaken:
        findings += odd_scope(value, source)
    spec = None
    if not findings and not document.faults:
        spec = _monitor(value, source, project) if kind == "monitor" else _downtime(value, source)
    sketch = _sketch(value, source, mistaken) if findings and kind == "monitor" else None
    return Built(source, _id_of(value), value, spec, tuple(findings), sketch)


def _sketch(value: Mapping[str, Json], source: Document, mistaken: frozenset[Path]) -> Monitor | None:
    """A monitor with mistakes as far as its texts go: that of its query and that of its message are told in one run.

    None where a text is mistaken itself, and where checks are ignored: which ones may be among the mistakes.
    """
    texts = {key: value[key] for key in TEXTS if isinstance(value.get(key), str)}
    if "ignore" in value or not texts.keys() >= {"type", "query"} or any((key,) in mistaken for key in TEXTS):
        return None
    return Monitor(f"{source.path}:{source.places.line}", texts, source)


def own_variables(document: Document) -> Mapping[str, Scalar]:
    """The variables that a spec declares itself; one of a wrong shape, which the schema tells, as an empty text."""
    own = document.value.get("variables") if isinstance(document.value, dict) else None
    declared = own.items() if isinstance(own, dict) else ()
    return {name: "" if isinstance(value, (list, dict)) else value for name, value in declared}


def _monitor(value: Mapping[str, Json], source: Source, project: Project) -> Monitor:
    hold = value.get("hold")
    definition = {key: part for key, part in value.items() if key not in OWN_KEYS}
    definition["tags"] = _with_project_tags(definition.get("tags") or (), project.tags)
    return Monitor(
        id=value["id"],
        definition=definition,
        source=source,
        protect=value.get("protect", False),
        remote_id=value.get("remote_id"),
        allow=tuple(
            Allowance(entry["tag"], entry["reason"], date.fromisoformat(entry["expires"]))
            for entry in value.get("allow") or ()
        ),
        hold=Hold(hold["review"], hold["reason"]) if hold else None,
        ignore=_ignores(value),
    )


def _with_project_tags(tags: list[str] | tuple[str, ...], project_tags: tuple[str, ...]) -> list[str]:
    return [*tags, *(tag for tag in project_tags if tag not in tags)]


def _downtime(value: Mapping[str, Json], source: Source) -> Downtime:
    attributes: dict[str, Any] = {key: part for key, part in value.items() if key not in OWN_KEYS}
    target = (attributes.get("monitor_identifier") or {}).get("monitor")
    if target is not None:
        del attributes["monitor_identifier"]
    return Downtime(
        id=value["id"],
        attributes=attributes,
        source=source,
        monitor=target,
        protect=value.get("protect", False),
        remote_id=value.get("remote_id"),
        ignore=_ignores(value),
    )


def _ignores(value: Mapping[str, Json]) -> tuple[Ignore, ...]:
    return tuple(
        Ignore(entry["check"], entry["reason"], date.fromisoformat(entry["until"]) if entry.get("until") else None)
        for entry in value.get("ignore") or ()
    )


def _reserved_tags(value: Mapping[str, Json], source: Source) -> Iterator[Finding]:
    """A finding for each tag that only ddguard may set."""
    for place, tag in _entries(value, "tags"):
        key = tag.partition(":")[0] if isinstance(tag, str) else ""
        if key.lower() in RESERVED_TAG_KEYS:
            message = f"the tag key {key} is ddguard's own: it marks what belongs to which stack"
            position = source.at(("tags", place))
            yield Finding(position, "DDG016", "reserved-tag", Severity.ERROR, message, "remove the tag")


DAYS = (("allow", "expires"), ("ignore", "until"))
"""The lists of a spec whose entries hold a day, and its key."""


def _odd_days(value: Mapping[str, Json], source: Source) -> Iterator[Finding]:
    """A finding for each day that the calendar doesn't have."""
    for name, key in DAYS:
        for place, entry in _entries(value, name):
            text = entry.get(key) if isinstance(entry, dict) else None
            if isinstance(text, str) and DAY_FORM.fullmatch(text) and not _is_day(text):
                yield wrong_value((name, place, key), f"the calendar has no {text}", "", source)


LENGTH_FORM = re.compile(r"[1-9][0-9]*[mhdw]")


def _odd_lengths(value: Mapping[str, Json], source: Source) -> Iterator[Finding]:
    """A finding for each recurrence of a downtime that lasts longer than anything that is meant to end."""
    schedule = value.get("schedule")
    for place, entry in _entries(schedule, "recurrences") if isinstance(schedule, dict) else ():
        text = entry.get("duration") if isinstance(entry, dict) else None
        if isinstance(text, str) and LENGTH_FORM.fullmatch(text):
            try:
                parse_duration(text)
            except ValueError as error:
                hint = "is a unit wrong? a downtime without an end needs no recurrence"
                yield wrong_value(("schedule", "recurrences", place, "duration"), str(error), hint, source)


FORMULA_QUERIES: Path = ("options", "variables")
"""The only place of a spec where keys may be called anything."""


def _formula_queries(value: Mapping[str, Json]) -> Json:
    options = value.get("options")
    return options.get("variables") if isinstance(options, dict) else None


def _unfilled_keys(part: Json, path: Path, source: Source) -> Iterator[Finding]:
    """A finding for each key that holds a `${name}`, which is filled into values only."""
    if isinstance(part, list):
        for place, inner in enumerate(part):
            yield from _unfilled_keys(inner, (*path, place), source)
    elif isinstance(part, dict):
        for key, inner in part.items():
            if "${" in key:
                message = f"no variable is filled into a key: {quoted(key)} would be sent as it stands"
                position = source.key_at((*path, key))
                yield Finding(position, "DDG021", "broken-variable", Severity.ERROR, message, "write the key out")
            yield from _unfilled_keys(inner, (*path, key), source)


def _entries(value: Mapping[str, Json], name: str) -> Iterator[tuple[int, Json]]:
    entries = value.get(name)
    return enumerate(entries) if isinstance(entries, list) else iter(())


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True

"""The shipped JSON Schemas: sound, described to the last key, as editors get them and as the reference page does."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ddguard.errors import UsageError
from ddguard.report.schema_docs import spec_page
from ddguard.spec.schema import KINDS, for_editors, load

ROOT = Path(__file__).parents[2]

each_kind = pytest.mark.parametrize("kind", KINDS)

Schema = Mapping[str, Any]


def inner(schema: Any) -> Iterator[Schema]:
    """The schema and all schemas inside it; examples and defaults are no schemas."""
    if isinstance(schema, dict):
        yield schema
        for keyword, value in schema.items():
            if keyword in {"properties", "$defs", "dependentSchemas"}:
                for part in value.values():
                    yield from inner(part)
            elif keyword == "oneOf":
                for part in value:
                    yield from inner(part)
            elif keyword in {"items", "additionalProperties", "propertyNames"}:
                yield from inner(value)


def described(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Every key that a document may have, with its own schema."""
    for part in inner(schema):
        yield from part.get("properties", {}).items()
        if isinstance(part.get("additionalProperties"), dict):
            yield "*", part["additionalProperties"]


# Sound schemas


@each_kind
@pytest.mark.parametrize("form", [load, for_editors])
def test_is_a_valid_schema(form: Callable[[str], Schema], kind: str) -> None:
    schema = form(kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@each_kind
def test_has_a_name_of_its_own(kind: str) -> None:
    schema = load(kind)
    assert schema["$id"] == f"urn:ddguard:schema:{kind}:1"
    assert schema["title"].startswith("ddguard ")


@each_kind
def test_every_key_is_described(kind: str) -> None:
    schema = load(kind)
    assert schema["description"]
    for key, part in described(schema):
        assert re.fullmatch(r"[A-Z`].+\.", part.get("description", "")), f"{kind}: {key}"


@each_kind
def test_every_definition_is_used_and_there(kind: str) -> None:
    schema = load(kind)
    referred = {part["$ref"] for part in inner(schema) if "$ref" in part}
    assert referred == {f"#/$defs/{name}" for name in schema["$defs"]}


def test_definitions_of_one_name_are_the_same_everywhere() -> None:
    first: dict[str, object] = {}
    for kind in KINDS:
        for name, definition in load(kind)["$defs"].items():
            assert first.setdefault(name, definition) == definition, f"{kind}: {name}"


@each_kind
def test_uses_only_keywords_that_mistakes_can_be_told_of(kind: str) -> None:
    telling_nothing = {"$schema", "$id", "$ref", "$defs", "title", "description", "default", "examples", "deprecated"}
    telling = {
        *("type", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum"),
        *("items", "minItems", "maxItems", "uniqueItems"),
        *("properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"),
        *("dependentRequired", "dependentSchemas", "not", "oneOf", "patternErrorMessage"),
    }
    used = {keyword for part in inner(load(kind)) for keyword in part}
    assert used <= telling_nothing | telling


@each_kind
def test_alternatives_are_only_keys_of_which_exactly_one_is_needed(kind: str) -> None:
    for part in inner(load(kind)):
        for alternative in part.get("oneOf", ()):
            assert list(alternative) == ["required"]
            assert len(alternative["required"]) == 1
        for schema in part.get("dependentSchemas", {}).values():
            assert list(schema) == ["properties"]
            assert {tuple(part) for part in schema["properties"].values()} == {("description", "not")}


@each_kind
def test_unknown_keys_are_refused_everywhere_but_in_formula_queries(kind: str) -> None:
    open_mappings = [
        part
        for part in inner(load(kind))
        if "properties" in part and part.get("additionalProperties") is not False and "type" in part
    ]
    names = [sorted(part["properties"])[:3] for part in open_mappings]
    assert names == ([["query"], ["aggregator", "augment_query", "base_query"]] if kind == "monitor" else [])[::-1]


@each_kind
@pytest.mark.parametrize("form", [load, for_editors])
def test_examples_and_defaults_are_valid(form: Callable[[str], Schema], kind: str) -> None:
    schema = form(kind)
    for part in inner(schema):
        shown = [*part.get("examples", ()), *([part["default"]] if "default" in part else [])]
        validator = Draft202012Validator({**part, "$defs": schema["$defs"]})
        for value in shown:
            assert [error.message for error in validator.iter_errors(value)] == []


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UsageError) as refusal:
        load("dashboard")
    assert refusal.value.message == "there is no schema for 'dashboard'"
    assert refusal.value.hint == "there is one for each of project, monitor, downtime, test"


def test_is_read_once() -> None:
    assert load("monitor") is load("monitor")


# Patterns

PATTERNS = {
    "id": (["stream-creation-burst", "2xx", "a.b_c"], ["", "Stream", "-a", "a b", "ä", "a/b"]),
    "name": (["streampay", "prod-eu"], ["", "2nd", "Prod", "a/b", "a b"]),
    "tag": (["team:risk", "baz", "probe_dc:aws:us-east-2", "repo:DataDog/x"], ["", "a b", "a,b", "a\tb"]),
    "monitor_tag": (["service:streampay", "*"], ["a b", "a,b"]),
    "tag_key": (["tenant", "kube_namespace"], ["", "Tenant", "tenant:", "*"]),
    "group_key": (["tenant", "@http.status_code"], ["", "a b", "a,b", "{a}"]),
    "prometheus_name": (["streampay_streams_created_total", "job:x"], ["", "1x", "a.b"]),
    "role": (
        ["94172442-be03-11e9-a77a-3b7612558ac1", "94172442-BE03-11E9-A77A-3B7612558AC1"],
        ["", "admins", "94172442be0311e9a77a3b7612558ac1", "94172442-be03-11e9-a77a-3b7612558ac1x"],
    ),
    "day": (["2027-01-31"], ["2027-1-31", "2027-13-01", "2027-01-32", "27-01-31", "2027-01-31T00:00:00Z"]),
    "duration": (["90s", "30m", "2h", "1d", "1w", "1h30m"], ["", "0m", "90", "1.5h", "1 h", "-1h", "1y", "h"]),
    "moment": (["0m", "60m", "1h30m"], ["", "60", "-1m", "1.5h"]),
    "instant": (
        ["2026-03-01T20:00:00Z", "2026-03-01T20:00:00.5Z", "2026-03-01T20:00:00+00:00"],
        ["2026-03-01", "2026-03-01T20:00:00", "2026-03-01T20:00:00+01:00", "2026-03-01T24:00:00Z"],
    ),
    "start": (["2026-01-05T00:00:00Z"], ["2026-01-05", "2026-01-05T00:00:00.5Z", "2026-01-05 00:00:00Z"]),
    "local_time": (["2026-01-01T02:00:00", "2026-01-01T02:00"], ["2026-01-01T02:00:00Z", "2026-01-01", "02:00"]),
    "timezone": (["UTC", "Europe/Paris", "America/Port-au-Prince", "Etc/GMT+1"], ["", "+01:00", "Europe/", "a b"]),
    "rrule": (
        ["FREQ=DAILY", "FREQ=MONTHLY;BYDAY=2TU", "RRULE:FREQ=DAILY"],
        ["", "DAILY", "FREQ=DAILY;DTSTART=20260101T000000", "DURATION=PT1H;FREQ=DAILY", "FREQ="],
    ),
}


def definitions(name: str) -> Schema:
    return next(load(kind)["$defs"][name] for kind in KINDS if name in load(kind)["$defs"])


@pytest.mark.parametrize("name", PATTERNS)
def test_pattern(name: str) -> None:
    validator = Draft202012Validator(definitions(name))
    good, bad = PATTERNS[name]
    assert [text for text in good if not validator.is_valid(text)] == []
    assert [text for text in (*bad, *(f"{text}\n" for text in good)) if validator.is_valid(text)] == []


def test_every_shared_pattern_is_tested() -> None:
    patterned = {name for kind in KINDS for name, part in load(kind)["$defs"].items() if "pattern" in part}
    assert patterned == set(PATTERNS)


@each_kind
def test_every_pattern_has_words_and_is_closed(kind: str) -> None:
    for part in inner(load(kind)):
        if "pattern" in part:
            assert part["patternErrorMessage"][0].islower()
            assert part["pattern"].startswith("^")
            assert part["pattern"].endswith(r"(?!\n)$"), "`$` alone lets a line break pass in Python"


@each_kind
def test_no_key_could_touch_money(kind: str) -> None:
    words = re.compile(
        r"freeze|frozen|block|halt|withhold|suspend|pause|transfer|payout|refund|release|fund|money|wallet"
    )
    assert [key for key, _ in described(load(kind)) if words.search(key)] == []


def test_hold_is_a_flag_and_no_more() -> None:
    hold = load("monitor")["$defs"]["hold"]
    assert list(hold["properties"]) == hold["required"] == ["review", "reason"]


# For editors


def test_editors_accept_a_variable_wherever_a_value_stands() -> None:
    template = {
        **load("monitor")["examples"][0],
        "query": "sum(last_1h):sum:streampay.streams.created{env:${env}} by {tenant} > ${stream_burst_per_hour}",
        "tags": ["env:${env}", "${owner}"],
        "priority": "${urgency}",
        "protect": "${protected}",
        "allow": [{"tag": "tenant:${noisy}", "reason": "load test", "expires": "${end}"}],
        "options": {
            "thresholds": {"critical": "${stream_burst_per_hour}"},
            "on_missing_data": "${missing}",
            "renotify_statuses": ["${status}"],
        },
    }
    assert Draft202012Validator(for_editors("monitor")).is_valid(template)
    strict = Draft202012Validator(load("monitor")).iter_errors(template)
    assert sorted(error.json_path for error in strict) == [
        "$.allow[0].expires",
        "$.allow[0].tag",
        "$.options.on_missing_data",
        "$.options.renotify_statuses[0]",
        "$.options.thresholds.critical",
        "$.priority",
        "$.protect",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"priority": "high"},
        {"priority": "1${x}"},
        {"priority": 9},
        {"type": "metrics"},
        {"tags": ["a b"]},
        {"options": {"include_tags": "yes"}},
        {"unknown": "${x}"},
        {"tags": "${tags}"},
    ],
)
def test_editors_refuse_all_else(change: dict[str, Any]) -> None:
    assert not Draft202012Validator(for_editors("monitor")).is_valid({**load("monitor")["examples"][0], **change})


def test_how_the_form_for_editors_comes_about() -> None:
    wide = for_editors("monitor")
    assert wide["$id"] == "urn:ddguard:schema:monitor:1:editor"
    assert wide["properties"]["priority"]["type"] == ["integer", "null", "string"]
    assert wide["properties"]["priority"]["pattern"] == r"^\$\{[^}]+\}$"
    assert wide["properties"]["priority"]["maximum"] == 5
    assert wide["properties"]["draft_status"]["anyOf"] == [
        {"enum": ["published", "draft"]},
        {"type": "string", "pattern": r"^\$\{[^}]+\}$"},
    ]
    assert "enum" not in wide["properties"]["draft_status"]
    assert wide["$defs"]["tag"]["pattern"] == r"(?:^[^\s,]+(?!\n)$)|\$\{[^}]+\}"
    assert wide["$defs"]["variables"] == load("monitor")["$defs"]["variables"]
    assert wide["examples"] == load("monitor")["examples"]


def test_editors_see_the_exclusions_of_a_schedule() -> None:
    schedule = for_editors("downtime")["properties"]["schedule"]
    assert schedule["dependentSchemas"] == load("downtime")["properties"]["schedule"]["dependentSchemas"]


@pytest.mark.parametrize("kind", ["project", "test"])
def test_variables_are_not_filled_into_projects_and_tests(kind: str) -> None:
    assert for_editors(kind) == load(kind)


# In step with the documentation


def test_the_reference_page_is_in_step(golden: Callable[[Path, str], None]) -> None:
    golden(ROOT / "docs" / "reference" / "spec.md", spec_page({kind: load(kind) for kind in KINDS}))


def test_what_the_reference_page_tells() -> None:
    schema = {
        "title": "thing",
        "description": "A thing.",
        "required": ["size"],
        "properties": {
            "size": {"description": "Big | small.", "type": ["integer", "null"], "minimum": 1, "default": None},
            "names": {"description": "Names.", "$ref": "#/$defs/names"},
            "parts": {"description": "By name.", "type": "object", "additionalProperties": {"$ref": "#/$defs/part"}},
        },
        "dependentRequired": {"parts": ["size", "names"]},
        "dependentSchemas": {"size": {"properties": {"names": {"not": {}}}}},
        "$defs": {
            "names": {"type": "array", "items": {"enum": ["a", "b"]}},
            "part": {
                "description": "A part.",
                "properties": {
                    "end": {
                        "description": "When.",
                        "type": "string",
                        "patternErrorMessage": "a day, such as `1`",
                        "examples": ["1"],
                        "deprecated": True,
                    },
                    "share": {"description": "Of it.", "type": "number", "exclusiveMinimum": 0, "examples": [0.5, 1]},
                },
            },
        },
    }
    chapter = spec_page({"thing": schema}).split("## thing", maxsplit=1)[1]
    assert chapter.splitlines() == [
        "",
        "",
        "A thing.",
        "",
        "| key | value | what it does |",
        "| --- | --- | --- |",
        "| `size` | whole number from 1 or `null`, required | Big \\| small. Default: `null`. |",
        "| `names` | list of `a`, `b` | Names. Not beside `size`. |",
        "| `parts` | mapping | By name. Needs `size` and `names`. |",
        "",
        "### `parts.*`",
        "",
        "A part.",
        "",
        "| key | value | what it does |",
        "| --- | --- | --- |",
        "| `end` | text | When. A day, such as `1`. Deprecated at Datadog. |",
        "| `share` | number above 0 | Of it. For instance `0.5`, `1`. |",
    ]

"""Specs given as text, what the checks say about them, and the recorded monitors."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ddguard.checks import CHECKS, Check, Theme, check_project
from ddguard.findings import Finding
from ddguard.model import Downtime, Environment, Monitor, Project
from ddguard.spec.build import build
from ddguard.spec.documents import read_documents
from ddguard.spec.project import Variables, project_from

TODAY = date(2026, 6, 15)
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def project(text: str = "project: shop\n") -> Project:
    """A project out of its file's text."""
    documents, _ = read_documents("ddguard.yaml", text)
    found, findings = project_from(documents[0])
    assert found is not None, findings
    return found


def specs(text: str, path: str = "specs.yaml") -> tuple[list[Monitor], list[Downtime]]:
    """The monitors and downtimes that a file's text describes; it must have no mistakes."""
    documents, findings = read_documents(path, text)
    assert not findings, findings
    home = project()
    variables = Variables(home, Environment("prod"), {}, {})
    monitors, downtimes = [], []
    for document in documents:
        built = build(document, home, variables)
        assert built.spec is not None, built.findings
        if isinstance(built.spec, Monitor):
            monitors.append(built.spec)
        else:
            downtimes.append(built.spec)
    return monitors, downtimes


def found_in(text: str, checks: Iterable[Check] = CHECKS, today: date = TODAY) -> list[Finding]:
    """What checks say about the specs in a text."""
    monitors, downtimes = specs(text)
    return check_project(project(), monitors, downtimes, frozenset(), today, tuple(checks))


def of_themes(*themes: Theme) -> tuple[Check, ...]:
    """The checks of some themes."""
    return tuple(check for check in CHECKS if check.theme in themes)


def monitor(query: str, type_: str = "query alert", **options: Any) -> str:
    """A spec as text. JSON is YAML: the text of the query stands there as it is."""
    return f"id: one\nname: One\ntype: {type_}\nquery: {json.dumps(query)}\noptions: {json.dumps(options)}\n"


def hits(name: str, query: str, type_: str = "query alert", **options: Any) -> list[str]:
    """The messages of one check about one monitor."""
    checks = [check for check in CHECKS if check.name == name]
    return [finding.message for finding in found_in(monitor(query, type_, **options), checks)]


def marked(text: str, finding: Finding) -> str:
    """The characters that a finding points at."""
    line = text.split("\n")[finding.position.line - 1]
    start = finding.position.column - 1
    return line[start : start + finding.position.width]


def recorded_monitors(kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The recorded monitors of one kind (asset, request, response) that Datadog didn't refuse, and their sources."""
    with (CORPUS / "monitors.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["kind"] == kind and not row.get("rejected"):
                yield row["source"], row["monitor"]


def recorded_calls() -> Iterator[Mapping[str, Any]]:
    """The recorded API interactions."""
    with (CORPUS / "pairs.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)

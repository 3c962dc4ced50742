"""The checks beside recorded monitors: Datadog refused them, took them, or ships them."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from checked_specs import CORPUS, TODAY, project, recorded_calls, recorded_monitors

from ddguard.checks import CHECKS, Extent, Theme, check_project
from ddguard.findings import Finding, Position, Severity
from ddguard.model import Environment, Monitor
from ddguard.spec.build import build
from ddguard.spec.documents import Document, read_documents
from ddguard.spec.dump import dump_document
from ddguard.spec.project import Variables

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded monitors (../shared/corpus) are not here")

RATES = Path(__file__).parents[2] / "docs" / "check-rates.md"

WHERE: Mapping[str, tuple[str, ...]] = {
    "The parameter 'type' is required": ("type",),
    "The value provided for parameter 'query' is invalid": ("query",),
    "Alert threshold (90.0) does not match that used in the query (200.0).": ("options", "thresholds", "critical"),
}
"""Datadog's refusals, and the key at which the same is found without it."""

NOT_OFFLINE: Mapping[str, str] = {
    "Duplicate of an existing monitor_id:": "only Datadog knows what it has already",
    "Monitor type change not allowed": "only Datadog knows the type that it has; a plan makes it a replacement",
    "Monitoring is not currently globally muted": "about the account, not about a monitor",
}
"""Refusals that can't be found from the spec alone, and why."""


def refusals() -> dict[str, list[Mapping[str, Any]]]:
    """The distinct requests of monitors that Datadog answered with 400, by its own words."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for call in recorded_calls():
        about_monitors = call["path"].startswith("/api/v1/monitor") and call["method"] in {"POST", "PUT"}
        if call["status"] == 400 and about_monitors:
            reason = call["response"]["errors"][0]
            if call["request"] not in found.setdefault(reason, []):
                found[reason].append(call["request"])
    with (CORPUS / "monitors.jsonl").open(encoding="utf-8") as lines:
        rejected = [row for row in map(json.loads, lines) if row.get("rejected")]
    for row in rejected:
        reason = row["rejected"]["errors"][0]
        if row["monitor"] not in found.setdefault(reason, []):
            found[reason].append(row["monitor"])
    return found


def offline(request: Mapping[str, Any]) -> tuple[Document, list[Finding]]:
    """A request as a spec, and all that is found wrong with it."""
    definition = {key: value for key, value in request.items() if value is not None}
    (document,), findings = read_documents("refused.yaml", dump_document({"id": "refused", **definition}))
    home = project()
    built = build(document, home, Variables(home, Environment("prod"), {}, {}))
    found = [*findings, *built.findings]
    if isinstance(built.spec, Monitor):
        found += check_project(home, [built.spec], [], frozenset(), TODAY)
    return document, [finding for finding in found if finding.severity is Severity.ERROR]


def test_every_recorded_refusal_is_found_or_listed_with_the_reason() -> None:
    known = (*WHERE, *NOT_OFFLINE)
    for reason in refusals():
        assert reason.startswith(known), reason


def test_the_refusals_that_concern_the_spec_are_found_at_their_key() -> None:
    told = Counter[str]()
    for reason, requests in refusals().items():
        path = next((path for words, path in WHERE.items() if reason.startswith(words)), None)
        for request in requests if path else ():
            document, findings = offline(request)
            named = [found for found in findings if _is_at(found, document, path or ())]
            assert named, (reason, request, findings)
            told[(path or ())[-1]] += 1
    assert told == {"type": 2, "query": 3, "critical": 2}


def _is_at(found: Finding, document: Document, path: tuple[str, ...]) -> bool:
    """Whether a finding stands at a key: in its value, or, where the key is missing, names it."""
    if document.key_at(path) == document.at():
        return path[-1] in found.message
    return found.position.line == document.key_at(path).line


def accepted() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Whole monitors that Datadog took or gave back, and where they were recorded."""
    yield from recorded_monitors("request")
    yield from recorded_monitors("response")
    for call in recorded_calls():
        request = call["request"]
        written = call["status"] == 200 and call["method"] in {"POST", "PUT"} and "/v1/monitor" in call["path"]
        if written and isinstance(request, dict) and {"type", "query"} <= request.keys():
            yield call["source"], request


class Nowhere:
    """The source of a monitor that has no file."""

    def at(self, path: tuple[str | int, ...] = (), offset: int = 0, width: int = 0) -> Position:
        return Position("recorded")

    def key_at(self, path: tuple[str | int, ...]) -> Position:
        return Position("recorded")


def found_in_definition(definition: Mapping[str, Any]) -> list[Finding]:
    monitor = Monitor(id="recorded", definition=definition, source=Nowhere())
    return check_project(project(), [monitor], [], frozenset(), TODAY)


def test_nothing_that_datadog_took_is_an_error_of_query_or_options() -> None:
    ours = {check.name for check in CHECKS if check.theme in {Theme.QUERY, Theme.OPTIONS}}
    errors = Counter[tuple[str, str]]()
    count = 0
    for source, definition in accepted():
        count += 1
        for finding in found_in_definition(definition):
            if finding.severity is Severity.ERROR and finding.check in ours:
                errors[(finding.check, source)] += 1
    assert count > 800
    assert errors == {}


REVIEWED: Mapping[str, str] = {
    "division-without-delay": "error rates and mean latencies of counts over 5 and 15 minutes, as meant",
    "sum-of-ratios": "right: each adds up a percentage over all buckets of 5 minutes",
    "anomaly-windows": "right: the query says 15 minutes, the options say 5",
    "service-check-ungrouped": "right: all hosts in one row",
    "no-data-timeframe-short": "right by Datadog's own advice: 11 of one integration say 5 minutes, 3 are one template",
    "renotify-without-interval": "right: the escalation can't be sent",
    "new-group-delay-ungrouped": "right: one template of options, used for all types, of an example of another tool",
    "timeout-over-a-day": "right: 60 hours, as in the recorded conversations",
    "option-without-effect": "right: 6 threshold monitors with windows of an anomaly monitor, 2 of the same template",
    "variable-without-group": "right: they name tags that their queries lack, such as `hostname` for `device_hostname`",
    "block-without-state": "right: three of one integration send warnings to a handle and have no warning threshold",
    "notifies-nobody": "as meant: who installs an integration adds the handles",
    "handle-on-every-transition": "`@all` and one e-mail address, for alerts and warnings alike",
    "missing-runbook": "as meant: the runbook is that of whoever installs the integration",
    "personal-group": "right: names of users",
    "raw-samples": "right: two of them are about users that were invited or deactivated",
    "missing-owner": "as meant: the owner is whoever installs the integration",
    "name-ends-with-blank": "right",
    "missing-priority": "as meant: the priority is that of whoever installs the integration",
    "untested": "as meant: they come without tests; the others can't be evaluated locally",
}
"""What looking at every hit came to, by check; a check without hits needs nothing."""


def test_what_the_monitors_that_datadog_ships_are_found_fault_with(golden: Callable[[Path, str], None]) -> None:
    assets = [definition for _, definition in recorded_monitors("asset")]
    hits = Counter(name for one in assets for name in {finding.check for finding in found_in_definition(one)})
    golden(RATES, _page(len(assets), hits))


def test_every_hit_on_what_datadog_ships_was_looked_at() -> None:
    hits = {finding.check for _, one in recorded_monitors("asset") for finding in found_in_definition(one)}
    ours = {check.name for check in CHECKS if check.theme in {Theme.QUERY, Theme.OPTIONS}}
    assert hits & ours == REVIEWED.keys() & ours


def _page(count: int, hits: Mapping[str, int]) -> str:
    rows = [
        f"| {check.code} | [{check.name}](checks.md#{check.code.lower()}-{check.name}) | {check.severity.value} "
        f"| {hits[check.name]} | {hits[check.name] / count:.1%} | {REVIEWED.get(check.name, '')} |"
        for check in CHECKS
    ]
    return "\n".join(
        [
            "# How often each check fires",
            "",
            f"Counted over the {count} monitors that Datadog's integrations ship as recommended ones. They are in use",
            "everywhere, so a check that fires on many of them would be noise. Every hit was looked at.",
            "",
            "| code | check | severity | monitors | share | the hits |",
            "|---|---|---|---:|---:|---|",
            *rows,
            "",
        ]
    )


def test_errors_alone_are_the_same_errors_in_every_recorded_monitor() -> None:
    definitions = [definition for kind in ("asset", "request", "response") for _, definition in recorded_monitors(kind)]
    definitions += [request for requests in refusals().values() for request in requests if "type" in request]
    monitors = [Monitor(f"m{number}", definition, Nowhere()) for number, definition in enumerate(definitions)]
    every = check_project(project(), monitors, [], frozenset(), TODAY)
    errors = check_project(project(), monitors, [], frozenset(), TODAY, extent=Extent(errors_only=True))
    assert errors == [finding for finding in every if finding.severity is Severity.ERROR]
    assert len(errors) > 10


@pytest.mark.parametrize("shares", [2, 3, 7])
def test_shares_find_together_what_one_run_finds_in_every_recorded_monitor(shares: int) -> None:
    definitions = [definition for kind in ("asset", "request") for _, definition in recorded_monitors(kind)]
    monitors = [Monitor(f"m{number}", definition, Nowhere()) for number, definition in enumerate(definitions)]
    extents = [Extent(first=first, of=shares) for first in range(shares)]
    found = [check_project(project(), monitors, [], frozenset(), TODAY, extent=extent) for extent in extents]
    assert all(found)
    every = check_project(project(), monitors, [], frozenset(), TODAY)
    assert Counter(one for share in found for one in share) == Counter(every)

"""`ddguard snooze`, beyond the story: options, refusals, JSON, races, faults, hostile names."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ddguard.datadog import Datadog
from ddguard.payload.snoozes import target_in
from ddguard.sandbox.faults import Faults, parse_fault
from tests.oncall.desk import PROJECT, SPEC, Desk
from tests.oncall.hostile import HOSTILE, SCOPED

DRY = ("snooze", "tenant", "acme", "--reason", "x", "--dry-run")
MARK = "ddguard_stack:streampay/prod ddguard_snooze:tenant:acme"


def test_the_json_of_a_snooze(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    made = desk.snooze("acme").json
    assert made == {
        "version": 1,
        "command": "snooze",
        "action": "created",
        "downtime_id": "00000000-0000-4000-8000-000000000001",
        "scope": "tenant:acme",
        "monitor_tags": ["ddguard_stack:streampay/prod"],
        "monitor_id": None,
        "start": "2026-01-05T03:00:00Z",
        "end": "2026-01-05T04:00:00Z",
        "reason": "load test",
        "by": "alice",
        "monitors": [1000001],
        "monitors_unread": [],
        "alerting_groups": [
            {"monitor": 1000001, "group": "tenant:acme", "state": "Alert", "since": "2026-01-05T03:00:00Z"}
        ],
        "silenced_already_by": [],
        "dry_run": False,
        "notes": [],
    }
    (row,) = desk.live()
    assert row["attributes"]["message"] == f"load test\nSnoozed by alice with ddguard.\n{MARK}"
    assert desk.snooze("acme", "--for", "30m").json["action"] == "unchanged"
    assert desk.snooze("acme", "--for", "3h", "--by", "bob").json | {"alerting_groups": []} == made | {
        "action": "extended",
        "end": "2026-01-05T06:00:00Z",
        "by": "bob",
        "alerting_groups": [],
    }


def test_a_dry_run_in_json(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    tried = desk.snooze("acme", "--dry-run").json
    assert (tried["action"], tried["downtime_id"], tried["end"]) == ("created", None, "2026-01-05T04:00:00Z")
    assert tried["dry_run"] is True
    assert desk.live() == []
    made = desk.snooze("acme").json["downtime_id"]
    tried = desk.snooze("acme", "--dry-run", "--for", "2h").json
    assert (tried["action"], tried["downtime_id"], tried["end"]) == ("extended", made, "2026-01-05T04:00:00Z")
    assert desk.snooze("acme", "--dry-run").json["action"] == "unchanged"


@pytest.mark.parametrize(
    ("length", "told"),
    [
        ("2h", "extend the snooze by alice from Mon 05 Jan 2026 05:00 CET (04:00 UTC) to Mon 05 Jan 2026 06:00 CET"),
        ("1h", "change nothing: there is a snooze by alice until Mon 05 Jan 2026 05:00 CET (04:00 UTC)."),
    ],
)
def test_a_dry_run_in_words(desk: Desk, length: str, told: str) -> None:
    desk.snooze("acme")
    said = desk.do("snooze", "tenant", "acme", "--reason", "x", "--for", length, "--dry-run")
    assert f"Nothing was done. Without --dry-run this would {told}" in said.out


def test_quiet_prints_the_id_alone(desk: Desk) -> None:
    quiet = ("--reason", "x", "--yes", "--quiet")
    said = desk.do("snooze", "tenant", "acme", *quiet)
    assert (said.out, said.err) == ("00000000-0000-4000-8000-000000000001\n", "")
    assert desk.do("snooze", "tenant", "acme", *quiet).out == said.out
    assert desk.do("snooze", "tenant", "other", *quiet, "--dry-run").out == ""
    assert desk.do("snooze", "list", "-q").out == said.out
    assert desk.do("snooze", "tenant", "acme", "--reason", "x", "-q", answer="y\n").out == said.out
    assert desk.do("snooze", "end", "tenant", "acme", "-q").out == said.out


def test_a_snooze_of_one_monitor_is_another_one(desk: Desk) -> None:
    desk.snooze("acme")
    narrowed = desk.snooze("acme", "--monitor", "burst", "--for", "30m").json
    assert narrowed["action"] == "created"
    assert (narrowed["monitor_tags"], narrowed["monitor_id"]) == ([], 1000001)
    assert desk.snooze("acme", "--monitor", "1000001").json["action"] == "extended"
    assert len(desk.live()) == 2
    ended = desk.do("snooze", "end", "tenant", "acme", "--format", "json").json
    assert (len(ended["ended"]), ended["monitors"]) == (2, [1000001])
    assert desk.live() == []


def test_the_end_of_a_narrowed_snooze_speaks_of_that_monitor_alone(desk: Desk) -> None:
    desk.snooze("acme", "--monitor", "burst")
    said = desk.do("snooze", "end", "tenant", "acme")
    assert "Audible again: 1 monitor\n  Burst by {{tenant.name}}  (burst)\n" in said.out
    assert "none of their groups is alerting now" in said.out


def test_where_nothing_would_fall_silent(desk: Desk) -> None:
    desk.write(ddguard=f"{PROJECT}snooze: {{keys: [tenant, region]}}\n")
    said = desk.do("snooze", "region", "eu", "--reason", "x", "--yes")
    assert said.code == 3
    assert said.err == (
        "ddguard: nothing would fall silent: no monitor of streampay/prod is grouped by region, "
        "nor filtered on region:eu\n  --force makes the downtime all the same\n"
    )
    said = desk.do("snooze", "tenant", "acme", "--monitor", "load", "--reason", "x", "--yes")
    assert (said.code, said.err.splitlines()[0]) == (
        3,
        "ddguard: nothing would fall silent: monitor 1000002 isn't grouped by tenant, nor filtered on tenant:acme",
    )
    assert desk.live() == []
    assert desk.do("snooze", "region", "eu", "--reason", "x", "--yes", "--force").code == 0
    assert [row["attributes"]["scope"] for row in desk.live()] == ["region:eu"]


def test_a_monitor_whose_query_cannot_be_read_is_told_of(desk: Desk) -> None:
    log = {"type": "log alert", "query": 'logs("x").index("*").rollup("count").last("5m") > 1', "name": "\x1b[2JLogs"}
    desk.ask("POST", "/api/v1/monitor", {**log, "tags": ["ddguard_stack:streampay/prod"]})
    said = desk.do("snooze", "tenant", "acme", "--reason", "x", "--dry-run")
    assert "  may fall silent too, which their queries don't tell:\n    \\x1b[2JLogs  (1000003)\n" in said.out
    desk.ask("DELETE", f"/api/v1/monitor/{desk.number('burst')}")
    said = desk.do("snooze", "tenant", "acme", "--reason", "x", "--yes")
    assert (said.code, "; of 1 the query doesn't tell" in said.err) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["acme", "--yes"], 3, "a snooze needs a reason"),
        (
            ["acme", "--yes", "--reason", "x", "--for", "25h"],
            3,
            "the snooze would last 1d1h, and 1d is the most allowed",
        ),
        (["acme", "--yes", "--reason", "x", "--until", "2026-01-05T02:59:00Z"], 3, "is past already"),
        (["acme", "--yes", "--reason", "x", "--for", "1h", "--until", "10:00"], 64, "both say when it ends"),
        (["acme", "--yes", "--reason", "x", "--monitor", "brust"], 64, "did you mean burst?"),
        (["--yes", "--reason", "x"], 64, "Missing argument 'NAME'"),
        (["acme", "b\x1b[2J\nd", "--yes"], 64, "unexpected extra argument (b\\x1b[2J d)"),
    ],
)
def test_what_is_refused_asks_datadog_for_no_change(desk: Desk, arguments: list[str], code: int, told: str) -> None:
    before = len(desk.sandbox.requests)
    said = desk.do("snooze", "tenant", *arguments)
    assert (said.code, told in said.err) == (code, True), said.err
    assert {one.method for one in desk.asked_since(before)} <= {"GET"}


def test_an_error_in_json(desk: Desk) -> None:
    said = desk.do("snooze", "tenant", "A", "--yes", "--format", "json")
    assert said.json["command"] == "snooze"
    assert said.json["error"]["exit_code"] == 3


def test_a_broken_project_file_is_told_with_its_place(desk: Desk) -> None:
    desk.write(ddguard="project: 7\n")
    said = desk.do("snooze", "list")
    assert (said.code, "ddguard.yaml:1:10" in said.out) == (1, True), said.out


def test_broken_specs_dont_keep_anybody_from_snoozing(desk: Desk) -> None:
    desk.write(specs="id: [")
    assert desk.snooze("acme").code == 0


def test_without_a_user_the_author_has_to_be_named(desk: Desk) -> None:
    for name in ("USER", "LOGNAME", "USERNAME"):
        desk.patch.delenv(name, raising=False)
    said = desk.do("snooze", "tenant", "acme", "--yes", "--reason", "x")
    assert (said.code, said.err) == (64, "ddguard: nothing says who snoozes\n  give --by NAME\n")
    desk.patch.setenv("GITHUB_ACTOR", "octocat")
    assert desk.snooze("acme").json["by"] == "octocat"


def test_a_project_may_do_without_reasons(desk: Desk) -> None:
    desk.write(ddguard=f"{PROJECT}snooze: {{reason: optional}}\n")
    said = desk.do("snooze", "tenant", "acme", "--yes")
    assert (said.code, "  reason  -\n" in said.out) == (0, True)
    assert [entry["reason"] for entry in desk.do("snooze", "list", "--format", "json").json["snoozes"]] == [""]


def test_a_name_that_no_group_has(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "OK")
    assert desk.snooze("acmee").json["notes"] == ["no group is known with tenant:acmee now: did you mean acme?"]
    assert desk.snooze("zzz").json["notes"] == ["no group is known with tenant:zzz now"]
    assert desk.snooze("acme").json["notes"] == []


def test_a_name_that_no_group_has_is_told_before_the_question(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "OK")
    said = desk.do("snooze", "tenant", "acmee", "--reason", "x", answer="n\n")
    note = "note: no group is known with tenant:acmee now: did you mean acme?\n"
    assert (said.code, said.out.endswith(note), desk.live()) == (3, True, [])
    assert desk.do("snooze", "tenant", "acmee", "--reason", "x", "--yes").out.count(note) == 1


def test_the_question_and_the_answer_name_the_only_monitor(desk: Desk) -> None:
    said = desk.do("snooze", "tenant", "acme", "--monitor", "burst", "--reason", "x", answer="y\n")
    number = desk.number("burst")
    assert f"Silence tenant:acme on monitor {number} in streampay/prod until " in said.err
    assert f"Snoozed: tenant:acme on monitor {number} until " in said.out


def test_what_is_renewed_again_and_again_is_pointed_to_allow(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    notes = []
    for _ in range(3):
        notes.append(desk.snooze("acme", "--for", "1h").json["notes"])
        desk.pass_time(hours=2)
    hint = "what is meant to stay silent goes into `allow` of the spec"
    assert notes == [[], [], [f"tenant:acme was snoozed 3 times within a week: {hint}"]]


def test_a_snooze_that_is_extended_for_days_is_pointed_to_allow(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    desk.snooze("acme", "--for", "24h")
    desk.pass_time(hours=20)
    said = desk.do("snooze", "tenant", "acme", "--for", "24h", "--reason", "x", "--yes")
    assert "note: tenant:acme is snoozed for long: what is meant to stay silent goes into `allow`" in said.out


@pytest.mark.parametrize("end", [None, "2026-01-09T03:00:00Z"])
def test_a_snooze_that_was_made_long_in_datadog_is_pointed_to_allow(desk: Desk, end: str | None) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    number = desk.snooze("acme").json["downtime_id"]
    start = desk.live()[0]["attributes"]["schedule"]["start"]
    body = {"type": "downtime", "id": number, "attributes": {"schedule": {"start": start, "end": end}}}
    desk.ask("PATCH", f"/api/v2/downtime/{number}", {"data": body})
    told = desk.snooze("acme", "--for", "2h").json
    assert told["action"] == "unchanged"
    assert told["notes"] == [
        "tenant:acme is snoozed for long: what is meant to stay silent goes into `allow` of the spec"
    ]


@pytest.mark.parametrize("options", [("--format", "json"), ("-q",), ("-q", "--format", "json")])
def test_no_question_without_a_preview(desk: Desk, options: tuple[str, ...]) -> None:
    said = desk.do("snooze", "tenant", "acme", "--reason", "x", *options, answer="y\n")
    preview, _, question = said.err.rpartition("\n  by      alice\n")
    assert preview.startswith(
        "Silence tenant:acme on 1 monitor of streampay/prod\n  Burst by {{tenant.name}}  (burst)\n"
    )
    assert question.startswith(
        "note: no group is known with tenant:acme now\nSilence tenant:acme in streampay/prod until"
    )
    assert "Burst by" not in said.out
    assert desk.do("snooze", "tenant", "acme", "--reason", "x", *options, "--yes").err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("snooze", "tenant", "acme", "--reason", "x", "--yes"),
        ("snooze", "tenant", "acme", "--reason", "x", "--for", "3h", "--yes"),
        ("snooze", "list"),
        ("snooze", "end", "tenant", "acme"),
        ("holds",),
    ],
)
def test_the_main_thread_only_waits_for_what_is_read(desk: Desk, arguments: tuple[str, ...]) -> None:
    """In the midst of an exchange Ctrl-C may be swallowed, a wait it ends for sure."""
    desk.set_group("burst", "tenant:acme", "Alert")
    desk.snooze("acme")
    read_by_main: dict[str, bool] = {}

    def watched(name: str) -> Callable[..., Any]:
        read = getattr(Datadog, name)

        def note(*given: Any) -> Any:
            read_by_main[name] = threading.current_thread() is threading.main_thread()
            return read(*given)

        return note

    for name in ("monitors_with_groups", "downtimes", "downtime"):
        desk.patch.setattr(Datadog, name, watched(name))
    assert desk.do(*arguments).code == 0
    assert read_by_main
    assert not any(read_by_main.values()), read_by_main


# Scopes


def test_a_scope_in_its_own_words(desk: Desk) -> None:
    desk.write(ddguard=f"{PROJECT}snooze: {{keys: [tenant, region]}}\n")
    words = ("--reason", "x", "--yes", "--format", "json")
    made = desk.do("snooze", "scope", "tenant:(b OR a)", *words).json
    assert (made["scope"], made["action"]) == ("tenant:(a OR b)", "created")
    again = desk.do("snooze", "scope", "tenant:a OR tenant:b", *words, "--for", "2h").json
    assert (again["downtime_id"], again["action"]) == (made["downtime_id"], "extended")
    assert desk.do("snooze", "scope", "tenant:a -region:eu", *words).json["scope"] == "-region:eu AND tenant:a"
    listed = desk.do("snooze", "list", "--format", "json").json["snoozes"]
    assert {(one["scope"], one["foreign"]) for one in listed} == {
        ("tenant:(a OR b)", False),
        ("-region:eu AND tenant:a", False),
    }
    assert desk.do("snooze", "end", "scope", "tenant:b OR tenant:a").code == 0
    assert [row["attributes"]["scope"] for row in desk.live()] == ["-region:eu AND tenant:a"]


@pytest.mark.parametrize("scope", ["*", "tenant:*", "tenant:a OR region:b", "tenant:(a", "acme", ""])
def test_a_scope_that_would_widen_or_cannot_be_read_is_refused(desk: Desk, scope: str) -> None:
    for arguments in (("snooze", "scope", scope, "--reason", "x", "--yes"), ("snooze", "end", "scope", scope)):
        said = desk.do(*arguments)
        assert said.code == 3, said.err
    assert desk.live() == []


@pytest.mark.parametrize("arguments", [("scope", "", "--reason", "x", "--yes"), ("end", "scope", " ")])
def test_what_is_said_of_an_empty_scope_names_nothing_that_is_refused(desk: Desk, arguments: tuple[str, ...]) -> None:
    assert desk.do("snooze", *arguments).err == (
        "ddguard: the scope is empty\n  say which groups are meant, such as tenant:NAME\n"
    )


# The list


def test_the_list_in_words_and_in_json(desk: Desk) -> None:
    by_hand = {
        "scope": "tenant:zeta",
        "message": "by hand\x1b[2J @all",
        "monitor_identifier": {"monitor_tags": ["*"]},
        "schedule": {"start": "2026-01-05T06:00:00Z"},
    }
    desk.ask("POST", "/api/v2/downtime", {"data": {"type": "downtime", "attributes": by_hand}})
    desk.snooze("acme", "--for", "90s")
    unread = by_hand | {"scope": "tenant:(a AND b) NOT tenant:c", "schedule": {}}
    desk.ask("POST", "/api/v2/downtime", {"data": {"type": "downtime", "attributes": unread}})
    said = desk.do("snooze", "list")
    assert said.out == (
        "tenant:acme  2m left\n"
        "  until     Mon 05 Jan 2026 04:01 CET (03:01 UTC)\n"
        "  reason    load test\n"
        "  by        alice\n"
        "  silences  burst\n"
        "  downtime  00000000-0000-4000-8000-000000000002\n"
        "tenant:(a AND b) NOT tenant:c  no end  foreign\n"
        "  until     without end\n"
        "  reason    by hand [2J (at)all\n"
        "  by        made in Datadog\n"
        "  silences  its scope can't be read: look in Datadog\n"
        "  downtime  00000000-0000-4000-8000-000000000003\n"
        "tenant:zeta  begins in 3h  foreign\n"
        "  until     without end\n"
        "  reason    by hand [2J (at)all\n"
        "  by        made in Datadog\n"
        "  silences  burst\n"
        "  downtime  00000000-0000-4000-8000-000000000001\n"
    )
    first, second, third = desk.do("snooze", "list", "--format", "json").json["snoozes"]
    assert first == {
        "downtime_id": "00000000-0000-4000-8000-000000000002",
        "status": "active",
        "scope": "tenant:acme",
        "monitor_tags": ["ddguard_stack:streampay/prod"],
        "monitor_id": None,
        "start": "2026-01-05T03:00:00Z",
        "end": "2026-01-05T03:01:30Z",
        "seconds_left": 90,
        "reason": "load test",
        "by": "alice",
        "foreign": False,
        "spec": None,
        "was_for": None,
        "monitors": [1000001],
    }
    assert (second["monitors"], second["seconds_left"], second["by"], second["foreign"]) == (None, None, None, True)
    assert third["status"] == "scheduled"
    desk.pass_time(minutes=2)
    assert "tenant:acme" not in desk.do("snooze", "list").out


def wide(desk: Desk, scope: str = "*", **changes: Any) -> str:
    """A downtime that somebody made in Datadog for more than one tenant."""
    attributes = {"scope": scope, "monitor_identifier": {"monitor_tags": ["*"]}, "schedule": {}} | changes
    made = desk.ask("POST", "/api/v2/downtime", {"data": {"type": "downtime", "attributes": attributes}})
    number: str = made["data"]["id"]
    return number


def test_the_list_tells_of_what_silences_more_than_a_tenant(desk: Desk) -> None:
    everything = wide(desk, message="maintenance")
    later = wide(desk, "env:prod AND host:web-1", schedule={"start": "2026-01-05T06:00:00Z"})
    wide(desk, "env:staging")
    wide(desk, monitor_identifier={"monitor_tags": ["service:other"]})
    assert desk.do("snooze", "list").out == (
        "*  no end  foreign\n"
        "  until     without end\n"
        "  reason    maintenance\n"
        "  by        made in Datadog\n"
        "  silences  everything in streampay/prod: burst, load\n"
        f"  downtime  {everything}\n"
        "env:prod AND host:web-1  begins in 3h  foreign\n"
        "  until     without end\n"
        "  reason    -\n"
        "  by        made in Datadog\n"
        "  silences  load\n"
        f"  downtime  {later}\n"
    )
    told = desk.do("snooze", "list", "--format", "json").json["snoozes"]
    assert [(one["downtime_id"], one["foreign"]) for one in told] == [(everything, True), (later, True)]


@pytest.mark.parametrize("scope", ["*", "env:prod", "tenant:acme", "tenant:(acme OR zeta)"])
def test_a_preview_tells_what_silences_the_tenant_already(desk: Desk, scope: str) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    number = wide(desk, scope)
    desk.snooze("acme", "--for", "30m")
    told = f"  silenced already: by a downtime of {scope}, made in Datadog, without end  ({number})\n"
    assert desk.do(*DRY).out.count("silenced already") == 1
    assert told in desk.do(*DRY).out
    assert told in desk.do("snooze", "tenant", "acme", "--reason", "x", answer="n\n").out
    assert desk.snooze("acme").json["silenced_already_by"] == [number]
    assert desk.do("snooze", "end", "tenant", "acme").out.count("Still silenced: ") == 1


def test_a_preview_tells_on_how_many_monitors_a_tenant_is_silenced_already(desk: Desk) -> None:
    second = SPEC.partition("---")[0].replace("burst", "burst2")
    desk.write(specs=f"{SPEC}---\n{second}")
    assert desk.do("apply", "--yes", "-q").code == 0
    desk.set_group("burst", "tenant:acme", "Alert")
    wide(desk, monitor_identifier={"monitor_id": desk.number("burst")})
    assert "  silenced already on 1 of 2 monitors: by a downtime of *, made in Datadog" in desk.do(*DRY).out


@pytest.mark.parametrize(
    ("scope", "changes"),
    [("tenant:zeta", {}), ("env:staging", {}), ("*", {"schedule": {"start": "2026-01-05T06:00:00Z"}})],
)
def test_a_preview_says_nothing_of_what_silences_others_or_later(desk: Desk, scope: str, changes: Any) -> None:
    for tenant in ("acme", "zeta"):
        desk.set_group("burst", f"tenant:{tenant}", "Alert")
    wide(desk, scope, **changes)
    assert "silenced already" not in desk.do(*DRY).out


def test_the_list_names_the_spec_of_a_downtime(desk: Desk) -> None:
    where = "monitor_identifier: {monitor_tags: ['ddguard_stack:streampay/prod']}"
    when = "schedule: {start: '2026-01-05T03:00:00Z', end: '2026-01-05T05:00:00Z'}"
    desk.write(nightly=f"kind: downtime\nid: nightly\nscope: env:prod\n{where}\n{when}\nmessage: at night\n")
    assert desk.do("apply", "--yes", "-q").code == 0
    said = desk.do("snooze", "list")
    assert said.out.startswith("env:prod  2h left\n")
    assert "  by        the spec nightly\n  silences  everything in streampay/prod: burst, load\n" in said.out
    assert [one["spec"] for one in desk.do("snooze", "list", "--format", "json").json["snoozes"]] == ["nightly"]


def test_the_list_names_five_monitors_of_many(desk: Desk) -> None:
    wide(desk)
    more = "".join(f"---\n{SPEC.partition('---')[0].replace('burst', f'burst{number}')}" for number in range(4, 10))
    desk.write(specs=f"{SPEC}{more}")
    assert desk.do("apply", "--yes", "-q", "--workers", "1").code == 0
    told = "  silences  everything in streampay/prod: burst, load, burst4, burst5, burst6 and 3 more\n"
    assert told in desk.do("snooze", "list").out


def test_the_list_tells_of_monitors_that_it_cannot_read(desk: Desk) -> None:
    log = {"type": "log alert", "query": 'logs("x").index("*").rollup("count").last("5m") > 1', "name": "Logs"}
    desk.ask("POST", "/api/v1/monitor", {**log, "tags": ["ddguard_stack:streampay/prod"]})
    desk.snooze("acme")
    assert "  silences  burst; perhaps 1 monitor more\n" in desk.do("snooze", "list").out
    desk.ask("DELETE", f"/api/v1/monitor/{desk.number('burst')}")
    assert "  silences  perhaps 1000003: the queries don't tell\n" in desk.do("snooze", "list").out


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("9999-12-31T23:59:59Z", "Fri 31 Dec 9999 23:59 UTC"),
        ("9999-12-31T12:00:00Z", "Fri 31 Dec 9999 21:00 JST (12:00 UTC)"),
    ],
)
def test_an_end_for_which_the_users_clock_has_no_year_is_told_in_utc(desk: Desk, end: str, told: str) -> None:
    desk.patch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    desk.set_group("burst", "tenant:acme", "Alert")
    attributes = {"scope": "tenant:acme", "monitor_identifier": {"monitor_tags": ["*"]}, "schedule": {"end": end}}
    desk.ask("POST", "/api/v2/downtime", {"data": {"type": "downtime", "attributes": attributes}})
    assert f"  until     {told}\n" in desk.do("snooze", "list").out
    assert f"until {told}" in desk.do("snooze", "tenant", "acme", "--reason", "x", "--dry-run").out


def test_the_users_clock_and_utc_are_told_apart_only_where_they_differ(desk: Desk) -> None:
    desk.patch.setenv("TZ", "UTC")
    time.tzset()
    assert "  until   Mon 05 Jan 2026 04:00 UTC\n" in desk.do(*DRY).out
    desk.patch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert "  until   Mon 05 Jan 2026 13:00 JST (04:00 UTC)\n" in desk.do(*DRY).out
    desk.patch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    assert "  until   Sun 04 Jan 2026 20:00 PST (Mon 04:00 UTC)\n" in desk.do(*DRY).out


def test_holds_in_json(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    (held,) = desk.do("holds", "--format", "json").json["holds"]
    assert held == {
        "monitor": "burst",
        "name": "Burst by {{tenant.name}}",
        "group": "tenant:acme",
        "since": "2026-01-05T03:00:00Z",
        "state": "Alert",
        "review": "@webhook-review",
        "silenced_by": [],
        "url": f"{desk.sandbox.url}/monitors/1000001?group=tenant%3Aacme",
    }


def test_the_link_of_a_hold_stays_whole_on_a_narrow_terminal(desk: Desk) -> None:
    desk.patch.setenv("COLUMNS", "40")
    desk.set_group("burst", "tenant:acme", "Alert")
    link = f"  link     {desk.sandbox.url}/monitors/1000001?group=tenant%3Aacme"
    assert link in desk.do("holds").out.splitlines()


def test_the_number_of_a_downtime_stays_whole_on_a_narrow_terminal(desk: Desk) -> None:
    desk.patch.setenv("COLUMNS", "40")
    made = desk.snooze("acme").json["downtime_id"]
    assert f"  downtime  {made}" in desk.do("snooze", "list").out.splitlines()


def test_on_a_narrow_terminal_a_line_that_goes_on_stands_further_in(desk: Desk) -> None:
    desk.patch.setenv("COLUMNS", "40")
    desk.set_group("burst", "tenant:acme", "Alert")
    assert desk.do("snooze", "tenant", "acme", "--reason", "x", "--dry-run").out.splitlines()[2:7] == [
        "  Burst by {{tenant.name}}  (burst)",
        "  alerting now: 1 group",
        "    Alert  tenant:acme since Mon 05",
        "      Jan 2026 04:00 CET (03:00 UTC)",
        "      Burst by {{tenant.name}}",
    ]
    assert desk.do("holds").out.splitlines()[:2] == [
        "Alert  tenant:acme  since Mon 05 Jan",
        "  2026 04:00 CET (03:00 UTC)",
    ]


@pytest.mark.parametrize("scope", ["*", "env:prod", "tenant:acme"])
def test_holds_tell_of_what_is_silenced(desk: Desk, scope: str) -> None:
    for tenant in ("acme", "zeta"):
        desk.set_group("burst", f"tenant:{tenant}", "Alert")
    wide(desk, scope)
    wide(desk, "tenant:quiet")
    acme, zeta = desk.do("holds", "--format", "json").json["holds"]
    assert (acme["silenced_by"], zeta["silenced_by"]) == ([scope], [scope] if scope != "tenant:acme" else [])
    told = f"  muted    by a downtime of {scope}: perhaps nobody was told\n"
    assert desk.do("holds").out.count(told) == len(acme["silenced_by"] + zeta["silenced_by"])


def test_holds_where_nobody_is_held(desk: Desk) -> None:
    assert desk.do("holds").out == "Nobody in streampay/prod carries the flag for manual review.\n"
    assert desk.do("holds", "--format", "json").json == {
        "version": 1,
        "command": "holds",
        "stack": "streampay/prod",
        "holds": [],
    }


# Lost answers and races


def faulty(desk: Desk, *spelled: str) -> None:
    desk.sandbox.faults = Faults(tuple(parse_fault(one) for one in spelled), 0)


@pytest.mark.parametrize(
    "fault", ["drop-after:POST:1x", "503-after:POST:1x", "cut-body:POST:1x", "drop-before:POST:1x", "503:POST:1x"]
)
def test_a_lost_answer_leaves_one_downtime(desk: Desk, fault: str) -> None:
    faulty(desk, fault)
    made = desk.snooze("acme")
    assert (made.code, made.json["action"]) == (0, "created")
    assert [row["id"] for row in desk.live()] == [made.json["downtime_id"]]


@pytest.mark.parametrize("fault", ["drop-after:PATCH:1x", "503-after:PATCH:1x", "drop-before:PATCH:1x"])
def test_a_lost_extension_is_sent_again(desk: Desk, fault: str) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    made = desk.snooze("acme").json
    faulty(desk, fault)
    assert desk.snooze("acme", "--for", "3h").json["action"] == "extended"
    (row,) = desk.live()
    assert (row["id"], row["attributes"]["schedule"]["end"]) == (made["downtime_id"], "2026-01-05T06:00:00+00:00")


def test_datadog_refuses(desk: Desk) -> None:
    faulty(desk, "drop-before:GET")
    assert desk.snooze("acme").code == 5


def test_one_that_the_first_look_did_not_show_is_found_by_the_second(desk: Desk) -> None:
    """No group of the tenant is known: Datadog's list of monitors can't show that a downtime is about it."""
    made = desk.snooze("acme", "--for", "1h").json
    assert desk.snooze("acme", "--for", "30m").json["action"] == "unchanged"
    longer = desk.snooze("acme", "--for", "2h").json
    assert (longer["action"], longer["downtime_id"]) == ("extended", made["downtime_id"])
    assert [row["id"] for row in desk.live()] == [made["downtime_id"]]
    assert longer["notes"] == ["no group is known with tenant:acme now"]


def test_a_snooze_that_somebody_widened_is_left_alone(desk: Desk) -> None:
    made = desk.snooze("acme").json["downtime_id"]
    wider = {"data": {"type": "downtime", "id": made, "attributes": {"scope": "*"}}}
    desk.ask("PATCH", f"/api/v2/downtime/{made}", wider)
    other = desk.snooze("acme", "--for", "5h").json
    assert other["downtime_id"] != made
    kept = {row["id"]: row["attributes"] for row in desk.live()}
    assert (kept[made]["scope"], kept[made]["schedule"]["end"]) == ("*", "2026-01-05T04:00:00+00:00")


def test_an_adopted_downtime_that_was_changed_is_not_taken_for_the_snooze(desk: Desk) -> None:
    made = desk.snooze("acme").json["downtime_id"]
    wider = {"data": {"type": "downtime", "id": made, "attributes": {"scope": "*"}}}
    desk.ask("PATCH", f"/api/v2/downtime/{made}", wider)
    faulty(desk, "drop-before:POST:1x")
    said = desk.do("snooze", "tenant", "acme", "--reason", "x", "--yes")
    assert (said.code, said.err) == (
        3,
        (
            f"ddguard: the downtime {made} carries the mark of this snooze, but somebody changed what it silences\n"
            "  look at it in Datadog; `ddguard snooze end` ends it\n"
        ),
    )


def test_a_downtime_that_loses_its_mark_on_the_way_is_told_of(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    desk.snooze("acme")
    desk.patch.setattr("ddguard.cli.granting.snooze_extension", lambda *_: {"message": "by hand"})
    said = desk.do("snooze", "tenant", "acme", "--reason", "x", "--for", "3h", "--yes")
    assert (said.code, "the downtime lost the mark of its snooze while it was extended" in said.err) == (5, True)


def test_eight_processes_end_in_one_downtime(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    said: list[Any] = []
    command = [sys.executable, "-m", "ddguard", "snooze", "tenant", "acme", "--reason", "x", "--yes", "-q"]

    def snooze() -> None:
        said.append(subprocess.run(command, capture_output=True, text=True, check=False, cwd=desk.folder))

    desk.sandbox.clock = lambda: datetime.now(UTC)
    before = len(desk.sandbox.requests)
    threads = [threading.Thread(target=snooze) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.returncode for one in said] == [0] * 8, [one.stderr for one in said]
    (row,) = desk.live()
    assert {one.stdout.strip() for one in said} == {row["id"]}
    assert "POST" in {one.method for one in desk.asked_since(before)}


def test_a_reader_that_leaves_keeps_nobody_from_snoozing(desk: Desk) -> None:
    desk.sandbox.clock = lambda: datetime.now(UTC)
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "ddguard", "snooze", "tenant", "acme", "--reason", "x", "--yes"]
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False, cwd=desk.folder
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [row["attributes"]["scope"] for row in desk.live()] == ["tenant:acme"]


# Hostile names


def test_a_hostile_name_silences_nobody_and_reaches_no_terminal_raw(desk: Desk) -> None:
    for name in HOSTILE:
        for words in (("snooze", "tenant", "--reason", "x", "--yes"), ("snooze", "end", "tenant")):
            said = desk.do(*words, "--", name)
            assert said.code == 3, name
            assert all(line.isprintable() for line in (said.out + said.err).splitlines()), name
    assert desk.live() == []


def test_every_plain_name_silences_its_own_tenant_alone(desk: Desk) -> None:
    for name in (*SCOPED, "acme2", "neighbour"):
        desk.set_group("burst", f"tenant:{name}", "Alert")
    for name in SCOPED:
        assert desk.do("snooze", "tenant", "--reason", "x", "--yes", "-q", "--", name).code == 0
        assert desk.matches("burst") == [[f"tenant:{name}"]]
        (row,) = desk.live()
        assert target_in(row["attributes"]["message"]) is not None
        assert desk.do("snooze", "end", "tenant", name).code == 0


@pytest.mark.parametrize("key", ["\x1b[2J", "Tenant", "lsit", "tenant:acme"])
def test_a_hostile_key(desk: Desk, key: str) -> None:
    said = desk.do("snooze", key, "acme", "--reason", "x", "--yes")
    assert said.code == 3
    assert all(line.isprintable() for line in (said.out + said.err).splitlines())


@pytest.mark.parametrize(
    ("words", "told", "see"),
    [
        (["lst"], "there is no command 'lst'. Did you mean list?", ""),
        (["lsit", "--env", "prod"], "there is no command 'lsit'. Did you mean list?", ""),
        (["ends", "tenant", "acme"], "there is no command 'ends'. Did you mean end?", ""),
        (["stop", "tenant", "acme"], "there is no command 'stop'. Did you mean end?", ""),
        (["cancel", "tenant", "acme"], "there is no command 'cancel'. Did you mean end?", ""),
        (["acme", "--for", "2h"], "there is no name after 'acme'. Did you mean `snooze tenant acme`?", ""),
        (["tenant", "--for", "2h"], "Missing argument 'NAME'.", " tenant"),
        (["tenant", "acme", "other"], "Got unexpected extra argument (other)", " tenant"),
        (["lst", "--format", "xml"], "Invalid value for '--format': 'xml' is not one of 'text', 'json'.", " lst"),
    ],
)
def test_a_word_that_is_no_key_is_told_as_what_it_may_be(desk: Desk, words: list[str], told: str, see: str) -> None:
    said = desk.do("snooze", *words)
    assert (said.code, said.err.splitlines()) == (64, [f"ddguard: {told}", f"  see ddguard snooze{see} --help"])


def test_the_help_names_the_ways(desk: Desk) -> None:
    said = desk.do("snooze", "--help")
    rows = said.out.partition("Commands:\n")[2].splitlines()
    heads = [row[2:].split("  ")[0] for row in rows if not row.startswith("   ")]
    assert heads == ["KEY NAME", "scope SCOPE", "list", "end KEY NAME"]

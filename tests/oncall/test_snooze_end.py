"""`ddguard snooze end`: half done, interrupted, and what stays silent all the same."""

from typing import Any

import pytest

from ddguard.datadog import Datadog
from ddguard.sandbox.faults import Faults, parse_fault
from tests.oncall.desk import PROJECT, SPEC, Desk

END = ("snooze", "end", "tenant", "acme")
SECOND = SPEC.partition("---\n")[0].replace("id: burst", "id: burst2").replace("Burst by", "Second by")
UNTIL = "Mon 05 Jan 2026 05:00 CET (04:00 UTC)"


def faulty(desk: Desk, *spelled: str) -> None:
    desk.sandbox.faults = Faults(tuple(parse_fault(one) for one in spelled), 0)


@pytest.fixture
def two(desk: Desk) -> list[str]:
    """The numbers of two snoozes of acme, each of one monitor."""
    desk.write(specs=f"{SPEC}---\n{SECOND}")
    assert desk.do("apply", "--yes", "-q").code == 0
    return [desk.snooze("acme", "--monitor", id_).json["downtime_id"] for id_ in ("burst", "burst2")]


def test_an_end_that_is_half_done_names_both(desk: Desk, two: list[str]) -> None:
    faulty(desk, f"500:DELETE:/api/v2/downtime/{two[1]}")
    said = desk.do(*END)
    assert said.code == 4
    first, second, third, *_ = said.out.splitlines()
    whose = "the snooze of tenant:acme on monitor {} by alice, which"
    assert first == f"Ended: {whose.format(desk.number('burst'))} would have lasted until {UNTIL}  ({two[0]})"
    start = f"Not ended: {whose.format(desk.number('burst2'))} lasts until {UNTIL}: could not cancel downtime {two[1]}"
    assert second.startswith(start)
    assert third == "Audible again: 1 monitor"
    assert "Burst by {{tenant.name}}  (burst)" in said.out
    assert "Second by" not in said.out


def test_one_that_does_not_end_keeps_no_other_from_ending(desk: Desk, two: list[str]) -> None:
    faulty(desk, f"500:DELETE:/api/v2/downtime/{two[0]}")
    told = desk.do(*END, "--format", "json")
    assert (told.code, told.json["ended"], told.json["monitors"]) == (4, [two[1]], [desk.number("burst2")])
    (failed,) = told.json["failed"]
    assert failed["downtime_id"] == two[0]
    assert failed["error"].startswith(f"could not cancel downtime {two[0]}")


def test_what_did_not_end_is_an_error_with_quiet_too(desk: Desk, two: list[str]) -> None:
    faulty(desk, f"500:DELETE:/api/v2/downtime/{two[1]}")
    said = desk.do(*END, "-q")
    assert (said.code, said.out) == (4, f"{two[0]}\n")
    assert said.err.startswith(f"ddguard: not ended: could not cancel downtime {two[1]}")


def test_where_nothing_ends_datadog_is_at_fault(desk: Desk, two: list[str]) -> None:
    faulty(desk, "500:DELETE")
    said = desk.do(*END)
    assert (said.code, said.out) == (5, "")
    assert said.err.startswith(f"ddguard: could not cancel downtime {two[0]}")


def test_an_interrupted_end_names_what_ended_and_what_may_have(desk: Desk, two: list[str]) -> None:
    real = Datadog.cancel_downtime

    def cancel(datadog: Datadog, remote_id: str) -> None:
        if remote_id == two[1]:
            raise KeyboardInterrupt
        real(datadog, remote_id)

    desk.patch.setattr(Datadog, "cancel_downtime", cancel)
    said = desk.do(*END)
    assert (said.code, said.err.splitlines()[0]) == (130, "ddguard: interrupted")
    assert f"lasted until {UNTIL}  ({two[0]})\n" in said.out
    assert f"which lasts until {UNTIL}: interrupted, it may have ended all the same  ({two[1]})\n" in said.out


def test_what_comes_after_an_interruption_is_left(desk: Desk, two: list[str]) -> None:
    def cancel(*_: Any) -> None:
        raise KeyboardInterrupt

    desk.patch.setattr(Datadog, "cancel_downtime", cancel)
    told = desk.do(*END, "--format", "json")
    assert (told.code, told.json["ended"]) == (130, [])
    assert [one["error"] for one in told.json["failed"]] == [
        "interrupted, it may have ended all the same",
        "interrupted",
    ]
    assert [one["downtime_id"] for one in told.json["failed"]] == two


def test_an_end_is_told_though_the_monitors_cannot_be_read(desk: Desk) -> None:
    made = desk.snooze("acme").json["downtime_id"]
    faulty(desk, "500:GET:/api/v1/monitor")
    said = desk.do(*END)
    assert said.code == 0
    assert f"({made})\nnote: what is audible again wasn't read: could not list the monitors" in said.out
    made = _again(desk)
    faulty(desk, "500:GET:/api/v1/monitor")
    told = desk.do(*END, "--format", "json").json
    assert (told["ended"], told["monitors"], told["alerting_groups"]) == ([made], None, None)


def test_an_end_is_told_though_the_reading_of_monitors_is_interrupted(desk: Desk) -> None:
    made = desk.snooze("acme").json["downtime_id"]

    def press(*_: Any) -> None:
        raise KeyboardInterrupt

    desk.patch.setattr(Datadog, "monitors_with_groups", press)
    said = desk.do(*END)
    assert said.code == 130
    assert f"({made})\nnote: what is audible again wasn't read: interrupted\n" in said.out


def test_where_nothing_is_found_the_stack_that_was_looked_at_is_named(desk: Desk) -> None:
    desk.write(ddguard="project: streampay\ndefault_environment: staging\nenvironments: {prod: {}, staging: {}}\n")
    assert desk.do("snooze", "tenant", "acme", "--reason", "x", "--yes", "--env", "prod").code == 0
    assert desk.do(*END).out == "Nothing to end: tenant:acme isn't snoozed in streampay/staging.\n"
    assert desk.do(*END, "--format", "json").json["stack"] == "streampay/staging"
    assert desk.do(*END, "--env", "prod").out.startswith("Ended: ")


@pytest.mark.parametrize("scope", ["env:prod", "region:eu AND tenant:acme"])
def test_what_may_not_be_snoozed_any_more_may_still_end(desk: Desk, scope: str) -> None:
    desk.write(ddguard=f"{PROJECT}snooze: {{keys: [tenant, region, env]}}\n")
    assert desk.do("snooze", "scope", scope, "--reason", "x", "--yes", "--force").code == 0
    desk.write(ddguard=PROJECT)
    assert desk.do("snooze", "scope", scope, "--reason", "x", "--yes", "--force").code == 3
    key, _, name = scope.partition(":")
    words = ("scope", scope) if " " in name else (key, name)
    assert (desk.do("snooze", "end", *words).code, desk.live()) == (0, [])


def test_a_key_that_is_none_ends_nothing(desk: Desk) -> None:
    said = desk.do("snooze", "end", "te\x1b[31m", "acme")
    assert said.code == 3
    assert said.err == (
        "ddguard: 'te\\x1b[31m' can't be snoozed in this project\n  `snooze.keys` in ddguard.yaml allows tenant\n"
    )


def _again(desk: Desk) -> str:
    faulty(desk)
    made: str = desk.snooze("acme").json["downtime_id"]
    return made


# What stays silent


def by_hand(desk: Desk, **changes: Any) -> str:
    """A downtime of acme that somebody made in Datadog."""
    attributes = {"scope": "tenant:acme", "monitor_identifier": {"monitor_tags": ["*"]}, "schedule": {}} | changes
    made = desk.ask("POST", "/api/v2/downtime", {"data": {"type": "downtime", "attributes": attributes}})
    number: str = made["data"]["id"]
    return number


def test_what_somebody_else_silences_is_not_called_audible(desk: Desk) -> None:
    desk.set_group("burst", "tenant:acme", "Alert")
    foreign = by_hand(desk)
    desk.snooze("acme")
    said = desk.do(*END)
    assert said.code == 0
    assert said.out.splitlines()[1:] == [
        f"Still silenced: by a downtime of tenant:acme, made in Datadog, without end  ({foreign})",
        "Audible again: no monitor",
    ]
    desk.snooze("acme")
    told = desk.do(*END, "--format", "json").json
    assert (told["still_silenced_by"], told["monitors"], told["alerting_groups"]) == ([foreign], [], [])


def test_a_downtime_that_names_what_the_monitors_filter_for_is_as_wide(desk: Desk) -> None:
    foreign = by_hand(desk, scope="env:prod AND tenant:acme")
    desk.snooze("acme")
    told = desk.do(*END, "--format", "json").json
    assert (told["still_silenced_by"], told["monitors"]) == ([foreign], [])


def test_monitors_whose_queries_do_not_tell_may_be_audible_again(desk: Desk) -> None:
    log = {"type": "log alert", "query": 'logs("x").index("*").rollup("count").last("5m") > 1', "name": "Logs"}
    desk.ask("POST", "/api/v1/monitor", {**log, "tags": ["ddguard_stack:streampay/prod"]})
    desk.snooze("acme")
    said = desk.do(*END)
    assert "  may be audible again too, which their queries don't tell:\n    Logs  (1000003)\n" in said.out


def test_where_only_somebody_else_silences_that_is_told(desk: Desk) -> None:
    foreign = by_hand(desk, schedule={"end": "2026-01-05T04:00:00Z"})
    said = desk.do(*END)
    assert (said.code, said.out.splitlines()) == (
        0,
        [
            "Nothing to end: tenant:acme has no snooze of its own in streampay/prod.",
            f"Still silenced: by a downtime of tenant:acme, made in Datadog, until {UNTIL}  ({foreign})",
        ],
    )


def test_a_snooze_of_several_tenants_goes_on(desk: Desk) -> None:
    both = ("snooze", "scope", "tenant:(acme OR zeta)", "--reason", "x", "--yes", "-q")
    number = desk.do(*both).out.strip()
    said = desk.do(*END)
    assert said.out.splitlines()[1] == (
        f"Still silenced: by a downtime of tenant:(acme OR zeta), by alice, until {UNTIL}  ({number})"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "tenant:zeta"},
        {"scope": "tenant:acme AND region:eu"},
        {"scope": "tenant:acme AND env:staging"},
        {"scope": "tenant:acme AND NOT region:eu"},
        {"scope": "tenant:(acme AND b) NOT tenant:c"},
        {"schedule": {"start": "2026-01-05T06:00:00Z"}},
        {"monitor_identifier": {"monitor_tags": ["service:other"]}},
    ],
)
def test_what_silences_others_or_later_keeps_nothing_silent(desk: Desk, changes: dict[str, Any]) -> None:
    by_hand(desk, **changes)
    desk.snooze("acme")
    said = desk.do(*END)
    assert said.out.splitlines()[1] == "Audible again: 1 monitor"
    assert desk.do(*END).out == "Nothing to end: tenant:acme isn't snoozed in streampay/prod.\n"


def test_a_monitor_that_is_silenced_all_the_same_is_left_out(desk: Desk, two: list[str]) -> None:
    foreign = by_hand(desk, monitor_identifier={"monitor_id": desk.number("burst2")})
    said = desk.do(*END)
    assert said.out.splitlines()[2:] == [
        f"Still silenced: by a downtime of tenant:acme, made in Datadog, without end  ({foreign})",
        "Audible again: 1 monitor",
        "  Burst by {{tenant.name}}  (burst)",
        "  none of their groups is alerting now",
    ]

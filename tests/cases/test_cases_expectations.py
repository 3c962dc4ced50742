"""Every form of an expectation: met, and not met with both sides told."""

from pathlib import Path

import pytest
from case_projects import case_text, run_tests, wrong

NOTIFIED = "{group: 'tenant:a', notifications: [%s]}"
MUTED = "    downtimes: [{scope: 'tenant:a', from: 12m, to: 18m}]\n"


@pytest.mark.parametrize(
    "expect",
    [
        "{at: 13m, group: 'tenant:a', state: OK}",
        "{at: 13m, group: 'tenant:a', state: OK, value: 20}",
        "{at: 14m, group: 'tenant:a', state: Alert, value: 25.0000000001}",
        "{at: 14m30s, group: 'tenant:a', state: Alert}",
        "{group: 'tenant:b', never: [Warn, Alert, No Data]}",
        "{group: 'tenant:nobody', never: [OK], absent: ok}",
        "{group: 'tenant:a', transitions: [{at: 14m, to: Alert}, {at: 20m, to: OK}]}",
        "{group: 'tenant:a', transitions: [{at: 20m, from: Alert, to: OK}, {at: 840s, from: OK, to: Alert}]}",
        "{group: 'tenant:b', transitions: []}",
        NOTIFIED % "{at: 14m, kind: alert}, {at: 20m, kind: recovery}",
        "{group: 'tenant:b', notifications: []}",
    ],
)
def test_met(tmp_path: Path, expect: str) -> None:
    assert wrong(tmp_path, expect) == []


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ("{at: 14m, group: 'tenant:a', state: OK}", "OK at 14m / Alert at 14m, the value 25"),
        (
            "{at: 13m, group: 'tenant:a', state: Alert, value: 21}",
            "Alert at 13m, the value 21 / OK at 13m, the value 20",
        ),
        ("{at: 13m, group: 'tenant:a', state: OK, value: 21}", "OK at 13m, the value 21 / OK at 13m, the value 20"),
        (
            "{at: 13m, group: 'tenant:a', state: OK, value: null}",
            "OK at 13m, the value none / OK at 13m, the value 20",
        ),
        (
            "{at: 0m, group: 'tenant:a', state: OK}",
            "OK at 0m / not there at 0m, the value 0",
        ),
        ("{group: 'tenant:a', never: [Warn, Alert]}", "never Warn or Alert / Alert at 14m"),
        (
            "{group: 'tenant:a', transitions: [{at: 14m, to: Alert}]}",
            "14m -> Alert / 14m OK -> Alert, 20m Alert -> OK",
        ),
        (
            "{group: 'tenant:a', transitions: [{at: 14m, from: Warn, to: Alert}, {at: 1200s, to: OK}]}",
            "14m Warn -> Alert, 20m -> OK / 14m OK -> Alert, 20m Alert -> OK",
        ),
        ("{group: 'tenant:b', transitions: [{at: 330s, to: Warn}]}", "5m30s -> Warn / none"),
        (NOTIFIED % "{at: 14m, kind: warn}", "14m warn / 14m alert, 20m recovery"),
        (NOTIFIED % "", "none / 14m alert, 20m recovery"),
    ],
)
def test_not_met(tmp_path: Path, expect: str, told: str) -> None:
    assert wrong(tmp_path, expect) == [told]


def test_a_missing_value_is_null(tmp_path: Path) -> None:
    gap = "5x9 _x30"

    assert wrong(tmp_path, "{at: 30m, group: 'tenant:a', state: OK, value: null}", values=gap) == []
    assert wrong(tmp_path, "{at: 30m, group: 'tenant:a', state: OK, value: 0}", values=gap) == [
        "OK at 30m, the value 0 / OK at 30m, the value none"
    ]


def test_the_moments_that_part_are_marked(tmp_path: Path) -> None:
    text = case_text("{group: 'tenant:a', transitions: [{at: 15m, to: Alert}, {at: 20m, to: OK}]}")

    ((mismatch,),) = [result.mismatches for result in run_tests(tmp_path, text)]

    start = 1767571200
    assert mismatch.group == "tenant:a"
    assert (mismatch.position.line, mismatch.position.column) == (8, 9)
    assert [((mark.second - start) // 60, mark.note) for mark in mismatch.marks] == [
        (14, "not expected: OK -> Alert"),
        (15, "expected: -> Alert"),
    ]


def test_only_what_is_sent_counts_as_a_notification(tmp_path: Path) -> None:
    sent = NOTIFIED % "{at: 18m, kind: alert}, {at: 20m, kind: recovery}"
    hoped = NOTIFIED % "{at: 14m, kind: alert}, {at: 20m, kind: recovery}"

    assert wrong(tmp_path, sent, more=MUTED) == []
    assert wrong(tmp_path, hoped, more=MUTED) == [
        "14m alert, 20m recovery / 18m alert, 20m recovery; held back: 14m alert"
    ]
    ((mismatch,),) = [result.mismatches for result in run_tests(tmp_path, case_text(hoped, more=MUTED))]
    assert [mark.note for mark in mismatch.marks] == ["expected: alert, held back by tenant:a", "not expected: alert"]


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ("{downtime: 'tenant:a', suppresses: 1}", []),
        ("{downtime: 'tenant:a', group: 'tenant:a', suppresses: 1}", []),
        ("{downtime: 'tenant:a', group: 'tenant:b', suppresses: 0}", []),
        (
            "{downtime: 'tenant:a', suppresses: 2}",
            ["2 notifications held back by tenant:a / 1 held back: 14m alert for tenant:a"],
        ),
        (
            "{downtime: 'tenant:a', group: 'tenant:b', suppresses: 1}",
            ["1 notification held back by tenant:a / none held back"],
        ),
    ],
)
def test_what_a_downtime_holds_back(tmp_path: Path, expect: str, told: list[str]) -> None:
    assert wrong(tmp_path, expect, more=MUTED) == told


def test_texts_of_notifications(tmp_path: Path) -> None:
    alert = "{at: 14m, kind: alert, title: 'Triggered on {tenant:a}', message: '25 jobs of a'}"
    recovery = "{at: 20m, kind: recovery, title: 'Burst by a', message: 'calm'}"
    assert wrong(tmp_path, NOTIFIED % f"{alert}, {recovery}") == []

    alert = "{at: 14m, kind: alert, title: 'Triggered on {tenant:b}', message: '26 jobs'}"
    about = "the title of 14m alert"
    assert wrong(tmp_path, NOTIFIED % f"{alert}, {recovery}") == [
        f"{about} holds 'Triggered on {{tenant:b}}' / {about} is\n[Triggered on {{tenant:a}}] Burst by a",
        "the message of 14m alert holds '26 jobs' / the message of 14m alert is\n25 jobs of a",
    ]


def test_every_state_of_a_group_without_keys(tmp_path: Path) -> None:
    values = "6x9 11x9 6x9 1x9 _x19"
    story = """
          group: "*"
          transitions:
            - {at: 0m, from: null, to: Warn}
            - {at: 14m, from: Warn, to: Alert}
            - {at: 20m, from: Alert, to: Warn}
            - {at: 30m, from: Warn, to: OK}
            - {at: 44m, from: OK, to: No Data}"""
    letters = """
          group: "*"
          notifications:
            - {at: 0m, kind: warn}
            - {at: 14m, kind: alert}
            - {at: 20m, kind: warn}
            - {at: 30m, kind: recovery}
            - {at: 44m, kind: no data}"""

    assert wrong(tmp_path, story, monitor="level", values=values) == []
    assert wrong(tmp_path, letters, monitor="level", values=values) == []
    assert wrong(tmp_path, "{at: 44m, group: '*', state: No Data, value: null}", "level", values=values) == []


def test_a_group_that_is_given_up_and_comes_back(tmp_path: Path) -> None:
    more = "    interval: 1h\n    duration: 27h\n"
    gone = "{group: 'tenant:a', transitions: [{at: 1445m, from: OK, to: null}]}"

    assert wrong(tmp_path, gone, more=more, values="5 _x25 5") == []
    assert wrong(tmp_path, "{group: 'tenant:a', transitions: []}", more=more, values="5 _x25 5") == [
        "none / 1445m OK -> not there"
    ]

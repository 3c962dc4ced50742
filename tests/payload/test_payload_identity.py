"""Owners' marks, and what hostile texts can't make of them."""

from typing import Any

import pytest

from ddguard.errors import DatadogError
from ddguard.model import Identity, LiveDowntime, LiveMonitor
from ddguard.payload import is_protected, live_downtime, live_monitor, monitors_used_by, with_numbers
from ddguard.payload.identity import identity_in_message, identity_in_tags, marked_message, split_message
from tests.payload.examples import OURS, UUID, live, live_attributes

BURST = Identity("streampay/prod", "burst")
MARKER = "ddguard_stack:streampay/prod ddguard_id:burst"


def test_a_monitors_owner_stands_in_its_tags() -> None:
    found = live_monitor({"id": 7, "tags": ["team:risk", *OURS], "modified": "2026-01-01"})
    assert found == LiveMonitor(7, {"id": 7, "tags": ["team:risk", *OURS], "modified": "2026-01-01"}, BURST)


@pytest.mark.parametrize(
    "tags",
    [
        None,
        "ddguard_stack:streampay/prod",
        [],
        OURS[:1],
        OURS[1:],
        [*OURS, "ddguard_id:other"],
        [*OURS, "ddguard_stack:streampay/dev"],
        ["ddguard_stack:streampay", OURS[1]],
        ["ddguard_stack:a/b/c", OURS[1]],
        ["ddguard_stack:a/b\n", OURS[1]],
        [OURS[0], "ddguard_id:\x1b[31mred"],
        [OURS[0], "ddguard_id:Burst"],
        [OURS[0], "ddguard_id:" + 181 * "x"],
        [OURS[0], "ddguard_id:"],
        [OURS[0], {"ddguard_id": "burst"}],
    ],
)
def test_a_monitor_without_exactly_one_owner_is_foreign(tags: Any) -> None:
    assert identity_in_tags(tags) is None


def test_the_same_tag_twice_is_one_owner() -> None:
    assert identity_in_tags([*OURS, *OURS, 5]) == BURST


@pytest.mark.parametrize("raw", [{}, {"id": None}, {"id": "7"}, {"id": True}])
def test_an_answer_that_is_no_monitor(raw: dict[str, Any]) -> None:
    with pytest.raises(DatadogError, match="no monitor"):
        live_monitor(raw)


def test_a_downtimes_owner_is_the_last_line_of_its_message() -> None:
    attributes = {"message": f"nightly\n{MARKER}", "status": "active"}
    assert live_downtime({"id": UUID, "attributes": attributes}) == LiveDowntime(UUID, attributes, BURST)


@pytest.mark.parametrize(
    "message", [MARKER, f"a\r\n{MARKER}\r\n", f"\n\n{MARKER}  \n\n", f"{MARKER} ddguard_protect:true"]
)
def test_blanks_around_the_marker_mean_nothing(message: str) -> None:
    assert identity_in_message(message) == BURST


@pytest.mark.parametrize(
    "message",
    [None, 5, "", "nightly", f"{MARKER}\nnot last", f"see {MARKER}", f"{MARKER} more", MARKER.upper(), MARKER[:-5]],
)
def test_a_downtime_without_the_marker_is_foreign(message: Any) -> None:
    assert identity_in_message(message) is None


@pytest.mark.parametrize(
    "raw", [{}, {"id": UUID}, {"id": UUID, "attributes": []}, {"id": 5, "attributes": {}}, {"id": "", "attributes": {}}]
)
def test_an_answer_that_is_no_downtime(raw: dict[str, Any]) -> None:
    with pytest.raises(DatadogError, match="no downtime"):
        live_downtime(raw)


@pytest.mark.parametrize(
    ("message", "marked"), [("", MARKER), ("night\n", f"night\n{MARKER}"), ("a\nb", f"a\nb\n{MARKER}")]
)
def test_marking_a_message_and_taking_it_apart(message: str, marked: str) -> None:
    assert marked_message(message, BURST, protect=False) == marked
    rest, marker = split_message(marked)
    assert rest == message.strip()
    assert marker is not None
    assert marker["mark"] is None


def test_a_message_without_a_marker_stays_whole() -> None:
    assert split_message("nightly\n") == ("nightly\n", None)


def test_protection_is_a_mark_of_its_own() -> None:
    message = marked_message("nightly", BURST, protect=True)
    assert message == f"nightly\n{MARKER} ddguard_protect:true"
    assert is_protected(live_attributes({"message": message}))
    assert not is_protected(live_attributes({"message": MARKER}))
    assert not is_protected(live_attributes({"message": "ddguard_protect:true"}))
    assert is_protected(live({"tags": [*OURS, "ddguard_protect:true"]}))
    assert not is_protected(live({"tags": OURS}))
    assert not is_protected(live({"tags": "ddguard_protect:true"}))


@pytest.mark.parametrize(
    ("definition", "numbers"),
    [
        ({"type": "composite", "query": "12 && !(345 || 12)"}, {12, 345}),
        ({"type": "composite", "query": "${monitor:m2.5} && 7"}, {7}),
        ({"type": "composite", "query": None}, set()),
        ({"type": "composite", "query": "12 &&& 3"}, set()),
        ({"type": "query alert", "query": "avg(last_5m):m{*} > 5"}, set()),
        ({}, set()),
    ],
)
def test_the_monitors_that_a_composite_uses(definition: dict[str, Any], numbers: set[int]) -> None:
    assert monitors_used_by(live(definition)) == numbers


def test_numbers_are_filled_in_everywhere() -> None:
    value = {
        "query": "${monitor:a} && ${monitor:b}",
        "list": ["${monitor:a}", 5, None],
        "monitor_identifier": {"monitor_id": "${monitor:a}"},
        "unknown": {"monitor_id": "${monitor:b}"},
        "known": {"monitor_id": 9},
    }
    assert with_numbers(value, {"a": 12}) == {
        "query": "12 && ${monitor:b}",
        "list": ["12", 5, None],
        "monitor_identifier": {"monitor_id": 12},
        "unknown": {"monitor_id": "${monitor:b}"},
        "known": {"monitor_id": 9},
    }

"""Datadog's own words at the key that they speak of."""

import pytest
from checked_specs import marked, monitor, specs

from ddguard.checks.refused_by_datadog import place_of, refusal
from ddguard.findings import Severity
from ddguard.model import Path

OPTIONS = {
    "thresholds": {"critical": 5, "warning": 7, "critical_recovery": 3},
    "new_group_delay": 60,
    "on_missing_data": "default",
    "no_data_timeframe": 10,
    "notify_by": ["host"],
    "variables": [],
    "scheduling_options": {"custom_schedule": {}},
}
DEFINITION = {"type": "query alert", "query": "q", "name": "n", "message": "m", "tags": [], "options": OPTIONS}


@pytest.mark.parametrize(
    ("reason", "path"),
    [
        ("The value provided for parameter 'query' is invalid: invalid operator specified: ", ("query",)),
        ("The parameter 'type' is required", ("type",)),
        (
            "Alert threshold (90.0) does not match that used in the query (200.0).",
            ("options", "thresholds", "critical"),
        ),
        (
            "Warning threshold (50.0) must be less than the alert threshold (20.0) with > comparison.",
            ("options", "thresholds", "warning"),
        ),
        ("Alert status is required.", ("options", "thresholds", "critical")),
        ("Invalid threshold statuses found: critical_recovery.", ("options", "thresholds")),
        ("The new_group_delay option can only be used for multi-alert monitors", ("options", "new_group_delay")),
        ("Invalid monitor option: on_missing_data", ("options", "on_missing_data")),
        (
            "alert and alert recovery criteria are such that the monitor can be simultaneously in alert",
            ("options", "thresholds", "critical_recovery"),
        ),
        ("Last field should be larger than or equal to max threshold defined in monitor options", ("query",)),
        ("Some monitor IDs are invalid", ("query",)),
        ("no_data_timeframe must not exceed group retention", ("options", "no_data_timeframe")),
        ("Invalid custom schedule", ("options", "scheduling_options", "custom_schedule")),
        ("The subquery is odd", ()),
        ("restricted_roles are unknown", ()),
        ("", ()),
    ],
)
def test_the_key_that_a_refusal_names(reason: str, path: Path) -> None:
    assert place_of(reason, DEFINITION) == path


def test_a_monitor_without_options_has_no_option_to_name() -> None:
    assert place_of("Invalid monitor option: on_missing_data", {"query": "q"}) == ()


def test_a_refusal_stands_at_its_key_in_datadogs_words() -> None:
    text = monitor("avg(last_5m):avg:m{*} > 1", new_group_delay=60)
    finding = refusal(specs(text)[0][0], "The new_group_delay option can only be used for multi-alert monitors ")
    assert (finding.code, finding.check, finding.severity) == ("DDG199", "refused-by-datadog", Severity.ERROR)
    assert finding.message == "Datadog: The new_group_delay option can only be used for multi-alert monitors"
    assert marked(text, finding) == "60"

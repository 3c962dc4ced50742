"""What holds for all values."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ddguard.payload import downtime_changes, live_monitor, monitor_changes, monitor_request, monitor_update
from ddguard.payload.changes import compared
from ddguard.payload.identity import identity_in_message, identity_in_tags
from ddguard.payload.normal import normal_form
from ddguard.payload.tables import DOWNTIME_RULES, MONITOR_RULES
from ddguard.payload.values import plain, same
from tests.payload.examples import DAY, NOW, OURS, STACK, live_attributes, monitor

TEXTS = st.sampled_from(["", " ", "0", "5", "1e3", "nan", "UTC", "a\n", "é", "2026-11-01T00:00:00Z", "metric alert"])
SCALARS = st.none() | st.booleans() | st.integers(-3, 400) | st.floats(-2, 2) | TEXTS
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


def some_of(rules: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with any values in the fields that the rules know, nested ones included."""
    top = sorted({str(rule.path[0]) for rule in rules} - {"*"})
    second = sorted({str(rule.path[1]) for rule in rules if len(rule.path) > 1} - {"*"})
    inside = JSON | st.dictionaries(st.sampled_from(second), JSON, max_size=4)
    return st.dictionaries(st.sampled_from(top), inside, max_size=5)


MONITORS, DOWNTIMES = some_of(MONITOR_RULES), some_of(DOWNTIME_RULES)

DEFINITIONS = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXTS,
        "message": TEXTS,
        "tags": st.lists(st.from_regex(r"[a-z]{1,3}:[a-z]{1,3}", fullmatch=True), max_size=3),
        "priority": st.none() | st.integers(1, 5),
        "restricted_roles": st.none() | st.lists(TEXTS, max_size=2),
        "options": st.fixed_dictionaries(
            {},
            optional={
                "thresholds": st.dictionaries(st.sampled_from(["critical", "warning"]), st.integers(0, 200)),
                "notify_audit": st.booleans(),
                "new_host_delay": st.none() | st.integers(0, 600),
                "new_group_delay": st.integers(0, 600),
                "renotify_statuses": st.lists(st.sampled_from(["alert", "warn"]), max_size=2),
                "escalation_message": TEXTS,
            },
        ),
    },
)


@given(MONITORS)
def test_the_normal_form_of_a_monitor_is_its_own(value: dict[str, Any]) -> None:
    form = normal_form(value, MONITOR_RULES)
    assert same(normal_form(form, MONITOR_RULES), form)


@given(DOWNTIMES)
def test_the_normal_form_of_a_downtime_is_its_own(value: dict[str, Any]) -> None:
    form = normal_form(value, DOWNTIME_RULES)
    assert same(normal_form(form, DOWNTIME_RULES), form)


@given(MONITORS)
def test_a_monitor_never_differs_from_itself(value: dict[str, Any]) -> None:
    assert not list(compared(value, value, MONITOR_RULES).changes())


@given(DOWNTIMES)
def test_a_downtime_never_differs_from_itself(value: dict[str, Any]) -> None:
    assert not downtime_changes(value, live_attributes(value), NOW)


@given(MONITORS, MONITORS)
@settings(max_examples=200)
def test_whatever_datadog_holds_the_update_leads_to_what_is_wanted(
    wanted: dict[str, Any], answered: dict[str, Any]
) -> None:
    body = monitor_update(wanted, live_monitor({**answered, "id": 7}))
    after = {**answered, **body, "id": 7}
    assert not [
        change for change in monitor_changes(wanted, live_monitor(after)) if change.path[0] not in {"tags", "assets"}
    ]


@given(DEFINITIONS, DEFINITIONS)
def test_an_update_of_a_real_spec_leads_to_no_changes(wanted: dict[str, Any], before: dict[str, Any]) -> None:
    request = monitor_request(monitor(wanted), STACK, {}, DAY)
    answered = {**monitor_request(monitor(before), STACK, {}, DAY), "id": 7}
    after = {**answered, **monitor_update(request, live_monitor(answered))}
    assert monitor_changes(request, live_monitor(after)) == ()


@given(JSON)
def test_any_value_may_stand_where_an_owner_is_looked_for(value: Any) -> None:
    assert identity_in_tags(value) is None
    assert identity_in_message(value) is None
    assert identity_in_tags(OURS) is not None


@given(JSON, JSON)
def test_sameness_is_symmetric_and_knows_true_from_one(one: Any, other: Any) -> None:
    one, other = plain(one), plain(other)
    assert same(one, one)
    assert same(one, other) is same(other, one)
    assert not same(True, 1)
    assert not same([1], [True])
    assert not same({"a": 0}, {"a": False})
    assert same(plain(2.0), 2)

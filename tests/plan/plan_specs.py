"""Strategies for whole projects: monitors of several types, composites, downtimes of all sorts."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from plan_worlds import NOW, downtime, monitor

from ddguard.model import Downtime, Monitor

Spec = Monitor | Downtime

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
NAMES = TEXTS | st.sampled_from(["", "  "])
MESSAGES = st.lists(TEXTS, max_size=3).map("\n".join) | st.sampled_from(["", " padded \n", "@slack-a {{value}}"])
TAGS = st.lists(st.sampled_from(["team:a", "Team:B", "service:x", "tier:1", "loose"]), max_size=5)
NUMBERS = st.integers(1, 10**6) | st.floats(0.5, 1000, width=16)
PRIORITIES = st.sampled_from([None, 0, 1, 5, "3"])
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "notify_audit": st.booleans(),
    "include_tags": st.booleans(),
    "notify_no_data": st.booleans(),
    "no_data_timeframe": st.sampled_from([None, 10, 20]),
    "on_missing_data": st.sampled_from(["default", "show_no_data", "resolve"]),
    "renotify_interval": st.sampled_from([None, 0, 60, "60"]),
    "renotify_statuses": st.lists(st.sampled_from(["alert", "warn", "no data"]), unique=True, min_size=1),
    "escalation_message": MESSAGES,
    "evaluation_delay": st.sampled_from([None, 0, 900]),
    "new_host_delay": st.sampled_from([None, 0, 300, 60]),
    "new_group_delay": st.sampled_from([0, 60]),
    "require_full_window": st.booleans(),
    "timeout_h": st.sampled_from([None, 0, 24]),
    "notify_by": st.lists(st.sampled_from(["tenant", "host"]), unique=True, min_size=1),
    "silenced": st.just({}),
    "scheduling_options": st.just({"evaluation_window": {"day_starts": "04:00"}}),
}


def _thresholds(critical: float, stated: bool, warns: bool) -> dict[str, Any]:
    thresholds = {"critical": critical} if stated or warns else {}
    return {**thresholds, "warning": critical / 2} if warns else thresholds


@st.composite
def simple_monitors(draw: st.DrawFn, spec_id: str) -> Monitor:
    """A monitor that refers to no other."""
    number = draw(NUMBERS)
    metric = spec_id.replace("-", "_")
    kinds = {
        "query alert": f"avg(last_5m):avg:{metric}{{*}} by {{tenant}} > {number}",
        "metric alert": f"sum(last_1h):sum:{metric}{{env:prod,!tenant:x}}.as_count() >= {number}",
        "log alert": f'logs("service:{metric}").index("*").rollup("count").last("5m") > {number}',
        "event-v2 alert": f'events("source:{metric}").rollup("count").last("15m") > {number}',
        "service check": f'"{metric}.up".over("*").by("host").last(4).count_by_status()',
    }
    kind = draw(st.sampled_from(sorted(kinds)))
    options: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=OPTIONS))
    if kind != "service check" and (thresholds := _thresholds(number, draw(st.booleans()), draw(st.booleans()))):
        options["thresholds"] = thresholds
    more: dict[str, Any] = draw(
        st.fixed_dictionaries({}, optional={"name": NAMES, "priority": PRIORITIES, "options": st.just(options)})
    )
    return monitor(
        spec_id,
        type=kind,
        query=kinds[kind],
        message=draw(MESSAGES),
        tags=draw(TAGS),
        protect=draw(st.booleans()),
        **more,
    )


@st.composite
def composites(draw: st.DrawFn, spec_id: str, members: list[str]) -> Monitor:
    chosen = draw(st.lists(st.sampled_from(members), min_size=1, max_size=3))
    operator = draw(st.sampled_from([" && ", " || ", " && !"]))
    return monitor(
        spec_id, type="composite", query=operator.join(f"${{monitor:{one}}}" for one in chosen), tags=draw(TAGS)
    )


def _time(hours: int) -> str:
    return (NOW + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


LATEST_START = 100
"""Hours from now. An open start keeps the one that Datadog has, so an end without a start has to be later than all."""

ONE_TIME = st.one_of(
    st.none(),
    st.tuples(st.integers(-48, LATEST_START), st.integers(1, 200)).map(
        lambda drawn: {"start": _time(drawn[0]), "end": _time(drawn[0] + drawn[1])}
    ),
    st.integers(LATEST_START + 1, 200).map(lambda hours: {"start": None, "end": _time(hours)}),
    st.integers(-48, LATEST_START).map(lambda hours: {"start": _time(hours), "end": None}),
)
RULES = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=DAILY;INTERVAL=3", "FREQ=MONTHLY;BYMONTHDAY=5")
RECURRENCES = st.builds(
    lambda rule, start, duration: {"rrule": rule, "start": start.strftime("%Y-%m-%dT%H:%M:%S"), "duration": duration},
    st.sampled_from(RULES),
    st.datetimes(datetime(2025, 12, 1), datetime(2026, 2, 1)).map(lambda moment: moment.replace(microsecond=0)),  # noqa: DTZ001
    st.sampled_from(["30m", "2h", "1d"]),
)
RECURRING = st.builds(
    lambda zone, recurrences: {"timezone": zone, "recurrences": recurrences},
    st.sampled_from(["UTC", "Europe/Paris", "America/New_York"]),
    st.lists(RECURRENCES, min_size=1, max_size=2),
)


@st.composite
def pauses(draw: st.DrawFn, spec_id: str, monitors: list[str]) -> Downtime:
    schedule = draw(ONE_TIME | RECURRING)
    more: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "message": MESSAGES,
                "display_timezone": st.sampled_from(["UTC", "Europe/Paris", ""]),
                "mute_first_recovery_notification": st.booleans(),
                "notify_end_states": st.lists(st.sampled_from(["alert", "warn", "no data"]), unique=True, min_size=1),
                "notify_end_types": st.lists(st.sampled_from(["expired", "canceled"]), unique=True),
                "schedule": st.just(schedule),
            },
        )
    )
    more = {key: value for key, value in more.items() if value is not None}
    target = draw(st.sampled_from([None, *monitors]))
    return (
        downtime(spec_id, scope=f"env:{spec_id}", protect=draw(st.booleans()), monitor=target, **more)
        if target
        else (downtime(spec_id, scope=f"env:{spec_id}", protect=draw(st.booleans()), **more))
    )


@st.composite
def projects(draw: st.DrawFn) -> list[Spec]:
    """Up to four monitors, two composites of them and three downtimes, in any order."""
    simple = [draw(simple_monitors(f"m{place}")) for place in range(draw(st.integers(1, 4)))]
    names = [one.id for one in simple]
    mixed = [draw(composites(f"c{place}", names)) for place in range(draw(st.integers(0, 2)))]
    names += [one.id for one in mixed]
    quiet = [draw(pauses(f"d{place}", names)) for place in range(draw(st.integers(0, 3)))]
    return draw(st.permutations([*simple, *mixed, *quiet]))

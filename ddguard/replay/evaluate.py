"""The way in: one monitor over some series, from the first round to the last."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ddguard.errors import InputError
from ddguard.model import EMPTY, Json
from ddguard.query import QueryError, parse
from ddguard.query.nodes import Composite
from ddguard.replay.composites import GroupsByValues, composite_spans, names
from ddguard.replay.computation import Computation, prepare
from ddguard.replay.downtimes import Silence
from ddguard.replay.frames import Frame, GroupKey
from ddguard.replay.measure import group_name, group_tags, read_measure
from ddguard.replay.notifications import Member, Notification, Postbox
from ddguard.replay.outcome import GroupReplay, Replay, Transition, rows_of
from ddguard.replay.refusals import CannotEvaluateError
from ddguard.replay.rounds import MINUTE, rounds, times_of_rounds
from ddguard.replay.rules import OnMissing, Rules, Thresholds, read_renotify, read_rules
from ddguard.replay.series import SeriesSet, Times
from ddguard.replay.settings import ASSUMPTIONS, Assumption, Settings, check_assumptions
from ddguard.replay.states import ABSENT, CANCELLED, COMPARE, MISSING, Codes, Machine, Spans, State, classify, history
from ddguard.replay.values import compute


@dataclass(frozen=True, slots=True)
class Run:
    """What is replayed: the rounds from the second `first` to the second `last`, with these downtimes in force.

    `constituents` are the replays of other monitors, by number or by spec id; only composites need them.
    """

    first: int
    last: int
    settings: Settings = field(default_factory=Settings)
    silences: Sequence[Silence] = ()
    constituents: Mapping[str, Replay] = field(default_factory=lambda: EMPTY)


def evaluate(definition: Mapping[str, Json], series: SeriesSet, run: Run, name: str = "") -> Replay:
    """The monitor (an API object) over the series.

    `name` is how the replay calls it. CannotEvaluateError names what can't be evaluated, and why.
    """
    check_assumptions(run.settings.assume)
    try:
        return _evaluated(definition, series, run, name)
    except MemoryError:
        hint = "fewer rounds, or fewer series, need less"
        raise InputError("this run needs more memory than there is", hint) from None


def _evaluated(definition: Mapping[str, Json], series: SeriesSet, run: Run, name: str) -> Replay:
    if definition.get("type") == "composite":
        return _composite(definition, run, name)
    measure = read_measure(definition)
    rules = read_rules(definition, measure.facts, run.settings)
    touched: set[str] = set()
    options = definition.get("options") or {}
    schedule = rounds(run.first, run.last, measure.window, rules.evaluation_delay, run.settings, options)
    computation = prepare(measure, series, schedule, measure.windows(schedule, rules), run.settings, touched)
    groups = _groups(computation, rules, schedule.now)
    letters: tuple[Notification, ...] = ()
    if not rules.draft:
        box = Postbox(schedule.at, run.settings.offset, rules.renotify, rules.missing.notify, run.silences)
        letters = _letters(box, groups, rules.notify_by, touched)
    return Replay(
        name,
        measure.text,
        schedule.at,
        schedule.every,
        groups,
        _transitions(groups),
        letters,
        _assumptions(touched),
        measure.thresholds,
        measure.by,
        rules.missing.notify or rules.missing.action is not OnMissing.NO_DATA,
    )


def _transitions(groups: Sequence[GroupReplay]) -> tuple[Transition, ...]:
    found = [change for group in groups for change in group.transitions()]
    return tuple(sorted(found, key=lambda change: change.at))


def _assumptions(touched: set[str]) -> tuple[Assumption, ...]:
    return tuple(assumption for assumption in ASSUMPTIONS if assumption.name in touched)


# States


def _groups(computation: Computation, rules: Rules, now: Times) -> tuple[GroupReplay, ...]:
    """The groups that ever had a state, by name."""
    measure = computation.measure
    zero = int(classify(np.zeros(1), measure.thresholds)[0])
    machine = Machine(rules, computation.settings, zero, measure.window.seconds, computation.touched)
    return tuple(group for frame in compute(computation) for group in _groups_of(frame, computation, machine, now))


def _groups_of(frame: Frame, computation: Computation, machine: Machine, now: Times) -> Iterator[GroupReplay]:
    measure, rules, at = computation.measure, machine.rules, computation.rounds.at
    starts = np.searchsorted(now, frame.born + rules.new_group_delay)
    quiet = _quiet(frame, measure.thresholds, starts)
    kept = rows_of(frame.values)
    for row, key in enumerate(frame.groups):
        start = int(starts[row])
        if quiet[row]:
            spans: Spans = ((start, State.OK),)
        else:
            codes = _codes(frame, row, measure.thresholds)
            codes[:start] = ABSENT
            spans = history(codes, at, machine, partial(_reborn, computation, rules.new_group_delay, now, key))
        if spans:
            tags = group_tags(frame.by, key) | measure.fixed
            yield GroupReplay(group_name(frame.by, key), tags, spans, kept[row], at)


def _quiet(frame: Frame, thresholds: Thresholds, starts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The groups that have a value in every round from their start on, and never one beyond a threshold."""
    count = frame.values.shape[1]
    if not count or not starts.size or thresholds.comparator not in EXTREMES or frame.full is not None:
        return np.zeros(len(frame.groups), dtype=np.bool_)
    most = EXTREMES[thresholds.comparator](frame.values[:, int(starts.min(initial=0)) :], axis=1)
    calm: NDArray[np.bool_] = np.isfinite(most) & (starts == starts.min()) & (starts < count)
    for threshold in (thresholds.critical, thresholds.warning):
        if threshold is not None:
            calm &= ~COMPARE[thresholds.comparator](most, threshold)
    return calm


EXTREMES = {">": np.max, ">=": np.max, "<": np.min, "<=": np.min}
"""The value of a row that comes nearest to a threshold, NaN if the row has one."""


def _codes(frame: Frame, row: int, thresholds: Thresholds) -> Codes:
    codes = classify(frame.values[row], thresholds)
    if frame.full is not None:
        codes[~frame.full[row] & (codes != MISSING)] = CANCELLED
    return codes


def _reborn(computation: Computation, delay: int, now: Times, key: GroupKey, index: int) -> int:
    """The index of the first round at which a group counts again that was given up at the round `index`."""
    return int(np.searchsorted(now, computation.first_after(key, int(now[index])) + delay))


# Notifications


def _letters(
    box: Postbox, groups: Sequence[GroupReplay], by: tuple[str, ...] | None, touched: set[str]
) -> tuple[Notification, ...]:
    """What is sent, by time: for each group, or for those that `notify_by` puts together."""
    together: dict[str, list[Member]] = {}
    for group in groups:
        name = group.group if by is None else _merged_name(group.group, by)
        together.setdefault(name, []).append(Member(group.group, group.tags, group.spans))
    if any(len(members) > 1 for members in together.values()):
        touched.add("merged-groups")
    found = [letter for name, members in together.items() for letter in box.notifications(name, members)]
    return tuple(sorted(found, key=lambda letter: letter.at))


def _merged_name(group: str, by: tuple[str, ...]) -> str:
    kept = [part for part in group.split(",") if part.partition(":")[0] in by]
    return ",".join(kept) or "*"


# Composites


def _composite(definition: Mapping[str, Json], run: Run, name: str) -> Replay:
    text = str(definition.get("query") or "")
    try:
        query = parse("composite", text)
    except QueryError as error:
        raise CannotEvaluateError("the query", f"it can't be read: {error.message}") from None
    if not isinstance(query, Composite):
        raise CannotEvaluateError("the query", "it is no composite")
    missing = sorted(set(names(query.expression)) - set(run.constituents))
    if missing:
        raise CannotEvaluateError("the composite", f"the monitor {missing[0]} is not there")
    options = definition.get("options") or {}
    tells_no_data = bool(options.get("notify_no_data"))
    parts = {one: run.constituents[one] for one in names(query.expression)}
    at, every = _composite_rounds(run, list(parts.values()))
    known = {one: _as_constituent(part, at) for one, part in parts.items()}
    touched: set[str] = set()
    found = composite_spans(query, known, int(at.size), tells_no_data=tells_no_data)
    groups = _composite_groups(found, list(parts.values()), run, at, touched)
    tells = tells_no_data and all(part.tells_no_data for part in parts.values())
    box = Postbox(at, run.settings.offset, read_renotify(options), tells, run.silences)
    letters = () if definition.get("draft_status") == "draft" else _letters(box, groups, None, touched)
    return Replay(name, text.strip(), at, every, groups, _transitions(groups), letters, _assumptions(touched), None)


def _composite_rounds(run: Run, constituents: Sequence[Replay]) -> tuple[Times, int]:
    """A composite is evaluated as often as its most frequent constituent."""
    every = run.settings.every or min((one.every for one in constituents), default=MINUTE)
    return times_of_rounds(run.first, run.last, every), every


def _as_constituent(replay: Replay, at: Times) -> dict[str, Spans]:
    """The groups' states by the composite's own rounds."""
    nothing: dict[str, Spans] = {} if replay.by else {"*": ()}
    return nothing | {group.group: _moved(group.spans, replay.rounds, at) for group in replay.groups}


def _moved(spans: Spans, rounds: Times, at: Times) -> Spans:
    moved: dict[int, State | None] = {}
    for index, state in spans:
        moved[int(np.searchsorted(at, rounds[index]))] = state
    return tuple(moved.items())


def _composite_groups(
    found: Mapping[str, Spans], constituents: Sequence[Replay], run: Run, at: Times, touched: set[str]
) -> tuple[GroupReplay, ...]:
    (empty,) = rows_of(np.full((1, at.size), np.nan))
    carried = _carried_tags(found, constituents)
    return tuple(
        GroupReplay(group, _tags_for_scopes(group, carried[group], run, touched), spans, empty, at)
        for group, spans in sorted(found.items())
    )


def _carried_tags(groups: Iterable[str], constituents: Sequence[Replay]) -> dict[str, frozenset[str]]:
    """For each of a composite's groups the tags of those that it is made of; none for one without keys."""
    tags = [{group.group: group.tags for group in replay.groups if group.group != "*"} for replay in constituents]
    known = [(GroupsByValues(names), names) for names in tags]
    found = {}
    for group in groups:
        parts = ((names, by_values.part_of(group)) for by_values, names in known) if group != "*" else ()
        found[group] = frozenset[str]().union(*(names[part] for names, part in parts if part is not None))
    return found


def _tags_for_scopes(group: str, carried: frozenset[str], run: Run, touched: set[str]) -> frozenset[str]:
    """What the scopes of downtimes are held to; which reading holds is told where it decides over one."""
    own = frozenset(group.split(",")) if group != "*" else frozenset()
    if any(one.scope.covers(own) != one.scope.covers(own | carried) for one in run.silences):
        touched.add("composite-tags")
    return own | carried if run.settings.choice("composite-tags") == "filters" else own

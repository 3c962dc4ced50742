"""Composite monitors: their state from those of their constituents.

https://docs.datadoghq.com/monitors/types/composite/
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from ddguard.query.nodes import (
    Composite,
    CompositeExpression,
    CompositeGroup,
    CompositeJoin,
    CompositeNot,
    MonitorNumber,
    MonitorReference,
)
from ddguard.replay.states import SEVERITY, Spans, State

WORTH_ALERTING = {State.ALERT, State.WARN, State.NO_DATA}

Constituent = Mapping[str, Spans]
"""A constituent's groups as Datadog writes them, with their states.

A monitor without `by` has the one group `*`, without any states if it never had data.
"""


def names(expression: CompositeExpression) -> Iterator[str]:
    """The constituents in the order in which they are written: numbers, or ids of specs."""
    match expression:
        case MonitorNumber(text=text):
            yield str(int(text))
        case MonitorReference(id=name):
            yield name
        case CompositeNot(operand=inner) | CompositeGroup(inner=inner):
            yield from names(inner)
        case CompositeJoin(operands=operands):
            for operand in operands:
                yield from names(operand)


def outcome(expression: CompositeExpression, states: Mapping[str, State]) -> State:
    """What the constituents' states make together."""
    match expression:
        case MonitorNumber(text=text):
            return states[str(int(text))]
        case MonitorReference(id=name):
            return states[name]
        case CompositeGroup(inner=inner):
            return outcome(inner, states)
        case CompositeNot(operand=operand):
            return _negated(outcome(operand, states))
        case CompositeJoin(operator=operator, operands=operands):
            return _joined(operator, [outcome(operand, states) for operand in operands])


def _negated(state: State) -> State:
    if state is State.NO_DATA:
        return State.NO_DATA
    return State.ALERT if state is State.OK else State.OK


def _joined(operator: str, states: Sequence[State]) -> State:
    """`&&`: the least severe if all are worth alerting, else OK. `||`: the most severe that is."""
    if operator == "&&":
        worthy = all(state in WORTH_ALERTING for state in states)
        return min(states, key=SEVERITY.__getitem__) if worthy else State.OK
    return max(states, key=SEVERITY.__getitem__)


def composite_spans(
    query: Composite, constituents: Mapping[str, Constituent], count: int, *, tells_no_data: bool
) -> dict[str, Spans]:
    """The states of each of the composite's groups over `count` rounds.

    Without `tells_no_data` a group keeps its last state where No Data would come out.
    """
    used = {name: constituents[name] for name in names(query.expression)}
    single = frozenset(name for name, groups in used.items() if set(groups) == {"*"})
    found = {}
    for group, members in _common_groups(used, single):
        spans = _spans(query.expression, members, single, count, tells_no_data=tells_no_data)
        if spans:
            found[group] = spans
    return found


def _common_groups(used: Mapping[str, Constituent], single: Collection[str]) -> Iterator[tuple[str, dict[str, Spans]]]:
    """The groups that all grouped constituents share, as the one with the most keys names them."""
    alone = {name: used[name]["*"] for name in single}
    several = {name: groups for name, groups in used.items() if name not in single}
    if not several:
        yield "*", alone
        return
    finest = max(several.values(), key=lambda groups: max((len(tag_values(group)) for group in groups), default=0))
    known = {name: GroupsByValues(groups) for name, groups in several.items()}
    for group in finest:
        parts = {name: groups.part_of(group) for name, groups in known.items()}
        if all(part is not None for part in parts.values()):
            members = {name: several[name][part] for name, part in parts.items() if part is not None}
            yield group, {**alone, **members}


class GroupsByValues:
    """The groups of a constituent, to be found by those of the composite."""

    def __init__(self, groups: Iterable[str]) -> None:
        self._groups = {tag_values(group): group for group in groups}
        self._sizes = sorted({len(values) for values in self._groups}, reverse=True)

    def part_of(self, group: str) -> str | None:
        """The group with the same values, or with some of them: that of `host` is a part of that of `device,host`."""
        values = sorted(tag_values(group))
        candidates = (frozenset(some) for size in self._sizes for some in combinations(values, size))
        return next((self._groups[some] for some in candidates if some in self._groups), None)


def tag_values(group: str) -> frozenset[str]:
    """The values of a group's tags, whatever their keys: groups of different monitors are compared by these."""
    return frozenset(part.partition(":")[2] for part in group.split(","))


def _spans(
    expression: CompositeExpression,
    members: Mapping[str, Spans],
    single: Collection[str],
    count: int,
    *,
    tells_no_data: bool,
) -> Spans:
    """The states of one group. A single monitor that hasn't had data yet is in No Data, but makes none of its own."""
    changes = sorted({index for spans in members.values() for index, _ in spans if index < count})
    found: list[tuple[int, State | None]] = []
    now = {name: State.NO_DATA if name in single else None for name in members}
    steps = {name: dict(spans) for name, spans in members.items()}
    unseen = set(single)
    for index in changes:
        now.update({name: known[index] for name, known in steps.items() if index in known})
        unseen.difference_update(name for name, known in steps.items() if index in known)
        present = {name: state for name, state in now.items() if state is not None}
        before = found[-1][1] if found else None
        state = outcome(expression, present) if len(present) == len(now) else None
        if state is State.NO_DATA and (unseen or not tells_no_data):
            state = before
        if state is not before:
            found.append((index, state))
    return tuple(found)

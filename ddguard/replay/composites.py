"""Composite monitors: their state from those of their constituents.

https://docs.datadoghq.com/monitors/types/composite/
"""

from collections.abc import Iterator, Mapping, Sequence

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
"""A constituent's groups as Datadog writes them, with their states; a monitor without `by` has the one group `*`."""


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
    found = {}
    for group, members in _common_groups(used):
        spans = _spans(query.expression, members, count, tells_no_data=tells_no_data)
        if spans:
            found[group] = spans
    return found


def _common_groups(used: Mapping[str, Constituent]) -> Iterator[tuple[str, dict[str, Spans]]]:
    """The groups that all grouped constituents share, by their tags' values, named as the first one names them."""
    single = {name: groups["*"] for name, groups in used.items() if set(groups) == {"*"}}
    several = {name: groups for name, groups in used.items() if name not in single}
    if not several:
        yield "*", single
        return
    first = next(iter(several))
    by_values = {name: {tag_values(group): group for group in groups} for name, groups in several.items()}
    for values, group in by_values[first].items():
        if all(values in known for known in by_values.values()):
            members = {name: groups[by_values[name][values]] for name, groups in several.items()}
            yield group, {**single, **members}


def tag_values(group: str) -> frozenset[str]:
    """The values of a group's tags, whatever their keys: groups of different monitors are the same if these are."""
    return frozenset(part.partition(":")[2] for part in group.split(","))


def _spans(expression: CompositeExpression, members: Mapping[str, Spans], count: int, *, tells_no_data: bool) -> Spans:
    changes = sorted({index for spans in members.values() for index, _ in spans if index < count})
    found: list[tuple[int, State | None]] = []
    now: dict[str, State | None] = dict.fromkeys(members)
    steps = {name: dict(spans) for name, spans in members.items()}
    for index in changes:
        now.update({name: known[index] for name, known in steps.items() if index in known})
        present = {name: state for name, state in now.items() if state is not None}
        before = found[-1][1] if found else None
        state = outcome(expression, present) if len(present) == len(now) else None
        if state is State.NO_DATA and not tells_no_data:
            state = before
        if state is not before:
            found.append((index, state))
    return tuple(found)

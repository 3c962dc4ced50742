"""The order in which changes can be carried out."""

from collections.abc import Callable, Iterable, Sequence

from ddguard.model import LiveMonitor
from ddguard.payload import monitors_used_by
from ddguard.plan.values import Action, Change, Kind

Needs = tuple[frozenset[int], ...]
"""For each change the places, in the same sequence, of the earlier ones that have to be done before it."""

NUMBERED_ANEW = frozenset({Action.CREATE, Action.REPLACE})
"""What gives a monitor a new number, which others have to wait for."""


def by_need(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Each change after those of the monitors that it refers to, otherwise in the order given."""
    places = {change.id: place for place, change in enumerate(changes) if change.kind is Kind.MONITOR}
    return _ordered(changes, lambda change: [places[need] for need in sorted(change.needs) if need in places])


def numbers_needed(changes: Sequence[Change]) -> Needs:
    """Whose new numbers each of the creates and updates has to wait for."""
    numbered: dict[str, int] = {}
    needs = []
    for place, change in enumerate(changes):
        needs.append(frozenset(numbered[need] for need in change.needs if need in numbered))
        if change.kind is Kind.MONITOR and change.action in NUMBERED_ANEW:
            numbered[change.id] = place
    return tuple(needs)


def removals_in_order(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Downtimes first, then each monitor after the composites that are made of it."""
    downtimes_first = sorted(changes, key=lambda change: change.kind is not Kind.DOWNTIME)
    users = _users(downtimes_first)
    return _ordered(downtimes_first, lambda change: users.get(change.remote_id or "", ()))


def users_gone_first(removals: Sequence[Change]) -> Needs:
    """Which composites have to be gone before each monitor can go."""
    users = _users(removals)
    return tuple(
        frozenset(user for user in users.get(change.remote_id or "", ()) if user < place)
        for place, change in enumerate(removals)
    )


def _users(changes: Sequence[Change]) -> dict[str, list[int]]:
    """The places of the composites that are made of each monitor, by the monitor's number."""
    users: dict[str, list[int]] = {}
    for place, change in enumerate(changes):
        if isinstance(change.live, LiveMonitor):
            for number in monitors_used_by(change.live):
                users.setdefault(str(number), []).append(place)
    return users


def _ordered(changes: Sequence[Change], first: Callable[[Change], Iterable[int]]) -> tuple[Change, ...]:
    """Each change after those whose places `first` names; a circle is cut where it closes."""
    ordered: list[Change] = []
    seen: set[int] = set()
    for start in range(len(changes)):
        ways = [(start, iter(first(changes[start])))] if start not in seen else []
        seen.add(start)
        while ways:
            place, left = ways[-1]
            following = next((one for one in left if one not in seen), None)
            if following is None:
                ordered.append(changes[place])
                ways.pop()
            else:
                seen.add(following)
                ways.append((following, iter(first(changes[following]))))
    return tuple(ordered)

"""One object for each spec, where several runs made one at the same time.

Datadog refuses doubles that are equal, but not what another state of the specs makes of one, nor downtimes that begin
with their creation. So whoever made an object looks for others that stand for the same spec: the oldest is kept.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ddguard.apply.remote import Body, Remote
from ddguard.errors import AnswerError, DatadogError
from ddguard.model import Identity, LiveDowntime, LiveMonitor
from ddguard.payload import downtime_changes, downtime_update, monitor_changes, monitor_update
from ddguard.plan import Change, Outcome, Result, equal_downtimes, equal_monitors


@dataclass(frozen=True, slots=True)
class Made:
    """What a run made for a change, or found where an answer was lost (`adopted`), and what it was to be.

    `known` are the remote ids that the plan names for its spec: those are no doubles.
    """

    change: Change
    identity: Identity
    wanted: Body
    live: LiveMonitor | LiveDowntime
    adopted: bool
    known: Collection[str]


class Waiting:
    """What was made and is to be looked for together: so much of it, or what came within so many seconds."""

    MOST = 200
    LONGEST = 2.0

    def __init__(self) -> None:
        self._made: list[Made] = []
        self._since = 0.0

    def add(self, made: Made, now: float) -> None:
        """One more; `now` is a moment of a clock that only goes forward, in seconds."""
        if not self._made:
            self._since = now
        self._made.append(made)

    def due(self, now: float) -> Sequence[Made]:
        """All of it, if it is enough or waits for long enough; it waits no more then."""
        is_due = len(self._made) >= self.MOST or (self._made and now - self._since >= self.LONGEST)
        return self.all() if is_due else ()

    def all(self) -> Sequence[Made]:
        """All of it, which waits no more then."""
        made, self._made = self._made, []
        return made


@dataclass(frozen=True, slots=True)
class Others:
    """What Datadog had when a run looked for doubles, by the specs that it stands for."""

    monitors: Mapping[Identity, Collection[LiveMonitor]]
    downtimes: Mapping[Identity, Collection[LiveDowntime]]


def settled(made: Made, others: Others, remote: Remote, now: datetime) -> Outcome:
    """Leaves one object, as it is wanted, of those that stand for the spec. Raises DatadogError."""
    if isinstance(made.live, LiveMonitor):
        return _settled_monitor(made, made.live, others.monitors.get(made.identity, ()), remote)
    return _settled_downtime(made, made.live, others.downtimes.get(made.identity, ()), remote, now)


def perhaps_not_alone(made: Made, error: DatadogError) -> Outcome:
    """What is told where others could not be looked for, or not be taken away."""
    told = f"{made.live.remote_id} was made, but it may not be the only one: {reason(error)}"
    return Outcome(made.change, Result.FAILED, str(made.live.remote_id), told, error.hint)


def reason(error: DatadogError) -> str:
    """Datadog's own words, where it said any."""
    reasons = error.reasons if isinstance(error, AnswerError) else ()
    return "; ".join(reasons) or error.message


def _settled_monitor(made: Made, own: LiveMonitor, there: Iterable[LiveMonitor], remote: Remote) -> Outcome:
    """Each run deletes what it made itself, or may have made where an answer was lost: that is as it wants it."""
    listed = {one.remote_id: one for one in (own, *there)}
    candidates = (one for number, one in listed.items() if str(number) not in made.known)
    kept, *doubles = equal_monitors(made.wanted, made.identity, candidates) or [own]
    try:
        for double in doubles:
            if not monitor_changes(made.wanted, double):
                remote.delete_monitor(double.remote_id)
    except DatadogError as error:
        return perhaps_not_alone(made, error)
    adopted = made.adopted or kept.remote_id != own.remote_id
    if adopted and monitor_changes(made.wanted, kept):
        remote.update_monitor(kept.remote_id, monitor_update(made.wanted, kept))
    return Outcome(made.change, Result.DONE, str(kept.remote_id), adopted=adopted)


def _settled_downtime(
    made: Made, own: LiveDowntime, there: Iterable[LiveDowntime], remote: Remote, now: datetime
) -> Outcome:
    """Younger ones are canceled, whoever made them: nothing refers to a downtime."""
    listed = {one.remote_id: one for one in (own, *there)}
    candidates = (one for number, one in listed.items() if number not in made.known)
    kept, *doubles = equal_downtimes(made.wanted, made.identity, candidates, now) or [own]
    try:
        for double in doubles:
            remote.cancel_downtime(double.remote_id)
    except DatadogError as error:
        return perhaps_not_alone(made, error)
    adopted = made.adopted or kept.remote_id != own.remote_id
    if adopted and downtime_changes(made.wanted, kept, now):
        remote.update_downtime(kept.remote_id, downtime_update(made.wanted, kept, now))
    return Outcome(made.change, Result.DONE, kept.remote_id, adopted=adopted)

"""Waiting: the clock that is handed in, the pause before a repetition, and the gate that a rate limit closes."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ddguard.datadog.settings import Patience

_SHORTEST_CLOSURE = 0.1


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance: `now` in seconds from any start, `sleep` for seconds, `random` from 0 up to 1.

    Without a `sleep` of its own it sleeps in earnest. Once `hurried` is set that ends, and no sleep begins any more.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] | None = None
    random: Callable[[], float] = random.random
    hurried: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float, until: float) -> bool:
        """Sleep, unless that would end after `until`; tell whether it was slept out."""
        if self.hurried.is_set() or self.now() + seconds > until:
            return False
        if seconds > 0:
            (self.sleep or self.hurried.wait)(seconds)
        return not self.hurried.is_set()


def pause_before(repetition: int, patience: Patience, clock: Clock) -> float:
    """Seconds before the n-th repetition (from 1): exponential backoff with full jitter."""
    return clock.random() * min(patience.longest_pause, patience.first_pause * 2.0 ** min(repetition - 1, 64))


def closure_after(refusals: int, told: float | None, patience: Patience, clock: Clock) -> float:
    """Seconds for which a rate limit lets nothing through once it has refused a call the n-th time (from 1).

    What Datadog `told` counts, but never less than twice the least of the refusal before: a server that tells everybody
    to come back at once isn't asked ten times a second. Where it tells nothing, the backoff counts.
    """
    least = min(patience.longest_pause, _SHORTEST_CLOSURE * 2.0 ** min(refusals - 1, 64))
    return max(least, pause_before(refusals, patience, clock) if told is None else told)


@dataclass(frozen=True, slots=True)
class Closure:
    """How long, in seconds, the rate limit `name` lets nothing through."""

    name: str
    seconds: float


class Gate:
    """Holds all threads back for as long as Datadog told one of them to wait.

    Datadog counts calls by named limits (`X-RateLimit-Name`); which limit a kind of call falls under is learned from
    its answers. Until then each kind is a limit of its own.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._names: dict[str, str] = {}
        self._opens: dict[str, float] = {}

    def learn(self, kind: str, name: str | None) -> None:
        """Remember the limit that a kind of call falls under."""
        if name:
            with self._lock:
                self._names[kind] = name

    def close(self, kind: str, seconds: float) -> None:
        """Let no call of this kind's limit through for so many seconds."""
        with self._lock:
            name = self._names.get(kind, kind)
            opens = self._clock.now() + seconds
            self._opens[name] = max(opens, self._opens.get(name, opens))

    def closure(self, kind: str) -> Closure | None:
        """What holds this kind of call back now; None where nothing does."""
        with self._lock:
            name = self._names.get(kind, kind)
            seconds = self._opens.get(name, 0.0) - self._clock.now()
            return Closure(name, seconds) if name in self._opens and seconds > 0 else None

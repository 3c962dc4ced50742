"""Which variables a monitor's notifications can show.

https://docs.datadoghq.com/monitors/notify/variables/#attribute-and-tag-variables
"""

from dataclasses import dataclass
from string import ascii_lowercase

from ddguard.checks.base import Subject, Surroundings
from ddguard.query import monitors
from ddguard.query.nodes import Composite, MetricMonitor, MonitorReference, ServiceCheck
from ddguard.templates.nodes import Name
from ddguard.templates.vocabulary import EVENTS, NETWORK_DEVICE, NETWORK_DEVICE_KEYS, VARIABLES

ANY_KEY = "*"


@dataclass(frozen=True, slots=True)
class Provided:
    """`keys` are those whose values are known in an alert, None where that can't be told, without the `@` of facets.

    `letters` are those of a composite's parts, `events` tells whether an event with attributes is behind an alert.
    `facets` are those of the keys that the query writes with an `@`, without it.
    """

    keys: frozenset[str] | None
    letters: tuple[str, ...] = ()
    events: bool = False
    facets: frozenset[str] = frozenset()

    def has(self, name: Name) -> bool:
        """Whether a variable shows something, as far as can be told."""
        first, *rest = name.segments or (name.text,)
        if not rest:
            return first in VARIABLES or self.has_key(first)
        if first in self.letters or (first in EVENTS and self.events):
            return True
        if first == NETWORK_DEVICE and self.keys is not None:
            return any(self.has_key(key) for key in NETWORK_DEVICE_KEYS)
        return self.has_key(first)

    def has_key(self, key: str) -> bool:
        """Whether a key's value is known; facets count with and without their `@`."""
        return self.keys is None or ANY_KEY in self.keys or key.lstrip("@") in self.keys

    def written(self, key: str) -> str:
        """A key as a variable begins with it: `host`, `@usr`, `[@http.status_code]`."""
        text = f"@{key}" if key in self.facets else key
        return f"[{text}]" if "." in text else text

    def dotted(self, name: Name) -> str:
        """The key with dots that a name without brackets is meant to be about; empty if there is none."""
        segments = [part.lstrip("@") for part in name.segments]
        whole = (".".join(segments[:end]) for end in range(2, len(segments) + 1))
        return next((key for key in whole if self.keys and key in self.keys), "")


def provided(subject: Subject, surroundings: Surroundings) -> Provided:
    """What a monitor's notifications can show."""
    if isinstance(subject.query, Composite):
        return _of_composite(subject.query, surroundings)
    if subject.keys is None:
        return Provided(None, events=True)
    events = not isinstance(subject.query, MetricMonitor | ServiceCheck)
    facets = frozenset(key.lstrip("@") for key in subject.keys if key.startswith("@"))
    return Provided(subject.known_keys or frozenset(), events=events, facets=facets)


def _of_composite(query: Composite, surroundings: Surroundings) -> Provided:
    """A composite has the variables of its parts, where they are known, and its parts by their letters."""
    parts = tuple(dict.fromkeys(monitors(query)))
    letters = tuple(ascii_lowercase[: len(parts)])
    keys: frozenset[str] = frozenset()
    facets: frozenset[str] = frozenset()
    for part in parts:
        other = surroundings.monitors.get(part.id) if isinstance(part, MonitorReference) else None
        if other is None or isinstance(other.query, Composite):
            return Provided(None, letters)
        of_part = provided(other, surroundings)
        if of_part.keys is None:
            return Provided(None, letters)
        keys |= of_part.keys
        facets |= of_part.facets
    return Provided(keys, letters, facets=facets)

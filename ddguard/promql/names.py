"""How Datadog's names, texts, numbers and lengths are written in PromQL.

https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

import re
from collections.abc import Mapping

NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_]")
UNITS = ((604_800, "w"), (86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
IN_REGEXES = re.compile(r"([\\.+*?()|\[\]{}^$])")
COUNTER_ENDING = "_total"


def metric_name(metric: str, known: Mapping[str, str], *, counter: bool) -> str:
    """The metric's name in Prometheus: the project's own, or dots as underscores and `_total` behind counters."""
    if metric in known:
        return known[metric]
    name = _safe(metric)
    return f"{name}{COUNTER_ENDING}" if counter and not name.endswith(COUNTER_ENDING) else name


def label_name(key: str) -> str:
    """A tag key as a label's name: `kube-cluster` is `kube_cluster`; Datadog's keys are lower case."""
    return _safe(key.lower())


def _safe(name: str) -> str:
    safe = NOT_IN_NAMES.sub("_", name)
    return f"_{safe}" if safe[:1].isdigit() else safe


def quoted(text: str) -> str:
    """The text as a string literal of PromQL and of Go's templates; what no screen shows is an escape."""
    return f'"{"".join(ESCAPES.get(character) or _shown(character) for character in text)}"'


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def regex(value: str) -> str:
    """The tag value with its wildcards as a regular expression; PromQL anchors it at both ends."""
    return ".*".join(IN_REGEXES.sub(r"\\\1", part) for part in value.split("*"))


def length(seconds: int) -> str:
    """A stretch of time in the largest unit that holds it without a rest: `1h`, `90s`."""
    return next(f"{seconds // unit}{name}" for unit, name in UNITS if seconds % unit == 0)


def number(value: float) -> str:
    """A number without a needless fraction: `100`, `0.5`."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def one_line(text: str) -> str:
    """The text for a comment: what breaks a line or steers a terminal is written as an escape."""
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")

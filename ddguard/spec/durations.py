"""Lengths of time as people write them: `90s`, `30m`, `2h`, `1d`, `1w`, and several in a row: `1h30m`."""

import re
from datetime import timedelta

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
PART = re.compile(r"([0-9]{1,18})([smhdw])")
WHOLE = re.compile(rf"(?:{PART.pattern})+")
LONGEST = timedelta(days=36_500)


def parse_duration(text: str) -> timedelta:
    """The length of time that a text names; `ValueError` tells what was expected."""
    if not WHOLE.fullmatch(text):
        raise ValueError(f"expected a length of time such as 90s, 30m, 2h or 1d, not {text!r}")
    seconds = sum(int(count) * SECONDS[unit] for count, unit in PART.findall(text))
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{text} is longer than a century")
    return timedelta(seconds=seconds)


def duration_text(length: timedelta) -> str:
    """The shortest way to write a length of time, in whole seconds: `1h30m`, `0s`."""
    rest = int(length.total_seconds())
    parts = []
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(rest, SECONDS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"

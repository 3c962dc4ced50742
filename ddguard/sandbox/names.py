"""The title that Datadog gives to a monitor that comes without one."""

import re

SIMPLE = re.compile(
    r"(?P<time>avg|sum|min|max)\((?P<span>last_\w+)\):(?:\w+:)?(?P<metric>[A-Za-z][\w.]*)\{(?P<scope>[^}]*)\}"
    r"(?:\s*by\s*\{[^}]*\})?\s*(?P<comparator>>=|<=|==|!=|>|<)\s*(?P<threshold>[-+]?[\d.]+)\Z"
)
MANNERS = {"avg": "on average", "sum": "in total", "min": "at all times", "max": "at least once"}
"""Only `on average` was recorded."""


def given_name(query: str) -> str:
    """`**metric** over **scope** was **> 100.0** on average during the **last 5m**.`; else the query itself."""
    match = SIMPLE.match(query)
    if match is None:
        return query
    comparison = f"{match['comparator']} {float(match['threshold'])}"
    span = match["span"].replace("_", " ")
    return (
        f"**{match['metric']}** over **{match['scope']}** was **{comparison}** "
        f"{MANNERS[match['time']]} during the **{span}**."
    )

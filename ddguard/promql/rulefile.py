"""Rules as a rule file: one group for each pace, a comment over each monitor that says where it comes from.

https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
"""

from collections.abc import Iterator, Mapping, Sequence

from ddguard.model import Json
from ddguard.promql.names import length, one_line
from ddguard.promql.rules import MonitorRules, Rule
from ddguard.promql.templates import Plain, go_text
from ddguard.spec.dump import dump_document

HEADER = (
    "Made by `ddguard export promql` from {stack}: change the specs, not this file.",
    "What differs between Datadog and Prometheus in general: docs/prometheus.md.",
)


def rule_file(stack: str, exported: Sequence[MonitorRules], left_out: Mapping[str, str]) -> str:
    """The rule file as YAML. `left_out` tells for each monitor that isn't in it why."""
    lines = [_comment(line.format(stack=stack)) for line in HEADER]
    lines += [_comment(f"Left out: {name}: {reason}") for name, reason in left_out.items()]
    if not exported:
        return "\n".join([*lines, "groups: []", ""])
    lines.append("groups:")
    for every in sorted({one.every for one in exported}):
        lines += _group(stack, every, [one for one in exported if one.every == every])
    return "\n".join([*lines, ""])


def _group(stack: str, every: int, exported: Sequence[MonitorRules]) -> Iterator[str]:
    head = dump_document({"name": f"{stack} every {length(every)}", "interval": length(every)}).splitlines()
    yield f"  - {head[0]}"
    yield f"    {head[1]}"
    yield "    rules:"
    for one in exported:
        yield from (f"      {_comment(line)}" for line in comments(one))
        for rule in one.rules:
            first, *rest = dump_document(rule_object(rule)).splitlines()
            yield f"      - {first}"
            yield from (f"        {line}" if line else "" for line in rest)


def comments(exported: MonitorRules) -> Iterator[str]:
    """What is said over a monitor's rules: its query, who is left out, what differs."""
    yield f"{exported.id}: {exported.query}"
    for one in exported.allow:
        yield f"leaves out {one.tag} up to {one.expires.isoformat()}: {one.reason}"
    for difference in exported.differences:
        yield f"differs: {difference.text}"
    for variable in exported.unknown:
        yield f"{variable} has no counterpart in Prometheus"


def rule_object(rule: Rule) -> dict[str, Json]:
    """The rule as it stands in a rule file. Labels are templates too, so that braces in them are written as text."""
    found: dict[str, Json] = {
        "alert": rule.alert,
        "expr": rule.expression,
        "labels": {name: go_text((Plain(value),)) for name, value in rule.labels.items()},
    }
    if rule.annotations:
        found["annotations"] = {name: go_text(parts) for name, parts in rule.annotations.items()}
    return found


def _comment(text: str) -> str:
    return f"# {one_line(text)}"

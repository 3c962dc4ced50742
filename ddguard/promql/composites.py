"""A composite as an alerting rule: the conditions of its parts, joined by group.

https://docs.datadoghq.com/monitors/types/composite/
"""

from collections.abc import Mapping

from ddguard.model import Json
from ddguard.promql.reasons import COMMON_GROUPS, CannotExportError, Difference
from ddguard.promql.rules import MonitorRules, Wording, fixed_labels, refuse_options
from ddguard.promql.vectors import on
from ddguard.query import QueryError, parse
from ddguard.query.nodes import (
    Composite,
    CompositeExpression,
    CompositeGroup,
    CompositeJoin,
    CompositeNot,
    MonitorReference,
)


def composite_rules(name: str, definition: Mapping[str, Json], parts: Mapping[str, MonitorRules]) -> MonitorRules:
    """The rule of a composite; `parts` are the rules of the monitors that it combines, by spec id.

    Raises CannotExportError where a part isn't there or has states that one condition can't say.
    """
    query = _read(definition)
    refuse_options(definition, definition.get("options") or {})
    used = [_part(one, parts) for one in _names(query.expression)]
    first = used[0]
    if any(set(one.group_by) != set(first.group_by) for one in used):
        raise CannotExportError("composite", "its parts have different groups")
    if (definition.get("options") or {}).get("notify_no_data"):
        raise CannotExportError("composite", "its No Data can't be told from that of its parts")
    differences = [difference for one in used for difference in one.differences]
    condition = _joined(query.expression, parts, on(first.group_by), differences)
    wording = Wording(
        name, definition, fixed_labels(name, definition, first.group_by), first.group_by, None, ("a.value",)
    )
    return MonitorRules(
        name,
        str(definition["query"]).strip(),
        min(one.every for one in used),
        (wording.rule("critical", _without_parentheses(condition)),),
        first.group_by,
        first.keys,
        tuple(dict.fromkeys(differences)),
        tuple(dict.fromkeys(wording.unknown)),
        value_of=first.id,
        window=max(one.window for one in used),
        form=first.form,
        metrics={metric: known for one in used for metric, known in one.metrics.items()},
    )


def _read(definition: Mapping[str, Json]) -> Composite:
    try:
        query = parse("composite", str(definition.get("query") or ""))
    except QueryError as error:
        raise CannotExportError("unreadable", f"its query can't be read: {error.message}") from None
    if not isinstance(query, Composite):
        raise CannotExportError("unreadable", "its query isn't that of a composite")
    return query


def _names(expression: CompositeExpression) -> list[str]:
    match expression:
        case MonitorReference(id=name):
            return [name]
        case CompositeNot(operand=inner) | CompositeGroup(inner=inner):
            return _names(inner)
        case CompositeJoin(operands=operands):
            return [name for operand in operands for name in _names(operand)]
        case _:
            raise CannotExportError("composite", f"the monitor {expression.text} is none of this project")


def _part(name: str, parts: Mapping[str, MonitorRules]) -> MonitorRules:
    if name not in parts:
        raise CannotExportError("composite", f"its part {name} can't be exported")
    if not parts[name].triggered:
        raise CannotExportError("composite", f"its part {name} has more states than one condition can say")
    return parts[name]


def _joined(
    expression: CompositeExpression, parts: Mapping[str, MonitorRules], by: str, differences: list[Difference]
) -> str:
    """The condition; `differences` takes what `||` changes."""
    match expression:
        case MonitorReference(id=name):
            return f"({parts[name].triggered})"
        case CompositeGroup(inner=inner):
            return _joined(inner, parts, by, differences)
        case CompositeJoin(operator="||", operands=operands) if not any(map(_is_negated, operands)):
            differences.append(COMMON_GROUPS)
            joined = "\nor\n".join(_joined(one, parts, by, differences) for one in operands)
            return f"({joined})"
        case CompositeJoin(operator="&&", operands=operands) if not _is_negated(operands[0]):
            text = _joined(operands[0], parts, by, differences)
            for operand in operands[1:]:
                word = "unless" if _is_negated(operand) else "and"
                text += f"\n{word} {by}\n{_joined(_positive(operand), parts, by, differences)}"
            return f"({text})"
        case _:
            raise CannotExportError("composite", "a part that must not alert has no counterpart there")


def _without_parentheses(condition: str) -> str:
    """The condition as a whole, without the parentheses that it would have as a part."""
    return condition[1:-1]


def _is_negated(expression: CompositeExpression) -> bool:
    inner = expression.inner if isinstance(expression, CompositeGroup) else expression
    return isinstance(inner, CompositeNot)


def _positive(expression: CompositeExpression) -> CompositeExpression:
    inner = expression.inner if isinstance(expression, CompositeGroup) else expression
    return inner.operand if isinstance(inner, CompositeNot) else inner

"""Writes syntax trees as query texts."""

from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest
from typing import Any

from ddguard.query import nodes
from ddguard.query.nodes import Node


def to_text(node: Node) -> str:
    """The text of a query or of any part of one, with blanks where Datadog's own editor puts them."""
    return _WRITERS[type(node)](node)


def _all(written: Iterable[Node], between: str = "") -> str:
    return between.join(map(to_text, written))


def _joined(operands: Iterable[Node], joints: Iterable[str]) -> str:
    written = map(to_text, operands)
    return "".join(operand + joint for operand, joint in zip_longest(written, joints, fillvalue=""))


def _spaced(words: Iterable[str]) -> Iterable[str]:
    return ("," if word == "," else f" {word} " for word in words)


def _not(node: nodes.Not) -> str:
    return f"{node.word}{'' if node.word == '!' else ' '}{to_text(node.operand)}"


def _tag_in(node: nodes.TagIn) -> str:
    return f"{node.key} {' '.join(node.words)} ({','.join(node.values)})"


def _window(node: nodes.Window) -> str:
    length = f"{node.count}{node.unit}"
    return f"{length}_ago" if node.kind == "ago" else f"{node.kind}_{length}"


def _metric_query(node: nodes.MetricQuery) -> str:
    aggregator = f"{node.aggregator}:" if node.aggregator else ""
    by = f" by {{{_all(node.by, ',')}}}" if node.by else ""
    return f"{aggregator}{node.metric}{{{to_text(node.scope)}}}{by}{_all(node.modifiers)}"


def _metric_monitor(node: nodes.MetricMonitor) -> str:
    return f"{to_text(node.aggregation)}:{to_text(node.expression)} {to_text(node.comparison)}"


def _event_monitor(node: nodes.EventMonitor) -> str:
    return f"{node.source}({to_text(node.search)}){_all(node.methods)} {to_text(node.comparison)}"


def _formula_monitor(node: nodes.FormulaMonitor) -> str:
    formula = f"{node.quote}{to_text(node.expression)}{node.quote}"
    return f"formula({formula}){_all(node.methods)} {to_text(node.comparison)}"


def _slo_monitor(node: nodes.SloMonitor) -> str:
    return f"{node.measure}({to_text(node.slo)}){_all(node.methods)} {to_text(node.comparison)}"


_WRITERS: Mapping[type[Node], Callable[[Any], str]] = {
    nodes.Number: lambda node: node.text,
    nodes.Text: lambda node: f"{node.quote}{node.text}{node.quote}",
    nodes.Word: lambda node: node.text,
    nodes.Variable: lambda node: f"{node.name}{_all(node.modifiers)}",
    nodes.GroupKey: lambda node: node.key,
    nodes.Window: _window,
    nodes.DynamicThreshold: lambda _: "threshold",
    nodes.Comparison: lambda node: f"{node.comparator} {to_text(node.threshold)}",
    nodes.Everything: lambda _: "*",
    nodes.Tag: lambda node: node.text,
    nodes.TagIn: _tag_in,
    nodes.Not: _not,
    nodes.AllOf: lambda node: _joined(node.operands, _spaced(node.words)),
    nodes.AnyOf: lambda node: _joined(node.operands, _spaced(node.words)),
    nodes.ScopeGroup: lambda node: f"({to_text(node.inner)})",
    nodes.TagSet: lambda node: f"{{{_all(node.keys, ',')}}}",
    nodes.Keyword: lambda node: f"{node.name}={to_text(node.value)}",
    nodes.Method: lambda node: f".{node.name}({_all(node.arguments, ', ')})",
    nodes.MetricQuery: _metric_query,
    nodes.Call: lambda node: f"{node.name}({_all(node.arguments, ', ')}){_all(node.modifiers)}",
    nodes.Group: lambda node: f"({to_text(node.inner)}){_all(node.modifiers)}",
    nodes.Unary: lambda node: f"{node.operator}{to_text(node.operand)}",
    nodes.Arithmetic: lambda node: _joined(node.operands, _spaced(node.operators)),
    nodes.TimeAggregation: lambda node: f"{node.aggregator}({to_text(node.window)})",
    nodes.Change: lambda node: f"{node.function}({to_text(node.aggregation)},{to_text(node.shift)})",
    nodes.MetricMonitor: _metric_monitor,
    nodes.EventMonitor: _event_monitor,
    nodes.FormulaMonitor: _formula_monitor,
    nodes.ServiceCheck: lambda node: f"{to_text(node.check)}{_all(node.methods)}",
    nodes.SloMonitor: _slo_monitor,
    nodes.MonitorNumber: lambda node: node.text,
    nodes.MonitorReference: lambda node: f"${{monitor:{node.id}}}",
    nodes.CompositeNot: lambda node: f"!{to_text(node.operand)}",
    nodes.CompositeJoin: lambda node: _all(node.operands, f" {node.operator} "),
    nodes.CompositeGroup: lambda node: f"({to_text(node.inner)})",
    nodes.Composite: lambda node: to_text(node.expression),
    nodes.Opaque: lambda node: node.text,
}
"""How each kind of node is written."""

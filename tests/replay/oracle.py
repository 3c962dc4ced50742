"""A second evaluator: plain loops over dictionaries, one round after the other, written from the documentation alone.

It shares the query's syntax tree with ddguard and nothing else. Slow and obvious on purpose: the fast evaluator has to
give exactly the same numbers. Sums are `math.fsum`: the exact sum, rounded once.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from oracle_points import (
    OVER_TIME,
    REDUCE,
    SIMPLE,
    Key,
    Look,
    Points,
    Source,
    Table,
    argument_value,
    calculate,
    counted,
    drop_bad,
    fill_gaps,
    key_of,
    leaves,
    operators,
    passes,
    spread,
)

from ddguard.query import nodes


class Oracle:
    """Values of one query over some sources. `bucket` is the width without a rollup."""

    def __init__(self, sources: list[Source], bucket: int, assume: dict[str, str]) -> None:
        self.sources = sources
        self.bucket = bucket
        self.assume = assume

    # The monitor's own aggregation

    def value(self, query: nodes.MetricMonitor, look: Look) -> dict[Key, float]:
        """Each group's number in one round."""
        change = query.aggregation if isinstance(query.aggregation, nodes.Change) else None
        inner = change.aggregation if change else query.aggregation
        assert isinstance(inner, nodes.TimeAggregation)
        reduce = REDUCE[inner.aggregator]
        if self.whole_windows_first(query):
            now = self.at_windows(query.expression, look, reduce)
            if change:
                before = self.at_windows(query.expression, self.ago(look, change.shift.seconds), reduce)
                now = self.changed(change.function, now, before)
            assert isinstance(now, Table)
            return {key: points[0] for key, points in now.groups.items() if 0 in points}
        table = self.table(query.expression, look)
        if change:
            table = self.changed(change.function, table, self.shifted(query.expression, look, change.shift.seconds))
        assert isinstance(table, Table)
        return {key: found for key, points in table.groups.items() if points
                and math.isfinite(found := reduce(list(points.values())))}  # fmt: skip

    def shown(self, query: nodes.MetricMonitor, look: Look) -> Callable[[Key], list[set[int]]]:
        """The seconds at which a group has points in the window: of the result, of operands, of metric queries."""
        if self.whole_windows_first(query):
            tables = list(self.operands(query.expression, look))
        else:
            table = self.table(query.expression, look)
            if isinstance(query.aggregation, nodes.Change):
                earlier = self.shifted(query.expression, look, query.aggregation.shift.seconds)
                table = self.changed(query.aggregation.function, table, earlier)
            assert isinstance(table, Table)
            tables = [table]
        by = next((one.by for one in tables if one.by), ())
        for leaf in leaves(query.expression):
            plain = tuple(one for one in leaf.modifiers if one.name not in {"fill", *OVER_TIME})
            tables.append(self.leaf(replace(leaf, modifiers=plain), look))
        return lambda key: [
            set(points)
            for one in tables
            for own, points in one.groups.items()
            if not one.by or (set(by) <= set(one.by) and tuple(own[one.by.index(name)] for name in by) == key)
        ]

    def operands(self, node: Any, look: Look) -> Iterator[Table]:
        """The tables that are aggregated before the arithmetic."""
        match node:
            case nodes.Number():
                return
            case nodes.Group(inner=inner):
                yield from self.operands(inner, look)
            case nodes.Arithmetic(operands=parts):
                for part in parts:
                    yield from self.operands(part, look)
            case nodes.Call(name=name, arguments=arguments) if name in SIMPLE and any(operators(arguments[0])):
                yield from self.operands(arguments[0], look)
            case _:
                table = self.table(node, look)
                assert isinstance(table, Table)
                yield table

    def points(self, query: nodes.MetricMonitor, by: tuple[str, ...], key: Key) -> list[int]:
        """When the sources behind a group have points, from the first to the last of the run."""
        found: set[int] = set()
        for leaf in leaves(query.expression):
            if by and not leaf.by:
                continue
            own = tuple(one.key for one in leaf.by)
            for source in self.sources:
                complete = key_of(own, source.tags) is not None
                if source.metric == leaf.metric and complete and passes(leaf.scope, source.tags):
                    found |= set(source.points) if key_of(by, source.tags) == key else set()
        return sorted(found)

    def born(self, query: nodes.MetricMonitor, look: Look) -> tuple[tuple[str, ...], dict[Key, int]]:
        """The keys of the result's groups, and the time of each group's first point."""
        table = self.table(query.expression, look)
        assert isinstance(table, Table)
        return table.by, table.born

    def ago(self, look: Look, seconds: int) -> Look:
        return Look(look.low - seconds, look.high - seconds, look.now)

    def changed(self, kind: str, now: "Table | float", before: "Table | float") -> "Table | float":
        difference = self.arithmetic("-", now, before)
        if kind == "change":
            return difference
        return self.arithmetic("*", self.arithmetic("/", difference, before), 100.0)

    def whole_windows_first(self, query: nodes.MetricMonitor) -> bool:
        counts = any(method.name == "as_count" for leaf in leaves(query.expression) for method in leaf.modifiers)
        if not counts:
            return False
        if isinstance(query.aggregation, nodes.Change):
            return True
        used = set(operators(query.expression))
        return "/" in used or bool(used and self.assume.get("as-count-path", "arithmetic") == "arithmetic")

    def at_windows(self, node: nodes.Expression, look: Look, reduce: Callable[[list[float]], float]) -> "Table | float":
        """Operands as one point each (at second 0), then the arithmetic."""
        match node:
            case nodes.Number():
                return node.value
            case nodes.Group(inner=inner):
                return self.at_windows(inner, look, reduce)
            case nodes.Arithmetic():
                parts = [self.at_windows(operand, look, reduce) for operand in node.operands]
                return self.folded(node, parts)
            case nodes.Call(name=name, arguments=arguments) if name in SIMPLE and any(operators(arguments[0])):
                assert isinstance(arguments[0], nodes.Expression)
                inside = self.at_windows(arguments[0], look, reduce)
                assert isinstance(inside, Table)
                return self.pointwise(name, arguments[1:], inside, look.now, [0])
        table = self.table(node, look)
        assert isinstance(table, Table)
        groups: dict[Key, Points] = {}
        for key, points in table.groups.items():
            groups[key] = {0: reduce(list(points.values()))} if points else {}
        return Table(table.by, groups, table.born, table.width, table.counting)

    # Expressions

    def table(self, node: nodes.Expression, look: Look) -> "Table | float":
        match node:
            case nodes.Number():
                return node.value
            case nodes.Group(inner=inner):
                return self.table(inner, look)
            case nodes.Arithmetic():
                return self.folded(node, [self.table(operand, look) for operand in node.operands])
            case nodes.MetricQuery():
                return self.leaf(node, look)
            case nodes.Call():
                return self.call(node, look)
        raise AssertionError(node)

    def folded(self, node: nodes.Arithmetic, parts: list["Table | float"]) -> "Table | float":
        result = parts[0]
        for operator, part in zip(node.operators, parts[1:], strict=True):
            result = self.arithmetic(operator, result, part)
        return result

    def arithmetic(self, operator: str, left: "Table | float", right: "Table | float") -> "Table | float":
        if isinstance(left, float) and isinstance(right, float):
            return calculate(operator, left, right)
        if isinstance(left, float) or isinstance(right, float):
            table = right if isinstance(left, float) else left
            assert isinstance(table, Table)
            groups = {}
            for key, points in table.groups.items():
                groups[key] = drop_bad({
                    start: calculate(operator, left if isinstance(left, float) else value,
                                     right if isinstance(right, float) else value)
                    for start, value in points.items()
                })  # fmt: skip
            return Table(table.by, groups, table.born, table.width, table.counting)
        left, right = spread(left, right), spread(right, left)
        keys = set(left.groups) & set(right.groups)
        if left.counting:
            keys |= set(right.groups)
        if right.counting:
            keys |= set(left.groups)
        groups = {}
        for key in keys:
            a, b = left.groups.get(key, {}), right.groups.get(key, {})
            joined = {}
            for start in set(a) | set(b):
                x = a.get(start, 0.0 if left.counting else math.nan)
                y = b.get(start, 0.0 if right.counting else math.nan)
                joined[start] = calculate(operator, x, y)
            groups[key] = drop_bad(joined)
        born = {key: min(left.born.get(key, 2**62), right.born.get(key, 2**62)) for key in keys}
        shared = math.gcd if left.counting or right.counting else math.lcm
        return Table(left.by, groups, born, shared(left.width, right.width), left.counting and right.counting)

    def call(self, node: nodes.Call, look: Look) -> Table:  # noqa: PLR0911 - one for each kind of function
        first, *rest = node.arguments
        assert isinstance(first, nodes.Expression)
        if node.name == "timeshift":
            assert isinstance(rest[0], nodes.Number)
            return self.shifted(first, look, -int(rest[0].value))
        if node.name in {"hour_before", "day_before"}:
            return self.shifted(first, look, 3600 if node.name == "hour_before" else 86400)
        if node.name == "default_zero":
            return self.default_zero(first, look)
        if node.name == "moving_rollup":
            return self.moving_rollup(first, look, rest)
        if node.name in ("sum", "max") and isinstance(rest[0], nodes.TagSet):
            return self.regrouped(node.name, first, rest[0], look)
        if node.name == "diff" and isinstance(first, nodes.MetricQuery):
            return self.leaf(replace(first, modifiers=(*first.modifiers, nodes.Method("diff"))), look)
        table = self.table(first, look)
        assert isinstance(table, Table)
        if node.name in {"count_nonzero", "count_not_null"}:
            return counted(node.name, table)
        if node.name in SIMPLE:
            grid = [start for start in range(look.low, look.high + 1) if start % table.width == 0]
            return self.pointwise(node.name, tuple(rest), table, look.now, grid)
        groups = {key: drop_bad(OVER_TIME[node.name](sorted(points.items()))) for key, points in table.groups.items()}
        return Table(table.by, groups, table.born, table.width, table.counting)

    def pointwise(self, name: str, arguments: tuple[Any, ...], table: Table, now: int, grid: list[int]) -> Table:
        numbers = [argument.value for argument in arguments]
        groups = {}
        for key, known in table.groups.items():
            points = known
            if table.born[key] <= now and name in {"clamp_min", "clamp_max", "default_zero"}:
                empty = numbers[0] if numbers else 0.0
                points = {start: known.get(start, empty) for start in {*grid, *known}}
            groups[key] = drop_bad({start: SIMPLE[name](value, *numbers) for start, value in points.items()})
        return Table(table.by, groups, table.born, table.width, table.counting)

    def shifted(self, node: nodes.Expression, look: Look, seconds: int) -> Table:
        table = self.table(node, self.ago(look, seconds))
        assert isinstance(table, Table)
        width = table.width
        groups = {
            key: {
                (start + seconds) // width * width: value
                for start, value in points.items()
                if look.low <= (start + seconds) // width * width <= look.high
            }
            for key, points in table.groups.items()
        }
        return Table(table.by, groups, table.born, width, table.counting)

    def default_zero(self, node: nodes.Expression, look: Look) -> Table:
        wide = self.table(node, Look(look.low - 300, look.high, look.now))
        assert isinstance(wide, Table)
        groups = {}
        for key, points in wide.groups.items():
            found: Points = {}
            empty = (
                not any(start >= look.low for start in points) and self.assume.get("default-zero-empty") == "nothing"
            )
            for start in range(look.low, look.high + 1):
                if start % wide.width or empty:
                    continue
                earlier = [at for at in points if start - 300 <= at <= start]
                if start in points:
                    found[start] = points[start]
                elif earlier and not wide.counting:
                    found[start] = points[max(earlier)]
                elif wide.born[key] <= look.now:
                    found[start] = 0.0
            groups[key] = found
        return Table(wide.by, groups, wide.born, wide.width, wide.counting)

    def moving_rollup(self, node: nodes.Expression, look: Look, arguments: list[Any]) -> Table:
        seconds, method = int(arguments[0].value), arguments[1].value
        table = self.table(node, Look(look.low - seconds, look.high, look.now))
        assert isinstance(table, Table)
        groups = {
            key: {
                start: REDUCE[method]([points[at] for at in sorted(points) if start - seconds < at <= start])
                for start in points
                if start >= look.low
            }
            for key, points in table.groups.items()
        }
        return Table(table.by, groups, table.born, table.width, table.counting)

    def regrouped(self, method: str, node: nodes.Expression, keys: nodes.TagSet, look: Look) -> Table:
        table = self.table(node, look)
        assert isinstance(table, Table)
        by = tuple(key.key for key in keys.keys)
        groups: dict[Key, Points] = {}
        born: dict[Key, int] = {}
        gathered: dict[Key, dict[int, list[float]]] = {}
        for key, points in table.groups.items():
            new = tuple(key[table.by.index(name)] for name in by)
            born[new] = min(born.get(new, 2**62), table.born[key])
            cells = gathered.setdefault(new, {})
            for start, value in points.items():
                cells.setdefault(start, []).append(value)
        for new, cells in gathered.items():
            groups[new] = {start: REDUCE[method](values) for start, values in cells.items()}
        return Table(by, groups, born, table.width, table.counting)

    # Leaves

    def leaf(self, node: nodes.MetricQuery, look: Look) -> Table:  # noqa: C901 - every rule of a leaf at one place
        modifiers = {method.name: [argument_value(a) for a in method.arguments] for method in node.modifiers}
        counting = next((name for name in ("as_count", "as_rate") if name in modifiers), None)
        rollup = modifiers.get("rollup", [])
        width = next((int(value) for value in rollup if isinstance(value, float)), self.bucket)
        by = tuple(key.key for key in node.by)
        chosen = [(key_of(by, one.tags), one) for one in self.sources if one.metric == node.metric and one.points
                  and passes(node.scope, one.tags)]  # fmt: skip
        members: dict[Key, list[Source]] = {}
        for key, one in chosen:
            if key is not None:
                members.setdefault(key, []).append(one)
        kind = next((one.type for _, one in chosen), None)
        method = next((value for value in rollup if isinstance(value, str)), None)
        fill = [*modifiers["fill"], 300.0][:2] if "fill" in modifiers else None
        rates = [method.name for method in node.modifiers if method.name in OVER_TIME]
        if fill is not None and rates:
            return self.after_fill(node, rates, look)
        groups = {}
        for key, sources in members.items():
            cells = [
                self.cells(one, counting, method, width, look, 300 if fill is None else fill[1]) for one in sources
            ]
            if rates:
                cells = [dict(sorted((s, v) for s, v in one.items() if s >= look.low)) for one in cells]
                for rate in rates:
                    cells = [drop_bad(OVER_TIME[rate](sorted(one.items()))) for one in cells]
            elif fill is not None:
                grid = [s for s in range(look.low - int(fill[1]), look.high + 1) if s % width == 0]
                cells = [fill_gaps(one, grid, fill[0], fill[1]) for one in cells]
            elif kind == "gauge" and len(sources) > 1:
                grid = sorted({start for one in cells for start in one})
                cells = [fill_gaps(one, grid, "linear", 300) for one in cells]
            points: Points = {}
            for start in {start for one in cells for start in one}:
                if look.low <= start <= look.high:
                    points[start] = REDUCE[node.aggregator or "avg"]([one[start] for one in cells if start in one])
            groups[key] = points
        born = {key: min(min(one.points) for one in sources) for key, sources in members.items()}
        return Table(by, groups, born, width, counting is not None and kind != "gauge")

    def after_fill(self, node: nodes.MetricQuery, rates: list[str], look: Look) -> Table:
        """A difference of filled values is taken of the group's values."""
        plain = tuple(method for method in node.modifiers if method.name not in OVER_TIME)
        table = self.leaf(replace(node, modifiers=plain), look)
        for rate in rates:
            groups = {key: drop_bad(OVER_TIME[rate](sorted(points.items()))) for key, points in table.groups.items()}
            table = replace(table, groups=groups)
        return table

    def cells(
        self, one: Source, counting: str | None, method: str | None, width: int, look: Look, reach: float
    ) -> Points:
        """Buckets of one source, from `reach` seconds before the window on."""
        gathered: dict[int, list[float]] = {}
        scale = 1
        if counting == "as_count" and one.type == "rate":
            times = sorted(one.points)
            gaps = [b - a for a, b in itertools.pairwise(times)]
            scale = one.interval or (min(gaps) if gaps else 10)
        for second in sorted(one.points):
            start = second // width * width
            if look.low - reach <= start <= look.high and second <= look.now:
                gathered.setdefault(start, []).append(one.points[second] * scale)
        adds = counting and (one.type == "count" or (one.type == "rate" and counting == "as_count"))
        reduce = REDUCE[method or ("sum" if adds else "avg")]
        per = width if counting == "as_rate" and one.type == "count" else 1
        return {start: reduce(values) / per for start, values in gathered.items()}

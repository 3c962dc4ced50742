"""Datadog's filters as label matchers.

A filter becomes a list of alternatives, each a list of matchers that all hold: PromQL has no OR between labels, so
each alternative is a selector of its own. https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from ddguard.promql.names import label_name, quoted, regex
from ddguard.promql.reasons import CannotExportError
from ddguard.query.nodes import AllOf, AnyOf, Everything, Not, Scope, ScopeGroup, Tag, TagIn

MOST_ALTERNATIVES = 16
"""Selectors that one filter may become."""

OPPOSITE = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """`label="value"`; `operator` is `=`, `!=`, `=~` or `!~`, `value` a text or, for the last two, an expression."""

    label: str
    operator: str
    value: str

    @property
    def text(self) -> str:
        """As PromQL has it."""
        return f"{self.label}{self.operator}{quoted(self.value)}"

    @property
    def negated(self) -> "Matcher":
        """The matcher that takes what this one leaves."""
        return Matcher(self.label, OPPOSITE[self.operator], self.value)

    @property
    def demands(self) -> bool:
        """Whether series without the label are left out."""
        return (self.operator in {"=", "=~"}) == bool(self.value)


Alternative = tuple[Matcher, ...]


def selectors(name: str, scope: Scope, keys: Sequence[str]) -> tuple[str, ...]:
    """The selectors whose series are those of the metric that pass the filter and have all the labels `keys`.

    A series may come from several of them. Raises CannotExportError for a filter that labels can't say.
    """
    return tuple(_selector(name, alternative, keys) for alternative in alternatives(scope))


def _selector(name: str, alternative: Alternative, keys: Sequence[str]) -> str:
    present = {matcher.label for matcher in alternative if matcher.demands}
    grouped = [Matcher(key, "!=", "") for key in keys if key not in present]
    matchers = ",".join(dict.fromkeys(matcher.text for matcher in (*alternative, *grouped)))
    return f"{name}{{{matchers}}}" if matchers else name


def alternatives(scope: Scope) -> tuple[Alternative, ...]:
    """The filter as alternatives, one of which must hold."""
    found = _holding(scope)
    if len(found) > MOST_ALTERNATIVES:
        raise CannotExportError("filter", f"its filter needs more than {MOST_ALTERNATIVES} selectors")
    return found


def _holding(scope: Scope) -> tuple[Alternative, ...]:
    match scope:
        case Everything():
            return ((),)
        case Tag() | TagIn():
            return ((_matcher(scope),),)
        case Not(operand=operand):
            return _failing(operand)
        case ScopeGroup(inner=inner):
            return _holding(inner)
        case AllOf(operands=operands):
            return _all([_holding(operand) for operand in operands])
        case AnyOf(operands=operands):
            return _any([_holding(operand) for operand in operands])


def _failing(scope: Scope) -> tuple[Alternative, ...]:
    match scope:
        case Everything():
            raise CannotExportError("filter", "its filter lets nothing through")
        case Not(operand=operand):
            return _holding(operand)
        case ScopeGroup(inner=inner):
            return _failing(inner)
        case AllOf(operands=operands):
            return _any([_failing(operand) for operand in operands])
        case AnyOf(operands=operands):
            return _all([_failing(operand) for operand in operands])
        case Tag() | TagIn():
            return ((_matcher(scope).negated,),)


def _all(parts: Sequence[tuple[Alternative, ...]]) -> tuple[Alternative, ...]:
    size = 1
    for part in parts:
        size *= len(part)
    if size > MOST_ALTERNATIVES:
        raise CannotExportError("filter", f"its filter needs more than {MOST_ALTERNATIVES} selectors")
    return tuple(tuple(matcher for one in choice for matcher in one) for choice in product(*parts))


def _any(parts: Sequence[tuple[Alternative, ...]]) -> tuple[Alternative, ...]:
    """The alternatives of all parts; those of one positive matcher on the same label become one."""
    found = [alternative for part in parts for alternative in part]
    labels = {matcher.label for alternative in found for matcher in alternative}
    plain = all(len(one) == 1 and one[0].operator in {"=", "=~"} and one[0].value for one in found)
    if len(labels) == 1 and plain:
        return ((Matcher(labels.pop(), "=~", "|".join(_expression(matcher) for (matcher,) in found)),),)
    return tuple(dict.fromkeys(found))


def _matcher(scope: Tag | TagIn) -> Matcher:
    if isinstance(scope, Tag):
        return _one(scope.key, scope.value)
    within = _any_of(scope.key, scope.values)
    return within.negated if scope.negated else within


def _expression(matcher: Matcher) -> str:
    return matcher.value if matcher.operator == "=~" else regex(matcher.value)


def _one(key: str | None, value: str) -> Matcher:
    if key is None:
        raise CannotExportError("bare-tag", f"the tag {value!r} has no key, so it is no label in Prometheus")
    if value.strip("*") == "" and value:
        return Matcher(label_name(key), "!=", "")
    if "*" in value:
        return Matcher(label_name(key), "=~", regex(value.lower()))
    return Matcher(label_name(key), "=", value.lower())


def _any_of(key: str, values: Sequence[str]) -> Matcher:
    if any(value.strip("*") == "" for value in values):
        return Matcher(label_name(key), "!=", "")
    return Matcher(label_name(key), "=~", "|".join(regex(value.lower()) for value in values))

"""Reads a monitor's query by the monitor's type."""

from collections.abc import Callable

from ddguard.query.chains import ChainReader
from ddguard.query.composites import CompositeReader
from ddguard.query.metrics import MetricReader
from ddguard.query.mistakes import Place, QueryError
from ddguard.query.nodes import Expression, Opaque, Query, Span
from ddguard.query.tokens import COMPOSITE, QUERY, tokenize
from ddguard.query.vocabulary import CHANGES, TIME_AGGREGATORS


def parse(monitor_type: str, text: str) -> Query:
    """The query of a monitor of one of Datadog's types (`query alert`, `log alert`, `composite` ...).

    Types and forms that aren't regular enough come back as `Opaque`. Raises `QueryError`, and nothing else, for a
    query that Datadog would refuse.
    """
    read = FAMILIES.get(monitor_type)
    if read is None:
        return _opaque(text)
    if not text.strip():
        raise QueryError("the query is empty", Place(0, 1))
    return read(text)


def parse_series(text: str) -> Expression:
    """What a query in `options.variables` asks of metrics or of cost: `sum:requests{env:prod} by {host}.as_count()`.

    Raises `QueryError`, and nothing else, for a query that Datadog would refuse.
    """
    if not text.strip():
        raise QueryError("the query is empty", Place(0, 1))
    return MetricReader(text, tokenize(QUERY, text)).series()


def _opaque(text: str) -> Opaque:
    return Opaque(text, span=Span(0, len(text)))


def _metric(text: str) -> Query:
    tokens = tokenize(QUERY, text)
    if tokens[0].text == "formula":
        return ChainReader(text, tokens).formula()
    return MetricReader(text, tokens).monitor()


def _event(text: str) -> Query:
    tokens = tokenize(QUERY, text)
    reader = ChainReader(text, tokens)
    return reader.formula() if tokens[0].text == "formula" else reader.event()


def _legacy_event(text: str) -> Query:
    tokens = tokenize(QUERY, text)
    return _metric(text) if tokens[0].text in (*TIME_AGGREGATORS, *CHANGES) else _event(text)


def _formula_or_opaque(text: str) -> Query:
    tokens = tokenize(QUERY, text)
    return ChainReader(text, tokens).formula() if tokens[0].text == "formula" else _opaque(text)


def _documented_or_opaque(text: str) -> Query:
    tokens = tokenize(QUERY, text)
    return _event(text) if tokens[0].text in {"formula", *NETWORK_SOURCES} else _opaque(text)


def _service_check(text: str) -> Query:
    return ChainReader(text, tokenize(QUERY, text)).check()


def _slo(text: str) -> Query:
    return ChainReader(text, tokenize(QUERY, text)).slo()


def _composite(text: str) -> Query:
    return CompositeReader(tokenize(COMPOSITE, text)).composite()


EVENT_TYPES = (
    "audit alert",
    "ci-pipelines alert",
    "ci-tests alert",
    "database-monitoring alert",
    "error-tracking alert",
    "event-v2 alert",
    "llm-observability alert",
    "log alert",
    "process alert",
    "rum alert",
    "trace-analytics alert",
)
FORMULA_TYPES = (
    "cost alert",
    "data-jobs alert",
    "data-quality alert",
)
"""Types whose queries are known in the form of formulas only."""
NETWORK_SOURCES = ("network-path", "network-performance")
NETWORK_TYPES = tuple(f"{source} alert" for source in NETWORK_SOURCES)
"""Types whose queries are known from the API's documentation only: what begins otherwise isn't read."""

FAMILIES: dict[str, Callable[[str], Query]] = {
    "metric alert": _metric,
    "query alert": _metric,
    "event alert": _legacy_event,
    "service check": _service_check,
    "slo alert": _slo,
    "composite": _composite,
    **dict.fromkeys(EVENT_TYPES, _event),
    **dict.fromkeys(FORMULA_TYPES, _formula_or_opaque),
    **dict.fromkeys(NETWORK_TYPES, _documented_or_opaque),
}
"""How a type's query is read; types that are missing here are opaque."""

"""Series out of a Prometheus server, over its HTTP API.

https://prometheus.io/docs/prometheus/latest/querying/api/
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import unquote, urlsplit, urlunsplit

import requests

from ddguard.errors import DdguardError, ExitCode, InputError, UsageError
from ddguard.history.needs import Needs
from ddguard.model import Json
from ddguard.promql.filters import selectors
from ddguard.promql.names import label_name, metric_name, one_line
from ddguard.query import walk
from ddguard.query.nodes import MetricQuery, Tag, TagIn
from ddguard.replay.series import MetricType, Series, SeriesSet, series_of, series_set

POINTS = 10_000
"""Points of one series that one call asks for; Prometheus gives 11,000 at most."""
TIMEOUT = (10, 60)
"""Seconds to connect, and between two pieces of an answer."""
LARGEST = 256 * 1024 * 1024
"""Bytes of one answer."""
PIECE = 1 << 16
LONGEST_REASON = 300

Points = dict[int, float]
LabelSet = tuple[tuple[str, str], ...]


class HistoryError(DdguardError):
    """The past could not be read: the server, the network or an answer is at fault."""

    exit_code = ExitCode.DATADOG


@dataclass(frozen=True, slots=True)
class Server:
    """A Prometheus server: `url` without credentials, which stand in `auth`. `warnings` collects what it warns of."""

    url: str
    auth: tuple[str, str] | None = field(default=None, repr=False)
    warnings: list[str] = field(default_factory=list)

    def matrix(self, selector: str, first: int, last: int, step: int) -> dict[LabelSet, Points]:
        """`{second: value}` of each series at `first`, `first + step` and so on up to `last`, page by page.

        Raises HistoryError where an answer can't be used. NaN and infinite values are no points.
        """
        found: dict[LabelSet, Points] = {}
        for start in range(first, last + 1, POINTS * step):
            end = min(start + (POINTS - 1) * step, last)
            asked: dict[str, str | int] = {"query": selector, "start": start, "end": end, "step": step}
            for labels, points in _read(self._ask(asked), self):
                found.setdefault(labels, {}).update(points)
        return found

    def _ask(self, asked: Mapping[str, str | int]) -> Json:
        """The `data` of one answer."""
        try:
            with requests.get(
                f"{self.url}/api/v1/query_range",
                params=asked,
                auth=self.auth,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return self._data(answer.status_code, _body(answer, self))
        except requests.Timeout:
            raise self.error("it took too long to answer", "ask for less with --last, or try again later") from None
        except requests.RequestException as error:
            raise self.error(f"it can't be reached ({type(error).__name__})", "is the URL right?") from None

    def _data(self, status: int, body: bytes) -> Json:
        if 300 <= status < 400:
            raise self.error(f"it points elsewhere (HTTP {status})", "name the URL that it points to")
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise self.error(f"its answer is no JSON (HTTP {status})", "is this Prometheus, or a page before it?")
        if status != 200 or answer.get("status") != "success":
            reason = one_line(str(answer.get("error") or "no reason given"))[:LONGEST_REASON]
            raise self.error(f"{reason} (HTTP {status})")
        told = answer.get("warnings")
        for warning in told if isinstance(told, list) else ():
            text = one_line(str(warning))[:LONGEST_REASON]
            if text not in self.warnings:
                self.warnings.append(text)
        return answer.get("data")

    def error(self, reason: str, hint: str = "") -> HistoryError:
        """What stops the reading, with the server's name."""
        return HistoryError(f"could not read history from {self.url}: {reason}", hint)


def server(url: str) -> Server:
    """The server at a URL, which may carry a user and a password. UsageError for a URL that can't be one."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError("--prometheus takes the URL of a server", "such as http://localhost:9090")
    name = f"[{host}]" if ":" in host else host
    place = name if port is None else f"{name}:{port}"
    auth = None
    if parts.username is not None:
        auth = (unquote(parts.username), unquote(parts.password or ""))
    return Server(urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", "")), auth)


def _body(answer: requests.Response, source: Server) -> bytes:
    body = bytearray()
    for piece in answer.iter_content(PIECE):
        body += piece
        if len(body) > LARGEST:
            raise source.error(f"its answer is larger than {LARGEST // 1024**2} MiB", "ask for less with --last")
    return bytes(body)


def _read(data: Json, source: Server) -> Iterator[tuple[LabelSet, Points]]:
    result = data.get("result") if isinstance(data, dict) else None
    if not isinstance(result, list) or data.get("resultType") != "matrix":
        raise source.error("its answer holds no matrix of series")
    for entry in result:
        if isinstance(entry, dict) and entry.get("histograms"):
            raise source.error("the metric is a native histogram, which has no single value")
        labels = entry.get("metric") if isinstance(entry, dict) else None
        values = entry.get("values") if isinstance(entry, dict) else None
        if not isinstance(labels, dict) or not isinstance(values, list):
            raise source.error("its answer holds a series without labels or values")
        named = sorted((str(name), str(value)) for name, value in labels.items() if name != "__name__")
        yield tuple(named), dict(_points(values, source))


def _points(values: Sequence[Json], source: Server) -> Iterator[tuple[int, float]]:
    for pair in values:
        try:
            second, text = pair
            value = float(text)
            moment = int(float(second))
        except (TypeError, ValueError, OverflowError):
            raise source.error("its answer holds a point that is no pair of a time and a number") from None
        if math.isfinite(value):
            yield moment, value


def series_from(
    source: Server, needs: Needs, metrics: Mapping[str, str], first: int, last: int, step: int
) -> SeriesSet:
    """The series that a replay from the second `first` to `last` needs, with a point every `step` seconds.

    Counters become counts: what came on top since the step before, from 0 on after a restart. A counter's first sample
    counts as 0, as it does for increase(). `metrics` are the project's own names for metrics in Prometheus.
    """
    counters = {query.metric for query in needs.queries if _is_counter(query)}
    for query in needs.queries:
        if query.metric in counters and not _is_counter(query):
            raise InputError(
                f"the history of {query.metric} can't be read: it is taken as a count and as a gauge",
                "export the series and use --series",
            )
    begin = (first - needs.reach) // step * step
    parts = [
        _series(query.metric, labels, points, query)
        for query in needs.queries
        for selector in _selectors(query, metrics)
        for labels, points in source.matrix(selector, begin, last, step).items()
        if points
    ]
    return series_set(parts)


def _selectors(query: MetricQuery, metrics: Mapping[str, str]) -> tuple[str, ...]:
    name = metric_name(query.metric, metrics, counter=_is_counter(query))
    return selectors(name, query.scope, [label_name(key.key) for key in query.by])


def _is_counter(query: MetricQuery) -> bool:
    return any(one.name in {"as_count", "as_rate"} for one in query.modifiers)


def _series(metric: str, labels: LabelSet, points: Points, query: MetricQuery) -> Series:
    keys = {label_name(key): key for key in _keys(query)}
    tags = [f"{keys.get(name, name)}:{value}" for name, value in labels]
    if _is_counter(query):
        return series_of(metric, tags, MetricType.COUNT, _increases(points))
    return series_of(metric, tags, MetricType.GAUGE, points)


def _increases(totals: Points) -> Points:
    seconds = sorted(totals)
    found = dict.fromkeys(seconds[:1], 0.0)
    for before, now in pairwise(seconds):
        found[now] = totals[now] - totals[before] if totals[now] >= totals[before] else totals[now]
    return found


def _keys(query: MetricQuery) -> Iterator[str]:
    """The tag keys that the query names, in its own spelling."""
    yield from (key.key.lower() for key in query.by)
    for node in walk(query.scope):
        if isinstance(node, Tag | TagIn) and node.key is not None:
            yield node.key.lower()

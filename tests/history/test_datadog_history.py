"""Reading history from Datadog: what is asked for a query, in which pieces, and what becomes of the answers."""

from typing import Any

import pytest

from ddguard.errors import DatadogError, InputError
from ddguard.history.datadog import query_text, series_from
from ddguard.history.needs import needs_of
from ddguard.query import metric_queries, parse
from ddguard.replay.evaluate import Run, evaluate

START = 1_767_225_600

TEXTS = {
    "sum:a{env:p} by {tenant}.as_count().rollup(sum, 60)": "sum:a{env:p} by {tenant}.as_count()",
    "max:a{*}.fill(zero)": "max:a{*}",
    "sum:a{env:p*,!host:x}": "sum:a{env:p*,!host:x} by {env}",
    "sum:a{region IN (eu, us)} by {region}": "sum:a{region IN (eu,us)} by {region}",
    "sum:a{x:1 AND (y:1 OR NOT z:2)} by {h}": "sum:a{x:1 AND (y:1 OR NOT z:2)} by {h,y,z}",
    "sum:a{NOT (y:1 AND z:2)}": "sum:a{NOT (y:1 AND z:2)} by {y,z}",
    "a{region NOT IN (eu)}": "a{region NOT IN (eu)}",
}


def leaf(text: str) -> Any:
    return metric_queries(parse("query alert", f"avg(last_5m):{text} > 1"))[0]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_asked(text: str) -> None:
    assert query_text(leaf(text)) == TEXTS[text]


def test_averages_over_a_choice_cannot_be_told_apart() -> None:
    with pytest.raises(InputError) as stopped:
        query_text(leaf("avg:a{env:p*}"))
    assert stopped.value.message == ("the history of a can't be read: avg: over a filter that chooses by env")


def test_queries_of_one_metric_are_told_apart() -> None:
    """Both of a ratio's sides are asked by status: otherwise the errors would be added to the total once more."""
    errors, total = leaf("sum:a{status:5xx} by {t}.as_count()"), leaf("sum:a{*} by {t}.as_count().rollup(sum, 60)")
    assert query_text(errors, [errors, total]) == "sum:a{status:5xx} by {t,status}.as_count()"
    assert query_text(total, [errors, total]) == "sum:a{*} by {t,status}.as_count()"
    assert query_text(errors, [errors, errors]) == query_text(errors)
    with pytest.raises(InputError) as stopped:
        query_text(errors, [errors, leaf("max:a{*} by {t}")])
    assert stopped.value.message == "the history of a can't be read: it is taken as sum as_count and as max"
    with pytest.raises(InputError, match="avg: over a filter that chooses by h"):
        query_text(leaf("avg:a{*} by {t}"), [leaf("avg:a{*} by {t}"), leaf("avg:a{*} by {t,h}")])


def test_a_ratio_of_one_metric_is_what_it_is_at_datadog() -> None:
    counts = {"5xx": 10.0, "2xx": 90.0}
    query = "sum(last_5m):sum:a{status:5xx} by {t}.as_count() / sum:a{*} by {t}.as_count() > 0.05"

    def ask(text: str, first: int, end: int) -> Any:
        asked = [status for status in counts if "{*}" in text or f"status:{status}" in text]
        inside = first <= START < end
        return {"series": [
            {"tag_set": ["t:x", f"status:{status}"], "pointlist": [[START * 1000, counts[status]]] if inside else []}
            for status in asked
        ]}  # fmt: skip

    series = series_from(ask, needs_of([{"type": "query alert", "query": query}]), START, START)
    replay = evaluate({"type": "query alert", "query": query}, series, Run(START, START + 60))
    assert replay.groups[0].value_at(START + 60) == 0.1


def read(query: str, answer: Any, last: int = START) -> tuple[list[tuple[str, int, int]], Any]:
    asked = []

    def ask(text: str, first: int, end: int) -> Any:
        asked.append((text, first, end))
        return answer

    found = series_from(ask, needs_of([{"type": "query alert", "query": query}]), START, last)
    return asked, found.series


def test_pieces_keep_the_resolution() -> None:
    points = [[(START - 60) * 1000.0, 5.0], [START * 1000, None]]
    answer = {"series": [{"tag_set": ["tenant:acme"], "pointlist": points}, {"scope": "tenant:N/A", "pointlist": []}]}
    asked, found = read("sum(last_1h):sum:a{env:p} by {tenant}.as_count() > 1", answer, START + 7200)
    begin = START - 3600 - 300
    assert [(first, end) for _, first, end in asked] == [
        (begin, begin + 3600), (begin + 3600, begin + 7200), (begin + 7200, begin + 10_800),
        (begin + 10_800, START + 7201),
    ]  # fmt: skip
    assert [(one.tags, one.type.value, one.times.tolist(), one.values.tolist()) for one in found] == [
        (("env:p", "tenant:acme"), "count", [START - 60], [5.0]),
        (("env:p",), "count", [], []),
    ]


def test_gauges_and_rates() -> None:
    answer = {"series": [{"scope": "*", "pointlist": [[START * 1000, 5]]}]}
    assert read("max(last_5m):max:a{*} > 1", answer)[1][0].type.value == "gauge"
    assert read("avg(last_5m):sum:a{*}.as_rate() > 1", answer)[1][0].type.value == "rate"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({}, "the answer has no series"),
        ({"series": ["x"]}, "the answer has points of no known form"),
        ({"series": [{"pointlist": [[1, 2, 3]]}]}, "the answer has points of no known form"),
        ({"series": [{"pointlist": [["now", 2]]}]}, "the answer has points of no known form"),
    ],
)
def test_answers_that_cannot_be_used(answer: Any, message: str) -> None:
    with pytest.raises(DatadogError) as stopped:
        read("max(last_5m):max:a{*} > 1", answer)
    assert stopped.value.message == f"could not read the history of a: {message}"

import json
from typing import Any

import pytest

from ddguard.findings import Position, Severity
from ddguard.model import Path
from ddguard.replay.entries import Clock, read_entries
from ddguard.replay.reading import read_series
from ddguard.replay.series import Reading


def told(reading: Reading) -> list[tuple[str, tuple[str, ...], str, dict[int, float], int | None]]:
    return [
        (
            one.metric,
            one.tags,
            one.type.value,
            dict(zip(one.times.tolist(), one.values.tolist(), strict=True)),
            one.interval,
        )
        for one in reading.series.series
    ]


def complaints(reading: Reading) -> list[tuple[int, str]]:
    return [(finding.position.line, finding.message) for finding in reading.findings]


CSV = """metric,timestamp,value,tags,type
m,60,2,Tenant:a env:prod,count
m,0,1,env:prod tenant:a,count

m,1970-01-01T00:02:00Z,3,tenant:a env:prod,count
n,1970-01-01T00:00:30,1.5,,
n,30.9,2.5,,
"""


def test_csv_rows_in_any_order_with_both_kinds_of_time() -> None:
    reading = read_series(CSV, "x.csv")
    assert told(reading) == [
        ("m", ("env:prod", "tenant:a"), "count", {0: 1.0, 60: 2.0, 120: 3.0}, None),
        ("n", (), "gauge", {30: 2.5}, None),
    ]
    assert reading.findings == ()


BAD_ROWS = {
    "m,0,1": "3 columns where the header has 4",
    " ,0,1,": "no metric",
    "m,soon,1,": "timestamp 'soon' is neither seconds since 1970 nor ISO 8601",
    "m,inf,1,": "timestamp 'inf' is neither seconds since 1970 nor ISO 8601",
    "m,1767225600000,1,": "timestamp '1767225600000' is no second between 1970 and 9998 (are these milliseconds?)",
    f"m,{'9' * 5000},1,": f"timestamp '{'9' * 57}...' is neither seconds since 1970 nor ISO 8601",
    "m,1_0,1,": "timestamp '1_0' is neither seconds since 1970 nor ISO 8601",
    "m,0,lots,": "value 'lots' is no number",
    "m,0,1_0,": "value '1_0' is no number: leave the _ away",
    "m,0,-inf,": "value '-inf' is not finite",
    "m,0,nan,": "NaN is no point: the row is left out",
    '"m,0,1,': "this is no CSV: unexpected end of data",
}


@pytest.mark.parametrize("row", BAD_ROWS)
def test_a_bad_row_is_told_with_its_line_and_left_out(row: str) -> None:
    reading = read_series(f"metric,timestamp,value,tags\nm,5,1,\n{row}", "x.csv")
    assert complaints(reading) == [(3, BAD_ROWS[row])]
    assert reading.findings[0].severity is (Severity.WARNING if "NaN" in BAD_ROWS[row] else Severity.ERROR)
    assert told(reading) == [("m", (), "gauge", {5: 1.0}, None)]


@pytest.mark.parametrize(
    ("header", "wrong"),
    [("", "without metric, timestamp, value, tags"), ("metric,value,tags", "without timestamp"),
     ("metric,timestamp,value,tags,host", "with an unknown column 'host'"),
     ("metric,timestamp,value,tags,Value", "with two columns 'value'")],
)  # fmt: skip
def test_a_csv_needs_its_header(header: str, wrong: str) -> None:
    reading = read_series(f"{header}\nm,0,1,", "x.csv")
    assert complaints(reading) == [(1, f"a header {wrong}")]
    assert reading.series.series == ()


@pytest.mark.parametrize(
    ("header", "wrong"),
    [("x" * 200_000, "field larger than field limit (131072)"), ('"metric', "unexpected end of data")],
)
def test_a_header_that_is_no_csv(header: str, wrong: str) -> None:
    assert complaints(read_series(header, "x.csv")) == [(1, f"this is no CSV: {wrong}")]


def test_types_of_csv_rows() -> None:
    text = "type,tags,value,timestamp,metric\ncount,a:1,1,0,m\nrate,a:1,1,60,m\nsketch,,1,0,n\nset,,nan,0,o\n"
    assert complaints(read_series(text, "x.csv")) == [
        (3, "type 'rate' where line 2 has 'count'"),
        (5, "NaN is no point: the row is left out"),
        (4, "type 'sketch' is none of count, rate, gauge"),
        (5, "type 'set' is none of count, rate, gauge"),
    ]


def test_a_file_full_of_mistakes_names_a_hundred_and_counts_the_rest() -> None:
    reading = read_series("metric,timestamp,value,tags\n" + "m,0,x,\n" * 130, "x.csv")
    assert len(reading.findings) == 101
    assert reading.findings[-1].message == "30 more rows of this file are wrong"


INTAKE = {
    "series": [
        {"metric": "m", "type": 2, "interval": 10, "tags": ["B:1"], "resources": [{"name": "h1", "type": "host"}, {}],
         "points": [{"timestamp": 10, "value": 1.5}, {"timestamp": 0, "value": 1}]},
        {"metric": "n", "points": [{"timestamp": 5, "value": 2}]},
        {"metric": "n", "type": "count", "tags": ["a:1"], "points": [{"timestamp": 5, "value": 2}]},
        {"metric": "empty", "points": []},
    ]
}  # fmt: skip


def test_the_body_of_the_series_intake() -> None:
    reading = read_series(json.dumps(INTAKE), "x.json")
    assert told(reading) == [
        ("m", ("b:1", "host:h1"), "rate", {0: 1.0, 10: 1.5}, 10),
        ("n", (), "count", {5: 2.0}, None),
        ("n", ("a:1",), "count", {5: 2.0}, None),
    ]
    assert reading.findings == ()


ANSWER = {
    "status": "ok",
    "series": [
        {
            "metric": "m",
            "scope": "host:h1",
            "tag_set": ["host:h1"],
            "interval": 60,
            "pointlist": [[60000.0, 1], [120000, None]],
        },
        {"metric": "m", "scope": "env:prod,host:h2", "pointlist": [[61999, 2.5]]},
        {"metric": "m", "scope": "*", "pointlist": [[0, 1]]},
    ],
}


def test_the_answer_of_a_query_is_recognised_by_its_content() -> None:
    reading = read_series("\n " + json.dumps(ANSWER), "-")
    assert told(reading) == [
        ("m", ("host:h1",), "gauge", {60: 1.0}, 60),
        ("m", ("env:prod", "host:h2"), "gauge", {61: 2.5}, None),
        ("m", (), "gauge", {0: 1.0}, None),
    ]


BAD_JSON: list[tuple[Any, str]] = [
    ({"series": [{"metric": "m", "points": [{"timestamp": 1e30, "value": 1}]}]},
     "series[0].points[0] needs a timestamp in seconds and a finite value"),
    ({"series": [{"metric": "m", "pointlist": [[-1e30, 1]]}]},
     "series[0].pointlist[0] is no pair of milliseconds and a finite value"),
    ([], "there is no list `series`"),
    ({"series": {}}, "there is no list `series`"),
    ({"series": [1]}, "series[0] has no metric"),
    ({"series": [{"metric": "m"}]}, "series[0] has neither points nor a pointlist"),
    ({"series": [{"metric": "m", "type": 9, "points": []}]},
     "series[0].type 9 is none of 0, 1 (count), 2 (rate), 3 (gauge)"),
    ({"series": [{"metric": "m", "points": [{"timestamp": 1, "value": None}]}]},
     "series[0].points[0] needs a timestamp in seconds and a finite value"),
    ({"series": [{"metric": "m", "points": [3]}]},
     "series[0].points[0] needs a timestamp in seconds and a finite value"),
    ({"series": [{"metric": "m", "pointlist": [[0, True]]}]},
     "series[0].pointlist[0] is no pair of milliseconds and a finite value"),
    ({"series": [{"metric": "m", "pointlist": ["x"]}]},
     "series[0].pointlist[0] is no pair of milliseconds and a finite value"),
    ({"series": [{"metric": "m", "pointlist": 5}]}, "series[0].pointlist is no list"),
    ({"series": [{"metric": "m", "points": {"a": 1}}]}, "series[0].points is no list"),
    ({"series": [{"metric": "m", "points": [{"timestamp": 1, "value": 10**400}]}]},
     "series[0].points[0] needs a timestamp in seconds and a finite value"),
    ({"series": [{"metric": "m", "points": [], "tags": 5}]}, "series[0].tags is no list of texts such as env:prod"),
    ({"series": [{"metric": "m", "points": [], "tags": "a:1"}]}, "series[0].tags is no list of texts such as env:prod"),
    ({"series": [{"metric": "m", "points": [], "tags": [1]}]}, "series[0].tags is no list of texts such as env:prod"),
    ({"series": [{"metric": "m", "pointlist": [], "tag_set": {"a": 1}}]},
     "series[0].tag_set is no list of texts such as env:prod"),
    ({"series": [{"metric": "m", "points": [], "resources": [5]}]},
     "series[0].resources is no list of objects with a type and a name"),
    ({"series": [{"metric": "m", "points": [], "interval": 10**30}]},
     "series[0].interval so large is no whole number of seconds"),
    ({"series": [{"metric": "m", "points": [], "interval": "x" * 99}]},
     f"series[0].interval '{'x' * 59}... is no whole number of seconds"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "message"), BAD_JSON)
def test_json_that_cannot_be_used(body: Any, message: str) -> None:
    reading = read_series(json.dumps(body), "x.json")
    assert complaints(reading) == [(0, message)]
    assert reading.series.series == ()


def test_json_with_a_number_that_python_cannot_read_is_refused() -> None:
    reading = read_series(f'{{"series": {"9" * 5000}}}', "x.json")
    assert complaints(reading) == [(0, "this JSON holds a whole number with thousands of digits")]


def test_a_metric_has_one_type_in_a_file() -> None:
    message = "m is a gauge here and a count in {}: a metric has one type"
    text = "metric,timestamp,value,tags,type\nm,0,1,a:1,count\nn,0,1,a:1,\nm,0,1,a:2,\nn,60,1,a:1,gauge\n"
    assert complaints(read_series(text, "x.csv")) == [(4, message.format("line 2"))]
    points = [{"timestamp": 0, "value": 1}]
    body = {"series": [{"metric": "m", "type": kind, "points": points} for kind in (1, 0, 3)]}
    assert complaints(read_series(json.dumps(body), "x.json")) == [(0, f"series[2]: {message.format('series[0]')}")]
    entries = [{"metric": "m", "values": "1", "tags": [f"a:{kind}"], "type": kind} for kind in ("count", "gauge")]
    assert complaints(read_entries(entries, Clock(0), places)) == [(11, message.format("series[0]"))]


def test_two_entries_of_one_source_have_their_values_at_different_times() -> None:
    entries = [{"metric": "m", "values": values, "tags": ["a:1"]} for values in ("1x2", "_x3 1", "_x2 5")]
    reading = read_entries(entries, Clock(0), places)
    told_of = "metric and tags are those of series[0], and both have values at the same times"
    assert complaints(reading) == [(12, f"{told_of}: give it a tag of its own, or put _ where the other has values")]
    assert told(reading) == [("m", ("a:1",), "gauge", {0: 1.0, 60: 1.0, 120: 1.0, 180: 1.0}, 60)]


def test_json_nested_without_end_is_refused() -> None:
    reading = read_series("[" * 200_000, "x.json")
    assert complaints(reading) == [(0, "this JSON is nested too deeply")]


def test_broken_json_is_told_with_its_line() -> None:
    finding = read_series('{\n "series": [,]}', "x.json").findings[0]
    assert (finding.position, finding.message) == (Position("x.json", 2, 13), "this is no JSON: Expecting value")


def places(path: Path, offset: int = 0, width: int = 0) -> Position:
    return Position("t.yaml", 10 + int(path[0]) if path else 1, 1 + offset, width or 1)


def test_the_series_of_a_test_file() -> None:
    entries = [
        {"metric": "m", "type": "count", "tags": ["tenant:A"], "values": "1 _ 3"},
        {"metric": "n", "interval": 10, "values": "1x2"},
        {"metric": "o", "generate": {"constant": 2, "length": 2}},
        {"metric": "p", "generate": {"constant": 2}},
        {"metric": "q", "values": 7},
        {"metric": "r", "values": "5x2"},
    ]
    reading = read_entries(entries, Clock(start=600, interval=60, length=3), places)
    assert reading.findings == ()
    assert told(reading) == [
        ("m", ("tenant:a",), "count", {600: 1.0, 720: 3.0}, 60),
        ("n", (), "gauge", {600: 1.0, 610: 1.0, 620: 1.0}, 10),
        ("o", (), "gauge", {600: 2.0, 660: 2.0}, 60),
        ("p", (), "gauge", {600: 2.0, 660: 2.0, 720: 2.0}, 60),
        ("q", (), "gauge", {600: 7.0}, 60),
        ("r", (), "gauge", {600: 5.0, 660: 5.0, 720: 5.0}, 60),
    ]
    assert reading.series.series[3].times is reading.series.series[5].times


BAD_ENTRIES: list[tuple[Any, str, int]] = [
    (7, "a series needs metric, tags, and values or generate", 1),
    ({"values": "1"}, "a series needs a metric", 1),
    ({"metric": "m"}, "a series needs either values or generate", 1),
    ({"metric": "m", "values": "1", "generate": {}}, "a series needs either values or generate", 1),
    ({"metric": "m", "values": "1 y"},
     "'y' is no value: write 5, 5x10 (5 and ten more), 5+1x10, _ or _x10 (ten gaps)", 3),
    ({"metric": "m", "values": " "}, "there is no value in it: write _ for a time without one", 1),
    ({"metric": "m", "values": "_x" + "9" * 5000}, "more than 10,000,000 values", 1),
    ({"metric": "m", "values": "1", "type": "distribution"},
     "distributions can't be evaluated locally: Datadog keeps sketches, not values", 1),
    ({"metric": "m", "values": "1", "type": "set"}, "type 'set' is none of count, rate, gauge", 1),
    ({"metric": "m", "values": "1", "tags": "a:1"}, "tags must be a list", 1),
    ({"metric": "m", "values": "1", "interval": 0}, "interval must be a whole number of seconds from 1", 1),
    ({"metric": "m", "generate": 3}, "generate takes shapes such as constant or poisson", 1),
    ({"metric": "m", "generate": {"length": 2}},
     "nothing to generate: give one of constant, ramp, step, spike, sine, poisson, normal, gaps", 1),
    ({"metric": "m", "generate": {"sine": 2, "length": 2}}, "sine takes amplitude, period, mean, phase", 1),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "message", "column"), BAD_ENTRIES)
def test_entries_that_cannot_be_used_are_told_at_their_place(entry: Any, message: str, column: int) -> None:
    reading = read_entries([{"metric": "m", "values": "1"}, entry], Clock(0), places)
    assert [finding.message for finding in reading.findings] == [message]
    assert (reading.findings[0].position.line, reading.findings[0].position.column) == (11, column)
    assert len(reading.series.series) == 1

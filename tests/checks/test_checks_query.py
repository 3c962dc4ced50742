"""The checks of queries: what they find beyond the examples on their pages, and what they leave alone."""

from typing import Any

import pytest
from checked_specs import found_in, hits, marked, monitor, of_themes

from ddguard.checks import Theme

METRIC = "avg(last_5m):avg:m{*}"
ANOMALIES = "avg(last_4h):anomalies(avg:m{*}, 'basic', 2, direction='above', alert_window='last_1h', interval=60) >= "
LATE = "the newest minute of a quotient is often incomplete on one side"


def counted(number: int) -> str:
    return " && ".join(str(one) for one in range(1, number + 1))


@pytest.mark.parametrize(
    ("check", "query", "options", "messages"),
    [
        ("threshold-differs", f"{METRIC} > 5", {"thresholds": {"critical": 5.0}}, []),
        ("threshold-differs", f"{METRIC} > 5", {"thresholds": {"critical": None}}, []),
        ("threshold-differs", f"{METRIC} > 0.50", {"thresholds": {"critical": 0.5}}, []),
        (
            "threshold-differs",
            f"{METRIC} > 0.50",
            {"thresholds": {"critical": 0.6}},
            ["the critical threshold 0.6 isn't the query's 0.50"],
        ),
        ("warning-past-critical", f"{METRIC} > 5", {"thresholds": {"warning": 4}}, []),
        (
            "warning-past-critical",
            f"{METRIC} >= 5",
            {"thresholds": {"warning": 5}},
            ["the warning threshold 5 has to be less than the critical 5"],
        ),
        (
            "warning-past-critical",
            f"{METRIC} <= 5",
            {"thresholds": {"warning": 4.5}},
            ["the warning threshold 4.5 has to be greater than the critical 5"],
        ),
        ("warning-past-critical", f"{METRIC} < 5", {"thresholds": {"warning": 6}}, []),
        ("warning-past-critical", f"{METRIC} == 5", {"thresholds": {"warning": 6}}, []),
        ("recovery-past-threshold", f"{METRIC} > 5", {"thresholds": {"critical_recovery": 5}}, []),
        ("recovery-past-threshold", f"{METRIC} != 5", {"thresholds": {"critical_recovery": 6}}, []),
        (
            "recovery-past-threshold",
            f"{METRIC} < 5",
            {"thresholds": {"warning": 7, "critical_recovery": 4, "warning_recovery": 6}},
            [
                "the critical recovery 4 has to be at least the critical threshold 5",
                "the warning recovery 6 has to be at least the warning threshold 7",
            ],
        ),
        (
            "threshold-without-partner",
            f"{METRIC} > threshold",
            {},
            ["the query compares with `threshold`, and there is no critical_query that says what it is"],
        ),
        (
            "threshold-without-partner",
            f"{METRIC} > threshold",
            {"thresholds": {"critical_query": "avg:m{*}"}},
            ["critical_query is for metric monitors whose query is a formula"],
        ),
        (
            "threshold-without-partner",
            'formula("a").last("5m") > threshold',
            {"thresholds": {"critical_query": 'formula("2 * a").last("1w")'}},
            [],
        ),
        (
            "threshold-without-partner",
            'formula("a").last("5m") > threshold',
            {"thresholds": {"critical_query": 'formula("2 * a").last("1w")', "warning": 3}},
            ["the number warning can't stand beside critical_query"],
        ),
        (
            "threshold-without-partner",
            'formula("a").last("5m") > 5',
            {"thresholds": {"critical_query": 'formula("2 * a").last("1w")'}},
            ["the query's number 5 can't stand beside critical_query"],
        ),
        ("constant-comparison", f"{METRIC} < 0", {}, []),
        ("constant-comparison", f"{ANOMALIES}0.5", {"thresholds": {"warning": 0.2}}, []),
        (
            "constant-comparison",
            f"{ANOMALIES}0",
            {},
            ["the value lies between 0 and 1: `>= 0` always holds"],
        ),
        (
            "constant-comparison",
            f"{ANOMALIES}1",
            {"thresholds": {"warning": 0}},
            ["the value lies between 0 and 1: `>= 0` always holds"],
        ),
        (
            "constant-comparison",
            "avg(last_5m):clamp_max(avg:m{*}, -1) > 0",
            {},
            ["the value is never above 0: `> 0` never holds"],
        ),
        (
            "constant-comparison",
            "avg(last_5m):is_greater(avg:m{*}, 3) == 2",
            {},
            ["the value lies between 0 and 1: `== 2` never holds"],
        ),
        (
            "constant-comparison",
            "avg(last_5m):0 * avg:m{*} != 0",
            {},
            ["the value lies between 0 and 0: `!= 0` never holds"],
        ),
        ("window-not-allowed", "avg(last_1mo):avg:m{*} > 1", {}, []),
        (
            "window-not-allowed",
            "avg(last_5w):avg:m{*} > 1",
            {},
            ["monitors of type query alert look 1 minute to 1 month back, not 5w"],
        ),
        ("window-not-allowed", "avg(current_1mo):avg:m{*} > 1", {}, []),
        (
            "window-not-allowed",
            "avg(current_2h):avg:m{*} > 1",
            {},
            ["cumulative windows are current_1h, current_1d and current_1mo"],
        ),
        ("window-not-allowed", "max(next_1w):forecast(avg:m{*}, 'linear', 1) >= 1", {}, []),
        (
            "window-not-allowed",
            "max(next_4mo):forecast(avg:m{*}, 'linear', 1) >= 1",
            {},
            ["a forecast looks 1 minute to 3 months ahead, not 4mo"],
        ),
        ("window-not-allowed", "max(next_4h):forecast(avg:m{*}, 'linear', 1) >= 1", {}, []),
        (
            "window-not-allowed",
            "max(next_1w):avg:m{*} >= 1",
            {},
            ["a window that lies ahead is for forecast(...) only"],
        ),
        (
            "window-not-allowed",
            "avg(last_2d):outliers(avg:m{*} by {host}, 'MAD', 3) > 0",
            {},
            ["outliers(...) looks 1 minute to 1 day back, not 2d"],
        ),
        (
            "forbidden-function",
            "avg(last_1h):anomalies(avg:m{*}.rollup(sum, 60) + cumsum(avg:m{*}), 'basic', 2) >= 1",
            {},
            ["cumsum() can't stand inside of anomalies()"],
        ),
        ("forbidden-function", "avg(last_1h):cumsum(avg:m{*}) > 1", {}, []),
        (
            "forbidden-function",
            "max(next_1w):forecast(integral(avg:m{*}), 'linear', 1) >= 1",
            {},
            ["integral() can't stand inside of forecast()"],
        ),
        ("mixed-scope-families", "avg(last_5m):avg:m{a:1,!b:2} + avg:n{a:1 AND NOT b:2} > 1", {}, []),
        (
            "mixed-scope-families",
            "avg(last_5m):avg:m{a:1,b IN (2,3)} > 1",
            {},
            ["the filter mixes `,` or `!` with AND, OR, NOT or IN"],
        ),
        ("as-count-aggregator", "pct_change(sum(last_1h),last_1h):sum:m{*}.as_count() > 1", {}, []),
        ("as-count-aggregator", "avg(last_4h):anomalies(sum:m{*}.as_count(), 'basic', 2) >= 1", {}, []),
        (
            "as-count-aggregator",
            "change(max(last_1h),last_1h):sum:m{*}.as_count() > 1",
            {},
            ["max() of as_count() is per bucket: the number of events in the window is their sum()"],
        ),
        ("division-without-delay", "sum(last_5m):sum:a{*}.as_count() / sum:b{*}.as_count() > 1", {}, [LATE]),
        ("division-without-delay", "sum(last_5m):sum:a{x:1}.as_count() / sum:a{*}.as_count() > 1", {}, []),
        ("division-without-delay", "sum(last_5m):sum:a{*}.as_count() / 60 > 1", {}, []),
        ("division-without-delay", "sum(last_1h):sum:a{*}.as_count() / sum:b{*}.as_count() > 1", {}, []),
        ("division-without-delay", "avg(last_5m):avg:a{*} / avg:b{*} > 1", {}, []),
        ("sum-of-ratios", "sum(last_5m):sum:a{*}.as_count() / sum:b{*}.as_count() > 1", {}, []),
        ("sum-of-ratios", "sum(last_5m):sum:a{*} / 60 > 1", {}, []),
        (
            "sum-of-ratios",
            "sum(last_5m):(a{*} / (b{*} + c{*})) > 1",
            {},
            ["sum() adds up the quotients of all buckets of the window"],
        ),
        (
            "rollup-fills-window",
            "avg(last_5m):rollup(avg:m{*}, 'p95', 3600) > 1",
            {},
            ["buckets of 3600 s in a window of 300 s: a round sees mostly none of them"],
        ),
        ("rollup-fills-window", "avg(last_1h):avg:m{*}.rollup(avg, 1800) > 1", {}, []),
        ("rollup-fills-window", "avg(last_1h):avg:m{*}.rollup(sum) > 1", {}, []),
        ("rollup-fills-window", "avg(last_1h):avg:m{*}.rollup(sum, daily) > 1", {}, []),
        ("rollup-fills-window", "max(next_1w):forecast(avg:m{*}.rollup(sum, 2592000), 'linear', 1) > 1", {}, []),
        ("rollup-partial-bucket", "max(last_10m):sum:m{*}.rollup(sum, 60) > 1", {}, []),
        ("rollup-partial-bucket", "avg(last_10m):sum:m{*}.rollup(sum, 60) < 1", {}, []),
        ("rollup-partial-bucket", "min(last_10m):sum:m{*}.rollup(60) < 1", {}, []),
        (
            "rollup-partial-bucket",
            "min(last_10m):sum:m{*}.rollup(count, 60) < 1",
            {"evaluation_delay": 30},
            ["the newest bucket of 60 s isn't full yet when it is compared"],
        ),
        ("rollup-without-interval", "sum(last_10m):sum:m{*}.rollup(sum) > 1", {}, []),
        ("rollup-without-interval", "max(last_10m):sum:m{*}.rollup(avg) > 1", {}, []),
        ("rollup-without-interval", "max(last_1mo):sum:m{*}.rollup(sum, daily) > 1", {}, []),
        ("rollup-without-interval", "max(last_1h):rollup(sum:m{*}, 60) > 1", {}, []),
        (
            "rollup-without-interval",
            "min(last_10m):sum:m{*}.rollup(count) > 1",
            {},
            ["rollup(count) adds up over buckets whose width Datadog chooses by the window"],
        ),
        ("anomaly-windows", "avg(last_1h):anomalies(avg:m{*}, 'basic', 2, direction='above') >= 1", {}, []),
        (
            "anomaly-windows",
            "avg(last_30m):anomalies(avg:m{*}, 'basic', 2, alert_window='last_1h') >= 1",
            {},
            [
                "alert_window last_1h is longer than the query's window last_30m",
                "alert_window needs options.threshold_windows with the same trigger_window, and a recovery_window",
            ],
        ),
        (
            "anomaly-windows",
            f"{ANOMALIES}1",
            {"threshold_windows": {"recovery_window": "last_15m", "trigger_window": None}},
            ["recovery_window stands alone: Datadog wants both windows"],
        ),
        (
            "anomaly-windows",
            f"{ANOMALIES}1",
            {"threshold_windows": {"recovery_window": "last_15m", "trigger_window": "last_30m"}},
            ["trigger_window last_30m isn't the alert_window last_1h of the query"],
        ),
        (
            "anomaly-windows",
            f"{ANOMALIES}1",
            {"threshold_windows": {"recovery_window": "last_1h", "trigger_window": "1h"}},
            ["trigger_window 1h isn't the alert_window last_1h of the query"],
        ),
        (
            "anomaly-windows",
            f"{ANOMALIES}1",
            {"threshold_windows": {"recovery_window": "last_1h", "trigger_window": "last_60m"}},
            [],
        ),
        ("anomaly-arguments", f"{ANOMALIES}1", {}, []),
        (
            "tag-without-value",
            "avg(last_5m):avg:m{env:,!a:,b:c:} by {d} > 1",
            {},
            [
                "`env:` has no value: no series carries it",
                "`a:` has no value: no series carries it",
                "`b:c:` has no value: no series carries it",
            ],
        ),
        ("tag-without-value", "avg(last_5m):avg:m{env:*,bare,x IN (y)} > 1", {}, []),
        (
            "anomaly-arguments",
            "avg(last_4h):anomalies(avg:m{*}, 'robust', 2, direction='up', seasonality='day') >= 1",
            {},
            [
                "direction 'up' of anomalies() isn't one of above, below, both",
                "seasonality 'day' of anomalies() isn't one of hourly, daily, weekly",
            ],
        ),
        ("anomaly-arguments", "avg(last_4h):anomalies(avg:m{*}) >= 1", {}, []),
        (
            "model-arguments",
            "max(next_1w):forecast(avg:m{*}, 'linaer', 1, model='Reactive', seasonality='yearly') >= 1",
            {},
            [
                "algorithm 'linaer' of forecast() isn't one of linear, seasonal",
                "seasonality 'yearly' of forecast() isn't one of hourly, daily, weekly",
            ],
        ),
        (
            "model-arguments",
            "avg(last_1h):outliers(avg:m{*} by {host}, 'dbscan', 3) + outliers(avg:m{*} by {host}, 'scaledMAP', 3) > 0",
            {},
            ["algorithm 'scaledMAP' of outliers() isn't one of DBSCAN, MAD, scaledDBSCAN, scaledMAD"],
        ),
        ("model-arguments", "max(next_1w):avg:m{*}.forecast('other') + forecast() >= 1", {}, []),
        ("anomaly-interval", "avg(last_4h):anomalies(avg:m{*}, 'basic', 2, interval=3600) >= 1", {}, []),
        (
            "anomaly-interval",
            "avg(last_4h):anomalies(m{*}.rollup(avg, 60), 'basic', 2, interval=900, alert_window='last_15m') >= 1",
            {},
            [],
        ),
        ("fill-limit", "avg(last_1h):avg:m{*}.fill(zero) > 1", {}, []),
        (
            "method-arguments",
            "avg(last_1h):avg:m{*}.rollup(mean, 60).fill('zeros') + avg:m{*}.fill(none) + avg:m{*}.rollup(x) > 1",
            {},
            [
                "rollup(mean) isn't one of avg, sum, min, max, count",
                "fill(zeros) isn't one of linear, last, zero, null",
                "fill(none) isn't one of linear, last, zero, null",
                "rollup(x) isn't one of avg, sum, min, max, count",
            ],
        ),
        ("method-arguments", "avg(last_1h):avg:m{*}.rollup(p95, 60).fill(60) + avg:m{*}.rollup() > 1", {}, []),
        ("method-arguments", "avg(last_1h):rollup(avg:m{*}, 'p95', 1800) > 1", {}, []),
        (
            "running-total",
            "avg(last_1h):integral(avg:m{*}) > 1",
            {},
            ["integral() adds up from the beginning of the window, which moves with every round"],
        ),
        ("running-total", "max(next_1w):forecast(integral(avg:m{*}), 'linear', 1) >= 1", {}, []),
        ("timeshift-ahead", "avg(last_1h):avg:m{*} - timeshift(avg:m{*}, -60) > 1", {}, []),
        (
            "dashboard-variable",
            "avg(last_1h):avg:m{env:$env} > 1",
            {},
            ["`env:$env` is a variable of a dashboard: a monitor finds nothing by it"],
        ),
        ("outliers-ungrouped", "avg(last_1h):outliers(a{*} + b{*} by {host}, 'MAD', 3) > 0", {}, []),
    ],
)
def test_a_metric_query(check: str, query: str, options: dict[str, Any], messages: list[str]) -> None:
    assert hits(check, query.replace("$", "$$"), **options) == messages


@pytest.mark.parametrize(
    ("check", "type_", "query", "options", "messages"),
    [
        (
            "threshold-differs",
            "log alert",
            'logs("x").rollup("count").last("5m") > 1',
            {"thresholds": {"critical": 2}},
            ["the critical threshold 2 isn't the query's 1"],
        ),
        (
            "constant-comparison",
            "log alert",
            'logs("x").index("*").rollup("count").by("service").last("5m") < 0',
            {},
            ["the value is never below 0: `< 0` never holds"],
        ),
        ("constant-comparison", "log alert", 'logs("x").rollup("avg", "@a").last("5m") < 0', {}, []),
        (
            "constant-comparison",
            "slo alert",
            'burn_rate("x").over("7d").long_window("1h").short_window("5m") > 14',
            {},
            [],
        ),
        (
            "tag-without-value",
            "log alert",
            'logs("env: -@http.code: (service:a OR team:) \\"at 10: now\\" a:b").rollup("count").last("5m") > 1',
            {},
            [f"`{key}` has no value: Datadog refuses such a search" for key in ("env:", "@http.code:", "team:")],
        ),
        ("tag-without-value", "log alert", 'logs("a:(b OR c) d:[1 TO 2]").rollup("count").last("5m") > 1', {}, []),
        ("tag-without-value", "event alert", "events('tags: \"x\"').rollup('count').last('5m') > 1", {}, []),
        (
            "rollup-method",
            "log alert",
            'logs("x").index("*").rollup("p95", "@duration").last("5m") > 1',
            {},
            ["'p95' is no rollup that Datadog has for searches"],
        ),
        (
            "rollup-method",
            "log alert",
            'logs("x").rollup("cardinality").last("5m") > 1',
            {},
            ["cardinality doesn't say what it measures"],
        ),
        ("rollup-method", "rum alert", 'rum("x").rollup("pc75", "@view.loading_time").last("5m") > 1', {}, []),
        ("rollup-method", "log alert", 'formula("a").rollup("sum").last("5m") > 1', {}, []),
        ("rollup-method", "event alert", "events('x').rollup('count').last('1h') > 1", {}, []),
        (
            "many-groups",
            "log alert",
            'logs("x").index("*").rollup("count").by("a,b,@c.d,e,f").last("5m") > 1',
            {},
            ["grouped by 5 facets: Datadog takes up to 4"],
        ),
        ("many-groups", "log alert", 'logs("x").rollup("count").by("a,b,c,d").last("5m") > 1', {}, []),
        (
            "many-groups",
            "log alert",
            'logs("x").rollup("count").by("a,b,c").by("d,e").last("5m") > 1',
            {},
            ["grouped by 5 facets: Datadog takes up to 4"],
        ),
        ("many-groups", "audit alert", 'audits("x").rollup("count").by("a,b,c,d,e").last("5m") > 1', {}, []),
        (
            "threshold-without-partner",
            "log alert",
            'formula("a").last("5m") > threshold',
            {"thresholds": {"critical_query": 'formula("2 * a").last("1w")'}},
            ["critical_query is for metric monitors whose query is a formula"],
        ),
        (
            "single-quotes",
            "log alert",
            'logs(\'x\').index("*").rollup("count").last("5m") > 1',
            {},
            ["Datadog refuses a search of logs in single quotes"],
        ),
        (
            "single-quotes",
            "event-v2 alert",
            "events('x').rollup('count').last('5m') > 1",
            {},
            ["Datadog refuses a search of events in single quotes"],
        ),
        ("single-quotes", "event alert", "events('x').rollup('count').last('5m') > 1", {}, []),
        ("single-quotes", "process alert", "processes('x').over('a').rollup('count').last('5m') > 1", {}, []),
        ("single-quotes", "log alert", "logs(\"'x'\").index('*').rollup('count').last('5m') > 1", {}, []),
        (
            "formula-variable",
            "log alert",
            'formula("a + b").last("5m") > 1',
            {"variables": [{"name": "a"}, {"name": "b"}]},
            [],
        ),
        (
            "formula-variable",
            "log alert",
            'formula("abs(quary1) + top(b, 10, mean, desc) + b").last("5m") > 1',
            {"variables": [{"name": "query1"}]},
            [
                "no query in options.variables is named quary1",
                "no query in options.variables is named b",
                "no query in options.variables is named b",
            ],
        ),
        (
            "formula-variable",
            "cost alert",
            'formula("query1").last("7d") > 1',
            {},
            ["no query in options.variables is named query1"],
        ),
        ("formula-variable", "cost alert", 'budget("x") > 1', {}, []),
        (
            "query-syntax",
            "cost alert",
            'formula("a + b + c + d").last("7d") > 1',
            {
                "variables": [
                    {
                        "name": "a",
                        "data_source": "cloud_cost",
                        "query": "sum:aws.cost{p IN (x ,y)} by {p}.rollup(sum, 86400)",
                    },
                    {"name": "b", "data_source": "metrics", "query": "sum:m{*} by host"},
                    {"name": "c", "data_source": "logs", "query": "status:error host:(a"},
                    {"name": "d", "data_source": "metrics", "query": "sum:m{*}.as_cuont()"},
                ]
            },
            [
                "query: expected `{` and tag keys after `by`, got `host`",
                "query: `as_cuont` is no method that ddguard knows",
            ],
        ),
        ("slo-comparator", "slo alert", 'error_budget("x").over("7d") >= 75', {}, []),
        (
            "slo-comparator",
            "slo alert",
            'burn_rate("x").over("7d").long_window("1h").short_window("5m") == 14',
            {},
            ["burn_rate is compared by > or >=, not by =="],
        ),
        ("window-not-allowed", "process alert", 'processes("x").over("*").rollup("count").last("1d") < 1', {}, []),
        ("window-not-allowed", "process alert", 'processes("x").over("*").rollup("count").last("1m") < 1', {}, []),
        ("window-not-allowed", "process alert", 'processes("x").over("*").rollup("count").last("30s") < 1', {}, []),
        (
            "window-not-allowed",
            "process alert",
            'processes("x").over("*").rollup("count").last("25h") < 1',
            {},
            ["monitors of type process alert look 1 minute to 1 day back, not 25h"],
        ),
        ("window-not-allowed", "network-path alert", 'network-path("x").rollup("count").last("48h") > 1', {}, []),
        (
            "window-not-allowed",
            "network-path alert",
            'network-path("x").rollup("count").last("49h") > 1',
            {},
            ["monitors of type network-path alert look 1 minute to 2 days back, not 49h"],
        ),
        ("window-not-allowed", "cost alert", 'formula("query1").current("1mo").forecast() > 5', {}, []),
        ("evaluation-window", "cost alert", 'formula("query1").current("1mo").forecast() > 5', {}, []),
        ("constant-comparison", "query alert", "sum(last_5m):count(v: v>1):m{*} > 5", {}, []),
        (
            "constant-comparison",
            "query alert",
            "sum(last_5m):count(v: v>1):m{*} < 0",
            {},
            ["the value is never below 0: `< 0` never holds"],
        ),
        (
            "window-not-allowed",
            "trace-analytics alert",
            'trace-analytics("x").rollup("count").last("1m") > 1',
            {},
            ["monitors of type trace-analytics alert look 5 minutes to 2 days back, not 1m"],
        ),
        ("window-not-allowed", "cost alert", 'formula("query1").last("7d") > 5', {}, []),
        ("service-check-last", "service check", '"a".over("b").by("host").last(1).count_by_status()', {}, []),
        (
            "service-check-last",
            "service check",
            '"a".over("b").by("host").last(101).count_by_status()',
            {},
            ["last() takes at most 100, not 101"],
        ),
        (
            "service-check-last",
            "service check",
            '"a".over("b").by("host").last(4).count_by_status()',
            {"thresholds": {"critical": 3, "ok": 5}},
            ["the last 4 statuses can't hold the 5 in a row that the threshold ok asks for"],
        ),
        (
            "service-check-last",
            "service check",
            '"a".over("b").by("host").last(1).pct_by_status()',
            {"thresholds": {"critical": 20}},
            [],
        ),
        ("service-check-ungrouped", "service check", '"a".over("b").by("*").last(1).count_by_status()', {}, []),
        ("metric-alert-type", "metric alert", f"{METRIC} > 1", {}, []),
        ("metric-alert-type", "metric alert", "avg(current_1h):avg:m{*} > 1", {}, []),
        (
            "metric-alert-type",
            "metric alert",
            "avg(last_4h):anomalies(avg:m{*}, 'basic', 2) >= 1",
            {},
            ["Datadog takes this monitor for a query alert"],
        ),
        ("composite-parts", "composite", counted(10), {}, []),
        ("composite-parts", "composite", "1 && !1", {}, []),
        ("composite-parts", "composite", counted(11), {}, ["a composite has at most 10 parts, this one has 11"]),
        (
            "burn-rate-windows",
            "slo alert",
            'burn_rate("x").over("7d").long_window("30m").short_window("5m") > 14',
            {},
            ["a long window has 1 to 48 hours, not 30m"],
        ),
        (
            "burn-rate-windows",
            "slo alert",
            'burn_rate("x").over("7d").long_window("1h").short_window("60m") > 14',
            {},
            ["the short window 60m isn't shorter than the long one, 1h"],
        ),
        ("burn-rate-windows", "slo alert", 'error_budget("x").over("7d") > 75', {}, []),
    ],
)
def test_a_query_of_another_type(
    check: str, type_: str, query: str, options: dict[str, Any], messages: list[str]
) -> None:
    assert hits(check, query, type_, **options) == messages


@pytest.mark.parametrize(
    ("trigger", "threshold", "shortest"), [("4h", "0.5", 121), ("4h", "0.8", 49), ("15m", "1", 1), ("15m", "0.9", 3)]
)
def test_the_shortest_recovery_window_that_datadog_documents(trigger: str, threshold: str, shortest: int) -> None:
    query = f"avg(last_1d):anomalies(avg:m{{*}}, 'basic', 2, alert_window='last_{trigger}') >= {threshold}"

    def with_recovery(minutes: int) -> list[str]:
        windows = {"trigger_window": f"last_{trigger}", "recovery_window": f"last_{minutes}m"}
        return hits("anomaly-windows", query, threshold_windows=windows)

    assert with_recovery(shortest) == []
    if shortest > 1:
        reason = f"a threshold of {threshold} over last_{trigger} takes at least {shortest} minutes"
        assert with_recovery(shortest - 1) == [f"recovery_window last_{shortest - 1}m is too short: {reason}"]


@pytest.mark.parametrize(
    ("query", "options", "meant"),
    [
        (f"{METRIC} > 5", {"thresholds": {"critical": 6}}, {"threshold-differs": "6"}),
        (f"{METRIC} > 5", {"thresholds": {"warning": 7}}, {"warning-past-critical": "7"}),
        (
            f"{METRIC} > 5",
            {"thresholds": {"warning_recovery": 3}},
            {"threshold-without-partner": '"warning_recovery"'},
        ),
        ("sum(last_5w):sum:m{*}.as_count() < 0", {}, {"window-not-allowed": "last_5w", "constant-comparison": "< 0"}),
        (
            "avg(last_5m):avg:m{a:1 AND !b:2}.fill(last, 900) > 5",
            {},
            {"mixed-scope-families": "a:1 AND !b:2", "fill-limit": "900"},
        ),
        ("avg(last_5m):sum:m{*}.as_count() > 5", {}, {"as-count-aggregator": "avg(last_5m)"}),
        ("avg(last_1h):avg:m{*}.rollup(avg, 3600) > 5", {}, {"rollup-fills-window": ".rollup(avg, 3600)"}),
        ("avg(last_1h):avg:m{* > 5", {}, {"query-syntax": ">"}),
        (
            'formula("a + b").last("5m") > 1',
            {"variables": [{"name": "a", "data_source": "metrics", "query": "sum:m{*} by host"}]},
            {"query-syntax": "host", "formula-variable": "b"},
        ),
    ],
)
def test_findings_point_at_what_they_are_about(query: str, options: dict[str, Any], meant: dict[str, str]) -> None:
    text = monitor(query, **options)
    found = {finding.check: marked(text, finding) for finding in found_in(text)}
    assert {name: found.get(name) for name in meant} == meant


def test_a_rollup_that_searches_lack_is_told_with_those_that_they_have() -> None:
    texts = [monitor(f'logs("x").rollup("{method}", "@a").last("5m") > 1', "log alert") for method in ("p95", "xyz")]
    hints = [finding.hint for text in texts for finding in found_in(text) if finding.check == "rollup-method"]
    assert hints[0] == "did you mean pc95?"
    assert hints[1].startswith("write one of count, cardinality, avg")


def test_a_key_without_a_value_is_told_at_its_place_in_the_search() -> None:
    text = monitor('logs("a:b \\"c\\" -env:").rollup("count").last("5m") > 1', "log alert")
    found = {finding.check: marked(text, finding) for finding in found_in(text)}
    assert found["tag-without-value"] == "env:"


def test_a_query_that_is_not_read_is_left_alone() -> None:
    text = monitor("anything at all", "synthetics alert", thresholds={"critical": 1})
    assert found_in(text, of_themes(Theme.QUERY)) == []


def test_a_query_with_a_mistake_is_told_once() -> None:
    text = monitor("avg(last_5m):avg:m{*} >", thresholds={"critical": 1, "warning": 5, "ok": 1}, new_group_delay=60)
    found = found_in(text, of_themes(Theme.QUERY))
    assert [finding.message for finding in found] == [
        "query: expected a number as the threshold, got the end of the query",
    ]

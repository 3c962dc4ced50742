"""The history of a metric, through the one gate for all calls."""

from scripted_server import FakeClock, Reply, Server

from ddguard.datadog import Datadog


def test_the_points_of_a_query(server: Server, datadog: Datadog) -> None:
    server.replies = [Reply({"series": [{"metric": "m"}]})]
    assert datadog.query_series("max:m{a:b c}", 10, 20) == {"series": [{"metric": "m"}]}
    assert server.asked == ["GET /api/v1/query"]
    assert server.seen[0].query == {"query": "max:m{a:b c}", "from": "10", "to": "20"}


def test_a_rate_limit_is_waited_for(server: Server, datadog: Datadog, time: FakeClock) -> None:
    server.replies = [
        Reply(status=429, body={"errors": ["slow down"]}, headers={"X-RateLimit-Reset": "3"}),
        Reply({"series": []}),
    ]
    assert datadog.query_series("max:m{*}", 10, 20) == {"series": []}
    assert sum(time.slept) >= 3

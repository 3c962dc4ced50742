import numpy as np

from ddguard.replay.series import MetricType, Series, SeriesSet, normal_tags, ordered_points, series_set


def part(metric: str, tags: tuple[str, ...], points: dict[int, float]) -> Series:
    times = np.array(list(points), dtype=np.int64)
    return Series(metric, tags, MetricType.GAUGE, times, np.array(list(points.values()), dtype=np.float64))


def test_points_come_by_time_and_the_last_of_a_second_stays() -> None:
    times = np.array([30, 10, 20, 10, 30], dtype=np.int64)
    values = np.array([1.0, 2.0, np.nan, 3.0, 4.0])
    ordered, kept = ordered_points(times, values)
    assert (ordered.tolist(), kept.tolist()) == ([10, 30], [3.0, 4.0])


def test_points_in_order_are_left_as_they_are() -> None:
    times, values = np.array([1, 2], dtype=np.int64), np.array([5.0, 6.0])
    assert ordered_points(times, values)[0] is times
    assert ordered_points(times[:0], values[:0])[0].size == 0


def test_parts_of_one_source_become_one_series() -> None:
    joined = series_set([part("m", ("a:1",), {20: 2}), part("n", (), {5: 1}), part("m", ("a:1",), {10: 1, 20: 3})])
    assert [(series.metric, series.times.tolist(), series.values.tolist()) for series in joined.series] == [
        ("m", [10, 20], [1.0, 3.0]),
        ("n", [5], [1.0]),
    ]


def test_equal_times_are_kept_once() -> None:
    first, second, third = series_set(
        [
            part("m", ("a:1",), {0: 1, 5: 2, 9: 3}),
            part("m", ("a:2",), {0: 1, 5: 2, 9: 3}),
            part("m", (), {0: 1, 6: 2, 9: 3}),
        ]
    ).series
    assert first.times is second.times
    assert third.times is not first.times
    assert SeriesSet((first, second)).nbytes == 3 * 8 + 2 * 3 * 8


def test_a_set_knows_its_first_and_last_point() -> None:
    known = series_set([part("m", (), {10: 1, 70: 1}), part("n", (), {5: 1}), part("o", (), {})])
    assert (known.first, known.last) == (5, 70)
    assert [series.metric for series in known.of("n")] == ["n"]
    assert (SeriesSet().first, SeriesSet().last) == (None, None)


def test_tags_are_lower_case_sorted_and_each_once() -> None:
    assert normal_tags(["Tenant:ACME", " env:prod ", "env:prod", ""]) == ("env:prod", "tenant:acme")

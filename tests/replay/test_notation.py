"""https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series."""

import math

import pytest

from ddguard.replay.notation import NotationError, parse_values

CASES = {
    "": [],
    "5": [5],
    "0x3 5x1": [0, 0, 0, 0, 5, 5],
    "1+2x3": [1, 3, 5, 7],
    "1-2x3": [1, -1, -3, -5],
    "-2x1": [-2, -2],
    "1 _ _x2 2": [1, None, None, None, 2],
    "1.5 .5 2. 1e2 1e-1+1e1x1": [1.5, 0.5, 2.0, 100.0, 0.1, 10.1],
    "0x0": [0],
    "_x0 1": [1],
    " \n1\t2 ": [1, 2],
}


@pytest.mark.parametrize("text", CASES)
def test_values(text: str) -> None:
    assert [None if math.isnan(value) else value for value in parse_values(text)] == CASES[text]


@pytest.mark.parametrize("word", ["x3", "5x", "5xx3", "5+x3", "__", "5+1", "1;2", "_+1x2"])
def test_what_is_no_value_is_told_with_its_place(word: str) -> None:
    with pytest.raises(NotationError, match="is no value: write 5, 5x10") as error:
        parse_values(f"1 2  {word} 3")
    assert (error.value.offset, error.value.width) == (5, len(word))


@pytest.mark.parametrize("word", ["stale", "NaN", "-Inf"])
def test_prometheus_own_values_are_refused_with_a_hint(word: str) -> None:
    with pytest.raises(NotationError, match=f"{word} is no value that Datadog stores: write _ for no point"):
        parse_values(word)


@pytest.mark.parametrize("word", ["0x99999999999999", "0x" + "9" * 5000, "_x" + "9" * 5000])
def test_more_values_than_fit_are_refused_before_they_are_made(word: str) -> None:
    with pytest.raises(NotationError, match="more than 10,000,000 values") as error:
        parse_values(f"1 {word}")
    assert error.value.offset == 2


def test_values_beyond_the_range_of_numbers_are_refused() -> None:
    with pytest.raises(NotationError, match="a value too large for a number"):
        parse_values("1e400")

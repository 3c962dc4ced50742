import math
from typing import Any

import numpy as np
import pytest

from ddguard.replay.generate import GenerateError, generate_values


def made(length: int = 6, **shapes: Any) -> list[float | None]:
    values = generate_values({**shapes, "length": length})
    return [None if math.isnan(value) else value for value in values.tolist()]


def test_shapes() -> None:
    assert made(constant=3) == [3] * 6
    assert made(constant={"value": 3.5}, length=2) == [3.5, 3.5]
    assert made(ramp={"from": 0, "to": 10}) == [0, 2, 4, 6, 8, 10]
    assert made(ramp={"from": 4, "to": 10}, length=1) == [4]
    assert made(step={"at": 4, "to": 7}) == [0, 0, 0, 0, 7, 7]
    assert made(step={"at": 1, "from": 2, "to": 1}) == [2, 1, 1, 1, 1, 1]
    assert made(spike={"at": 2, "height": 9}) == [0, 0, 9, 0, 0, 0]
    assert made(spike={"at": 2, "height": 9, "length": 3}) == [0, 0, 9, 9, 9, 0]
    assert made(sine={"amplitude": 2, "period": 4, "mean": 1}, length=5) == [1, 3, 1, -1, 1]
    assert made(sine={"amplitude": 2, "period": 4, "phase": 1}, length=2) == [2, 0]


def test_shapes_are_added_up() -> None:
    assert made(constant=1, step={"at": 3, "to": 5}, spike={"at": 0, "height": 2}) == [3, 1, 1, 6, 6, 6]


def test_random_values_are_these_on_every_machine() -> None:
    assert made(poisson={"mean": 1, "seed": 7}, length=12) == POISSON
    assert made(normal={"mean": 10, "std": 2, "seed": 7}, length=4) == NORMAL
    assert made(constant=1, gaps={"share": 0.5, "seed": 7}, length=8) == GAPS


POISSON = [1.0, 2.0, 2.0, 0.0, 0.0, 2.0, 0.0, 2.0, 2.0, 1.0, 0.0, 0.0]
NORMAL = [10.637782, 12.531669, 11.515407, 8.490551]
GAPS = [1.0, 1.0, 1.0, None, None, 1.0, None, 1.0]


@pytest.mark.parametrize("mean", [0, 0.5, 3, 40, 20_000])
def test_poisson_values_have_the_mean_and_the_variance_asked_for(mean: float) -> None:
    values = generate_values({"poisson": {"mean": mean, "seed": 1}, "length": 20_000})
    assert values.mean() == pytest.approx(mean, rel=0.03)
    assert values.var() == pytest.approx(mean, rel=0.05)


def test_normal_values_have_the_mean_and_the_spread_asked_for() -> None:
    values = generate_values({"normal": {"mean": 5, "std": 3, "seed": 1}, "length": 20_000})
    assert (values.mean(), values.std()) == (pytest.approx(5, rel=0.02), pytest.approx(3, rel=0.02))


def test_about_the_share_asked_for_is_missing() -> None:
    values = generate_values({"constant": 1, "gaps": {"share": 0.2, "seed": 4}, "length": 20_000})
    assert np.isnan(values).mean() == pytest.approx(0.2, rel=0.05)


def test_the_length_may_come_from_outside() -> None:
    assert generate_values({"constant": 1}, 3).tolist() == [1, 1, 1]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"constant": 1}, "length must be a whole number from 1 to 10,000,000", "length"),
    ({"constant": 1, "length": 0}, "length must be a whole number from 1 to 10,000,000", "length"),
    ({"constant": 1, "length": True}, "length must be a whole number from 1 to 10,000,000", "length"),
    ({"length": 3}, "nothing to generate: give one of constant, ramp, step", ""),
    ({"gaps": {"share": 0.5, "seed": 1}, "length": 3}, "nothing to generate", ""),
    ({"square": 1, "length": 3}, "there is no shape 'square': known are constant, ramp", "square"),
    ({"ramp": 1, "length": 3}, "ramp takes from, to", "ramp"),
    ({"ramp": {"from": 1, "to": 2, "by": 1}, "length": 3}, "ramp has no 'by': it takes from, to", "ramp"),
    ({"poisson": {"mean": 1}, "length": 3}, "poisson needs 'seed'", "poisson"),
    ({"poisson": {"mean": "1", "seed": 1}, "length": 3}, "'mean' of poisson must be a number", "poisson"),
    ({"poisson": {"mean": math.inf, "seed": 1}, "length": 3}, "'mean' of poisson must be a number", "poisson"),
    ({"poisson": {"mean": -1, "seed": 1}, "length": 3}, "'mean' of poisson must be from 0 to 100,000", "poisson"),
    ({"poisson": {"mean": 1, "seed": 1.5}, "length": 3}, "'seed' of poisson must be a whole number from 0", "poisson"),
    ({"normal": {"mean": 1, "std": -1, "seed": 1}, "length": 3}, "'std' of normal must be 0 or more", "normal"),
    ({"sine": {"amplitude": 1, "period": 0}, "length": 3}, "'period' of sine must be more than 0", "sine"),
    ({"constant": 1e308, "spike": {"at": 10**20, "height": 1}, "length": 3, "ramp": {"from": 0, "to": 1e308}},
     "the shapes add up to a value too large for a number", ""),
    ({"ramp": {"from": -1e308, "to": 1e308}, "length": 3}, "ramp comes to a value too large for a number", "ramp"),
    ({"constant": 1, "gaps": {"share": 2, "seed": 1}, "length": 3}, "'share' of gaps must be from 0 to 1", "gaps"),
]  # fmt: skip


@pytest.mark.parametrize(("wish", "message", "key"), WRONG)
def test_a_wish_that_cannot_be_followed(wish: dict[str, Any], message: str, key: str) -> None:
    with pytest.raises(GenerateError) as error:
        generate_values(wish)
    assert str(error.value).startswith(message)
    assert error.value.key == key

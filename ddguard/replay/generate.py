"""Made-up series: shapes that are added up, with explicit seeds.

The same seed gives the same values on every machine: random numbers are the raw stream of numpy's PCG64, whose bits
numpy keeps stable, turned into Poisson and normal values by inversion here; what passes through a sine or a normal
curve is rounded to six decimals, so that the last bit of a mathematics library doesn't show.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from statistics import NormalDist
from typing import TypeGuard

import numpy as np

from ddguard.model import Json
from ddguard.replay.notation import MOST_VALUES
from ddguard.replay.series import Values

REQUIRED = object()

PARAMETERS: Mapping[str, Mapping[str, object]] = {
    "constant": {"value": REQUIRED},
    "ramp": {"from": REQUIRED, "to": REQUIRED},
    "step": {"at": REQUIRED, "from": 0, "to": REQUIRED},
    "spike": {"at": REQUIRED, "height": REQUIRED, "length": 1},
    "sine": {"amplitude": REQUIRED, "period": REQUIRED, "mean": 0, "phase": 0},
    "poisson": {"mean": REQUIRED, "seed": REQUIRED},
    "normal": {"mean": REQUIRED, "std": REQUIRED, "seed": REQUIRED},
    "gaps": {"share": REQUIRED, "seed": REQUIRED},
}
"""Each shape's parameters with their defaults; `at`, `length` and `period` count values."""


class GenerateError(ValueError):
    """A `generate` that can't be followed. `key` is the key inside it that is meant, empty for the whole."""

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


def generate_values(wish: Mapping[str, Json], default_length: int | None = None) -> Values:
    """The sum of all shapes in `wish` over its `length`, NaN in the gaps. GenerateError where it can't be made."""
    length = _length(wish.get("length", default_length))
    shapes = {key: value for key, value in wish.items() if key != "length"}
    if not set(shapes) - {"gaps"}:
        raise GenerateError(f"nothing to generate: give one of {', '.join(PARAMETERS)}")
    values = np.zeros(length)
    for shape, given in shapes.items():
        if shape not in PARAMETERS:
            raise GenerateError(f"there is no shape {shape!r}: known are {', '.join(PARAMETERS)}", shape)
        with np.errstate(all="ignore"):
            values = values + _shaped(shape, length, _parameters(shape, given))
    if np.isinf(values).any():
        raise GenerateError("the shapes add up to a value too large for a number")
    return values


def _shaped(shape: str, length: int, parameters: Mapping[str, float]) -> Values:
    """The values of one shape; numbers so large that they can't be reckoned with are told."""
    made = SHAPES[shape](length, parameters)
    if shape != "gaps" and not np.isfinite(made).all():
        raise GenerateError(f"{shape} comes to a value too large for a number", shape)
    return made


def _length(length: object) -> int:
    if not isinstance(length, int) or isinstance(length, bool) or not 0 < length <= MOST_VALUES:
        raise GenerateError(f"length must be a whole number from 1 to {MOST_VALUES:,}", "length")
    return length


def _parameters(shape: str, given: Json) -> dict[str, float]:
    if shape == "constant" and _is_number(given):
        given = {"value": given}
    if not isinstance(given, Mapping):
        raise GenerateError(f"{shape} takes {', '.join(PARAMETERS[shape])}", shape)
    unknown = [key for key in given if key not in PARAMETERS[shape]]
    if unknown:
        raise GenerateError(f"{shape} has no {unknown[0]!r}: it takes {', '.join(PARAMETERS[shape])}", shape)
    parameters: dict[str, float] = {}
    for key, value in {**PARAMETERS[shape], **given}.items():
        if value is REQUIRED:
            raise GenerateError(f"{shape} needs {key!r}", shape)
        if not _is_number(value):
            raise GenerateError(f"{key!r} of {shape} must be a number", shape)
        parameters[key] = value if key == "seed" else float(value)
    _check_ranges(shape, parameters)
    return parameters


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _check_ranges(shape: str, parameters: Mapping[str, float]) -> None:
    limits: dict[str, tuple[str, Callable[[float], bool]]] = {
        "seed": ("a whole number from 0", lambda value: value >= 0 and value == int(value)),
        "share": ("from 0 to 1", lambda value: 0 <= value <= 1),
        "std": ("0 or more", lambda value: value >= 0),
        "period": ("more than 0", lambda value: value > 0),
    }
    if shape == "poisson":
        limits["mean"] = ("from 0 to 100,000", lambda value: 0 <= value <= 100_000)
    for key, (wording, holds) in limits.items():
        if key in parameters and not holds(parameters[key]):
            raise GenerateError(f"{key!r} of {shape} must be {wording}", shape)


def _constant(length: int, at: Mapping[str, float]) -> Values:
    return np.full(length, float(at["value"]))


def _ramp(length: int, at: Mapping[str, float]) -> Values:
    share = np.arange(length) / max(length - 1, 1)
    return np.asarray(at["from"] + (at["to"] - at["from"]) * share, dtype=np.float64)


def _step(length: int, at: Mapping[str, float]) -> Values:
    before = np.arange(length) < at["at"]
    return np.where(before, float(at["from"]), float(at["to"])).astype(np.float64)


def _spike(length: int, at: Mapping[str, float]) -> Values:
    since = np.arange(length) - at["at"]
    return np.where((since >= 0) & (since < at["length"]), float(at["height"]), 0.0).astype(np.float64)


def _sine(length: int, at: Mapping[str, float]) -> Values:
    turns = (np.arange(length) + at["phase"]) / at["period"]
    return np.asarray(np.round(at["mean"] + at["amplitude"] * np.sin(2 * np.pi * turns), 6), dtype=np.float64)


def _uniform(length: int, seed: float) -> Values:
    """Numbers above 0 and below 1, from the top 52 bits of each raw word."""
    words = np.random.PCG64(int(seed)).random_raw(length)
    return np.asarray(((words >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52, dtype=np.float64)


@lru_cache(maxsize=64)
def _poisson_table(mean: float) -> Values:
    most = math.ceil(mean + 12 * math.sqrt(mean) + 12)
    log_mean = math.log(mean) if mean else -math.inf
    chances = [math.exp(k * log_mean - mean - math.lgamma(k + 1)) if k else math.exp(-mean) for k in range(most)]
    return np.cumsum(chances)


def _poisson(length: int, at: Mapping[str, float]) -> Values:
    return np.searchsorted(_poisson_table(float(at["mean"])), _uniform(length, at["seed"])).astype(np.float64)


def _normal(length: int, at: Mapping[str, float]) -> Values:
    curve = NormalDist()
    steps = np.array([curve.inv_cdf(share) for share in _uniform(length, at["seed"]).tolist()])
    return np.round(at["mean"] + at["std"] * steps, 6)


def _gaps(length: int, at: Mapping[str, float]) -> Values:
    return np.where(_uniform(length, at["seed"]) < at["share"], np.nan, 0.0)


SHAPES: Mapping[str, Callable[[int, Mapping[str, float]], Values]] = {
    "constant": _constant,
    "ramp": _ramp,
    "step": _step,
    "spike": _spike,
    "sine": _sine,
    "poisson": _poisson,
    "normal": _normal,
    "gaps": _gaps,
}

"""Exported JSON in all its shapes -> the monitors and downtimes in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ddguard.errors import InputError
from ddguard.model import EMPTY, Json


@dataclass(frozen=True, slots=True)
class Exported:
    """What stands in exported JSON: monitors as the API has them, downtimes as the entries of the API's `data`."""

    monitors: tuple[Mapping[str, Json], ...]
    downtimes: tuple[Mapping[str, Json], ...]


def exported(value: Json) -> Exported:
    """The objects in exported JSON: one, a list of them, an integration's asset, or an answer of the API.

    Raises InputError where something else stands.
    """
    found = list(_objects(value, "it"))
    if not found:
        raise InputError("there is no monitor in it", "export one in Datadog: the gear of a monitor, then Export")
    downtimes = tuple(entry for entry in found if _is_downtime(entry))
    return Exported(tuple(entry for entry in found if not _is_downtime(entry)), downtimes)


def _objects(value: Json, name: str) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, list):
        for number, entry in enumerate(value, 1):
            yield from _objects(entry, f"entry {number}")
        return
    whole = value if isinstance(value, Mapping) else EMPTY
    inner = next((whole[key] for key in ("definition", "data") if isinstance(whole.get(key), (Mapping, list))), None)
    if inner is not None:
        yield from _objects(inner, name)
    elif _is_downtime(whole) or (isinstance(whole.get("type"), str) and isinstance(whole.get("query"), str)):
        yield whole
    else:
        raise InputError(
            f"{name} is neither a monitor nor a downtime",
            "a monitor has a `type` and a `query`, a downtime has `type: downtime` and `attributes`",
        )


def _is_downtime(value: Mapping[str, Json]) -> bool:
    return value.get("type") == "downtime" and isinstance(value.get("attributes"), Mapping)

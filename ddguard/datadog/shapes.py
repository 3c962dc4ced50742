"""What a usable answer looks like. An answer that isn't one of these was damaged on its way and is never used."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from ddguard.model import Json


class UnusableError(Exception):
    """An answer with status 200 that can't be what Datadog meant to say. `args[0]` says why."""


class SeamError(UnusableError):
    """A page that doesn't begin with the monitor that the page before ended with."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of a v2 list: objects with an `id`, and how many Datadog counts on all pages.

    It may count more than it ever shows.
    """

    rows: tuple[Json, ...]
    total: int


def anything(value: Json) -> Json:
    """Any JSON at all."""
    return value


def nothing(value: Json) -> None:
    """No value: the status alone counts."""


def mapping(value: Json) -> Json:
    """A JSON object."""
    if not isinstance(value, dict):
        raise UnusableError("it isn't a JSON object")
    return value


def monitor(value: Json) -> Json:
    """A monitor: an object with a number as `id`."""
    if type(mapping(value).get("id")) is not int:
        raise UnusableError("it isn't a monitor")
    return value


def monitors_page(last: int | None, size: int) -> Callable[[Json], list[Json]]:
    """A list of at most `size` monitors with ascending ids that begins with the monitor `last`, if there is one."""

    def page(value: Json) -> list[Json]:
        if not isinstance(value, list):
            raise UnusableError("it isn't a list")
        ids = [monitor(entry)["id"] for entry in value]
        if len(ids) > size:
            raise UnusableError(f"the page holds {len(ids)} monitors, {size} at most were asked for")
        if any(before >= after for before, after in pairwise(ids)):
            raise UnusableError("its monitors repeat or are out of order")
        if last is not None and ids[:1] != [last]:
            raise SeamError(f"it doesn't go on where the page before ended, at monitor {last}")
        return value

    return page


def entries(name: str, key: str, kind: type) -> Callable[[Json], list[Json]]:
    """The list under `name`, of objects that have a `kind` (int or str) under `key`."""

    def found(value: Json) -> list[Json]:
        listed = mapping(value).get(name)
        if not isinstance(listed, list) or any(type(mapping(entry).get(key)) is not kind for entry in listed):
            raise UnusableError(f"it has no list of {name}")
        return listed

    return found


def total_count(value: Json) -> int:
    """How many entries a search found, on all pages."""
    metadata = mapping(value).get("metadata")
    total = metadata.get("total_count") if isinstance(metadata, dict) else None
    if type(total) is not int:
        raise UnusableError("it has no count")
    return total


def rows(value: Json) -> Rows:
    """A page of a v2 list."""
    listed = entries("data", "id", str)(value)
    meta = value.get("meta")
    page = meta.get("page") if isinstance(meta, dict) else None
    total = page.get("total_filtered_count") if isinstance(page, dict) else None
    if type(total) is not int or not all(isinstance(row.get("attributes"), dict) for row in listed):
        raise UnusableError("it isn't a page of a list")
    return Rows(tuple(listed), total)


def downtime(value: Json) -> Json:
    """A downtime: `{"id", "type", "attributes", ...}`, taken out of `data`."""
    data = mapping(value).get("data")
    if (
        not isinstance(data, dict)
        or not isinstance(data.get("id"), str)
        or not isinstance(data.get("attributes"), dict)
    ):
        raise UnusableError("it isn't a downtime")
    return data

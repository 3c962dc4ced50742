"""Lists that are whole, or an error. What a plan doesn't see it would create again.

Monitors have no total, but ascending ids: each page is asked for so that it begins with the last monitor of the page
before, and the list ends with a page that has nothing else. A page that is missing, comes twice or was cut short shows
at that seam, or heals there. Downtimes have a total, but it may count rows that are never shown.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ddguard.datadog import calls
from ddguard.datadog.calls import Call
from ddguard.datadog.retry import Sender
from ddguard.datadog.shapes import Rows
from ddguard.errors import DatadogError
from ddguard.model import Json

READINGS = 4
"""How often a v2 list is read at most until two readings agree."""

PROBES = 5
"""How many monitors are read one by one where the search finds some that the list doesn't have."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One pass over a v2 list: its rows by id, and how many Datadog counted at its end."""

    rows: Mapping[str, Json]
    total: int


def all_monitors(sender: Sender, tag: str | None) -> list[Json]:
    """All monitors, or all that carry a tag, by ascending id. Raises `DatadogError` if some could be missing."""
    listed = sender.ask(calls.monitors_after(None, tag))
    while listed:
        news = sender.ask(calls.monitors_after(listed[-1]["id"], tag))[1:]
        if not news:
            return listed
        listed += news
    if tag is not None:
        _confirm_absence(sender, tag)
    return listed


def monitor_pages(
    sender: Sender, tag: str | None, states: str | None = None, until: float | None = None
) -> Iterator[Json]:
    """Monitors page by page, up to the first short page: for a look, not for a plan."""
    page = 0
    while True:
        monitors = sender.ask(calls.monitors_page(page, tag, states), until)
        yield from monitors
        if len(monitors) < calls.MONITORS_PAGE:
            return
        page += 1


def group_pages(sender: Sender, query: str) -> Iterator[Json]:
    """The monitor groups that a search finds, page by page, up to the first short page."""
    page = 0
    while True:
        groups = sender.ask(calls.search_groups(query, page))
        yield from groups
        if len(groups) < calls.ROWS_PAGE:
            return
        page += 1


def all_rows(sender: Sender, call_from: Callable[[int], Call[Rows]], until: float | None = None) -> list[Json]:
    """All rows of a v2 list. Raises `DatadogError` if some could be missing.

    A reading that has as many rows as Datadog counts is whole. One with fewer is taken only if the next one agrees.
    """
    before: Reading | None = None
    for _ in range(READINGS):
        reading = _reading(sender, call_from, until)
        agrees = before is not None and before.total == reading.total and before.rows.keys() == reading.rows.keys()
        if len(reading.rows) == reading.total or agrees:
            return list(reading.rows.values())
        before = reading
    raise DatadogError(
        f"could not {call_from(0).doing}: the list was incomplete, and different, each of {READINGS} times it was read",
        "somebody may be changing it right now: run it again",
    )


def _reading(sender: Sender, call_from: Callable[[int], Call[Rows]], until: float | None) -> Reading:
    rows: dict[str, Json] = {}
    offset = 0
    while True:
        page = sender.ask(call_from(offset), until)
        rows |= {row["id"]: row for row in page.rows}
        offset += len(page.rows) or calls.ROWS_PAGE
        if offset >= page.total:
            return Reading(rows, page.total)


def _confirm_absence(sender: Sender, tag: str) -> None:
    """Nothing, if Datadog's search knows of no monitor with the tag either.

    The search may still find monitors that were deleted a moment ago, so each find is read before it counts.
    """
    found = [monitor["id"] for monitor in sender.ask(calls.search_monitors(f'tag:"{tag}"')) if _carries(monitor, tag)]
    for id_ in found[:PROBES]:
        monitor = sender.find(calls.get_monitor(id_))
        if monitor is not None and _carries(monitor, tag):
            raise DatadogError(
                f"could not list the monitors: the list has none with the tag {tag}, yet monitor {id_} carries it",
                "the list is incomplete: run it again",
            )


def _carries(monitor: Json, tag: str) -> bool:
    return tag in (monitor.get("tags") or ())

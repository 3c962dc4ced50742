"""Lists that are whole, or an error. What a plan doesn't see it would create again.

`GET /api/v1/monitor` says nowhere how many monitors there are, and a page that was cut short looks like the last one.
So each page is asked for in such a way that it begins with the last monitor of the page before, and Datadog's search,
which has an index of its own, is asked for a count. Where that last monitor was deleted meanwhile, there is nothing to
begin with, and the list begins anew. `GET /api/v2/downtime` has a count, but it may include downtimes
that are never shown. Where none at all is shown of those that are counted, whoever would create some asks for an error.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from ddguard.datadog import calls
from ddguard.datadog.calls import Call
from ddguard.datadog.readers import Readers
from ddguard.datadog.retry import Sender
from ddguard.datadog.shapes import Rows, SeamError
from ddguard.errors import DatadogError
from ddguard.model import Json

READINGS = 16
"""How often a list is read at most."""

AGREEING = 8
"""So many readings in a row must show the same before downtimes that are counted pass for never shown."""

EMPTY_PAGES = 10
"""So many pages in a row without a row, and the count is no count."""

PROBES = 5
"""Monitors that are read one by one, where the search finds some that the list doesn't have."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One pass over a v2 list: its rows by id, and how many Datadog counted at its end."""

    rows: Mapping[str, Json]
    total: int

    @property
    def is_whole(self) -> bool:
        """Whether every row that was counted was shown."""
        return len(self.rows) == self.total

    def agrees(self, other: "Reading") -> bool:
        """Whether both show the same rows and count the same."""
        return self.total == other.total and self.rows.keys() == other.rows.keys()


def all_monitors(sender: Sender, tag: str | None) -> list[Json]:
    """All monitors, or all that carry a tag, by ascending id. Raises `DatadogError` if some could be missing.

    The list of a tag is whole if the search counts no more than it has. Where the search counts more, it may remember
    monitors that were deleted a moment ago: those that it alone knows are read one by one before they count.
    """
    if tag is None:
        return _monitors(sender, None, lambda: None)
    for _ in range(READINGS):
        with Readers(1) as readers:
            counting = readers.begin(sender.ask, calls.count_monitors(tag))
            listed = _monitors(sender, tag, counting.result)
            counted = counting.result()
        if counted <= len(listed) or not _is_one_unlisted(sender, tag, {one["id"] for one in listed}):
            return listed
    raise DatadogError(
        f"could not list the monitors: the list lacks monitors that carry the tag {tag}, each of {READINGS} times",
        "run it again; if that doesn't help, https://status.datadoghq.com may know more",
    )


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


def all_rows(
    sender: Sender,
    call_from: Callable[[int], Call[Rows]],
    until: float | None = None,
    *,
    shows_some: bool = False,
) -> list[Json]:
    """All rows of a v2 list. Raises `DatadogError` if some could be missing.

    With `shows_some` that is so, too, where Datadog counts rows and never shows a single one.
    """
    agreeing: list[Reading] = []
    for _ in range(READINGS):
        reading = _reading(sender, call_from, until)
        agreeing = [*agreeing, reading] if agreeing and reading.agrees(agreeing[-1]) else [reading]
        if reading.is_whole or (len(agreeing) == AGREEING and (reading.rows or not shows_some)):
            return list(reading.rows.values())
        if len(agreeing) == AGREEING:
            raise _none_shown(call_from(0), reading.total)
    raise DatadogError(
        f"could not {call_from(0).doing}: the list was incomplete, and not the same, each of {READINGS} times",
        "somebody may be changing it right now: run it again",
    )


def _none_shown(call: Call[Rows], total: int) -> DatadogError:
    return DatadogError(
        f"could not {call.doing}: Datadog counts {total} and shows none, each of {AGREEING} times",
        "what is missing may be among them: run it again; where this key may see none of them, make one in Datadog",
    )


class _LastIsGoneError(Exception):
    """The monitor that a page ended with isn't in the list any more."""


def _monitors(sender: Sender, tag: str | None, count: Callable[[], int | None]) -> list[Json]:
    """The monitors up to the page that makes so many of them, or the first with nothing new.

    `count` is asked after the first page, so that Datadog may count while it lists.
    """
    for _ in range(READINGS):
        with suppress(_LastIsGoneError):
            listed = sender.ask(calls.monitors_after(None, tag))
            while listed and len(listed) != count():
                news = _page_after(sender, listed[-1]["id"], tag)[1:]
                if not news:
                    break
                listed += news
            return listed
    raise DatadogError(
        f"could not list the monitors: some were deleted while they were listed, each of {READINGS} times",
        "somebody may be deleting them right now: run it again",
    )


def _page_after(sender: Sender, last: int, tag: str | None) -> list[Json]:
    """The page that begins with the monitor `last`. Raises `_LastIsGoneError` where that one is listed no more."""
    call = calls.monitors_after(last, tag)

    def read(value: Json) -> list[Json]:
        try:
            return call.read(value)
        except SeamError:
            there = sender.find(calls.get_monitor(last))
            if there is None or (tag is not None and not _carries(there, tag)):
                raise _LastIsGoneError from None
            raise

    return sender.ask(replace(call, read=read))


def _is_one_unlisted(sender: Sender, tag: str, listed: set[int]) -> bool:
    """Whether Datadog has a monitor with the tag that isn't among the listed."""
    found = (monitor["id"] for monitor in _searched(sender, tag) if _carries(monitor, tag))
    unlisted = islice((id_ for id_ in found if id_ not in listed), PROBES)
    probes = (sender.find(calls.get_monitor(id_)) for id_ in unlisted)
    return any(monitor is not None and _carries(monitor, tag) for monitor in probes)


def _searched(sender: Sender, tag: str) -> Iterator[Json]:
    page = 0
    while True:
        found = sender.ask(calls.search_monitors(tag, page))
        yield from found
        if len(found) < calls.ROWS_PAGE:
            return
        page += 1


def _reading(sender: Sender, call_from: Callable[[int], Call[Rows]], until: float | None) -> Reading:
    rows: dict[str, Json] = {}
    offset = shown_up_to = 0
    while True:
        call = call_from(offset)
        page = sender.ask(call, until)
        rows |= {row["id"]: row for row in page.rows}
        offset += len(page.rows) or calls.ROWS_PAGE
        if offset >= page.total:
            return Reading(rows, page.total)
        shown_up_to = offset if page.rows else shown_up_to
        if offset - shown_up_to >= EMPTY_PAGES * calls.ROWS_PAGE:
            raise DatadogError(
                f"could not {call.doing}: Datadog counts {page.total}, but shows none from the row {shown_up_to} on",
                "run it again; if that doesn't help, https://status.datadoghq.com may know more",
            )


def _carries(monitor: Json, tag: str) -> bool:
    return tag in (monitor.get("tags") or ())

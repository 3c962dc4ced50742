"""Lists come whole or not at all."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from scripted_server import FakeClock, Reply, Seen, Server

from ddguard.datadog import Datadog, calls
from ddguard.errors import DatadogError

TAG = "ddguard_stack:streampay/prod"


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MONITORS_PAGE", 3)
    monkeypatch.setattr(calls, "ROWS_PAGE", 3)


def monitors(*ids: int) -> list[dict[str, Any]]:
    return [{"id": id_, "tags": [TAG]} for id_ in ids]


def ids(listed: list[Any]) -> list[Any]:
    return [entry["id"] for entry in listed]


class Account:
    """Monitors and downtimes behind the paging that Datadog has."""

    def __init__(self, monitors: list[dict[str, Any]], searched: list[dict[str, Any]] | None = None) -> None:
        self.monitors = monitors
        self.searched = monitors if searched is None else searched
        self.damages: Iterator[Callable[[list[Any]], Any] | None] = iter(())
        self.lists: list[str] = []

    def answer(self, seen: Seen) -> Reply:
        query = {name: int(value) for name, value in seen.query.items() if value.isdigit()}
        if seen.path.endswith("/search"):
            start, size = query.get("page", 0) * query["per_page"], query["per_page"]
            metadata = {"total_count": len(self.searched)}
            return Reply({"monitors": self.searched[start : start + size], "counts": {}, "metadata": metadata})
        if seen.path != "/api/v1/monitor":
            found = [it for it in self.monitors if str(it["id"]) == seen.path.rpartition("/")[2]]
            return Reply(found[0]) if found else Reply(status=404, body={"errors": ["Monitor not found"]})
        self.lists.append(seen.query.get("id_offset", ""))
        after = [it for it in self.monitors if it["id"] > query.get("id_offset", 0)]
        start = query.get("page", 0) * query["page_size"]
        page = after[start : start + query["page_size"]]
        damage = next(self.damages, None)
        return Reply(damage(page) if damage else page)


def given(server: Server, *stored: int, searched: list[dict[str, Any]] | None = None) -> Account:
    account = Account(monitors(*stored), searched)
    server.answer = account.answer
    return account


LAGGING: list[dict[str, Any]] = []
"""A search that has heard of nothing yet."""


@pytest.mark.parametrize(
    ("stored", "offsets"),
    [
        ((4,), ["0"]),
        ((4, 9, 11), ["0"]),
        ((4, 9, 11, 12), ["0", "10"]),
        ((1, 2, 3, 4, 5, 6, 7), ["0", "2", "4"]),
    ],
)
def test_pages_overlap_by_one_monitor_up_to_the_count(
    stored: tuple[int, ...], offsets: list[str], server: Server, datadog: Datadog
) -> None:
    account = given(server, *stored)
    assert ids(datadog.monitors(TAG)) == list(stored)
    assert account.lists == offsets
    (count,) = (seen.query for seen in server.seen if seen.path == "/api/v1/monitor/search")
    assert count == {"query": f'tag:"{TAG}"', "per_page": "1"}
    pages = [seen.query for seen in server.seen if seen.path == "/api/v1/monitor"]
    assert {(page["page_size"], page["monitor_tags"]) for page in pages} == {("3", TAG)}


@pytest.mark.parametrize(
    ("stored", "offsets"),
    [((), ["0"]), ((4,), ["0", "3"]), ((4, 9, 11), ["0", "10"]), ((4, 9, 11, 12), ["0", "10", "11"])],
)
def test_where_the_search_lags_behind_the_last_page_is_followed_by_one_with_nothing_new(
    stored: tuple[int, ...], offsets: list[str], server: Server, datadog: Datadog
) -> None:
    account = given(server, *stored, searched=LAGGING)
    assert ids(datadog.monitors(TAG)) == list(stored)
    assert account.lists == offsets


def test_all_monitors_are_listed_without_a_tag_and_without_a_count(server: Server, datadog: Datadog) -> None:
    given(server, 4)
    assert ids(datadog.monitors()) == [4]
    assert server.asked == ["GET /api/v1/monitor"] * 2
    assert "monitor_tags" not in server.seen[0].query


def test_a_thousand_monitors_take_two_requests(
    server: Server, datadog: Datadog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MONITORS_PAGE", 1000)
    given(server, *range(1, 1001))
    assert len(datadog.monitors(TAG)) == 1000
    assert len(server.seen) == 2


DAMAGES: dict[str, tuple[Callable[[list[Any]], Any], str]] = {
    "no list": (lambda page: {"monitors": page}, "it isn't a list"),
    "no json object in it": (lambda page: [*page, 5], "it isn't a JSON object"),
    "no id": (lambda page: [*page, {"name": "x"}], "it isn't a monitor"),
    "an id of text": (lambda page: [*page, {"id": "99"}], "it isn't a monitor"),
    "an id of true": (lambda page: [*page, {"id": True}], "it isn't a monitor"),
    "too many": (lambda page: page + monitors(97, 98, 99), "holds 6 monitors, 3 at most were asked for"),
    "twice the same": (lambda page: [page[0], page[0]], "its monitors repeat or are out of order"),
    "out of order": (lambda page: page[::-1], "its monitors repeat or are out of order"),
    "empty": (lambda page: [], "it doesn't go on where the page before ended, at monitor 3"),
    "the page before": (lambda _: monitors(1, 2, 3), "it doesn't go on where the page before ended, at monitor 3"),
    "the page after": (lambda _: monitors(6, 7), "it doesn't go on where the page before ended, at monitor 3"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_page_is_asked_for_again(damage: str, server: Server, datadog: Datadog, time: FakeClock) -> None:
    account = given(server, 1, 2, 3, 4, 5, 6, 7)
    account.damages = iter((None, DAMAGES[damage][0]))
    assert ids(datadog.monitors(TAG)) == [1, 2, 3, 4, 5, 6, 7]
    assert account.lists == ["0", "2", "2", "4"]
    assert time.slept == [0.5]


def without(account: Account, *gone: int) -> Callable[[list[Any]], list[Any]]:
    """Shows the page and deletes these monitors right after."""

    def delete(page: list[Any]) -> list[Any]:
        account.monitors = [monitor for monitor in account.monitors if monitor["id"] not in gone]
        return page

    return delete


@pytest.mark.parametrize("tag", [TAG, None])
def test_a_list_whose_last_monitor_is_deleted_meanwhile_begins_anew(
    tag: str | None, server: Server, datadog: Datadog, time: FakeClock
) -> None:
    account = given(server, 1, 2, 3, 4, 5)
    account.damages = iter([without(account, 3)])
    assert ids(datadog.monitors(tag)) == [1, 2, 4, 5]
    assert account.lists[:3] == ["0", "2", "0"]
    assert time.slept == []


def test_a_list_whose_last_monitor_loses_its_tag_meanwhile_begins_anew(server: Server, datadog: Datadog) -> None:
    account = given(server, 1, 2, 3, 4, 5)
    account.damages = iter([without(account, 3)])

    def answer(seen: Seen) -> Reply:
        return Reply({"id": 3, "tags": []}) if seen.path.endswith("/3") else account.answer(seen)

    server.answer = answer
    assert ids(datadog.monitors(TAG)) == [1, 2, 4, 5]


def test_a_list_whose_last_monitor_is_always_deleted_is_an_error(server: Server, datadog: Datadog) -> None:
    account = given(server, *range(1, 100))
    account.damages = (without(account, page) if turn % 2 == 0 else None for page in range(3, 100) for turn in range(2))
    with pytest.raises(DatadogError) as caught:
        datadog.monitors(TAG)
    assert caught.value.message == (
        "could not list the monitors: some were deleted while they were listed, each of 16 times"
    )
    assert caught.value.hint == "somebody may be deleting them right now: run it again"


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_page_that_stays_damaged_is_an_error(damage: str, server: Server, datadog: Datadog) -> None:
    account = given(server, 1, 2, 3, 4, 5, 6, 7)
    damaged, reason = DAMAGES[damage]
    account.damages = iter((None, *[damaged] * 6))
    with pytest.raises(DatadogError) as caught:
        datadog.monitors(TAG)
    assert caught.value.message.startswith("could not list the monitors: Datadog's answer can't be used: ")
    assert caught.value.message.endswith(reason)


@pytest.mark.parametrize("tag", [TAG, None])
@pytest.mark.parametrize("broken", range(4))
def test_a_page_that_is_cut_short_heals_at_the_next(
    broken: int, tag: str | None, server: Server, datadog: Datadog
) -> None:
    account = given(server, 1, 2, 3, 4, 5, 6, 7)
    account.damages = iter((*[None] * broken, lambda page: page[: max(1, len(page) - 1)]))
    assert ids(datadog.monitors(tag)) == [1, 2, 3, 4, 5, 6, 7]


def test_an_empty_list_that_the_search_denies_is_read_again(server: Server, datadog: Datadog) -> None:
    account = given(server, 5, 6)
    account.damages = iter([lambda _: []])
    assert ids(datadog.monitors(TAG)) == [5, 6]
    search, listing = "GET /api/v1/monitor/search", "GET /api/v1/monitor"
    probe = "GET /api/v1/monitor/5"
    assert [sorted(server.asked[:2]), server.asked[2:4], sorted(server.asked[4:])] == [
        [listing, search],
        [search, probe],
        [listing, search],
    ]


def test_datadog_counts_while_it_lists(server: Server, datadog: Datadog) -> None:
    account = given(server, 5, 6)
    both = threading.Barrier(2, timeout=10)

    def answer(seen: Seen) -> Reply:
        both.wait()
        return account.answer(seen)

    server.answer = answer
    assert ids(datadog.monitors(TAG)) == [5, 6]


def test_what_was_made_between_list_and_count_is_listed_too(server: Server, datadog: Datadog) -> None:
    account = given(server, 5, 6, searched=monitors(5, 6, 7))

    def answer(seen: Seen) -> Reply:
        reply = account.answer(seen)
        if seen.path == "/api/v1/monitor":
            account.monitors = monitors(5, 6, 7)
        return reply

    server.answer = answer
    assert ids(datadog.monitors(TAG)) == [5, 6, 7]
    assert account.lists == ["0", "5"]


def test_pages_that_are_all_cut_short_do_not_pass_for_the_end(server: Server, datadog: Datadog) -> None:
    account = given(server, 1, 2, 3)
    account.damages = iter([lambda page: page[:-1], lambda page: page[:-1]])
    assert ids(datadog.monitors(TAG)) == [1, 2, 3]
    assert account.lists == ["0", "1", "0"]


def test_a_list_that_stays_incomplete_is_an_error(server: Server, datadog: Datadog) -> None:
    account = given(server, 5, 6)
    account.damages = iter([lambda _: []] * 16)
    with pytest.raises(DatadogError) as caught:
        datadog.monitors(TAG)
    assert caught.value.message == (
        f"could not list the monitors: the list lacks monitors that carry the tag {TAG}, each of 16 times"
    )
    assert caught.value.hint == "run it again; if that doesn't help, https://status.datadoghq.com may know more"


def test_what_only_the_search_remembers_is_gone(server: Server, datadog: Datadog) -> None:
    account = given(server, 1, 9, searched=monitors(*range(1, 10)))
    assert ids(datadog.monitors(TAG)) == [1, 9]
    assert account.lists == ["0", "8"]
    assert [asked for asked in server.asked if asked.rpartition("/")[2].isdigit()] == [
        f"GET /api/v1/monitor/{id_}" for id_ in range(2, 7)
    ]


def test_what_only_resembles_the_tag_does_not_count(server: Server, datadog: Datadog) -> None:
    others = [{"id": 7, "tags": [f"{TAG}-eu"]}, {"id": 8, "tags": None}, {"id": 9}]
    given(server, 1, searched=monitors(1) + others)
    assert ids(datadog.monitors(TAG)) == [1]
    assert not any(asked.rpartition("/")[2].isdigit() for asked in server.asked)


def test_a_monitor_that_lost_its_tag_since_does_not_count(server: Server, datadog: Datadog) -> None:
    account = given(server, searched=monitors(7))

    def answer(seen: Seen) -> Reply:
        return Reply({"id": 7, "tags": []}) if seen.path.endswith("/7") else account.answer(seen)

    server.answer = answer
    assert datadog.monitors(TAG) == []
    assert server.asked[-1] == "GET /api/v1/monitor/7"


def test_a_search_that_cannot_be_asked_is_an_error(server: Server, datadog: Datadog) -> None:
    account = given(server, 5)
    forbidden = Reply(status=403, body={"errors": ["Forbidden"]})
    server.answer = lambda seen: forbidden if seen.path.endswith("/search") else account.answer(seen)
    with pytest.raises(DatadogError, match="could not count the monitors: Forbidden"):
        datadog.monitors(TAG)


@pytest.mark.parametrize("body", [[], {}, {"metadata": None}, {"metadata": {"total_count": "1"}}])
def test_a_search_without_a_count_is_an_error(body: Any, server: Server, datadog: Datadog) -> None:
    account = given(server, 5)
    server.answer = lambda seen: Reply(body) if seen.path.endswith("/search") else account.answer(seen)
    with pytest.raises(DatadogError, match="could not count the monitors: Datadog's answer can't be used: it "):
        datadog.monitors(TAG)


def test_monitors_for_display_end_with_a_short_page(server: Server, datadog: Datadog) -> None:
    given(server, 1, 2, 3, 4)
    assert ids(datadog.monitors_with_groups(TAG, "alert,warn")) == [1, 2, 3, 4]
    assert [seen.query for seen in server.seen] == [
        {"page": page, "page_size": "3", "monitor_tags": TAG, "group_states": "alert,warn"} for page in "01"
    ]


def test_one_page_of_monitors_for_display_is_one_request(server: Server, datadog: Datadog) -> None:
    given(server, 1, 2)
    assert ids(datadog.monitors_with_groups()) == [1, 2]
    assert [seen.query for seen in server.seen] == [{"page": "0", "page_size": "3", "group_states": "all"}]


def test_groups_are_searched_page_by_page(server: Server, datadog: Datadog) -> None:
    groups = [{"group": f"tenant:{name}", "monitor_id": 1} for name in "abcd"]
    server.replies = [Reply({"groups": groups[:3]}), Reply({"groups": groups[3:]})]
    assert datadog.search_groups("group_status:alert") == groups
    assert [seen.query for seen in server.seen] == [
        {"query": "group_status:alert", "page": page, "per_page": "3"} for page in "01"
    ]


@pytest.mark.parametrize("body", [[], {}, {"groups": None}, {"groups": [1]}, {"groups": [{"group": 1}]}])
def test_a_search_of_another_shape_is_an_error(body: Any, server: Server, datadog: Datadog) -> None:
    server.answer = lambda _: Reply(body)
    with pytest.raises(DatadogError, match="could not search the monitor groups: Datadog's answer can't be used: it "):
        datadog.search_groups("x")


# Downtimes


def page(total: int, *letters: str) -> Reply:
    data = [{"id": letter, "type": "downtime", "attributes": {"message": letter}} for letter in letters]
    return Reply({"data": data, "meta": {"page": {"total_filtered_count": total}}})


@pytest.mark.parametrize(
    ("pages", "listed", "offsets"),
    [
        ([page(0)], "", [0]),
        ([page(2, "a", "b")], "ab", [0]),
        ([page(3, "a", "b", "c")], "abc", [0]),
        ([page(4, "a", "b", "c"), page(4, "d")], "abcd", [0, 3]),
        ([page(4, "a"), page(4, "b", "c", "d")], "abcd", [0, 1]),
        ([page(2, "a", "b"), page(9, "x")], "ab", [0]),
    ],
    ids=["none", "some", "a full page", "two pages", "a page that was cut short", "no page too many"],
)
def test_downtimes_are_read_up_to_their_total(
    pages: list[Reply], listed: str, offsets: list[int], server: Server, datadog: Datadog
) -> None:
    server.replies = pages
    assert ids(datadog.downtimes()) == list(listed)
    assert [seen.query for seen in server.seen] == [
        {"page[offset]": str(offset), "page[limit]": "3"} for offset in offsets
    ]


@pytest.mark.parametrize(
    ("readings", "listed"),
    [
        ([[page(4, "a", "b", "c"), page(4)], [page(4, "a", "b", "c"), page(4, "d")]], "abcd"),
        ([[page(4, "a", "b", "c"), page(4, "a")], [page(4, "a", "b", "c"), page(4, "d")]], "abcd"),
        ([[page(4), page(4, "d")], [page(4, "a", "b", "c"), page(4, "d")]], "abcd"),
        ([[page(4, "a", "b", "c"), page(5, "d"), page(5)], [page(4, "a", "b", "c"), page(4, "d")]], "abcd"),
        ([[page(3, "b"), page(3)]] * 8, "b"),
        ([[page(1)]] * 8, ""),
        ([*[[page(3, "b"), page(3)]] * 7, [page(3, "a"), page(3)], *[[page(3, "b"), page(3)]] * 8], "b"),
        ([*[[page(1)]] * 7, [page(1, "a")]], "a"),
    ],
    ids=[
        "a page missing",
        "a page twice",
        "an empty page first",
        "a changed total",
        "rows never shown",
        "none shown",
        "at last",
        "just in time",
    ],
)
def test_a_list_with_less_than_its_total_is_read_again(
    readings: list[list[Reply]], listed: str, server: Server, datadog: Datadog
) -> None:
    server.replies = [reply for reading in readings for reply in reading]
    asked = len(server.replies)
    assert sorted(ids(datadog.downtimes())) == list(listed)
    assert len(server.seen) == asked


def test_a_list_that_shows_none_of_those_it_counts_is_an_error_where_some_are_expected(
    server: Server, datadog: Datadog
) -> None:
    server.answer = lambda _: page(2)
    with pytest.raises(DatadogError) as caught:
        datadog.downtimes(shows_some=True)
    assert caught.value.message == ("could not list the downtimes: Datadog counts 2 and shows none, each of 8 times")
    assert len(server.seen) == 8


@pytest.mark.parametrize("readings", [[[page(0)]], [[page(3, "b"), page(3)]] * 8, [[page(1)], [page(1, "a")]]])
def test_a_list_that_shows_some_or_counts_none_is_none(
    readings: list[list[Reply]], server: Server, datadog: Datadog
) -> None:
    server.replies = [reply for reading in readings for reply in reading]
    assert len(datadog.downtimes(shows_some=True)) <= 1
    assert len(server.seen) == sum(map(len, readings))


def test_a_count_without_end_is_an_error(server: Server, datadog: Datadog) -> None:
    server.answer = lambda seen: page(10**9, "a", "b") if seen.query["page[offset]"] == "0" else page(10**9)
    with pytest.raises(DatadogError) as caught:
        datadog.downtimes()
    assert caught.value.message == (
        "could not list the downtimes: Datadog counts 1000000000, but shows none from the row 2 on"
    )
    assert len(server.seen) == 11


def test_pages_without_a_row_are_read_past(server: Server, datadog: Datadog) -> None:
    rows = {"0": page(40, *"abc"), "30": page(40, *"def"), "33": page(40, *"ghi")}
    server.answer = lambda seen: rows.get(seen.query["page[offset]"], page(40))
    assert sorted(ids(datadog.downtimes())) == list("abcdefghi")


def test_a_list_that_never_agrees_with_itself_is_an_error(server: Server, datadog: Datadog) -> None:
    server.replies = [reply for letter in "abcdefgh" * 2 for reply in (page(2, letter), page(2))]
    with pytest.raises(DatadogError) as caught:
        datadog.downtimes()
    assert caught.value.message == (
        "could not list the downtimes: the list was incomplete, and not the same, each of 16 times"
    )
    assert caught.value.hint == "somebody may be changing it right now: run it again"
    assert len(server.seen) == 32


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"data": []},
        {"data": [], "meta": None},
        {"data": [], "meta": {"page": None}},
        {"data": [], "meta": {"page": {"total_filtered_count": "0"}}},
        {"data": None, "meta": {"page": {"total_filtered_count": 0}}},
        {"data": [{"id": 1, "attributes": {}}], "meta": {"page": {"total_filtered_count": 1}}},
        {"data": [{"id": "a"}], "meta": {"page": {"total_filtered_count": 1}}},
    ],
)
def test_a_page_of_another_shape_is_an_error(body: Any, server: Server, datadog: Datadog) -> None:
    server.answer = lambda _: Reply(body)
    with pytest.raises(DatadogError, match="could not list the downtimes: Datadog's answer can't be used: it "):
        datadog.downtimes()
    assert len(server.seen) == 6


def test_the_downtimes_that_silence_a_monitor(server: Server, datadog: Datadog) -> None:
    server.replies = [page(1, "a")]
    assert ids(datadog.downtime_matches(7)) == ["a"]
    assert server.asked == ["GET /api/v2/monitor/7/downtime_matches"]

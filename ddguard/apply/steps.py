"""Steps that wait for each other, several at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """How one step ended: with a `result`, or never begun, because the step `blocked_by` failed or the user stopped."""

    place: int
    result: T | None = None
    blocked_by: int | None = None


def in_order(
    needs: Sequence[frozenset[int]],
    act: Callable[[int], T],
    succeeded: Callable[[T], bool],
    workers: int,
    stopping: Callable[[], bool],
) -> Iterator[Step[T]]:
    """Carries out `act` for each place of `needs` once all that it needs has succeeded; yields each as it ends.

    At most `workers` run at a time, those that could run in the order of their places. A step that needs one which
    didn't succeed is never begun. Once `stopping` says so none is begun any more, and those that run end.
    """
    open_needs = [len(need) for need in needs]
    dependents = _dependents(needs)
    ready = [place for place, count in enumerate(open_needs) if count == 0]
    heapify(ready)
    left = dict.fromkeys(range(len(needs)))
    running: dict[Future[T], int] = {}
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="apply") as pool:
        while ready or running:
            while ready and len(running) < workers and not stopping():
                place = heappop(ready)
                running[pool.submit(act, place)] = place
            if not running:
                break
            for place, result in _ended(running):
                del left[place]
                yield Step(place, result)
                if not succeeded(result):
                    yield from _blocked(place, dependents, left)
                    continue
                for dependent in dependents[place]:
                    open_needs[dependent] -= 1
                    if open_needs[dependent] == 0:
                        heappush(ready, dependent)
    yield from (Step(place) for place in left)


def _dependents(needs: Sequence[frozenset[int]]) -> list[list[int]]:
    """For each place those that need it."""
    dependents: list[list[int]] = [[] for _ in needs]
    for place, need in enumerate(needs):
        for one in need:
            dependents[one].append(place)
    return dependents


def _ended(running: dict[Future[T], int]) -> list[tuple[int, T]]:
    """What has ended since, waiting for at least one; takes it out of `running`."""
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    return sorted(((running.pop(future), future.result()) for future in done), key=lambda ended: ended[0])


def _blocked(failed: int, dependents: Sequence[Sequence[int]], left: dict[int, None]) -> Iterator[Step[T]]:
    """Everything that can't be done now, each with the step that it waited for."""
    blockers = [failed]
    while blockers:
        blocker = blockers.pop(0)
        for place in dependents[blocker]:
            if place in left:
                del left[place]
                blockers.append(place)
                yield Step(place, blocked_by=blocker)

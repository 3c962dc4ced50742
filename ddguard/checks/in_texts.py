"""Checks that look for something in every text of a spec."""

from collections.abc import Callable, Iterable, Iterator

from ddguard.checks.base import Examine, ExamineDowntime, Found, Subject, Surroundings
from ddguard.checks.written import texts_of, where
from ddguard.model import Downtime, Path
from ddguard.templates import Span

Search = Callable[[str], Iterator[tuple[str, Span]]]
"""Finds things in a text: what each one is (`a card number`), and where.

What stands in a text it also finds, if perhaps further on, in a longer one that holds the text as lines of its own.
"""


def examiners(search: Search, hint: str) -> tuple[Examine, ExamineDowntime]:
    """What a check does with a monitor and with a downtime: tells what is found in their texts without repeating it."""

    def found_in(texts: Iterable[tuple[Path, str]]) -> Iterator[Found]:
        for path, text in texts:
            for what, span in search(text):
                yield Found(path, f"{what} in {where(path)}", hint, span.start, span.width, private=True)

    def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
        return found_in(subject.texts) if any(search(subject.prose)) else iter(())

    def examine_downtime(downtime: Downtime, _: Surroundings) -> Iterator[Found]:
        return found_in(texts_of(downtime))

    return examine, examine_downtime

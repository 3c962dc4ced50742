"""Checks that look for something in every text of a spec."""

from collections.abc import Callable, Iterator

from ddguard.checks.base import Examine, ExamineDowntime, Found, Subject, Surroundings
from ddguard.checks.written import Spec, texts_of, where
from ddguard.model import Downtime
from ddguard.templates import Span

Search = Callable[[str], Iterator[tuple[str, Span]]]
"""Finds things in a text: what each one is (`a card number`), and where."""


def examiners(search: Search, hint: str) -> tuple[Examine, ExamineDowntime]:
    """What a check does with a monitor and with a downtime: tells what is found in their texts without repeating it."""

    def found_in(spec: Spec) -> Iterator[Found]:
        for path, text in texts_of(spec):
            for what, span in search(text):
                yield Found(path, f"{what} in {where(path)}", hint, span.start, span.width, private=True)

    def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
        return found_in(subject.monitor)

    def examine_downtime(downtime: Downtime, _: Surroundings) -> Iterator[Found]:
        return found_in(downtime)

    return examine, examine_downtime

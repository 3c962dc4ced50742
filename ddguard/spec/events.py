"""The events of PyYAML's parser, and their types."""

from collections.abc import Callable
from typing import Protocol, cast

import yaml

LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""At C speed wherever PyYAML was built with libyaml, as its wheels are."""

ALIAS: type = yaml.AliasEvent
SCALAR: type = yaml.ScalarEvent
LIST_START: type = yaml.SequenceStartEvent
LIST_END: type = yaml.SequenceEndEvent
MAPPING_START: type = yaml.MappingStartEvent
MAPPING_END: type = yaml.MappingEndEvent
DOCUMENT_START: type = yaml.DocumentStartEvent
STREAM_END: type = yaml.StreamEndEvent


class Mark(Protocol):
    """A place in the text that is parsed, all from 0."""

    index: int
    line: int
    column: int


class Event(Protocol):
    """Where something begins or ends. What an event has beyond its marks hangs on its type."""

    start_mark: Mark
    end_mark: Mark
    anchor: str | None
    tag: str | None
    value: str
    style: str | None
    flow_style: bool


def events_of(text: str) -> Callable[[], Event]:
    """Gives the next event with each call; `yaml.YAMLError` where the text is broken."""
    return cast("Callable[[], Event]", LOADER(text).get_event)


def too_deep_at(error: yaml.YAMLError) -> int | None:
    """Where in the text the parser met more levels than it takes; None for any other error.

    libyaml takes 1,000 since PyYAML 6.0.4, and says so before it has given the events of the first of them.
    """
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem != "exceeded maximum nesting depth":
        return None
    mark = cast("Mark | None", error.problem_mark)
    return None if mark is None else mark.index

"""Where a monitor's query names the keys of its groups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ddguard.checks.base import Subject
from ddguard.model import Json, Path
from ddguard.query.nodes import GroupKey, Method, Text, Word


@dataclass(frozen=True, slots=True)
class GroupPlace:
    """A key and its characters in the text at `path`; a width of 0: the whole text."""

    key: str
    path: Path
    offset: int = 0
    width: int = 0


QUERY: Path = ("query",)
VARIABLES: Path = ("options", "variables")


def group_places(subject: Subject) -> Iterator[GroupPlace]:
    """Every key that the query, or a query of its formula, is grouped by, in the order in which they are written."""
    for node in subject.nodes:
        if isinstance(node, GroupKey):
            yield GroupPlace(node.key, QUERY, node.span.start, node.span.width)
        elif isinstance(node, Method) and node.name == "by":
            for argument in node.arguments:
                if isinstance(argument, Text):
                    yield from _listed(argument.text, argument.inside.start)
                elif isinstance(argument, Word):
                    yield from _listed(argument.text, argument.span.start)
    for index, variable in enumerate(subject.options.get("variables") or ()):
        if isinstance(variable, Mapping):
            yield from _of_variable(variable, (*VARIABLES, index))


def _listed(text: str, start: int) -> Iterator[GroupPlace]:
    """The keys in `"@usr.id,service"`."""
    for part in text.split(","):
        key = part.strip()
        if key:
            yield GroupPlace(key, QUERY, start + part.index(key), len(key))
        start += len(part) + 1


def _of_variable(variable: Mapping[str, Json], path: Path) -> Iterator[GroupPlace]:
    for index, group in enumerate(variable.get("group_by") or ()):
        if isinstance(group, Mapping):
            yield GroupPlace(str(group.get("facet")), (*path, "group_by", index, "facet"))
        else:
            yield GroupPlace(str(group), (*path, "group_by", index))

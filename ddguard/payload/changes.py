"""What differs between an object as it shall be and as Datadog has it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ddguard.model import Json, Path
from ddguard.payload.normal import normal_form, value_at
from ddguard.payload.tables import Kind, Rule
from ddguard.payload.values import ABSENT, same


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that has to change: `before` is Datadog's, `after` the wanted one, both as they were written.

    `ABSENT` stands where a side has nothing; None is JSON's null.
    """

    path: Path
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class Compared:
    """Two objects and their normal forms. `wanted` and `live` are as they were written."""

    wanted: Mapping[str, Json]
    live: Mapping[str, Json]
    wanted_form: dict[str, Any]
    live_form: dict[str, Any]

    def changes(self) -> Iterator[FieldChange]:
        """Every difference in a top-level field that the wanted form has, in its order."""
        for key in self.wanted_form:
            yield from self._changes((key,))

    def _changes(self, path: Path) -> Iterator[FieldChange]:
        before, after = value_at(self.live_form, path), value_at(self.wanted_form, path)
        if isinstance(before, dict) and isinstance(after, dict):
            for key in {**after, **before}:
                yield from self._changes((*path, key))
        elif isinstance(before, list) and isinstance(after, list) and _entry_by_entry(before, after):
            for place in range(len(after)):
                yield from self._changes((*path, place))
        elif not same(before, after):
            yield FieldChange(path, value_at(self.live, path), value_at(self.wanted, path))


def _entry_by_entry(before: list[Json], after: list[Json]) -> bool:
    """Lists of as many mappings are told apart inside; all other lists as a whole."""
    return len(before) == len(after) and all(isinstance(entry, dict) for entry in (*before, *after))


def compared(wanted: Mapping[str, Json], live: Mapping[str, Json], rules: tuple[Rule, ...]) -> Compared:
    """Both objects in their normal forms, without what Datadog added to the live one by itself."""
    wanted_form, live_form = normal_form(wanted, rules), normal_form(live, rules)
    for rule in rules:
        if rule.kind is Kind.ADDED and value_at(wanted_form, rule.path) is ABSENT:
            parent = value_at(live_form, rule.path[:-1])
            if isinstance(parent, dict):
                parent.pop(rule.path[-1], None)
    return Compared(wanted, live, wanted_form, live_form)

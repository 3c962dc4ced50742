"""What a check is, what it gets to see, and how its docstring becomes its page."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TypeVar, cast

from ddguard.checks.groups import fixed_keys, keys_of
from ddguard.checks.mentions import Mention, mentions
from ddguard.checks.written import ESCALATION, MESSAGE, NAME, text_at, texts_of
from ddguard.findings import Severity
from ddguard.model import Downtime, Json, Monitor, Path, Project
from ddguard.query import QueryError, parse, threshold, walk
from ddguard.query.nodes import Call, Method, MetricQuery, Node, Query
from ddguard.templates import Branches, Span, Template, Use, read, uses, visit
from ddguard.templates.nodes import TEXTS, Calling

CALLS = (Call, Method)

SomeNode = TypeVar("SomeNode", bound=Node)


class Theme(StrEnum):
    """What a group of checks is about; its number begins the codes of the checks (that of files is 0)."""

    QUERY = "query"
    OPTIONS = "options"
    MESSAGE = "message"
    PRIVACY = "privacy"
    HYGIENE = "hygiene"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a check may want to know beyond the monitor itself. `today` is the day in UTC.

    `tested` are the ids of the monitors that test files name; `monitors` and `downtimes` are all of the project by id.
    `composites` holds for each monitor that is a part of some the ids of those composites, `names` the ids by name.
    """

    project: Project
    today: date
    monitors: Mapping[str, "Subject"] = field(default_factory=dict)
    downtimes: Mapping[str, Downtime] = field(default_factory=dict)
    tested: frozenset[str] = frozenset()
    composites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """A monitor with its query read. `query` is None where the text is no query that Datadog would take.

    For kinds of query that aren't read the tree is an `Opaque` node: checks leave it alone. `templates` are the texts
    of its notifications by their places in the monitor: the name, the message, the escalation message. What several
    checks want to know of these is worked out once, for the first that asks.
    """

    monitor: Monitor
    query: Query | None
    mistake: QueryError | None = None
    templates: Mapping[Path, Template] = field(default_factory=dict)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes of the query's tree, the query itself first, as they are written; none without a query."""
        return tuple(walk(self.query)) if self.query else ()

    @cached_property
    def keys(self) -> tuple[str, ...] | None:
        """The keys that it is grouped by, each once; empty for a simple alert, None where it can't be told.

        A service check by all its tags has the one key `*`.
        """
        return keys_of(self.query, self.options)

    @cached_property
    def known_keys(self) -> frozenset[str] | None:
        """The keys, without the `@` of facets, whose values are known in every alert: its groups and what filters fix.

        None where the groups can't be told.
        """
        if self.keys is None:
            return None
        fixed = fixed_keys(self.query, self.found(MetricQuery))
        return frozenset(key.lstrip("@") for key in (*self.keys, *fixed))

    @cached_property
    def texts(self) -> tuple[tuple[Path, str], ...]:
        """Everything in the monitor that people wrote, and where it stands."""
        return tuple(texts_of(self.monitor))

    @cached_property
    def prose(self) -> str:
        """All these texts one below the other: what isn't found in it is in none of them."""
        return "\n".join(text for _, text in self.texts)

    @cached_property
    def uses(self) -> tuple[tuple[Path, Use], ...]:
        """The variables that its notifications name, and in which of their texts."""
        return tuple((path, use) for path, part, branches in self.parts for use in uses(part, branches))

    @cached_property
    def parts(self) -> tuple[tuple[Path, Calling, Branches], ...]:
        """The parts of its notifications' texts that are more than mere text, and the conditionals around them."""
        return tuple(
            (path, part, branches)
            for path, template in self.templates.items()
            for part, branches in visit(template.parts)
            if not isinstance(part, TEXTS)
        )

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """Everything in its messages that Datadog reads as a handle, or that its writer meant as one."""
        texts = {path: self.templates[path] for path in (MESSAGE, ESCALATION) if path in self.templates}
        return tuple(
            mention for path, template in texts.items() for mention in mentions(path, self.text(path), template)
        )

    @property
    def notified(self) -> tuple[Mention, ...]:
        """What Datadog reads as a handle."""
        return tuple(mention for mention in self.mentions if mention.handle.is_mention)

    @cached_property
    def _by_kind(self) -> Mapping[type[Node], list[Node]]:
        kinds: defaultdict[type[Node], list[Node]] = defaultdict(list)
        for node in self.nodes:
            kinds[type(node)].append(node)
        return kinds

    @cached_property
    def _called(self) -> tuple[Call | Method, ...]:
        return tuple(node for node in self.nodes if isinstance(node, CALLS))

    @cached_property
    def options(self) -> Mapping[str, Json]:
        """The monitor's options, empty without any."""
        return self.monitor.definition.get("options") or {}

    @cached_property
    def thresholds(self) -> Mapping[str, Json]:
        """The thresholds in the options, empty without any."""
        return self.options.get("thresholds") or {}

    @property
    def message(self) -> str:
        """The message, empty without any."""
        return self.text(MESSAGE)

    def text(self, path: Path) -> str:
        """The text of its notifications that stands there, empty without any."""
        return text_at(self.monitor, path)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags, the project's included."""
        return tuple(self.monitor.definition.get("tags") or ())

    def number(self, option: str) -> float | None:
        """The number that an option has; None where it has none."""
        return as_number(self.options.get(option))

    def level(self, name: str) -> float | None:
        """The number of one of the thresholds; for `critical` the one that the query states, if it states one."""
        stated = threshold(self.query) if name == "critical" and self.query else None
        return stated.value if stated else as_number(self.thresholds.get(name))

    def found(self, kind: type[SomeNode]) -> tuple[SomeNode, ...]:
        """The query's nodes of one kind, a class of nodes that has no further ones below it."""
        return tuple(cast("list[SomeNode]", self._by_kind.get(kind, ())))

    def calls(self, *names: str) -> tuple[Call | Method, ...]:
        """The calls of functions and methods of these names in the query."""
        return tuple(call for call in self._called if call.name in names) if self._called else ()


def as_number(value: Json) -> float | None:
    """A JSON number as it is; None for all else."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def subject(monitor: Monitor) -> Subject:
    """Reads a monitor's query and the texts of its notifications."""
    text = str(monitor.definition.get("query", ""))
    templates = {path: read(text_at(monitor, path)) for path in (NAME, MESSAGE, ESCALATION)}
    try:
        query = parse(monitor.type, text)
    except QueryError as mistake:
        return Subject(monitor, None, mistake, templates)
    return Subject(monitor, query, templates=templates)


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of a check: the place inside the monitor, and what to say.

    `offset` and `width` are characters of the text at `path` (0 and 0: the whole value). With `key` the place is that
    of the key at the end of `path`. With `private` no report may repeat the characters.
    """

    path: Path
    message: str
    hint: str = ""
    offset: int = 0
    width: int = 0
    key: bool = False
    private: bool = False


def found_in_query(node: Node, message: str, hint: str = "") -> Found:
    """A hit at a node of the query's tree."""
    return Found(("query",), message, hint, node.span.start, node.span.width)


def found_in_text(path: Path, span: Span, message: str, hint: str = "") -> Found:
    """A hit at some characters of a text."""
    return Found(path, message, hint, span.start, max(span.width, 1))


def found_at_option(message: str, hint: str, *path: str) -> Found:
    """A hit at the key of an option, or of a part of one: `found_at_option(..., "thresholds", "warning")`."""
    return Found(("options", *path), message, hint, key=True)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding is an instance of. `code` (DDG101) and `name` stay the same over releases.

    `page` explains it: the docstring of the module that finds it.
    """

    code: str
    name: str
    severity: Severity
    theme: Theme
    page: str

    @property
    def summary(self) -> str:
        """What is wrong, in one line: the page's first."""
        return self.page.strip().split("\n", maxsplit=1)[0].rstrip(".")

    @property
    def sections(self) -> Mapping[str, str]:
        """The page's sections by their headings: What, Why, Example, Use instead, Source."""
        parts = re.split(r"^## (.+)$", self.page, flags=re.MULTILINE)
        return {heading.strip(): body.strip() for heading, body in zip(parts[1::2], parts[2::2], strict=True)}

    def examples(self, heading: str) -> tuple[str, ...]:
        """The YAML blocks of a section: those of `Example` are found fault with, those of `Use instead` are not."""
        return tuple(re.findall(r"^```yaml\n(.*?)^```$", self.sections.get(heading, ""), re.MULTILINE | re.DOTALL))


Examine = Callable[[Subject, Surroundings], Iterator[Found]]
ExamineDowntime = Callable[[Downtime, Surroundings], Iterator[Found]]


def nothing(_: object, __: Surroundings) -> Iterator[Found]:
    """Has nothing to say, to whatever it is shown."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Check(Rule):
    """A rule that looks at one monitor, or at one downtime, at a time."""

    examine: Examine
    examine_downtime: ExamineDowntime = nothing

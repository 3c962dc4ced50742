"""The syntax tree of Datadog's message templates: frozen values that say what was written, not what it means.

    Template
    └── Part
        ├── Plain      text outside of braces
        ├── Output     {{host.name}}  {{{check_message}}}  {{eval "int(value)"}}
        ├── Block      {{#is_alert}}...{{else}}...{{/is_alert}}  {{^is_match "env.name" "prod"}}...{{/is_match}}
        ├── Comment    {{!-- for the next reader --}}
        └── Verbatim   {{{{raw}}}} {{not a variable}} {{{{/raw}}}}

The language is that of Handlebars templates. A span is a pair of offsets into the text; spans take no part in
comparisons. https://docs.datadoghq.com/monitors/notify/variables/
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

SEGMENT = re.compile(r"\[([^\]]*)\]|([^./\[\]]+)")


class Span(NamedTuple):
    """Where something stands in a text: from `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def width(self) -> int:
        """The number of characters."""
        return self.end - self.start


NOWHERE = Span(0, 0)
"""The span of a node that was made, not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything in the tree."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable or a helper as it is written: `value`, `host.name`, `[dot.key].name`, `log.tags.[error.code]`."""

    text: str

    @property
    def segments(self) -> tuple[str, ...]:
        """Its parts between the dots; brackets hold a part together: `("dot.key", "name")`."""
        return segments(self.text)


@lru_cache(maxsize=10_000)
def segments(name: str) -> tuple[str, ...]:
    """The parts of a name; the same few names stand in most messages."""
    return tuple(inside or plain for inside, plain in SEGMENT.findall(name))


@dataclass(frozen=True, slots=True)
class Quoted(Node):
    """A quoted argument: `text` is what stands between the quotes, `quote` is `"` or `'`."""

    text: str
    quote: str = '"'

    @property
    def inside(self) -> Span:
        """The place of what stands between the quotes."""
        return Span(self.span.start + 1, self.span.end - 1)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """What stands between the braces: a name and its arguments, none for a variable.

    As an argument it stands in parentheses, `(eval "int(value)")`, and has no further ones in it.
    """

    name: Name
    arguments: tuple["Argument", ...] = ()


Argument = Name | Quoted | Call


@dataclass(frozen=True, slots=True)
class Plain(Node):
    """Text outside of braces."""

    text: str


@dataclass(frozen=True, slots=True)
class Output(Node):
    """What is replaced by a value; `raw` for the triple braces, which leave `&` and `<` as they are."""

    call: Call
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Block(Node):
    """A conditional: `body` stands if it holds, `otherwise` (after `{{else}}`) if not; `negated` for `{{^...}}`."""

    call: Call
    body: tuple["Part", ...]
    otherwise: tuple["Part", ...] = ()
    negated: bool = False

    @property
    def name(self) -> str:
        """The conditional's name: `is_alert`."""
        return self.call.name.text


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """A note that is not sent; `text` is what stands between `{{!` and `}}`."""

    text: str


@dataclass(frozen=True, slots=True)
class Verbatim(Node):
    """Text that is sent as it is, braces and all; the call is `raw` or a conditional without its `#`."""

    call: Call
    text: str


Calling = Output | Block | Verbatim
Part = Plain | Comment | Calling

TEXTS = (Plain, Comment)
"""The parts that hold no call."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What can't be read, and where; `hint` may be empty."""

    message: str
    span: Span
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A whole text. Where `mistakes` were made, `parts` are what can be told all the same."""

    parts: tuple[Part, ...]
    mistakes: tuple[Mistake, ...] = ()

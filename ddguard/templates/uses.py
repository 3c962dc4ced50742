"""The variables that a template names, what for, and whether helpers are called as they want to be."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ddguard.templates.evaluation import evaluation
from ddguard.templates.nodes import (
    TEXTS,
    Argument,
    Call,
    Name,
    Output,
    Part,
    Quoted,
    Span,
    Template,
)
from ddguard.templates.vocabulary import FUNCTIONS, MATCHING, MOVING
from ddguard.templates.walking import Branches, visit


class Purpose(Enum):
    """What a variable is named for."""

    SHOWN = "its value stands in the text"
    COMPARED = "a conditional looks at its value"
    LOOKED_FOR = "a conditional asks whether it is there at all"


@dataclass(frozen=True, slots=True)
class Use:
    """One variable at one place."""

    name: Name
    purpose: Purpose


def uses(part: Part, branches: Branches) -> Iterator[Use]:
    """Every variable that a part itself names, in the order of the text; none inside of `each` and `with`."""
    if isinstance(part, TEXTS) or (branches and any(branch.block.name in MOVING for branch in branches)):
        return
    if isinstance(part, Output):
        yield from _shown(part.call)
    else:
        yield from _condition(part.call)


def calls(template: Template) -> Iterator[Call]:
    """Every call of a helper, conditionals and those in parentheses included, in the order of the text."""
    for part, _ in visit(template.parts):
        if not isinstance(part, TEXTS):
            yield part.call
            yield from (argument for argument in part.call.arguments if isinstance(argument, Call))


def _shown(call: Call) -> Iterator[Use]:
    if call.name.text not in FUNCTIONS and not call.arguments:
        yield Use(call.name, Purpose.SHOWN)
    else:
        yield from (Use(name, Purpose.SHOWN) for name in _named(call))


def _condition(call: Call) -> Iterator[Use]:
    if call.name.text not in MATCHING:
        yield from (Use(name, Purpose.LOOKED_FOR) for name in call.arguments[:1] if isinstance(name, Name))
        return
    empty = any(isinstance(argument, Quoted) and not argument.text for argument in call.arguments[1:])
    purpose = Purpose.LOOKED_FOR if empty else Purpose.COMPARED
    yield from (Use(name, purpose) for name in _first_named(call))


def _named(call: Call) -> Iterator[Name]:
    """The variables in the arguments of a function."""
    if call.name.text == "eval":
        for argument in call.arguments:
            if isinstance(argument, Quoted):
                yield from evaluation(argument).names
    elif call.name.text in {"local_time", "urlencode"}:
        yield from _first_named(call)


def _first_named(call: Call) -> Iterator[Name]:
    first: Argument | None = call.arguments[0] if call.arguments else None
    if isinstance(first, Call):
        yield from _named(first)
    elif isinstance(first, Name):
        yield first
    elif first is not None and first.text.strip():
        start = first.inside.start + len(first.text) - len(first.text.lstrip())
        name = first.text.strip()
        yield Name(name, span=Span(start, start + len(name)))

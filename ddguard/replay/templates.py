"""Message templates filled in: variables, conditionals and helpers in double braces.

https://docs.datadoghq.com/monitors/notify/variables/
"""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ddguard.errors import InputError
from ddguard.replay.arithmetic import UndocumentedError, evaluated
from ddguard.templates import evaluation, read
from ddguard.templates.nodes import Argument, Block, Call, Name, Output, Part, Plain, Quoted, Verbatim
from ddguard.templates.vocabulary import MATCHING


class TemplateError(InputError):
    """A message that can't be filled in: Datadog would refuse its template."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message is filled with.

    `conditions` are the names of the state conditionals that hold (`is_alert`), `variables` the values by name
    (`value`, `tenant.name`), `moments` the seconds behind times (`last_triggered_at`), `priority` such as `P3`.
    """

    conditions: frozenset[str]
    variables: Mapping[str, str]
    moments: Mapping[str, int] = field(default_factory=dict)
    priority: str = ""


def render(template: str, facts: Facts) -> str:
    """The message as it is sent. TemplateError for a template that can't be read, naming the first mistake in it."""
    found = read(template)
    if found.mistakes:
        raise TemplateError(f"the message can't be filled in: {found.mistakes[0].message}", found.mistakes[0].hint)
    return "".join(_told(found.parts, facts)).strip()


def _told(parts: Sequence[Part], facts: Facts) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Plain):
            yield part.text
        elif isinstance(part, Output):
            value = _value(part.call, facts)
            yield value if part.raw else html.escape(value, quote=False)
        elif isinstance(part, Block):
            yield from _told(part.body if _holds(part.call, facts) != part.negated else part.otherwise, facts)
        elif isinstance(part, Verbatim) and (part.call.name.text == "raw" or _holds(part.call, facts)):
            yield part.text


def _holds(call: Call, facts: Facts) -> bool:
    """Whether a conditional does."""
    name, arguments = call.name.text, call.arguments
    if name == "is_priority":
        return facts.priority.lower() in {_text(argument, facts).lower() for argument in arguments}
    if name not in MATCHING:
        return name in facts.conditions
    if not arguments:
        return False
    value, *wanted = _variable(arguments[0], facts), *(_text(argument, facts) for argument in arguments[1:])
    if name == "is_match":
        return any(text in value for text in wanted)
    return any(_equal(value, text) for text in wanted or [""])


def _equal(value: str, text: str) -> bool:
    """Equal texts, or equal numbers: 5 and 5.0."""
    try:
        return value == text or float(value) == float(text)
    except ValueError:
        return False


def _value(call: Call, facts: Facts) -> str:
    helper = HELPING.get(call.name.text)
    return helper(call.arguments, facts) if helper and call.arguments else _variable(call.name, facts)


def _text(argument: Argument, facts: Facts) -> str:
    """What an argument that is compared with stands for: a text, or what a helper makes."""
    if isinstance(argument, Call):
        return _value(argument, facts)
    return argument.text


def _variable(argument: Argument, facts: Facts) -> str:
    """The value of `tenant.name`, `tenant` or `[dotted.key].name`, in quotes or without; empty where there is none."""
    if isinstance(argument, Call):
        return _value(argument, facts)
    name = ".".join(Name(argument.text).segments)
    found = facts.variables.get(name)
    return facts.variables.get(f"{name}.name", "") if found is None else found


Arguments = Sequence[Argument]


def _local_time(arguments: Arguments, facts: Facts) -> str:
    zone = _text(arguments[1], facts) if len(arguments) > 1 else "UTC"
    second = facts.moments.get(_text(arguments[0], facts))
    if second is None:
        return ""
    try:
        moment = datetime.fromtimestamp(second, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        raise TemplateError(f"there is no time zone {zone!r}") from None
    offset = f"{moment:%z}"
    return f"{moment:%Y-%m-%d %H:%M:%S}{offset[:3]}:{offset[3:5]}"


def _urlencode(arguments: Arguments, facts: Facts) -> str:
    return quote(_variable(arguments[0], facts), safe="")


def _override_priority(_: Arguments, __: Facts) -> str:
    return ""


def _eval(arguments: Arguments, facts: Facts) -> str:
    """What the expression comes to, as it is written where Datadog doesn't say what that is."""
    argument = arguments[0]
    expression = evaluation(argument).expression if isinstance(argument, Quoted) else None
    try:
        if expression is not None:
            found = evaluated(expression, lambda name: _variable(name, facts))
            return found if isinstance(found, str) else number(found)
    except (UndocumentedError, OverflowError):
        pass
    return f'{{{{eval "{_text(argument, facts)}"}}}}'


HELPING: Mapping[str, Callable[[Arguments, Facts], str]] = {
    "local_time": _local_time,
    "urlencode": _urlencode,
    "override_priority": _override_priority,
    "eval": _eval,
}


def number(value: float | None) -> str:
    """A value as messages show it: whole numbers without a fraction, no digits beyond the twelfth, empty for none."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else f"{value:.12g}"


def moment(second: int) -> str:
    """A time as messages show it."""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M:%S} UTC"

"""Message templates: variables, conditionals and helpers in double braces.

https://docs.datadoghq.com/monitors/notify/variables/
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ddguard.errors import InputError

TAG = re.compile(
    r"\{\{\{\{raw\}\}\}\}(?P<raw>.*?)\{\{\{\{/raw\}\}\}\}"
    r"|\{\{!(?:--.*?--|.*?)\}\}"
    r"|\{\{\{(?P<plain>[^{}]*)\}\}\}"
    r"|\{\{(?P<code>[^{}]*)\}\}",
    re.DOTALL,
)
ARGUMENT = re.compile(r'"([^"]*)"|\'([^\']*)\'|(\S+)')


class TemplateError(InputError):
    """A message whose blocks don't fit together."""


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


@dataclass(slots=True)
class _Block:
    """`{{#name arguments}}` or `{{^name arguments}}` up to its end, with the part after `{{else}}`."""

    name: str
    arguments: tuple[str, ...] = ()
    negated: bool = False
    parts: "list[str | _Block]" = field(default_factory=list)
    otherwise: "list[str | _Block] | None" = None

    @property
    def open_part(self) -> "list[str | _Block]":
        """Where text goes that comes next."""
        return self.parts if self.otherwise is None else self.otherwise


def render(template: str, facts: Facts) -> str:
    """The message as it is sent. TemplateError for a block that is not closed, or closed without being open."""
    return "".join(_told(_tree(template, facts).parts, facts)).strip()


def _tree(template: str, facts: Facts) -> _Block:
    """The template's blocks; variables are filled in already."""
    stack = [_Block("")]
    end = 0
    for tag in TAG.finditer(template):
        stack[-1].open_part.append(template[end : tag.start()])
        end = tag.end()
        code = (tag["code"] or "").strip()
        if tag["raw"] is not None:
            stack[-1].open_part.append(tag["raw"])
        elif tag["plain"] is not None:
            stack[-1].open_part.append(_value(tag["plain"].strip(), facts))
        elif code[:1] in {"#", "^"}:
            name, *arguments = _arguments(code[1:])
            block = _Block(name, tuple(arguments), code[0] == "^")
            stack[-1].open_part.append(block)
            stack.append(block)
        elif code[:1] == "/":
            _close(stack, code[1:].strip())
        elif code == "else" and len(stack) > 1:
            stack[-1].otherwise = []
        elif code:
            stack[-1].open_part.append(html.escape(_value(code, facts), quote=False))
    if len(stack) > 1:
        raise TemplateError(f"the block {{{{#{stack[-1].name}}}}} of the message is not closed")
    stack[0].parts.append(template[end:])
    return stack[0]


def _close(stack: list[_Block], name: str) -> None:
    if len(stack) == 1 or stack[-1].name != name:
        raise TemplateError(f"the message closes {{{{/{name}}}}}, which is not the open block")
    stack.pop()


def _told(parts: "list[str | _Block]", facts: Facts) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif _holds(part, facts) != part.negated:
            yield from _told(part.parts, facts)
        else:
            yield from _told(part.otherwise or [], facts)


def _arguments(code: str) -> list[str]:
    return [double or single or word for double, single, word in ARGUMENT.findall(code)] or [""]


def _holds(block: _Block, facts: Facts) -> bool:
    if block.name == "is_priority":
        return facts.priority.lower() in {argument.lower() for argument in block.arguments}
    if block.name not in {"is_match", "is_exact_match"}:
        return block.name in facts.conditions
    if not block.arguments:
        return False
    name, *wanted = block.arguments
    value = _variable(name, facts)
    if block.name == "is_match":
        return any(text in value for text in wanted)
    return any(_equal(value, text) for text in wanted or [""])


def _equal(value: str, text: str) -> bool:
    """Equal texts, or equal numbers: 5 and 5.0."""
    try:
        return value == text or float(value) == float(text)
    except ValueError:
        return False


def _value(code: str, facts: Facts) -> str:
    name, *arguments = _arguments(code)
    helper = HELPING.get(name)
    return helper(arguments, facts) if helper and arguments else _variable(name, facts)


def _variable(name: str, facts: Facts) -> str:
    """The value of `tenant.name`, `tenant` or `[dotted.key].name`; empty where there is none."""
    name = re.sub(r"^\[(.*)\]\.name$", r"\1.name", name)
    found = facts.variables.get(name)
    return facts.variables.get(f"{name}.name", "") if found is None else found


def _local_time(arguments: list[str], facts: Facts) -> str:
    name, zone = arguments[0], arguments[1] if len(arguments) > 1 else "UTC"
    second = facts.moments.get(name)
    if second is None:
        return ""
    try:
        moment = datetime.fromtimestamp(second, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        raise TemplateError(f"there is no time zone {zone!r}") from None
    offset = f"{moment:%z}"
    return f"{moment:%Y-%m-%d %H:%M:%S}{offset[:3]}:{offset[3:5]}"


def _urlencode(arguments: list[str], facts: Facts) -> str:
    return quote(_variable(arguments[0], facts), safe="")


def _override_priority(_: list[str], __: Facts) -> str:
    return ""


def _eval(arguments: list[str], _: Facts) -> str:
    return f'{{{{eval "{arguments[0]}"}}}}'


HELPING: Mapping[str, Callable[[list[str], Facts], str]] = {
    "local_time": _local_time,
    "urlencode": _urlencode,
    "override_priority": _override_priority,
    "eval": _eval,
}
"""`eval` stays as it is written: its arithmetic isn't carried out here."""


def number(value: float | None) -> str:
    """A value as messages show it: whole numbers without a fraction, empty for none."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(value)


def moment(second: int) -> str:
    """A time as messages show it."""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M:%S} UTC"

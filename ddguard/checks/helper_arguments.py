"""A helper in a message is called in a way that it doesn't understand.

## What
`is_match` wants a variable in quotes and texts to compare with, `eval` one expression in quotes, `is_priority` one of
P1 to P5, and so on. Here something is missing, too much, not in quotes, or there is no such function.

## Why
Such a conditional never holds and such a value stays empty, while the message looks right in a review.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {env} > 10
message: |
  {{#is_match env.name "prod"}}
  Too many errors, see https://runbooks.example.com/errors @slack-team
  {{/is_match}}
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {env} > 10
message: |
  {{#is_match "env.name" "prod"}}
  Too many errors, see https://runbooks.example.com/errors @slack-team
  {{/is_match}}
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/monitors/notify/variables/ and
https://docs.datadoghq.com/monitors/guide/template-variable-evaluation/
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_text
from ddguard.findings import Severity
from ddguard.templates import Mistake, evaluation
from ddguard.templates.nodes import Block, Call, Name, Output, Quoted, Verbatim
from ddguard.templates.vocabulary import FUNCTIONS, MATCHING, PRIORITIES, STATES, TIMES


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Holds every call to what its helper wants; one that couldn't be read has no place, and is told already."""
    for path, part, _branches in subject.parts:
        for mistake in _in_part(part) if part.call.span.width else ():
            yield found_in_text(path, mistake.span, mistake.message, mistake.hint)


def _in_part(part: Output | Block | Verbatim) -> Iterator[Mistake]:
    name = part.call.name
    inner = [argument for argument in part.call.arguments if isinstance(argument, Call)]
    if isinstance(part, Output) and name.text not in FUNCTIONS:
        inner += [part.call] if part.call.arguments else []
    else:
        yield from CALLS.get(name.text, _anything)(part.call)
    for call in inner:
        yield from CALLS[call.name.text](call) if call.name.text in FUNCTIONS else _unknown(call.name)


def _unknown(name: Name) -> Iterator[Mistake]:
    near = get_close_matches(name.text, sorted(FUNCTIONS), n=1)
    yield Mistake(f"there is no function {name.text}", name.span, f"did you mean {near[0]}?" if near else "")


def _anything(_: Call) -> Iterator[Mistake]:
    yield from ()


def _nothing(call: Call) -> Iterator[Mistake]:
    if call.arguments:
        yield Mistake(f"{call.name.text} takes no arguments", call.arguments[0].span)


def _matching(call: Call) -> Iterator[Mistake]:
    name = call.name.text
    if len(call.arguments) < 2:
        hint = f'write {{{{#{name} "host.name" "web"}}}}'
        yield Mistake(f"{name} wants a variable and at least one text", call.span, hint)
    for argument in call.arguments:
        if isinstance(argument, Name) and not argument.text.isdecimal():
            yield Mistake(f"{argument.text} wants quotes", argument.span, f'write "{argument.text}"')


def _evaluating(call: Call) -> Iterator[Mistake]:
    texts = _texts(call, 1)
    if texts is None:
        yield _misuse(call, '{{eval "int(value)"}}')
        return
    mistake = evaluation(texts[0]).mistake
    if mistake is not None:
        yield mistake


def _priority(call: Call) -> Iterator[Mistake]:
    texts = _texts(call, 1)
    if texts is None:
        yield _misuse(call, f"{{{{{call.name.text} 'P1'}}}}")
    elif texts[0].text not in PRIORITIES:
        yield Mistake(f"there is no priority {texts[0].text}", texts[0].span, "priorities are P1 to P5")


def _local_time(call: Call) -> Iterator[Mistake]:
    texts = _texts(call, 2)
    if texts is None:
        yield _misuse(call, "{{local_time 'last_triggered_at' 'Asia/Tokyo'}}")
    elif texts[0].text not in TIMES:
        hint = "such as last_triggered_at or first_triggered_at"
        yield Mistake(f"{texts[0].text} is no time", texts[0].span, hint)


def _urlencode(call: Call) -> Iterator[Mistake]:
    if _texts(call, 1) is None:
        yield _misuse(call, '{{urlencode "service.name"}}')


def _texts(call: Call, count: int) -> tuple[Quoted, ...] | None:
    """The arguments, if they are that many and all in quotes."""
    texts = tuple(argument for argument in call.arguments if isinstance(argument, Quoted))
    return texts if len(texts) == len(call.arguments) == count else None


def _misuse(call: Call, example: str) -> Mistake:
    return Mistake(f"{call.name.text} isn't called as it wants to be", call.span, f"write {example}")


CALLS: Mapping[str, Callable[[Call], Iterator[Mistake]]] = {
    **dict.fromkeys(STATES, _nothing),
    **dict.fromkeys(MATCHING, _matching),
    "is_priority": _priority,
    "override_priority": _priority,
    "eval": _evaluating,
    "local_time": _local_time,
    "urlencode": _urlencode,
}
"""What each helper wants of its arguments."""


CHECK = Check("DDG303", "helper-arguments", Severity.WARNING, Theme.MESSAGE, __doc__, examine)

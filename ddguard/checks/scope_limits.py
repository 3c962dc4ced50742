"""A downtime's scope says what Datadog doesn't support.

## What
An OR between different keys outside of parentheses, AND or a second value without OR in what is excluded
(`-service:(a AND b)`), an exclusion inside of a key's parentheses (`service:(-a OR -b)`), a question mark as a
wildcard, or more than two levels of parentheses.

## Why
Datadog documents that such a scope doesn't work: what it was to silence alerts as ever, or all of it is refused. Two
downtimes say the same as one with an OR.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {tenant,region} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
---
kind: downtime
id: nightly
scope: "tenant:acme OR region:eu"
monitor_identifier: {monitor: errors}
schedule: {start: "2026-12-24T18:00:00Z", end: "2026-12-27T06:00:00Z"}
message: the shop is closed
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} by {tenant,region} > 10
message: Errors are up, see https://runbooks.example.com/errors @slack-team
tags: [team:shop]
priority: 3
---
kind: downtime
id: nightly-acme
scope: "tenant:acme"
monitor_identifier: {monitor: errors}
schedule: {start: "2026-12-24T18:00:00Z", end: "2026-12-27T06:00:00Z"}
message: the shop is closed
---
kind: downtime
id: nightly-eu
scope: "region:eu"
monitor_identifier: {monitor: errors}
schedule: {start: "2026-12-24T18:00:00Z", end: "2026-12-27T06:00:00Z"}
message: the shop is closed
```

## Source
https://docs.datadoghq.com/monitors/downtimes/#downtime-scope-limitations
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ddguard.checks.base import Check, Found, Surroundings, Theme, nothing
from ddguard.findings import Severity
from ddguard.model import Downtime
from ddguard.spec.scopes import TOKEN

DEEPEST = 2
"""Levels of parentheses."""

EITHER = "an OR between different keys isn't supported"
OF_SEVERAL = "what is excluded takes values with OR between them"
INSIDE = "an exclusion can't stand inside of a key's parentheses"
QUESTION_MARK = "a question mark is no wildcard here"
TOO_DEEP = f"more than {DEEPEST} levels of parentheses aren't supported"
HINTS = {
    EITHER: "write a downtime for each",
    OF_SEVERAL: "exclude each with a `-key:value` of its own",
    INSIDE: "put the `-` before the key",
    QUESTION_MARK: "write *",
    TOO_DEEP: "write several downtimes",
}


@dataclass(slots=True)
class _Reader:
    """Goes through a scope's tokens.

    `opened` are the keys before the parentheses that are open, their `-` and colon included, empty for none. `keys` are
    those of the terms outside of all parentheses, `(` for one in parentheses; `before` is the last token.
    """

    opened: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    before: str = ""
    after_or: bool = False

    def limit_at(self, text: str) -> str:
        """What is not supported about the next token; empty for what is."""
        before, self.before = self.before, text
        if text == ")":
            self.opened = self.opened[:-1]
            return ""
        if text.upper() in {"AND", "OR", "NOT"}:
            return self._joint(text.upper())
        limit = self._in_parentheses(text, before) if self.opened else self._outside(text)
        if text.endswith("("):
            self.opened.append(text[:-1])
            return TOO_DEEP if len(self.opened) > DEEPEST else limit
        return limit or (QUESTION_MARK if "?" in text and '"' not in text else "")

    def _joint(self, word: str) -> str:
        if not self.opened:
            self.after_or = word == "OR"
        return OF_SEVERAL if word == "AND" and self._excluding() else ""

    def _excluding(self) -> bool:
        return bool(self.opened) and self.opened[-1].startswith("-") and self.opened[-1] != "-"

    def _in_parentheses(self, text: str, before: str) -> str:
        keyed = self.opened[-1].strip("-:")
        if keyed and text.startswith("-"):
            return INSIDE
        follows_a_value = not before.endswith("(") and before.upper() not in {"AND", "OR", "NOT"}
        return OF_SEVERAL if follows_a_value and self._excluding() else ""

    def _outside(self, text: str) -> str:
        key = text.lstrip("-").partition(":")[0]
        differs = self.after_or and bool(self.keys) and key not in {"(", self.keys[-1]}
        self.after_or = False
        self.keys.append(key)
        return EITHER if differs and self.keys[-2] != "(" else ""


def examine_downtime(downtime: Downtime, _: Surroundings) -> Iterator[Found]:
    """Tells the first thing in a scope that isn't supported."""
    reader = _Reader()
    for token in TOKEN.finditer(str(downtime.attributes.get("scope", ""))):
        limit = reader.limit_at(token[0])
        if limit:
            yield Found(("scope",), limit, HINTS[limit], token.start(), len(token[0]))
            return


CHECK = Check("DDG522", "scope-limits", Severity.WARNING, Theme.HYGIENE, __doc__, nothing, examine_downtime)

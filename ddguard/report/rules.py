"""The pages of checks: for a terminal, as JSON, and all of them as one page of the documentation."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.text import Text

from ddguard.checks import Rule, Theme
from ddguard.findings import Severity
from ddguard.model import Json

COLORS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}

LINE = 100
"""Columns of prose at most: longer lines are hard to read."""

HEAD = """\
# Checks

<!-- Made from the docstrings of the checks. Don't edit it: python -m pytest tests/checks --update-golden -->

`ddguard validate` looks at every spec with these checks, without any network; `ddguard explain CHECK` prints one of the
pages below. An error is something that Datadog refuses, a warning something that will surprise, an info is advice.
Only errors make `validate` fail. As text it shows the first five infos of each check and counts the others, `-v` shows
all; `--min-severity warning` leaves out infos, in every format. [check-rates.md](check-rates.md) says how often each
one fires on the monitors that Datadog itself ships.

A spec that has a reason to differ says so, for good or up to a day:

```yaml
ignore:
  - {check: timeout-over-a-day, reason: our account has a longer retention, until: "2027-01-31"}
```

An `ignore` that has ended, or that nothing was found for, is told as well. What is found in files themselves, the codes
that begin with DDG0, can't be ignored.
"""


def page_text(rule: Rule) -> Iterator[RenderableType]:
    """One page: code and name, what is wrong, then the sections."""
    yield Text.assemble((f"{rule.code} {rule.name}", "bold"), "  ", (rule.severity.value, COLORS[rule.severity]))
    yield Text(f"{rule.summary}.")
    for heading, body in rule.sections.items():
        yield Text()
        yield Text(heading, "bold underline")
        yield from _section(body)


def _section(body: str) -> Iterator[RenderableType]:
    """Paragraphs are wrapped to the terminal; what is fenced stays as it is, indented."""
    for number, part in enumerate(re.split(r"^```.*\n?", body, flags=re.MULTILINE)):
        if number % 2:
            yield Padding(Text(part.rstrip("\n"), "green"), (0, 0, 0, 4), expand=False)
        elif part.strip():
            yield Constrain(Padding(Text("\n\n".join(_paragraphs(part))), (0, 0, 0, 2)), LINE)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n{2,}", text.strip())]


def rules_text(rules: Sequence[Rule]) -> Iterator[RenderableType]:
    """The list of all rules by theme: code, name, severity, what is wrong."""
    width = max(len(rule.name) for rule in rules)
    for theme, group in groupby(rules, key=lambda rule: rule.theme):
        yield Text(theme.value, "bold underline")
        for rule in group:
            yield Text.assemble(
                f"{rule.code}  {rule.name:{width}}  ",
                (f"{rule.severity.value:8}", COLORS[rule.severity]),
                rule.summary,
                no_wrap=True,
                overflow="ellipsis",
            )
        yield Text()
    yield Text("`ddguard explain CHECK` tells more about one of them.", "dim")


def rule_object(rule: Rule) -> dict[str, Json]:
    """One rule as JSON."""
    return {
        "code": rule.code,
        "check": rule.name,
        "severity": rule.severity.value,
        "theme": rule.theme.value,
        "summary": f"{rule.summary}.",
        "page": rule.page.strip(),
    }


def rules_page(rules: Sequence[Rule]) -> str:
    """All pages as one, in Markdown: a table for each theme, then the pages in the same order."""
    parts = [HEAD]
    for theme in Theme:
        group = [rule for rule in rules if rule.theme is theme]
        if group:
            parts += [f"## {theme.value.capitalize()}\n", _table(group), *(_chapter(rule) for rule in group)]
    return "\n".join(parts)


def _table(rules: Sequence[Rule]) -> str:
    rows = [
        f"| {rule.code} | [{rule.name}](#{rule.code.lower()}-{rule.name}) | {rule.severity.value} | {rule.summary} |\n"
        for rule in rules
    ]
    return "".join(["| code | check | severity | what is wrong |\n|---|---|---|---|\n", *rows])


def _chapter(rule: Rule) -> str:
    """A page one level down, its first line below its name."""
    page = re.sub(r"^## ", "#### ", rule.page.strip(), flags=re.MULTILINE)
    return f"### {rule.code} {rule.name}\n\n**{rule.severity.value}**: {page}\n"

"""What can be wrong with files themselves, as rules with their pages."""

from functools import cache

from ddguard.checks.base import Rule, Theme
from ddguard.spec.pages import pages


@cache
def file_rules() -> tuple[Rule, ...]:
    """The rules whose codes begin with DDG0, in their order. No `ignore` silences them."""
    return tuple(Rule(page.code, page.name, page.severity, Theme.FILES, page.text) for page in pages().values())

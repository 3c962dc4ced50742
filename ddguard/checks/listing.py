"""Every check there is, in the order of the codes. A new check is a module and a line here."""

from ddguard.checks import idle_ignore, query_syntax, threshold_differs, unknown_ignore
from ddguard.checks.base import Check, Rule

CHECKS: tuple[Check, ...] = (
    query_syntax.CHECK,
    threshold_differs.CHECK,
)

RULES: tuple[Rule, ...] = (*CHECKS, unknown_ignore.RULE, idle_ignore.RULE)
"""What findings are instances of: the checks, and what is found in what specs say about checks."""

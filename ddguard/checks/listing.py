"""Every check there is, in the order of the codes. A new check is a module and a line here."""

from ddguard.checks import threshold_differs
from ddguard.checks.base import Check

CHECKS: tuple[Check, ...] = (threshold_differs.CHECK,)

"""A plan -> calls: in dependency order, several at a time, telling each outcome as it happens."""

from ddguard.apply.remote import Created, Remote
from ddguard.apply.run import carry_out

__all__ = ["Created", "Remote", "carry_out"]

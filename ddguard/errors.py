"""What stops a command, and the exit code that each stop has.

    DdguardError
    ├── UsageError        64  the command line can't be followed as it stands
    ├── InputError         1  the project or a file can't be used at all
    ├── RefusedError       3  a safety rule said no; nothing was changed
    ├── DatadogError       5  Datadog or the network could not be used
    │   ├── AnswerError       Datadog answered with an error status
    │   └── LostAnswerError   no usable answer came: the call may have been carried out
    └── InterruptedRun   130  the user pressed Ctrl-C

Mistakes inside specs are no exceptions: they are collected as findings (`ddguard.findings`).
"""

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller."""

    DONE = 0
    FINDINGS = 1
    CHANGES = 2
    REFUSED = 3
    PARTLY = 4
    DATADOG = 5
    USAGE = 64
    BUG = 70
    INTERRUPTED = 130


class DdguardError(Exception):
    """A reason to stop, told in one sentence, with a hint what to do about it (may be empty)."""

    exit_code: ExitCode = ExitCode.FINDINGS

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(DdguardError):
    """The command line names something that isn't there or options that don't go together."""

    exit_code = ExitCode.USAGE


class InputError(DdguardError):
    """A file that the command can't do without can't be used."""


class RefusedError(DdguardError):
    """A safety rule stops the command before anything was changed."""

    exit_code = ExitCode.REFUSED


class DatadogError(DdguardError):
    """Datadog or the way to it failed."""

    exit_code = ExitCode.DATADOG


class AnswerError(DatadogError):
    """Datadog answered with an error status; `reasons` are its own words."""

    def __init__(self, message: str, status: int, reasons: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, hint)
        self.status = status
        self.reasons = tuple(reasons)

    @property
    def is_about_the_call(self) -> bool:
        """Whether Datadog refused what was asked, and neither who asked, nor the way, nor all that is asked then."""
        return 400 <= self.status < 500 and self.status not in {401, 403, 407, 408, 429}


class LostAnswerError(DatadogError):
    """No usable answer came back: Datadog may or may not have carried the call out."""


class InterruptedRun(DdguardError):  # noqa: N818 - an interruption is no error
    """The user interrupted the command."""

    exit_code = ExitCode.INTERRUPTED

"""Which call is repeated, when, and when to give up: see docs/decisions for the reasons.

An answer of 429 means that Datadog did nothing: every call waits at the gate and is sent again. Where the answer is
missing or says that Datadog is in trouble, a repeatable call is sent again after a pause; a POST never is: it ends in
`LostAnswerError`, and whoever sent it looks for what it may have created. Other calls that change something end in it
as well, once one of their tries may have been carried out.
"""

import json
from collections.abc import Mapping
from typing import TypeVar

from ddguard.datadog.answers import answer_error, limit_error
from ddguard.datadog.calls import Call
from ddguard.datadog.settings import Settings
from ddguard.datadog.shapes import UnusableError
from ddguard.datadog.transport import Answer, NoAnswerError, Transport, Trouble
from ddguard.datadog.waiting import Clock, Gate, closure_after, pause_before
from ddguard.errors import AnswerError, DatadogError, LostAnswerError
from ddguard.model import Json

T = TypeVar("T")

NOT_FOUND = 404
RATE_LIMITED = 429

PASSING = frozenset({408, 500, 502, 503, 504, 512})
"""Statuses that may be gone at the next try; 512 is what Datadog's edge answers under overload."""

LONGEST_TOLD = 86_400.0
"""Seconds. A server that tells to wait for longer than a day says nonsense, or a time of day, and isn't believed."""


class SetbackError(Exception):
    """A try that failed in a way that may pass.

    `trouble` is what that means for the call, `error` what to raise if it was the last try, `pause` the seconds that
    Datadog asked for.
    """

    def __init__(self, trouble: Trouble, error: DatadogError, pause: float = 0.0) -> None:
        super().__init__(error.message)
        self.trouble = trouble
        self.error = error
        self.pause = pause


class RateLimitedError(Exception):
    """Datadog refused the call before doing anything; the gate is closed."""


class Sender:
    """Sends calls over a transport, with the patience of the settings. Threads share it, and so the gate."""

    def __init__(self, settings: Settings, transport: Transport, clock: Clock) -> None:
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._gate = Gate(clock)

    def deadline(self) -> float:
        """When, on the clock, a call that begins now must have come to its end."""
        return self._clock.now() + self._settings.patience.max_wait

    def pause(self, seconds: float, until: float) -> bool:
        """Sleep, unless that would end after `until`; tell whether it was slept out."""
        return self._clock.wait(seconds, until)

    def hurry(self) -> None:
        """From now on nothing is waited for: every pause and every closed gate is as one beyond the longest wait."""
        self._clock.hurried.set()

    def ask(self, call: Call[T], until: float | None = None) -> T:
        """The value of a call's answer. `until` is the deadline of a larger whole that the call belongs to.

        Raises `LostAnswerError` for a call that changes something and may have been carried out, `AnswerError` for an
        error status, and `DatadogError` where no usable answer came.
        """
        deadline = self.deadline() if until is None else until
        repetition = 0
        is_perhaps_done = False
        while True:
            repetition += 1
            try:
                return self._once_let_through(call, deadline)
            except SetbackError as error:
                setback = error
            except AnswerError as error:
                raise _after_a_lost_answer(error) if is_perhaps_done else error from None
            is_perhaps_done |= call.writes and setback.trouble is Trouble.LOST
            may_be_repeated = call.repeatable or not is_perhaps_done
            pause = max(setback.pause, pause_before(repetition, self._settings.patience, self._clock))
            if not (may_be_repeated and repetition < self._tries(setback.trouble) and self.pause(pause, deadline)):
                raise _lost(setback.error) if is_perhaps_done else setback.error

    def find(self, call: Call[T], until: float | None = None) -> T | None:
        """The value of a call's answer, None where Datadog has nothing of that id (404)."""
        try:
            return self.ask(call, until)
        except AnswerError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def _tries(self, trouble: Trouble) -> int:
        patience = self._settings.patience
        return {Trouble.HOPELESS: 1, Trouble.UNSENT: patience.dials, Trouble.LOST: patience.attempts}[trouble]

    def _once_let_through(self, call: Call[T], deadline: float) -> T:
        """The value of one answer that isn't 429, however many of those come before."""
        refusals = 0
        while True:
            refusals += 1
            while closure := self._gate.closure(call.kind):
                if not self.pause(closure.seconds, deadline):
                    raise limit_error(call, closure.name, closure.seconds)
            try:
                return self._once(call, refusals)
            except RateLimitedError:
                continue

    def _once(self, call: Call[T], refusals: int) -> T:
        try:
            answer = self._transport.exchange(call)
        except NoAnswerError as error:
            told = DatadogError(f"could not {call.doing}: {error.reason}", error.hint)
            raise SetbackError(error.trouble, told) from None
        self._gate.learn(call.kind, answer.headers.get("X-RateLimit-Name"))
        if answer.status == RATE_LIMITED:
            pause = _seconds(answer.headers, "X-RateLimit-Reset", "Retry-After")
            self._gate.close(call.kind, closure_after(refusals, pause, self._settings.patience, self._clock))
            raise RateLimitedError
        return self._value(call, answer)

    def _value(self, call: Call[T], answer: Answer) -> T:
        if 200 <= answer.status < 300 or answer.status in call.accepts:
            try:
                return call.read(_json(answer.content))
            except UnusableError as error:
                told = DatadogError(f"could not {call.doing}: Datadog's answer can't be used: {error}")
                raise SetbackError(Trouble.LOST, told) from None
        refused = answer_error(call, answer, self._settings)
        if answer.status in PASSING or (answer.status >= 500 and not call.repeatable):
            raise SetbackError(Trouble.LOST, refused, _seconds(answer.headers, "Retry-After") or 0.0)
        raise refused


def _lost(error: DatadogError) -> LostAnswerError:
    return LostAnswerError(f"{error.message}; Datadog may have carried it out", error.hint)


def _after_a_lost_answer(error: AnswerError) -> DatadogError:
    """What a refusal means where an earlier try may have been carried out. What isn't there (404) surely wasn't."""
    if error.status == NOT_FOUND:
        return error
    if not error.is_about_the_call:
        return _lost(error)
    told = "an earlier try, whose answer was lost, may have been carried out"
    return AnswerError(f"{error.message}; {told}", error.status, (*error.reasons, told), error.hint)


def _json(content: bytes) -> Json:
    """The body's JSON, None for an empty body."""
    if not content:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise UnusableError("it isn't JSON, or was cut off") from None


def _seconds(headers: Mapping[str, str], *names: str) -> float | None:
    """The first header that is a number of seconds and at most `LONGEST_TOLD`, None without one."""
    for name in names:
        try:
            seconds = float(headers.get(name, ""))
        except ValueError:
            continue
        if 0 <= seconds <= LONGEST_TOLD:
            return seconds
    return None

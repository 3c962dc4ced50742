"""Creating an object exactly once, though an answer may get lost.

A POST that may have been carried out is never repeated blindly: first comes a look for the object by its identity.
Only where that finds nothing, a few times over, is the POST sent again, and should it have been carried out after all,
Datadog refuses the second as a duplicate and names the first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ddguard.datadog.calls import Call
from ddguard.datadog.retry import Sender
from ddguard.datadog.settings import Patience
from ddguard.errors import AnswerError, DatadogError, LostAnswerError
from ddguard.model import Json

Id = TypeVar("Id", int, str)


@dataclass(frozen=True, slots=True)
class Created:
    """An object as Datadog has it. `adopted`: it was there already, so it may differ from what was asked for."""

    raw: Json
    adopted: bool


@dataclass(frozen=True, slots=True)
class Creation(Generic[Id]):
    """How one object is created, and found again.

    `find` looks for it by its identity and `get` by its number; both take a deadline. `duplicates` finds the
    numbers of equal objects in Datadog's refusal. `ours` tells whether an object has our identity.
    """

    call: Call[Json]
    find: Callable[[float], Json | None]
    get: Callable[[Id, float], Json | None]
    ours: Callable[[Json], bool]
    duplicates: Callable[[str], tuple[Id, ...]]


def create(creation: Creation[Id], sender: Sender, patience: Patience) -> Created:
    """Create the object, or adopt the one with its identity that is there.

    Raises `LostAnswerError` where it stays unknown whether the object exists, `AnswerError` where Datadog refuses it.
    """
    until = sender.deadline()
    posts = 0
    while True:
        posts += 1
        try:
            return Created(sender.ask(creation.call, until), adopted=False)
        except LostAnswerError as error:
            lost = error
        except AnswerError as error:
            return Created(_duplicated(creation, error, until), adopted=True)
        found = _looked_up(creation, sender, patience, lost, until)
        if found is not None:
            return Created(found, adopted=True)
        if posts >= patience.attempts:
            raise lost


def _looked_up(
    creation: Creation[Id], sender: Sender, patience: Patience, lost: LostAnswerError, until: float
) -> Json | None:
    """The object that a POST without an answer created, None where every look found nothing."""
    try:
        found = creation.find(until)
        for seconds in patience.lookups:
            if found is not None:
                return found
            if not sender.pause(seconds, until):
                raise lost
            found = creation.find(until)
    except LostAnswerError:
        raise
    except DatadogError as error:
        raise LostAnswerError(f"{lost.message}; to look for it failed, too: {error.message}", error.hint) from None
    return found


def _duplicated(creation: Creation[Id], refusal: AnswerError, until: float) -> Json:
    """The one equal object that a refusal names, if it has our identity. Raises `AnswerError` otherwise."""
    ids = tuple(id_ for reason in refusal.reasons for id_ in creation.duplicates(reason))
    if len(ids) != 1:
        raise refusal
    found = creation.get(ids[0], until)
    if found is None:
        raise refusal
    if not creation.ours(found):
        raise AnswerError(
            f"could not {creation.call.doing}: an equal one exists, {ids[0]}, and it isn't this spec's",
            refusal.status,
            refusal.reasons,
            f"`remote_id: {ids[0]}` in the spec adopts it",
        )
    return found

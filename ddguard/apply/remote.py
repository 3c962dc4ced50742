"""What carrying out a plan asks of Datadog."""

from collections.abc import Container, Mapping, Sequence
from typing import Protocol

from ddguard.model import Identity, Json, Stack

Body = Mapping[str, Json]


class Created(Protocol):
    """What a create came to: the object, and whether it was there already (an answer was lost, then it was found)."""

    @property
    def raw(self) -> Body:
        """The object as Datadog has it now."""

    @property
    def adopted(self) -> bool:
        """Whether it was found instead of made."""


class Remote(Protocol):
    """The calls that carrying out a plan takes, from several threads at once; each raises `DatadogError`."""

    def create_monitor(self, definition: Body, identity: Identity, known: Container[int] = ()) -> Created:
        """Makes a monitor, or finds the one with this identity that an earlier call made, `known` ones aside."""

    def monitors_with(self, identity: Identity) -> Sequence[Body]:
        """The monitors that have this identity now."""

    def monitors_of(self, stack: Stack) -> Sequence[Body]:
        """The monitors that carry the stack's tag now: a look, for which no count is asked."""

    def update_monitor(self, remote_id: int, definition: Body) -> Body:
        """Changes a monitor in place."""

    def delete_monitor(self, remote_id: int) -> None:
        """Deletes a monitor; one that is gone already is no error."""

    def create_downtime(self, attributes: Body, marker: str, known: Container[str] = ()) -> Created:
        """Makes a downtime, or finds the one with this marker that an earlier call made, `known` ones aside."""

    def downtimes(self) -> Sequence[Body]:
        """All downtimes, those that are over too."""

    def update_downtime(self, remote_id: str, attributes: Body) -> Body:
        """Changes a downtime in place."""

    def cancel_downtime(self, remote_id: str) -> None:
        """Cancels a downtime; one that is gone already is no error."""

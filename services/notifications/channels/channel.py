"""What every channel is given, and the two things it can do."""

from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from services.notifications.messages import Message

T = TypeVar("T")


class DeliveryFailed(Exception):
    """The message was not handed over; `permanent` when trying again cannot help."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason[:500])
        self.permanent = permanent


@dataclass(frozen=True)
class Letter:
    """A message with its reader; `id` stays the same however often it is tried."""

    id: UUID
    member_id: UUID
    address: str
    name: str
    language: str
    message: Message


class Channel(Protocol[T]):
    """One way out."""

    def compose(self, letter: Letter) -> T:
        """The letter as this channel writes it; raises `DeliveryFailed` for one that cannot be written."""

    async def send(self, composed: T) -> None:
        """Hand it over; raises `DeliveryFailed`."""

"""What saying that a part has left asks."""

from typing import Annotated
from uuid import UUID

from msgspec import Struct
from pydantic import Field, StringConstraints

from services.catalog.posting.schemas import Amount
from services.catalog.takings.figures import LONGEST_TICKET, LONGEST_WORDS
from services.catalog.takings.schemas import TakingOut
from shared.events.takings import Basis
from shared.web.asked import Asked

Ticket = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_TICKET),
    Field(description="The number of the weighbridge's ticket."),
]
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_WORDS),
    Field(description="Why it is not what was promised, or not what the other says."),
]


class DoneAsked(Asked):
    """How much has left, in the lot's unit, and what the figure rests on."""

    value: Amount
    basis: Basis
    ticket: Ticket = ""
    words: Words = ""


class AcceptAsked(Asked):
    """The other's figure as it was read."""

    value: Amount


class CalendarAsked(Asked):
    """A new address, in place of the one that was seen, if there was one."""

    replaces: UUID | None = None


class Collections(Struct, frozen=True):
    """What an organisation gives and takes in some days, by time."""

    items: list[TakingOut]

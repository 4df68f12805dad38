"""What exchanges ask, and answer as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.datastructures import UploadFile
from msgspec import Struct
from pydantic import Field, StringConstraints

from services.catalog.exchanges.exchange import Exchange
from services.catalog.exchanges.models import LONGEST, Message
from services.catalog.exchanges.steps import Party
from services.catalog.files.models import StoredFile
from shared.database import new_id
from shared.web.asked import Asked

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST),
    Field(description="Plain text, read by the other side alone.", examples=["Tuesday at nine suits us."]),
]


class Writing(Asked):
    """One message."""

    words: Words


@dataclass
class WritingWithFiles:
    """One message with one to three files."""

    words: Words
    file: list[UploadFile]


class WritingOnce(Writing):
    """The same by a form, which names itself: sent twice, it is one message."""

    once: UUID = Field(default_factory=new_id)


class StageOut(Struct, frozen=True):
    """One stage of an exchange: `standing` is done, current, stopped (it ended here), coming or dropped."""

    stage: str
    standing: str


class ExchangeOut(Struct, frozen=True):
    """An exchange as one of its sides reads it; `partner` is the other side, none where a need hides its author.

    `side` is the reader's: `author`, whose need or lot it is, or `partner`, who proposes or takes. `next` and
    `next_of_partner` are what each has to do, none where it waits or all has ended; `waits` says that the other waits.
    """

    id: UUID
    proposal_id: UUID | None
    agreement_id: UUID | None
    taking_id: UUID | None
    title: str
    partner: str | None
    side: str
    next: str | None
    next_of_partner: str | None
    waits: bool
    unread: int
    takes_messages: bool
    ended_at: datetime | None
    stages: list[StageOut]

    @classmethod
    def of(cls, exchange: Exchange, side: Party, unread: int) -> "ExchangeOut":
        """The JSON of an exchange, as a side reads it."""
        own, theirs = exchange.steps.get(side), exchange.steps.get(side.other)
        return cls(
            id=exchange.id,
            proposal_id=exchange.proposal.id if exchange.proposal else None,
            agreement_id=exchange.agreement.id if exchange.agreement else None,
            taking_id=exchange.taking.id if exchange.taking else None,
            title=exchange.title,
            partner=exchange.name_for(side) or None,
            side=side.value,
            next=own.value if own else None,
            next_of_partner=theirs.value if theirs else None,
            waits=exchange.waits_for(side),
            unread=unread,
            takes_messages=exchange.takes_messages,
            ended_at=exchange.ended_at,
            stages=[StageOut(each.stage.value, each.standing.value) for each in exchange.course],
        )


class Exchanges(Struct, frozen=True):
    """One page of exchanges, the last made first; `next` is the cursor of the following one."""

    items: list[ExchangeOut]
    next: str | None


class MessageFileOut(Struct, frozen=True):
    """A file of a message: its bytes are at `/api/v1/exchanges/{exchange_id}/files/{id}`; `size` in bytes.

    `safety` is `waiting` until it was looked at for viruses, `infected` when one was found: neither is given out.
    """

    id: UUID
    name: str
    kind: str
    size: int
    safety: str


class MessageOut(Struct, frozen=True):
    """A message; `is_own` where one's own organisation wrote it. Nobody reads which person did."""

    id: UUID
    exchange_id: UUID
    is_own: bool
    words: str
    at: datetime
    files: list[MessageFileOut]

    @classmethod
    def of(cls, message: Message, reader: UUID, files: Sequence[StoredFile] = ()) -> "MessageOut":
        """The JSON of a message, as an organisation reads it."""
        return cls(
            id=message.id,
            exchange_id=message.about,
            is_own=message.organisation_id == reader,
            words=message.words,
            at=message.at,
            files=[MessageFileOut(each.id, each.name, each.kind, each.size, each.safety) for each in files],
        )


class Messages(Struct, frozen=True):
    """One page of messages, the newest first; `next` is the cursor of the following one."""

    items: list[MessageOut]
    next: str | None

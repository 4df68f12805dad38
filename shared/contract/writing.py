"""An example of what is told when one organisation writes to another."""

from datetime import datetime
from uuid import UUID

from shared.events.messages import MessagePosted


def a_message(exchange_id: UUID, reader_id: UUID, at: datetime) -> MessagePosted:
    """The first message that a reader has not read."""
    return MessagePosted(
        version=1,
        message_id=UUID(int=exchange_id.int + 100),
        exchange_id=exchange_id,
        organisation_id=reader_id,
        about_kind="need",
        title="Eighty meal trays a month",
        unread=1,
        at=at,
    )

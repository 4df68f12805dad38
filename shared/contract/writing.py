"""Examples of what is told when one organisation writes to another."""

from datetime import datetime
from uuid import UUID

from shared.events.messages import MessagePosted, ReplyRefused


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


def a_refused_reply(exchange_id: UUID, organisation_id: UUID, member_id: UUID, at: datetime) -> ReplyRefused:
    """An answer by e-mail that said more than a message may."""
    return ReplyRefused(
        version=1,
        reply_id=UUID(int=exchange_id.int + 200),
        exchange_id=exchange_id,
        organisation_id=organisation_id,
        member_id=member_id,
        title="Eighty meal trays a month",
        reason="too_long",
        at=at,
    )

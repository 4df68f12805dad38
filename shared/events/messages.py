"""What catalog publishes about messages between two organisations: that there is one, and never its words."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.events.event import Event


class MessagePosted(Event, type="catalog.message.posted.v1", aggregate="message_id"):
    """Somebody wrote to an organisation in an exchange; `organisation_id` is who is to read it.

    Who wrote is not told: a need may hide its author. `title` is of the need or flow it is about. `unread` is how many
    of the exchange its reader had not read when it came, this one included: above one, it was told already.
    """

    message_id: UUID
    exchange_id: UUID
    organisation_id: UUID
    about_kind: Literal["need", "flow"]
    title: str
    unread: int
    at: datetime


class ReplyRefused(Event, type="catalog.reply.refused.v1", aggregate="reply_id", lasts=False):
    """What a member answered by e-mail was not posted; `reason` is a word of `shared.phrases.replies`.

    `title` is of the need or flow, empty where its exchange is closed to the member's organisation by now.
    """

    reply_id: UUID
    exchange_id: UUID
    organisation_id: UUID
    member_id: UUID
    title: str
    reason: str
    at: datetime

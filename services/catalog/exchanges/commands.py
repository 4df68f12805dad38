"""What is done in an exchange: write, with files, and read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import wait_for_turn
from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.exchanges.errors import (
    ConfirmBeforeWriting,
    ExchangeOver,
    ExchangeUnknown,
    FileNamesAuthor,
    MessageNamesAuthor,
    TooManyMessages,
)
from services.catalog.exchanges.exchange import Exchange
from services.catalog.exchanges.models import MOST_AN_HOUR, WRITTEN_AFTER, Message, ReadMark
from services.catalog.exchanges.queries import count_written_since, message_once, messages_in, unread_in
from services.catalog.exchanges.steps import Party
from services.catalog.files.commands import add_file
from services.catalog.files.keeping import Keeper, Sent
from services.catalog.organisations.models import Organisation
from services.catalog.posting.commands import may_publish
from services.catalog.posting.errors import EmailUnconfirmed
from services.catalog.questions.models import names
from shared.database import new_id
from shared.messaging.outbox import record

HOUR = timedelta(hours=1)


class Attached(NamedTuple):
    """The files that come with a message, and who keeps files."""

    keeper: Keeper
    files: Sequence[Sent]


async def post_message(
    session: AsyncSession,
    writer: Actor,
    words: str,
    exchange: Exchange,
    *,
    once: UUID,
    now: datetime,
    attached: Attached | None = None,
    by_email: bool = False,
) -> Message:
    """Write to the other side; sent again with the same `once`, the first message is the answer.

    Raises `ExchangeOver`, `TooManyMessages`, `MessageNamesAuthor`, and what is wrong with a file: then nothing is sent.
    A suspended organisation writes, too: ending something needs words.
    """
    try:
        may_publish(session, writer)
    except EmailUnconfirmed:
        raise ConfirmBeforeWriting from None
    party = exchange.party_of(writer.organisation_id)
    if party is None:
        raise ExchangeUnknown
    # INVARIANT: the turn of the organisation, then that of the exchange: whoever waits for both does so in this order.
    await wait_for_turn(session, f"messages:{writer.organisation_id}")
    if done := await message_once(session, writer.organisation_id, once):
        return done
    await wait_for_turn(session, f"exchange:{exchange.id}")
    files = attached.files if attached else ()
    if not exchange.takes_messages:
        raise ExchangeOver(days=WRITTEN_AFTER.days)
    if await count_written_since(session, writer.organisation_id, now - HOUR) >= MOST_AN_HOUR:
        raise TooManyMessages(count=MOST_AN_HOUR)
    if party is Party.AUTHOR and exchange.hides_author:
        _refuse_naming(exchange.organisations[party], words, files)
    reader_id = exchange.organisations[party.other].id
    message = Message(
        id=new_id(),
        proposal_id=exchange.proposal.id if exchange.proposal else None,
        taking_id=exchange.taking.id if exchange.taking else None,
        organisation_id=writer.organisation_id,
        reader_id=reader_id,
        version=1,
        words=words,
        once=once,
        written_by=writer.member_id,
        at=now,
    )
    session.add(message)
    await session.flush()
    for file in files:
        await add_file(session, attached.keeper, writer, file, about=message.id, now=now)  # type: ignore[union-attr]
    unread = await unread_in(session, reader_id, [exchange.id])
    await record(session, message.post(exchange.title, unread=unread.get(exchange.id, 0)))
    about = {"exchange": str(exchange.id)} | ({"by": "email"} if by_email else {})
    await note(session, writer.member_id, writer.organisation_id, "message.posted", about=message.id, **about)
    # Whoever answers has read.
    await mark_read(session, writer.organisation_id, exchange, now=now)
    return message


def _refuse_naming(author: Organisation, words: str, files: Sequence[Sent]) -> None:
    hidden = {author.name, author.legal_entity.name}
    if any(names(words, each) for each in hidden):
        raise MessageNamesAuthor
    if any(names(_spaced(file.name), each) for file in files for each in hidden):
        raise FileNamesAuthor


def _spaced(file_name: str) -> str:
    """A file's name as words: what joins them there says no less."""
    return "".join(letter if letter.isalnum() else " " for letter in file_name)


async def mark_read(session: AsyncSession, reader_id: UUID, exchange: Exchange, *, now: datetime) -> None:
    """Remember that an organisation read an exchange up to its newest message."""
    newest = await messages_in(session, exchange, before=None, limit=1)
    if not newest:
        return
    values = {"exchange_id": exchange.id, "organisation_id": reader_id, "last_id": newest[0].id, "at": now}
    added = insert(ReadMark).values(values)
    said = {"last_id": added.excluded.last_id, "at": added.excluded.at}
    await session.execute(
        added.on_conflict_do_update(
            index_elements=["exchange_id", "organisation_id"],
            set_=said,
            where=ReadMark.last_id < added.excluded.last_id,
        )
    )

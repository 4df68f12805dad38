"""An answer by e-mail becomes a message by the rules of the form, or its sender is told why not."""

from datetime import datetime
from typing import NamedTuple
from uuid import uuid5

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.exchanges.commands import Attached, post_message
from services.catalog.exchanges.errors import (
    ExchangeOver,
    ExchangeUnknown,
    FileNamesAuthor,
    MessageNamesAuthor,
    TooManyMessages,
)
from services.catalog.exchanges.exchange import Exchange
from services.catalog.exchanges.queries import exchange_seen_by
from services.catalog.exchanges.schemas import WritingOnce
from services.catalog.files.errors import FileInfected, FileKindRefused, FileMissing, FilesEnough, FileTooLarge
from services.catalog.files.keeping import Keeper, Sent, screened
from services.catalog.files.models import MEGABYTE, MOST_BYTES, MOST_FILES
from services.catalog.replies.queries import Addressee
from shared.database import new_id
from shared.events.messages import ReplyRefused
from shared.messaging.outbox import record
from shared.refusal import Refusal

REASONS: dict[type[Refusal], str] = {
    ExchangeOver: "over",
    ExchangeUnknown: "over",
    TooManyMessages: "too_many",
    MessageNamesAuthor: "names_author",
    FileNamesAuthor: "names_author",
    FilesEnough: "files_enough",
    FileTooLarge: "file_too_large",
    FileKindRefused: "file_kind",
    FileMissing: "file_kind",
    FileInfected: "file_infected",
}
# What trying again mends is no refusal: the mail comes again.
FOR_NOW = 500


class Answer(NamedTuple):
    """What was written above the quoted mail, and came with it; `name` is the mail's own, each time it comes."""

    name: str
    words: str
    files: list[Sent]


async def take_answer(
    session: AsyncSession, writer: Addressee, answer: Answer, *, keeper: Keeper, now: datetime
) -> str | None:
    """Post it in the writer's name, once however often it comes; what was refused is told by letter, and given back.

    Raises what may be another way in a while, such as `FileNotKept`.
    """
    exchange: Exchange | None = None
    try:
        exchange = await exchange_seen_by(session, writer.exchange_id, writer.organisation_id)
        await _post(session, writer, answer, exchange, keeper=keeper, now=now)
    except ValidationError as error:
        is_short = any(each["type"] == "string_too_short" for each in error.errors(include_input=False))
        reason = "empty" if is_short else "too_long"
    except Refusal as refusal:
        if refusal.status >= FOR_NOW:
            raise
        reason = REASONS.get(type(refusal), "other")
    else:
        return None
    refused = ReplyRefused(
        version=1,
        reply_id=new_id(),
        exchange_id=writer.exchange_id,
        organisation_id=writer.organisation_id,
        member_id=writer.member_id,
        title=exchange.title if exchange else "",
        reason=reason,
        at=now,
    )
    await record(session, refused)
    return reason


async def _post(
    session: AsyncSession, writer: Addressee, answer: Answer, exchange: Exchange, *, keeper: Keeper, now: datetime
) -> None:
    once = uuid5(writer.message_id, f"{writer.member_id} {answer.name}")
    written = WritingOnce(words=answer.words.replace("\0", ""), once=once)
    if len(answer.files) > MOST_FILES:
        raise FilesEnough(limit=MOST_FILES)
    if any(len(each.data) > MOST_BYTES for each in answer.files):
        raise FileTooLarge(limit=MOST_BYTES // MEGABYTE)
    # Outside the savepoint: what the audit trail says of a virus stays written.
    files = await screened(session, keeper, writer, answer.files, about=exchange.id)
    async with session.begin_nested():
        attached = Attached(keeper, files)
        await post_message(
            session, writer, written.words, exchange, once=once, now=now, attached=attached, by_email=True
        )

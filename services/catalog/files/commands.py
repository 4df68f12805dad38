"""What happens to files: added after a look inside, removed with their bytes."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.files.content import PREVIEW_EDGE, Kind, kind_of, photo_of
from services.catalog.files.errors import FileMissing, FileNotKept, FilesEnough, FileTooLarge, StoreAway
from services.catalog.files.keeping import Keeper, Sent, screened
from services.catalog.files.models import LONGEST_WORDS, MEGABYTE, MOST_BYTES, MOST_FILES, Purpose, Safety, StoredFile
from services.catalog.files.queries import file_count, file_of, files_of
from services.catalog.files.store import Store
from shared.database import after_commit, new_id

MOST_PHOTOS = 6


async def add_file(
    session: AsyncSession,
    keeper: Keeper,
    author: Actor,
    sent: Sent,
    *,
    about: UUID,
    now: datetime,
    purpose: Purpose = Purpose.DOCUMENT,
) -> StoredFile:
    """Keep a file with what it belongs to, which the caller has locked; raises what is wrong with it.

    Its bytes are on disk before its row is: a row never names what is not there.
    """
    if not sent.data:
        raise FileMissing
    if len(sent.data) > MOST_BYTES:
        raise FileTooLarge(limit=MOST_BYTES // MEGABYTE)
    most = MOST_PHOTOS if purpose is Purpose.PHOTO else MOST_FILES
    if await file_count(session, about, purpose) >= most:
        raise FilesEnough(limit=most)
    (looked_at,) = await screened(session, keeper, author, [sent], about=about)
    file = await _stored(keeper.store, looked_at, purpose)
    file.organisation_id, file.about, file.added_by, file.added_at = (
        author.organisation_id,
        about,
        author.member_id,
        now,
    )
    session.add(file)
    await session.flush()
    await note(session, author.member_id, author.organisation_id, "file.added", about=about, file=str(file.id))
    return file


async def _stored(store: Store, sent: Sent, purpose: Purpose) -> StoredFile:
    data, preview = sent.data, None
    if purpose is Purpose.PHOTO:
        data = await asyncio.to_thread(photo_of, sent.data)
        preview = await asyncio.to_thread(photo_of, data, PREVIEW_EDGE)
        kind = Kind.JPG
    else:
        kind = await asyncio.to_thread(kind_of, data)
    # At once: the transaction waits no longer for two than for one.
    try:
        kept_as, *previews = await asyncio.gather(*(store.keep(each) for each in (data, preview) if each))
    except StoreAway as error:
        raise FileNotKept from error
    return StoredFile(
        id=new_id(),
        purpose=purpose,
        name=_plain_name(sent.name, kind),
        kind=kind,
        words=sent.words[:LONGEST_WORDS],
        safety=sent.safety or Safety.UNCHECKED,
        size=len(data),
        digest=sha256(data).digest(),
        kept_as=kept_as,
        preview_as=previews[0] if previews else None,
    )


async def remove_file(session: AsyncSession, store: Store, author: Actor, *, about: UUID, file_id: UUID) -> None:
    """Take a file away from what it belongs to, which the caller has locked; its bytes go once that is committed."""
    file = await file_of(session, about, file_id)
    await _forget(session, store, file)
    await note(session, author.member_id, author.organisation_id, "file.removed", about=about, file=str(file_id))


async def remove_files_of(session: AsyncSession, store: Store, about: UUID) -> None:
    """Everything goes with what it belonged to."""
    for purpose in Purpose:
        for file in await files_of(session, about, purpose):
            await _forget(session, store, file)


async def _forget(session: AsyncSession, store: Store, file: StoredFile) -> None:
    await session.delete(file)
    await session.flush()
    drop_bytes(session, store, file)


def drop_bytes(session: AsyncSession, store: Store, file: StoredFile) -> None:
    """Let the bytes of a file go once this transaction is committed."""
    names: Sequence[str] = [name for name in (file.kept_as, file.preview_as) if name]

    def drop() -> None:
        for name in names:
            store.drop(name)

    after_commit(session, drop)


def _plain_name(name: str, kind: Kind) -> str:
    """The last part of whatever path a browser sends, without what no file name should hold, with its true ending."""
    last = PurePath(name.replace("\\", "/")).name
    stem = "".join(letter for letter in PurePath(last).stem if letter.isprintable() and letter not in '<>:"/\\|?*')
    return f"{stem.strip(' .')[:100] or 'fichier'}.{kind}"

"""Every question asked of files."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.files.errors import FileUnknown
from services.catalog.files.models import Purpose, Safety, StoredFile


async def files_of(session: AsyncSession, about: UUID, purpose: Purpose = Purpose.DOCUMENT) -> Sequence[StoredFile]:
    """The files of one thing, the first added first."""
    query = select(StoredFile).where(StoredFile.about == about, StoredFile.purpose == purpose)
    return (await session.scalars(query.order_by(StoredFile.id))).all()


async def files_about(session: AsyncSession, things: Sequence[UUID]) -> Mapping[UUID, Sequence[StoredFile]]:
    """The documents of several things, by thing; the first added first."""
    query = select(StoredFile).where(StoredFile.about.in_(things), StoredFile.purpose == Purpose.DOCUMENT)
    found: dict[UUID, list[StoredFile]] = {}
    for file in await session.scalars(query.order_by(StoredFile.id)):
        found.setdefault(file.about, []).append(file)
    return found


async def file_of(session: AsyncSession, about: UUID, file_id: UUID) -> StoredFile:
    """One file of a thing the caller may see; raises `FileUnknown`."""
    found = await session.scalar(select(StoredFile).where(StoredFile.id == file_id, StoredFile.about == about))
    if found is None:
        raise FileUnknown
    return found


async def file_count(session: AsyncSession, about: UUID, purpose: Purpose) -> int:
    """How many there are already; the caller holds the lock of what they belong to."""
    query = select(func.count()).where(StoredFile.about == about, StoredFile.purpose == purpose)
    return await session.scalar(query) or 0


async def next_to_scan(session: AsyncSession, safety: Safety, *, after: UUID | None) -> StoredFile | None:
    """The oldest file of this safety after another one."""
    query = select(StoredFile).where(StoredFile.safety == safety)
    if after is not None:
        query = query.where(StoredFile.id > after)
    return await session.scalar(query.order_by(StoredFile.id).limit(1))


async def files_with_bytes(session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[StoredFile]:
    """Files whose bytes should lie in the store, of everybody, after another one; the first added first."""
    query = select(StoredFile).where(StoredFile.safety != Safety.INFECTED)
    if after is not None:
        query = query.where(StoredFile.id > after)
    return (await session.scalars(query.order_by(StoredFile.id).limit(limit))).all()


async def file_for_update(session: AsyncSession, file_id: UUID) -> StoredFile | None:
    """A file, locked, unless it is gone."""
    return await session.scalar(select(StoredFile).where(StoredFile.id == file_id).with_for_update())


async def names_kept(session: AsyncSession) -> set[str]:
    """Every name in the store that a row still needs."""
    rows = await session.execute(select(StoredFile.kept_as, StoredFile.preview_as))
    return {name for row in rows for name in row if name is not None}

"""The questions asked alike of needs, offers and flows."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.organisations.models import Organisation
from services.catalog.posting.models import Written
from shared.database.versions import refuse_when_changed
from shared.refusal import Refusal

Row = TypeVar("Row", bound=Written)


def with_author(model: type[Row]) -> Select[Row]:
    """Rows with whose they are."""
    return select(model).options(joinedload(model.organisation).joinedload(Organisation.legal_entity))


async def own_for_update(
    session: AsyncSession, model: type[Row], row_id: UUID, *, organisation_id: UUID, missing: type[Refusal]
) -> Row:
    """An organisation's own row as it is stored now, locked so that its versions grow one at a time.

    A foreign one does not exist: raises `missing`. Raises too when its caller has seen another version.
    """
    row = await session.scalar(
        with_author(model)
        .where(model.id == row_id, model.organisation_id == organisation_id)
        .with_for_update(of=model)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise missing
    refuse_when_changed(session, row.version)
    return row


async def seen_by(
    session: AsyncSession, model: type[Row], row_id: UUID, organisation_id: UUID | None, *, missing: type[Refusal]
) -> Row:
    """A row as a visitor may see it: once published it is public, before that it is its author's alone."""
    row = await session.scalar(with_author(model).where(model.id == row_id))
    if row is None or (row.published_at is None and row.organisation_id != organisation_id):
        raise missing
    return row


async def newest(
    session: AsyncSession, model: type[Row], query: Select[Row], *, limit: int, before: UUID | None
) -> Sequence[Row]:
    """A page of a query's rows, newest first; `before` is the last id of the page before."""
    if before:
        query = query.where(model.id < before)
    return (await session.scalars(query.order_by(model.id.desc()).limit(limit))).all()


async def posted_by(
    session: AsyncSession, model: type[Row], organisation_id: UUID, *, limit: int = 100
) -> Sequence[Row]:
    """An organisation's rows, the latest touched first."""
    query = with_author(model).where(model.organisation_id == organisation_id)
    return (await session.scalars(query.order_by(model.updated_at.desc()).limit(limit))).all()

"""Every question asked of consents; whose they are and coordinators read them, which is the policies' to know."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.consents.models import Consent


async def consents_of(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Consent]:
    """What an organisation agreed to, the latest first; `before` is the last id of the page before."""
    query = select(Consent).options(joinedload(Consent.noting)).where(Consent.organisation_id == organisation_id)
    if before is not None:
        query = query.where(Consent.id < before)
    return (await session.scalars(query.order_by(Consent.id.desc()).limit(limit))).all()


async def consent_about(session: AsyncSession, about: UUID) -> Consent | None:
    """With which consent a need, a flow or an offer was posted; None where its organisation posted it itself."""
    return await session.scalar(select(Consent).options(joinedload(Consent.noting)).where(Consent.about == about))

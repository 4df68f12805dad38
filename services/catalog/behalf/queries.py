"""Every question asked of consents."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.behalf.models import Consent


async def consents_of(session: AsyncSession, organisation_id: UUID, *, limit: int = 50) -> Sequence[Consent]:
    """What an organisation agreed to, the latest first."""
    query = select(Consent).where(Consent.organisation_id == organisation_id)
    return (await session.scalars(query.order_by(Consent.id.desc()).limit(limit))).all()

"""What an exchange counts for, on the exchange's own page."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.impact.queries import exchange_seen_by
from services.catalog.impact.view import lines_of
from shared.web.pages import Req


async def counts_for(request: Req, session: AsyncSession, exchange_id: UUID, organisation_id: UUID) -> list[str]:
    """One line a figure; none while nothing is confirmed."""
    exchange = await exchange_seen_by(session, exchange_id, organisation_id)
    return lines_of(request, exchange) if exchange else []

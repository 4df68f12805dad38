"""What a preview reads besides the supplies: whose turn it is. It holds no lock and writes nothing."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.preview.plan import Turned
from services.matching.waves.policy import EXPOSURE_WINDOW
from services.matching.waves.queries import STANDING
from shared.database.statement import Statement

# PostgreSQL itself then refuses to write, whatever the code does.
READ_ONLY = Statement("SET LOCAL transaction_read_only = on")
TURNS = Statement(f"""
    SELECT m.organisation_id, m.offer_id, l.asked_at, b.full_at, w.back_at, e.fair, b.asked
    FROM (SELECT organisation_id, id AS offer_id FROM supplies WHERE id = ANY(CAST(:offers AS uuid[]))) AS m {STANDING}
""")


async def read_only(session: AsyncSession) -> None:
    """Let this transaction write nothing."""
    await READ_ONLY.execute(session)


async def turns(session: AsyncSession, offers: Collection[UUID], *, now: datetime) -> dict[UUID, Turned]:
    """Whose each offer is, what they were asked lately and ask for, by offer."""
    rows = await TURNS.fetch(session, offers=list(offers), since=now - EXPOSURE_WINDOW) if offers else ()
    return {
        row.offer_id: Turned(
            row.organisation_id, row.asked_at, row.full_at, row.back_at, row.fair or 0.0, row.asked or 0
        )
        for row in rows
    }

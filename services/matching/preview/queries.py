"""What a preview reads besides the supplies: whose turn it is. It holds no lock and writes nothing."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.preview.plan import Turned
from services.matching.ranking.sides import Supply
from services.matching.waves.policy import EXPOSURE_WINDOW
from services.matching.waves.queries import STANDING
from shared.database.statement import Statement

# PostgreSQL itself then refuses to write, whatever the code does.
READ_ONLY = Statement("SET LOCAL transaction_read_only = on")
TURNS = Statement(f"""
    SELECT m.organisation_id, l.asked_at, b.full_at, w.back_at, e.fair, b.asked
    FROM unnest(CAST(:organisations AS uuid[]), CAST(:offers AS uuid[])) AS m (organisation_id, offer_id) {STANDING}
""")


async def read_only(session: AsyncSession) -> None:
    """Let this transaction write nothing."""
    await READ_ONLY.execute(session)


async def turns(session: AsyncSession, supplies: Collection[Supply], *, now: datetime) -> dict[UUID, Turned]:
    """What each supplier was asked lately and asks for, by organisation."""
    asked = {"organisations": [each.organisation_id for each in supplies], "offers": [each.id for each in supplies]}
    rows = await TURNS.fetch(session, **asked, since=now - EXPOSURE_WINDOW) if supplies else ()
    return {
        row.organisation_id: Turned(row.asked_at, row.full_at, row.back_at, row.fair or 0.0, row.asked or 0)
        for row in rows
    }

"""What a preview reads besides the supplies: whose turn it is. It holds no lock and writes nothing."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.preview.plan import Turned
from shared.database.statement import Statement

# PostgreSQL itself then refuses to write, whatever the code does.
READ_ONLY = Statement("SET LOCAL transaction_read_only = on")
TURNS = Statement("""
    SELECT organisation_id, max(solicited_at) AS asked_at,
           (array_agg(solicited_at ORDER BY solicited_at DESC))[5] AS fifth_at
    FROM solicitations WHERE organisation_id = ANY(CAST(:organisations AS uuid[])) AND solicited_at IS NOT NULL
    GROUP BY organisation_id
""")


async def read_only(session: AsyncSession) -> None:
    """Let this transaction write nothing."""
    await READ_ONLY.execute(session)


async def turns(session: AsyncSession, organisations: Collection[UUID]) -> dict[UUID, Turned]:
    """When each was asked, of those who ever were."""
    rows = await TURNS.fetch(session, organisations=list(organisations)) if organisations else ()
    return {row.organisation_id: Turned(row.asked_at, row.fifth_at) for row in rows}

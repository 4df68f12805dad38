"""Every question asked of the audit log; which lines of it somebody may read is the door's to know."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import Account, Member
from services.catalog.directory.queries import named_like
from services.catalog.organisations.models import Organisation
from services.catalog.trail.errors import DatesInDisorder, OrganisationNotFound
from services.catalog.trail.schemas import AN_ID, Searched, TrailLine, id_in
from shared.clock import PARIS
from shared.database.statement import Statement

LINES = Statement("""
    SELECT * FROM audit_lines(CAST(:actions AS text[]), CAST(:organisations AS uuid[]), CAST(:object AS uuid),
                              CAST(:colleague AS uuid), :for_others, CAST(:since AS timestamptz),
                              CAST(:until AS timestamptz), CAST(:before AS uuid), :most)
""")
MOST_ORGANISATIONS = 50


async def trail(
    session: AsyncSession, searched: Searched, *, own: UUID | None, before: UUID | None = None, limit: int
) -> list[TrailLine]:
    """The lines that a search finds, newest first: of `own` organisation alone, or of all that the asker may read.

    Raises what is wrong with the search.
    """
    if searched.since and searched.until and searched.until < searched.since:
        raise DatesInDisorder
    rows = await LINES.fetch(
        session,
        actions=searched.actions(),
        organisations=[own] if own else await _organisations(session, searched.organisation),
        object=id_in(searched.about),
        colleague=id_in(searched.colleague),
        for_others=searched.for_others,
        since=_midnight(searched.since),
        until=_midnight(searched.until + timedelta(days=1) if searched.until else None),
        before=before,
        most=limit,
    )
    return [TrailLine(*row) for row in rows]


async def colleague_names(session: AsyncSession, members: Sequence[UUID]) -> dict[UUID, str]:
    """What some of one's colleagues are called, those who left too; empty for an account that was erased."""
    query = select(Member.id, Account.name).join(Account, Account.id == Member.account_id).where(Member.id.in_(members))
    return {row.id: row.name for row in await session.execute(query)}


async def _organisations(session: AsyncSession, asked: str) -> list[UUID] | None:
    if not asked:
        return None
    if AN_ID.fullmatch(asked):
        return [UUID(asked)]
    query = select(Organisation.id).where(*named_like(asked)).order_by(Organisation.id).limit(MOST_ORGANISATIONS)
    found = list(await session.scalars(query))
    if not found:
        raise OrganisationNotFound
    return found


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), PARIS) if day else None

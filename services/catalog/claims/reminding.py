"""The team of an organisation hears that somebody asks to join it, and hears it once more."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.claims.commands import tell_team
from services.catalog.claims.queries import requests_to_repeat, requests_to_tell
from shared.database import Database, now_of
from shared.events.catalog import AccountChange
from shared.observability.pulse import every

TIMER_S = 300.0


async def tell_teams_for_ever(database: Database) -> None:
    """Look after requests that nobody has heard of, or answered."""
    async for _ in every(TIMER_S):
        async with database.sessions.begin() as session:
            await tell_teams(session)


async def tell_teams(session: AsyncSession) -> int:
    """Write to owners: when whoever asks has confirmed their address, and three days later; returns how many."""
    now = now_of(session)
    fresh, waiting = await requests_to_tell(session), await requests_to_repeat(session, now)
    for claim in fresh:
        await tell_team(session, claim, AccountChange.JOIN_ASKED, now=now)
    for claim in waiting:
        claim.reminded_at = now
        await tell_team(session, claim, AccountChange.JOIN_STILL_ASKED, now=now)
    return len(fresh) + len(waiting)

"""Whoever may answer a claim hears of it, and hears it again while it waits."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.answers import tell_change
from services.catalog.claims.commands import tell_team
from services.catalog.claims.queries import claims_to_press, coordinators, requests_to_repeat, requests_to_tell
from shared.database import Database, now_of
from shared.events.catalog import AccountChange
from shared.observability.pulse import every

TIMER_S = 300.0


async def tell_teams_for_ever(database: Database) -> None:
    """Look after requests that nobody has heard of, or answered."""
    async for _ in every(TIMER_S):
        async with database.sessions.begin() as session:
            await press_for_answers(session)
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


async def press_for_answers(session: AsyncSession) -> int:
    """Write once more after seven days: to the team, or to coordinators of what is theirs; returns of how many."""
    now = now_of(session)
    waiting = await claims_to_press(session, now)
    for claim in waiting:
        # Three days are over as well: one letter says both.
        claim.pressed_at, claim.reminded_at = now, claim.reminded_at or now
        if not claim.is_for_the_territory:
            await tell_team(session, claim, AccountChange.JOIN_WAITS, now=now)
            continue
        for coordinator in await coordinators(session):
            await tell_change(session, coordinator, AccountChange.CLAIM_WAITS, now=now, of=claim.organisation_id)
    await session.flush()
    return len(waiting)

"""Whoever may answer a claim hears of it, and hears it again while it waits."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.answers import tell_change
from services.catalog.claims.commands import tell_team
from services.catalog.claims.models import Claim
from services.catalog.claims.queries import claims_to_press, coordinators, requests_to_repeat, requests_to_tell
from shared.database import Database, now_of
from shared.database.one_by_one import Turn, all_due
from shared.events.catalog import AccountChange
from shared.observability.pulse import every

TIMER_S = 300.0


async def tell_teams_for_ever(database: Database) -> None:
    """Look after requests that nobody has heard of, or answered."""
    async for _ in every(TIMER_S):
        await press_for_answers(database)
        await tell_teams(database)


async def tell_teams(database: Database) -> int:
    """Write to owners: when whoever asks has confirmed their address, and three days later; returns how many.

    Each in a transaction of its own, here and below.
    """
    told = await all_due(database, requests_to_tell, _tell, failed="team_not_told")
    return told + await all_due(database, _to_repeat, _repeat, failed="team_not_told_again")


async def press_for_answers(database: Database) -> int:
    """Write once more after seven days: to the team, or to coordinators of what is theirs; returns of how many."""
    return await all_due(database, _to_press, _press, failed="claim_not_pressed")


async def _tell(session: AsyncSession, claim: Claim) -> None:
    await tell_team(session, claim, AccountChange.JOIN_ASKED, now=now_of(session))


async def _to_repeat(session: AsyncSession, turn: Turn) -> Sequence[Claim]:
    return await requests_to_repeat(session, now_of(session), turn)


async def _repeat(session: AsyncSession, claim: Claim) -> None:
    claim.reminded_at = now_of(session)
    await tell_team(session, claim, AccountChange.JOIN_STILL_ASKED, now=now_of(session))


async def _to_press(session: AsyncSession, turn: Turn) -> Sequence[Claim]:
    return await claims_to_press(session, now_of(session), turn)


async def _press(session: AsyncSession, claim: Claim) -> None:
    now = now_of(session)
    # Three days are over as well: one letter says both.
    claim.pressed_at, claim.reminded_at = now, claim.reminded_at or now
    if not claim.is_for_the_territory:
        await tell_team(session, claim, AccountChange.JOIN_WAITS, now=now)
        return
    for coordinator in await coordinators(session):
        await tell_change(session, coordinator, AccountChange.CLAIM_WAITS, now=now, of=claim.organisation_id)

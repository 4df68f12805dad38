"""A claim that nobody answers closes by itself, and its claimant is told that this is no refusal."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.answers import tell_change
from services.catalog.accounts.queries import memberships
from services.catalog.audit.commands import note
from services.catalog.claims.commands import end_claim
from services.catalog.claims.models import Claim, ClaimState
from services.catalog.claims.queries import claims_to_lapse
from shared.database import Database, now_of
from shared.database.one_by_one import Turn, all_due
from shared.events.catalog import AccountChange
from shared.observability.pulse import every

TIMER_S = 3600.0


async def lapse_for_ever(database: Database) -> None:
    """Look after claims that wait too long; any number of timers may run."""
    async for _ in every(TIMER_S):
        await lapse_unanswered(database)


async def lapse_unanswered(database: Database) -> int:
    """Close what nobody did anything for in thirty days, each in a transaction of its own; returns how many."""
    return await all_due(database, _to_lapse, _lapse, failed="claim_not_lapsed")


async def _to_lapse(session: AsyncSession, turn: Turn) -> Sequence[Claim]:
    return await claims_to_lapse(session, now_of(session), turn)


async def _lapse(session: AsyncSession, claim: Claim) -> None:
    now = now_of(session)
    await end_claim(session, claim, ClaimState.LAPSED, now=now)
    await note(session, None, claim.organisation_id, "claim.lapsed", about=claim.id)
    for member in (await memberships(session, claim.account_id))[:1]:
        await tell_change(session, member, AccountChange.CLAIM_LAPSED, now=now, of=claim.organisation_id)

"""When a need ends, whoever still waits to be chosen is told."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Machine
from services.catalog.proposals.deciding import end_proposal
from services.catalog.proposals.queries import proposals_left
from shared.database import Database, now_of
from shared.observability.pulse import every

log = structlog.get_logger(__name__)

TIMER_S = 60.0


async def end_for_ever(database: Database) -> None:
    """Look after proposals whose need has ended; any number of timers may run."""
    async for _ in every(TIMER_S):
        async with database.sessions.begin() as session:
            await end_left(session)


async def end_left(session: AsyncSession) -> int:
    """Tell those whose need has ended that nobody is chosen any more; returns how many were looked at.

    What fails is left for the next pass, and the others are told in this one.
    """
    looked_at, last = 0, None
    while left := await proposals_left(session, after=last):
        looked_at, last = looked_at + len(left), left[-1].id
        for proposal_id, proposal in [(each.id, each) for each in left]:
            try:
                async with session.begin_nested():
                    await end_proposal(session, Machine(proposal.need.organisation_id), proposal, now_of(session))
            except Exception:
                log.exception("proposal_not_ended", proposal=str(proposal_id))
    return looked_at

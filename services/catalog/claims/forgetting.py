"""What an erased person asked: that they asked stays, their words, address and files do not."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import Member
from services.catalog.claims.commands import end_claim
from services.catalog.claims.models import ClaimState
from services.catalog.claims.queries import claims_of, forget_evidence
from shared.database.acting import act


async def forget_claims(session: AsyncSession, account_id: UUID, members: Sequence[Member], *, now: datetime) -> None:
    """Take back what waits, and empty what was said; the bytes of files are swept away once nothing names them."""
    claims = [claim for claim, _ in await claims_of(session, account_id)]
    for claim in claims:
        claim.words, claim.reply = "", ""
        if claim.is_pending:
            await end_claim(session, claim, ClaimState.WITHDRAWN, now=now)
    for member in members if claims else ():
        await act(session, org=member.organisation_id, member=member.id)
        await forget_evidence(session, [claim.id for claim in claims], member.organisation_id)

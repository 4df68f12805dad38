"""Which splits were accepted after the backup that matching was restored from: its own stream still tells."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.allocation.commands import KEEP
from shared.events.matching import AllocationAccepted


async def recall_accepted(session: AsyncSession, event: AllocationAccepted) -> None:
    """Keep a split as accepted, by nobody knows whom any more; nothing where it is kept already."""
    row = {
        "id": event.allocation_id,
        "flow": event.flow_id,
        "organisation": event.organisation_id,
        "version": event.version,
        "member": None,
        "at": event.accepted_at,
        "weights": event.values,
        "shares": msgspec.json.encode([share.model_dump(mode="json") for share in event.shares]).decode(),
    }
    await session.execute(KEEP, row)

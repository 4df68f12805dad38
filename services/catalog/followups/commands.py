"""Note a contact with an organisation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.followups.models import FollowUp, check_call_back
from services.catalog.followups.queries import title_of
from services.catalog.followups.schemas import Contacted
from shared.clock import day_of
from shared.identity import Identity


async def note_contact(
    session: AsyncSession, coordinator: Identity, contacted: Contacted, *, organisation_id: UUID, now: datetime
) -> FollowUp:
    """Keep what came of a contact; raises what is wrong with the day to call again, or `SubjectUnknown`."""
    check_call_back(contacted.result, contacted.call_back_on, day_of(now))
    if contacted.about is not None:
        await title_of(session, contacted.about, organisation_id=organisation_id)
    line = FollowUp(
        **contacted.model_dump(), organisation_id=organisation_id, noted_by=coordinator.member_id, noted_at=now
    )
    session.add(line)
    await session.flush()
    said = {"means": contacted.means.value, "result": contacted.result.value, "line": str(line.id)}
    await note(
        session, coordinator.member_id, coordinator.organisation_id, "contact.noted", about=organisation_id, **said
    )
    return line

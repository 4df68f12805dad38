"""Answering from a letter: whoever holds it acts for the organisation of its reader, on one need and nothing else."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.answers.errors import AnswerLinkUnknown
from services.catalog.answers.queries import reader_of
from services.catalog.answers.schemas import LetterHeld
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_acting
from shared.database.acting import act
from shared.identity import LinkKeys
from shared.identity.identity import RANK, Role


@dataclass(frozen=True)
class LetterHolder:
    """Whoever holds a letter that a member of an organisation was written: they act in that member's name."""

    organisation_id: UUID
    member_id: UUID
    letter_id: UUID
    # The letter came to the address.
    is_confirmed: bool = True


async def holder_of(
    session: AsyncSession, keys: LinkKeys, letter_id: UUID, held: LetterHeld
) -> tuple[LetterHolder, Organisation]:
    """Go on for the organisation that a letter was written to.

    Raises `AnswerLinkUnknown` for an address that is not a letter's own, or whose reader may not answer for it any
    more; and what an organisation that may not act is refused.
    """
    if not keys.answers(letter_id, held.key, need_id=held.need, member_id=held.reader):
        raise AnswerLinkUnknown
    await act(session, member=held.reader)
    reader = await reader_of(session, held.reader)
    if reader is None or reader.left_at is not None or RANK[reader.role] < RANK[Role.EDITOR]:
        raise AnswerLinkUnknown
    await act(session, org=reader.organisation_id)
    organisation = await organisation_acting(session, reader.organisation_id)
    return LetterHolder(organisation.id, reader.id, letter_id), organisation

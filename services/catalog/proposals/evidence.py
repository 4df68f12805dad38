"""The files that a supplier puts beside its proposal, and who reads them: its two sides, and who confirmed a part."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.files.commands import add_file, remove_file
from services.catalog.files.errors import FileUnknown
from services.catalog.files.keeping import Keeper, Sent
from services.catalog.files.models import Purpose, StoredFile
from services.catalog.files.queries import file_of, files_about
from services.catalog.files.store import Store
from services.catalog.organisations.queries import organisation_acting
from services.catalog.proposals.errors import NeedTakesNoProposals, NothingProposed
from services.catalog.proposals.models import ParticipationState, Proposal
from services.catalog.proposals.queries import own_proposal, proposal_seen_by
from shared.messaging.outbox import record

BURST = timedelta(hours=1)
"""Files that come one after the other are one thing to read, told with the first of them."""


def may_attach(proposal: Proposal) -> bool:
    """True while its supplier may still change it."""
    return proposal.stands and proposal.need.is_open


async def attach(
    session: AsyncSession, keeper: Keeper, supplier: Actor, sent: Sent, *, proposal_id: UUID, now: datetime
) -> StoredFile:
    """Put a file beside one's own proposal; whose need it is hears of it. Raises what forbids it."""
    proposal = await _own(session, supplier, proposal_id)
    file = await add_file(session, keeper, supplier, sent, about=proposal.id, now=now)
    beside = (await files_about(session, [proposal.id]))[proposal.id]
    fresh = sum(each.added_at > now - BURST for each in beside)
    await record(session, proposal.attach(now, fresh=fresh))
    return file


async def detach(session: AsyncSession, store: Store, supplier: Actor, *, proposal_id: UUID, file_id: UUID) -> None:
    """Take one away again, as long as the proposal may change."""
    proposal = await _own(session, supplier, proposal_id)
    await remove_file(session, store, supplier, about=proposal.id, file_id=file_id)
    proposal.version += 1


async def evidence_of(
    session: AsyncSession, proposals: Sequence[Proposal], reader_id: UUID
) -> Mapping[UUID, Sequence[StoredFile]]:
    """The files that an organisation reads, by proposal; the first added first."""
    return await files_about(session, [each.id for each in proposals if _is_shown(each, reader_id)])


async def evidence_file(session: AsyncSession, *, proposal_id: UUID, file_id: UUID, reader_id: UUID) -> StoredFile:
    """One of them; raises `ProposalUnknown`, `FileUnknown`."""
    proposal = await proposal_seen_by(session, proposal_id, reader_id)
    file = await file_of(session, proposal.id, file_id)
    if not _is_shown(proposal, reader_id) or file.purpose is not Purpose.DOCUMENT:
        raise FileUnknown
    return file


def _is_shown(proposal: Proposal, reader_id: UUID) -> bool:
    """Who is asked to take part reads what is proposed; its files are for those who are in it."""
    confirmed = {each.organisation_id for each in proposal.participations if each.state is ParticipationState.CONFIRMED}
    return reader_id in {*proposal.between, *confirmed}


async def _own(session: AsyncSession, supplier: Actor, proposal_id: UUID) -> Proposal:
    await organisation_acting(session, supplier.organisation_id)
    proposal = await own_proposal(session, proposal_id, organisation_id=supplier.organisation_id)
    proposal.refuse_settled()
    if not proposal.stands:
        raise NothingProposed
    if not proposal.need.is_open:
        raise NeedTakesNoProposals
    return proposal

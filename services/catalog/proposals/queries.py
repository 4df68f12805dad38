"""Every question asked of proposals."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from services.catalog.needs.models import ENDED, Need
from services.catalog.organisations.models import Organisation
from services.catalog.proposals.errors import NotAskedToTakePart, ProposalUnknown
from services.catalog.proposals.models import Participation, Proposal, ProposalState
from shared.database.versions import refuse_when_changed

# More would be a table that nobody compares; a wave asks ten, and stops at six.
MOST_COMPARED = 50


def _proposals() -> Select[Proposal]:
    return (
        select(Proposal)
        .join(Proposal.need)
        .options(
            contains_eager(Proposal.need).joinedload(Need.organisation).joinedload(Organisation.legal_entity),
            joinedload(Proposal.organisation).joinedload(Organisation.legal_entity),
            selectinload(Proposal.participations).joinedload(Participation.organisation),
        )
    )


async def _locked(session: AsyncSession, proposals: Select[Proposal]) -> Proposal | None:
    return await session.scalar(proposals.with_for_update(of=Proposal).execution_options(populate_existing=True))


async def proposal_to(session: AsyncSession, need_id: UUID, organisation_id: UUID) -> Proposal | None:
    """An organisation's proposal to a need."""
    query = _proposals().where(Proposal.need_id == need_id, Proposal.organisation_id == organisation_id)
    return await session.scalar(query)


async def own_proposal(session: AsyncSession, proposal_id: UUID, *, organisation_id: UUID) -> Proposal:
    """An organisation's own proposal, locked; raises `ProposalUnknown`, and when its caller saw another version."""
    query = _proposals().where(Proposal.id == proposal_id, Proposal.organisation_id == organisation_id)
    return _expected(session, await _locked(session, query))


async def received_proposal(session: AsyncSession, proposal_id: UUID, *, organisation_id: UUID) -> Proposal:
    """A proposal to an organisation's own need, locked; raises as `own_proposal` does, and for one taken back."""
    query = _received(organisation_id).where(Proposal.id == proposal_id)
    return _expected(session, await _locked(session, query))


def _expected(session: AsyncSession, proposal: Proposal | None) -> Proposal:
    if proposal is None:
        raise ProposalUnknown
    refuse_when_changed(session, proposal.version)
    return proposal


def _received(organisation_id: UUID) -> Select[Proposal]:
    is_there = Proposal.state != ProposalState.WITHDRAWN
    return _proposals().where(Need.organisation_id == organisation_id, is_there)


async def proposal_seen_by(session: AsyncSession, proposal_id: UUID, organisation_id: UUID) -> Proposal:
    """A proposal as who made it, whose need it is for, or who is named in it may read it; raises `ProposalUnknown`."""
    named = select(Participation.proposal_id).where(Participation.organisation_id == organisation_id)
    read_by_others = and_(
        Proposal.state != ProposalState.WITHDRAWN,
        or_(Need.organisation_id == organisation_id, Proposal.id.in_(named)),
    )
    query = _proposals().where(Proposal.id == proposal_id).execution_options(populate_existing=True)
    found = await session.scalar(query.where(or_(Proposal.organisation_id == organisation_id, read_by_others)))
    if found is None:
        raise ProposalUnknown
    return found


async def proposals_named(session: AsyncSession, ids: Sequence[UUID], organisation_id: UUID) -> Sequence[Proposal]:
    """The proposals of these ids that an organisation made or received, in no order."""
    received = and_(Need.organisation_id == organisation_id, Proposal.state != ProposalState.WITHDRAWN)
    query = _proposals().where(Proposal.id.in_(ids), or_(Proposal.organisation_id == organisation_id, received))
    return (await session.scalars(query)).all()


async def proposals_of(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Proposal]:
    """What an organisation proposed, the newest first; `before` is the last id of the page before."""
    return await _page(session, _proposals().where(Proposal.organisation_id == organisation_id), before, limit)


async def proposals_received(
    session: AsyncSession, need: Need, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Proposal]:
    """What was proposed for a need and is there still, the newest first; `before` is the last id of the page before."""
    query = _received(need.organisation_id).where(Proposal.need_id == need.id)
    return await _page(session, query, before, limit)


async def _page(
    session: AsyncSession, proposals: Select[Proposal], before: UUID | None, limit: int
) -> Sequence[Proposal]:
    if before is not None:
        proposals = proposals.where(Proposal.id < before)
    return (await session.scalars(proposals.order_by(Proposal.id.desc()).limit(limit))).all()


async def proposals_to(session: AsyncSession, need: Need) -> Sequence[Proposal]:
    """What was proposed for a need and is there still, the first one first, and what was turned down last.

    So whoever turns some down comes to see the others, however many there are.
    """
    query = _received(need.organisation_id).where(Proposal.need_id == need.id)
    in_order = query.order_by(Proposal.state == ProposalState.REJECTED, Proposal.id)
    return (await session.scalars(in_order.limit(MOST_COMPARED))).all()


async def waiting_proposals(session: AsyncSession, need_id: UUID, *, organisation_id: UUID) -> Sequence[Proposal]:
    """What waits to be chosen for an organisation's own need, locked in one order."""
    query = _received(organisation_id).where(Proposal.need_id == need_id, Proposal.state == ProposalState.MADE)
    locked = query.order_by(Proposal.id).with_for_update(of=Proposal).execution_options(populate_existing=True)
    return (await session.scalars(locked)).all()


async def proposals_left(session: AsyncSession, *, after: UUID | None = None, limit: int = 100) -> Sequence[Proposal]:
    """What waits to be chosen for a need that has ended, locked; what another timer holds is its to tell."""
    query = _proposals().where(Proposal.state == ProposalState.MADE, Need.state.in_(ENDED))
    if after is not None:
        query = query.where(Proposal.id > after)
    locked = query.order_by(Proposal.id).limit(limit).with_for_update(of=Proposal, skip_locked=True)
    return (await session.scalars(locked.execution_options(populate_existing=True))).all()


async def participation_in(session: AsyncSession, proposal: Proposal, organisation_id: UUID) -> Participation:
    """An organisation's part in a proposal, locked; raises `NotAskedToTakePart`."""
    query = (
        select(Participation)
        .where(Participation.proposal_id == proposal.id, Participation.organisation_id == organisation_id)
        .options(joinedload(Participation.organisation))
        .with_for_update(of=Participation)
        .execution_options(populate_existing=True)
    )
    found = await session.scalar(query)
    if found is None:
        raise NotAskedToTakePart
    return found


async def proposals_made_by(session: AsyncSession, member_id: UUID) -> Sequence[Proposal]:
    """The proposals that a member wrote last, the first one first; without their needs."""
    return (await session.scalars(select(Proposal).where(Proposal.made_by == member_id).order_by(Proposal.id))).all()


async def proposals_decided_by(session: AsyncSession, member_id: UUID) -> Sequence[Proposal]:
    """The proposals that a member chose or did not, the first one first; without their needs."""
    return (await session.scalars(select(Proposal).where(Proposal.decided_by == member_id).order_by(Proposal.id))).all()

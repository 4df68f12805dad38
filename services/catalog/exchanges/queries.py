"""Every question asked of exchanges: which ones an organisation has, what was written in them, and what happened."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select, text, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.models import Agreement, AgreementState
from services.catalog.agreements.queries import latest_agreements
from services.catalog.audit.models import AuditLine
from services.catalog.exchanges.errors import ExchangeUnknown
from services.catalog.exchanges.exchange import Exchange
from services.catalog.exchanges.models import Message, ReadMark
from services.catalog.files.errors import FileUnknown
from services.catalog.files.models import Purpose, StoredFile
from services.catalog.files.queries import files_about
from services.catalog.needs.models import Need, NeedState
from services.catalog.proposals.errors import ProposalUnknown
from services.catalog.proposals.models import Proposal, ProposalState
from services.catalog.proposals.queries import proposal_seen_by, proposals_named
from services.catalog.takings.errors import TakingUnknown
from services.catalog.takings.models import State, Taking
from services.catalog.takings.queries import taking_seen_by, takings_named
from shared.database import now_of
from shared.database.one_by_one import Turn

MOST_WAITING = 200
"""More would be a list that nobody works through; the whole one is below it."""

FACTS = text("SELECT fact_id, happened_at, action, is_own, milestone FROM exchange_facts(:exchange)")
RUNNING = (AgreementState.CONCLUDED, AgreementState.RUNNING)
OPEN = (State.HELD, State.MADE, State.DISPUTED)


class About(StrEnum):
    """What exchanges may be about."""

    NEEDS = "needs"
    FLOWS = "flows"


class Fact(NamedTuple):
    """One thing that a side did, as the audit trail has it; `milestone` is a number, where it is about one."""

    fact_id: UUID
    happened_at: datetime
    action: str
    is_own: bool
    milestone: str | None


async def exchange_seen_by(session: AsyncSession, exchange_id: UUID, organisation_id: UUID) -> Exchange:
    """An exchange as one of its two sides reads it; raises `ExchangeUnknown`, to co-contractors as well."""
    now = now_of(session)
    try:
        proposal = await proposal_seen_by(session, exchange_id, organisation_id)
    except ProposalUnknown:
        try:
            taking = await taking_seen_by(session, exchange_id, organisation_id)
        except TakingUnknown:
            raise ExchangeUnknown from None
        agreements = await latest_agreements(session, [taking.id], organisation_id)
        return Exchange(now, taking=taking, agreement=agreements.get(taking.id))
    if organisation_id not in proposal.between:
        raise ExchangeUnknown
    agreements = await latest_agreements(session, [proposal.id], organisation_id)
    return Exchange(now, proposal=proposal, agreement=agreements.get(proposal.id))


async def exchanges_of(
    session: AsyncSession,
    organisation_id: UUID,
    *,
    about: About | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> Sequence[Exchange]:
    """What an organisation has on with others, the last made first; `before` is the last id of the page before."""
    every = _ids(organisation_id, about).subquery()
    query = select(every.c.id)
    if before is not None:
        last = select(every.c.at).where(every.c.id == before).scalar_subquery()
        query = query.where(tuple_(every.c.at, every.c.id) < tuple_(last, before))
    ids = (await session.scalars(query.order_by(every.c.at.desc(), every.c.id.desc()).limit(limit))).all()
    return await _exchanges(session, organisation_id, ids)


async def waiting_exchanges(session: AsyncSession, organisation_id: UUID) -> Sequence[Exchange]:
    """What waits for an organisation: its step that lets the other wait, or a message to read; the oldest first."""
    # One union of what may wait; which of it does is said by the steps alone.
    standing = union_all(
        _proposals(organisation_id).where(_may_wait()),
        _takings(organisation_id).where(or_(Taking.state.in_(OPEN), _stands(Taking.id))),
        select(Message.exchange_id, func.min(Message.at)).where(_unread(organisation_id)).group_by(Message.exchange_id),
    ).subquery()
    query = select(standing.c[0]).group_by(standing.c[0]).order_by(func.min(standing.c[1])).limit(MOST_WAITING)
    ids = (await session.scalars(query)).all()
    found = await _exchanges(session, organisation_id, ids)
    unread = await unread_in(session, organisation_id, [each.id for each in found])
    return [each for each in found if each.id in unread or _waits(each, organisation_id)]


def _waits(exchange: Exchange, organisation_id: UUID) -> bool:
    party = exchange.party_of(organisation_id)
    return party is not None and exchange.waits_for(party)


def _stands(taking_id: Any) -> Any:
    return exists().where(Agreement.taking_id == taking_id, Agreement.state.in_(RUNNING))


def _may_wait() -> Any:
    runs = exists().where(Agreement.proposal_id == Proposal.id, Agreement.state.in_(RUNNING))
    was_concluded = exists().where(Agreement.proposal_id == Proposal.id)
    to_choose = and_(Proposal.state == ProposalState.MADE, Need.state == NeedState.PUBLISHED)
    return or_(to_choose, and_(Proposal.state == ProposalState.ACCEPTED, or_(runs, ~was_concluded)))


def _proposals(organisation_id: UUID) -> Select[UUID, datetime]:
    received = and_(Need.organisation_id == organisation_id, Proposal.state != ProposalState.WITHDRAWN)
    mine = or_(Proposal.organisation_id == organisation_id, received)
    return select(Proposal.id.label("id"), Proposal.made_at.label("at")).join(Proposal.need).where(mine)


def _takings(organisation_id: UUID) -> Select[UUID, datetime]:
    mine = or_(Taking.taker_id == organisation_id, Taking.organisation_id == organisation_id)
    return select(Taking.id.label("id"), Taking.created_at.label("at")).where(mine)


def _ids(organisation_id: UUID, about: About | None) -> Any:
    if about is About.NEEDS:
        return _proposals(organisation_id)
    if about is About.FLOWS:
        return _takings(organisation_id)
    return union_all(_proposals(organisation_id), _takings(organisation_id))


async def _exchanges(session: AsyncSession, organisation_id: UUID, ids: Sequence[UUID]) -> Sequence[Exchange]:
    """In the order of the ids: three queries, however many there are."""
    now, found = now_of(session), {}
    agreements = await latest_agreements(session, ids, organisation_id)
    for proposal in await proposals_named(session, ids, organisation_id):
        found[proposal.id] = Exchange(now, proposal=proposal, agreement=agreements.get(proposal.id))
    for taking in await takings_named(session, ids, organisation_id):
        found[taking.id] = Exchange(now, taking=taking, agreement=agreements.get(taking.id))
    return [found[each] for each in ids if each in found]


def _unread(organisation_id: UUID) -> Any:
    is_read = exists().where(
        ReadMark.exchange_id == Message.exchange_id,
        ReadMark.organisation_id == organisation_id,
        ReadMark.last_id >= Message.id,
    )
    return and_(Message.reader_id == organisation_id, ~is_read)


async def unread_in(session: AsyncSession, organisation_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, int]:
    """How many messages of each exchange an organisation has not read; without those where it has read all."""
    query = select(Message.exchange_id, func.count()).where(Message.exchange_id.in_(ids), _unread(organisation_id))
    return {row[0]: row[1] for row in await session.execute(query.group_by(Message.exchange_id))}


async def count_unread(session: AsyncSession, organisation_id: UUID) -> int:
    """How many messages an organisation has not read, over all its exchanges."""
    return await session.scalar(select(func.count()).select_from(Message).where(_unread(organisation_id))) or 0


async def messages_in(
    session: AsyncSession, exchange: Exchange, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Message]:
    """What was written in an exchange, the newest first; `before` is the last id of the page before."""
    query = select(Message).where(Message.exchange_id == exchange.id)
    if before is not None:
        query = query.where(Message.id < before)
    return (await session.scalars(query.order_by(Message.id.desc()).limit(limit))).all()


async def facts_of(session: AsyncSession, exchange: Exchange) -> Sequence[Fact]:
    """What both sides did, the newest first, out of the audit trail."""
    rows = await session.execute(FACTS, {"exchange": exchange.id})
    return [Fact(*row) for row in rows]


async def files_in(session: AsyncSession, messages: Sequence[Message]) -> Mapping[UUID, Sequence[StoredFile]]:
    """The files of messages, by message; the first added first."""
    return await files_about(session, [each.id for each in messages])


async def file_in(session: AsyncSession, exchange: Exchange, file_id: UUID) -> StoredFile:
    """A file of one of an exchange's messages; raises `FileUnknown`."""
    of_it = select(Message.id).where(Message.exchange_id == exchange.id)
    found = await session.scalar(select(StoredFile).where(StoredFile.id == file_id, StoredFile.about.in_(of_it)))
    if found is None:
        raise FileUnknown
    return found


async def message_once(session: AsyncSession, organisation_id: UUID, once: UUID) -> Message | None:
    """What a form has sent already."""
    return await session.scalar(select(Message).where(Message.organisation_id == organisation_id, Message.once == once))


async def count_written_since(session: AsyncSession, organisation_id: UUID, since: datetime) -> int:
    """How many messages an organisation wrote after a moment."""
    query = select(func.count()).select_from(Message)
    return await session.scalar(query.where(Message.organisation_id == organisation_id, Message.at > since)) or 0


async def messages_written_by(session: AsyncSession, member_id: UUID) -> Sequence[Message]:
    """What a member wrote, the first one first."""
    return (await session.scalars(select(Message).where(Message.written_by == member_id).order_by(Message.id))).all()


async def messages_outlived(session: AsyncSession, before: datetime, turn: Turn) -> Sequence[Message]:
    """Messages from before a moment whose exchange ended before it as well; for the worker, which sees all."""
    agreed_lately = exists().where(
        Agreement.taking_id == Taking.id, func.coalesce(Agreement.completed_at, Agreement.cancelled_at) >= before
    )
    is_over = (Taking.state.not_in(OPEN), Taking.updated_at < before, ~_stands(Taking.id), ~agreed_lately)
    ended_taking = select(Taking.id).where(*is_over)
    query = select(Message).where(
        Message.at < before, or_(Message.taking_id.in_(ended_taking), Message.proposal_id.in_(_ended_proposals(before)))
    )
    return (await session.scalars(turn.of(query, Message))).all()


async def proposals_outlived(session: AsyncSession, before: datetime, turn: Turn) -> Sequence[Proposal]:
    """Proposals that ended before a moment and still have files beside them; for the worker, which sees all."""
    has_files = exists().where(StoredFile.about == Proposal.id, StoredFile.purpose == Purpose.DOCUMENT)
    query = select(Proposal).where(Proposal.id.in_(_ended_proposals(before)), has_files)
    return (await session.scalars(turn.of(query, Proposal))).all()


def _ended_proposals(before: datetime) -> Select[UUID]:
    """Those that ended before a moment: turned down, taken back, or carried out."""
    stands = exists().where(Agreement.proposal_id == Proposal.id, Agreement.state.in_(RUNNING))
    lasted = exists().where(
        Agreement.proposal_id == Proposal.id,
        func.coalesce(Agreement.completed_at, Agreement.cancelled_at) >= before,
    )
    was_concluded = exists().where(Agreement.proposal_id == Proposal.id)
    # What was taken back has no date of its own, save in the audit trail.
    is_taken_back = exists().where(
        AuditLine.about == Proposal.id, AuditLine.action == "proposal.withdrawn", AuditLine.at >= before
    )
    return select(Proposal.id).where(
        or_(
            and_(Proposal.state == ProposalState.REJECTED, Proposal.decided_at < before),
            and_(Proposal.state == ProposalState.WITHDRAWN, ~is_taken_back),
            and_(Proposal.state == ProposalState.ACCEPTED, was_concluded, ~stands, ~lasted),
        )
    )


async def read_mark_of(session: AsyncSession, exchange_id: UUID, organisation_id: UUID) -> ReadMark | None:
    """How far an organisation has read."""
    return await session.get(ReadMark, (exchange_id, organisation_id), populate_existing=True)

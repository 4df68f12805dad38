"""Every question asked of settlements and of the ledger."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.organisations.models import LegalEntity, Organisation
from services.catalog.payments.errors import SettlementUnknown
from services.catalog.payments.ledger import Account, Kind
from services.catalog.payments.models import OPEN, LedgerMove, Settlement, State
from shared.clock import day_of
from shared.database.versions import refuse_when_changed

# More would be a list that nobody works through; the whole one is below it.
MOST_WAITING = 200


def _settlements(organisation_id: UUID) -> Select[Settlement]:
    theirs = or_(Settlement.payer_id == organisation_id, Settlement.payee_id == organisation_id)
    return select(Settlement).where(theirs)


async def settlement_seen_by(session: AsyncSession, settlement_id: UUID, organisation_id: UUID) -> Settlement:
    """A settlement of one of its two sides; raises `SettlementUnknown`."""
    found = await session.scalar(_settlements(organisation_id).where(Settlement.id == settlement_id))
    if found is None:
        raise SettlementUnknown
    return found


async def settlement_to_change(session: AsyncSession, settlement_id: UUID, organisation_id: UUID) -> Settlement:
    """The same, locked; raises when its caller saw another one."""
    query = _settlements(organisation_id).where(Settlement.id == settlement_id)
    found = await session.scalar(query.with_for_update(of=Settlement).execution_options(populate_existing=True))
    if found is None:
        raise SettlementUnknown
    refuse_when_changed(session, found.version)
    return found


async def settlements_of(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Settlement]:
    """What an organisation pays or is paid, the newest first; `before` is the last id of the page before."""
    query = _settlements(organisation_id)
    if before is not None:
        query = query.where(Settlement.id < before)
    return (await session.scalars(query.order_by(Settlement.id.desc()).limit(limit))).all()


async def settlements_awaiting(session: AsyncSession, organisation_id: UUID) -> Sequence[Settlement]:
    """Where it is an organisation's turn, what is due first before the rest."""
    pays = and_(Settlement.payer_id == organisation_id, or_(Settlement.state.in_(OPEN), Settlement.returning_cents > 0))
    confirms = and_(Settlement.payee_id == organisation_id, Settlement.state == State.DECLARED)
    query = _settlements(organisation_id).where(or_(pays, confirms))
    return (await session.scalars(query.order_by(Settlement.due_on, Settlement.id).limit(MOST_WAITING))).all()


async def settlements_under(
    session: AsyncSession, agreement_id: UUID, organisation_id: UUID, *, for_update: bool = False
) -> Sequence[Settlement]:
    """What an agreement made due, in the order of its milestones, to its two sides."""
    query = _settlements(organisation_id).where(Settlement.agreement_id == agreement_id)
    query = query.order_by(Settlement.milestone)
    return (await session.scalars(query.with_for_update(of=Settlement) if for_update else query)).all()


async def overdue_settlements(session: AsyncSession, now: datetime, limit: int = 100) -> Sequence[UUID]:
    """What nobody said was paid by its day, and whose payer was not told so."""
    query = select(Settlement.id).where(Settlement.remind_on <= day_of(now))
    return (await session.scalars(query.order_by(Settlement.remind_on, Settlement.id).limit(limit))).all()


async def settlement_overdue(session: AsyncSession, settlement_id: UUID) -> Settlement | None:
    """One of these, locked; None once somebody told or paid, or while somebody does."""
    query = select(Settlement).where(Settlement.id == settlement_id, Settlement.remind_on.is_not(None))
    return await session.scalar(query.with_for_update(of=Settlement, skip_locked=True))


async def siren_of(session: AsyncSession, organisation_id: UUID) -> str | None:
    """The number of an organisation's legal entity; None where it is not known."""
    query = select(LegalEntity.siren).join(Organisation, Organisation.legal_entity_id == LegalEntity.id)
    return await session.scalar(query.where(Organisation.id == organisation_id))


async def moves_under(
    session: AsyncSession, settlement_id: UUID, *, after: UUID | None = None, limit: int = 200
) -> Sequence[LedgerMove]:
    """The moves of a settlement, the first one first; `after` is the last id of the page before."""
    query = select(LedgerMove).where(LedgerMove.settlement_id == settlement_id)
    if after is not None:
        query = query.where(LedgerMove.id > after)
    return (await session.scalars(query.order_by(LedgerMove.id).limit(limit))).all()


async def moves_between(
    session: AsyncSession, organisation_id: UUID, since: datetime, until: datetime
) -> Sequence[LedgerMove]:
    """The moves of an organisation's accounts from one moment until just before another, the first one first."""
    theirs = or_(LedgerMove.source_id == organisation_id, LedgerMove.target_id == organisation_id)
    query = select(LedgerMove).options(joinedload(LedgerMove.settlement))
    query = query.where(theirs, LedgerMove.at >= since, LedgerMove.at < until)
    return (await session.scalars(query.order_by(LedgerMove.at, LedgerMove.id))).all()


async def balances_of(session: AsyncSession, organisation_id: UUID, until: datetime) -> dict[Kind, int]:
    """What each of an organisation's accounts held just before a moment, in cents."""
    found: dict[Kind, int] = {}
    for kind, whose, sign in (
        (LedgerMove.target_kind, LedgerMove.target_id, 1),
        (LedgerMove.source_kind, LedgerMove.source_id, -1),
    ):
        query = select(kind, func.sum(LedgerMove.cents)).where(whose == organisation_id, LedgerMove.at < until)
        for of, cents in (await session.execute(query.group_by(kind))).all():
            found[of] = found.get(of, 0) + sign * int(cents)
    return found


def accounts_of(move: LedgerMove) -> tuple[Account, Account]:
    """Out of which account, and into which."""
    return Account(move.source_kind, move.source_id), Account(move.target_kind, move.target_id)


def month_of(words: str) -> date | None:
    """The first day of a month written as 2026-11; None for anything else."""
    try:
        return datetime.strptime(words, "%Y-%m").date()  # noqa: DTZ007 - a month has no clock
    except ValueError:
        return None

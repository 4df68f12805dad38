"""Every question asked of takings, and the locks that whoever changes one holds."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from services.catalog.flows.errors import LotUnknown
from services.catalog.flows.lot import Lot, LotState
from services.catalog.flows.models import Flow
from services.catalog.organisations.models import Organisation
from services.catalog.posting.queries import with_author
from services.catalog.takings.errors import TakingUnknown
from services.catalog.takings.models import State, Taking
from shared.database.acting import act
from shared.database.versions import refuse_when_changed

# What of a lot its page shows as promised or gone.
COUNTING = (State.HELD, State.MADE, State.DISPUTED, State.CONFIRMED)

Row = TypeVar("Row", Flow, Lot, Taking)

# An id follows from the form that asked (`commands.take_lot`), and from no clock.
BY_AGE = (Taking.created_at, Taking.id)


class Locked(NamedTuple):
    """A lot and its flow, locked: whoever takes, keeps or frees a part waits here for whoever else does."""

    flow: Flow
    lot: Lot


def _takings() -> Select[Taking]:
    return select(Taking).options(
        joinedload(Taking.lot),
        joinedload(Taking.flow).joinedload(Flow.organisation),
        joinedload(Taking.organisation),
        joinedload(Taking.taker).joinedload(Organisation.legal_entity),
    )


def _theirs(organisation_id: UUID) -> ColumnElement[bool]:
    return or_(Taking.taker_id == organisation_id, Taking.organisation_id == organisation_id)


async def lot_locked(session: AsyncSession, lot_id: UUID) -> Locked:
    """A lot that its asker may see, locked after its flow, as those who change a flow do; raises `LotUnknown`.

    The row is its holder's: the transaction goes on as that organisation, and its caller turns back when it is done.
    """
    whose = (await session.execute(select(Lot.flow_id, Lot.organisation_id).where(Lot.id == lot_id))).first()
    if whose is None:
        raise LotUnknown
    await act(session, org=whose.organisation_id)
    flow = await session.scalar(_locked(with_author(Flow).where(Flow.id == whose.flow_id), Flow))
    lot = await session.scalar(_locked(select(Lot).where(Lot.id == lot_id), Lot))
    if flow is None or lot is None:
        raise LotUnknown
    return Locked(flow, lot)


async def taking_locked(session: AsyncSession, taking_id: UUID) -> Taking:
    """A taking, locked after its lot; raises when its caller has seen another version."""
    taking = await session.scalar(_locked(_takings().where(Taking.id == taking_id), Taking))
    if taking is None:
        raise TakingUnknown
    refuse_when_changed(session, taking.version)
    return taking


def _locked(query: Select[Row], row: type[Row]) -> Select[Row]:
    return query.with_for_update(of=row).execution_options(populate_existing=True)


async def taking_seen_by(session: AsyncSession, taking_id: UUID, organisation_id: UUID) -> Taking:
    """A taking as its two organisations may read it; raises `TakingUnknown`."""
    taking = await session.scalar(_takings().where(Taking.id == taking_id, _theirs(organisation_id)))
    if taking is None:
        raise TakingUnknown
    return taking


async def takings_named(session: AsyncSession, ids: Sequence[UUID], organisation_id: UUID) -> Sequence[Taking]:
    """The takings of these ids that an organisation gives or takes, in no order."""
    return (await session.scalars(_takings().where(Taking.id.in_(ids), _theirs(organisation_id)))).all()


async def taking_once(session: AsyncSession, taking_id: UUID) -> Taking | None:
    """What a form has made already, if it was sent before."""
    return await session.scalar(_takings().where(Taking.id == taking_id))


async def open_holds(session: AsyncSession, taker_id: UUID, now: datetime) -> int:
    """How many options a taker has open that it asked for."""
    is_held = (Taking.state == State.HELD, Taking.held_until > now, Lot.state == LotState.RELEASED)
    asked_for = (Taking.taker_id == taker_id, Taking.offered.is_(False))
    query = select(func.count()).select_from(Taking).join(Taking.lot).where(*asked_for, *is_held)
    return await session.scalar(query) or 0


async def takings_of(
    session: AsyncSession, taker_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Taking]:
    """What an organisation takes or took, the newest first; `before` is the last id of the page before."""
    return await _page(session, Taking.taker_id == taker_id, before, limit)


async def takings_from(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Taking]:
    """What others take or took of an organisation's lots, the newest first."""
    return await _page(session, Taking.organisation_id == organisation_id, before, limit)


async def _page(session: AsyncSession, whose: ColumnElement[bool], before: UUID | None, limit: int) -> Sequence[Taking]:
    query = _takings().where(whose)
    if before is not None:
        last = aliased(Taking)
        since = select(last.created_at).where(last.id == before).scalar_subquery()
        query = query.where(tuple_(Taking.created_at, Taking.id) < tuple_(since, before))
    return (await session.scalars(query.order_by(*(each.desc() for each in BY_AGE)).limit(limit))).all()


async def takings_in(session: AsyncSession, lot_ids: Sequence[UUID], organisation_id: UUID) -> Sequence[Taking]:
    """What counts in some lots and is an organisation's to see: all of its own lots, its own part of others'."""
    query = _takings().where(Taking.lot_id.in_(lot_ids), Taking.state.in_(COUNTING), _theirs(organisation_id))
    return (await session.scalars(query.order_by(*BY_AGE))).all()


async def slots_between(
    session: AsyncSession, organisation_id: UUID, since: datetime, until: datetime, *, states: Collection[State]
) -> Sequence[Taking]:
    """What an organisation gives or takes in slots that begin from `since` on and before `until`, by time."""
    whose = (_theirs(organisation_id), Taking.state.in_(states))
    query = _takings().where(*whose, Taking.slot_from >= since, Taking.slot_from < until)
    return (await session.scalars(query.order_by(Taking.slot_from, Taking.id))).all()


async def takings_made_by(session: AsyncSession, member_id: UUID) -> Sequence[Taking]:
    """What a member took or kept, the first one first; without the lots."""
    return (await session.scalars(select(Taking).where(Taking.made_by == member_id).order_by(*BY_AGE))).all()


async def takings_due(session: AsyncSession, now: datetime) -> Sequence[tuple[UUID, UUID]]:
    """Those whose hour has come, with their lots, not locked: a lot's lock comes before its takings'."""
    query = select(Taking.id, Taking.lot_id).where(Taking.due_at <= now).order_by(Taking.due_at).limit(100)
    return [(taking_id, lot_id) for taking_id, lot_id in await session.execute(query)]


async def put_off(session: AsyncSession, taking_id: UUID, *, until: datetime, now: datetime) -> None:
    """Let a taking be due later, if it still is due: by itself, whatever is wrong with it or its lot."""
    await session.execute(update(Taking).where(Taking.id == taking_id, Taking.due_at <= now).values(due_at=until))

"""Every question asked of calls and applications."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.calls.errors import ApplicationUnknown, CallUnknown
from services.catalog.calls.models import Application, ApplicationState, Call, CallState, Review
from shared.database.one_by_one import Turn
from shared.database.versions import refuse_when_changed

READ_BY_CALLER = (ApplicationState.SUBMITTED, ApplicationState.RETAINED, ApplicationState.NOT_RETAINED)


def _calls() -> Select[Call]:
    return select(Call).options(joinedload(Call.organisation))


def _applications() -> Select[Application]:
    loaded = (joinedload(Application.organisation), joinedload(Application.call).joinedload(Call.organisation))
    return select(Application).options(*loaded)


async def published_calls(session: AsyncSession, *, before: UUID | None = None, limit: int = 50) -> Sequence[Call]:
    """Published calls, newest first; `before` is the last id of the page before."""
    query = _calls().where(Call.published_at.is_not(None))
    if before is not None:
        query = query.where(Call.id < before)
    return (await session.scalars(query.order_by(Call.id.desc()).limit(limit))).all()


async def open_calls(session: AsyncSession, today: date, *, limit: int = 5) -> Sequence[Call]:
    """Calls that take applications today, the soonest to close first."""
    begun = Call.state.in_((CallState.OPEN, CallState.ANNOUNCED))
    query = _calls().where(begun, Call.opens_on <= today, Call.closes_on >= today)
    return (await session.scalars(query.order_by(Call.closes_on).limit(limit))).all()


async def undecided_calls(session: AsyncSession, before: date, *, limit: int = 50) -> Sequence[Call]:
    """Published calls that closed before a day and are not decided, those that closed first before all."""
    waits = (Call.published_at.is_not(None), Call.state != CallState.DECIDED, Call.closes_on < before)
    return (await session.scalars(_calls().where(*waits).order_by(Call.closes_on, Call.id).limit(limit))).all()


async def calls_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Call]:
    """A caller's own calls, drafts included, the latest touched first."""
    query = _calls().where(Call.organisation_id == organisation_id).order_by(Call.updated_at.desc()).limit(100)
    return (await session.scalars(query)).all()


async def call_seen_by(session: AsyncSession, call_id: UUID, organisation_id: UUID | None) -> Call:
    """A call as a visitor may see it; raises `CallUnknown`."""
    call = await session.scalar(_calls().where(Call.id == call_id))
    if call is None or (call.published_at is None and call.organisation_id != organisation_id):
        raise CallUnknown
    return call


async def own_call(session: AsyncSession, call_id: UUID, *, organisation_id: UUID) -> Call:
    """A caller's own call, locked; raises `CallUnknown`."""
    query = _calls().where(Call.id == call_id, Call.organisation_id == organisation_id)
    call = await session.scalar(query.with_for_update(of=Call).execution_options(populate_existing=True))
    if call is None:
        raise CallUnknown
    refuse_when_changed(session, call.version)
    return call


async def calls_to_move(session: AsyncSession, today: date, turn: Turn) -> Sequence[Call]:
    """Calls whose day to open or to close has come, locked."""
    due = or_(
        and_(Call.state == CallState.ANNOUNCED, Call.opens_on <= today),
        and_(Call.state == CallState.OPEN, Call.closes_on < today),
    )
    return (await session.scalars(turn.of(_calls().where(due), Call))).all()


async def application_to(
    session: AsyncSession, call_id: UUID, organisation_id: UUID, *, for_update: bool = False
) -> Application | None:
    """An organisation's application to a call."""
    query = _applications().where(Application.call_id == call_id, Application.organisation_id == organisation_id)
    if for_update:
        query = query.with_for_update(of=Application).execution_options(populate_existing=True)
    return await session.scalar(query)


async def applications_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Application]:
    """An organisation's applications, the latest touched first."""
    query = _applications().where(Application.organisation_id == organisation_id)
    return (await session.scalars(query.order_by(Application.updated_at.desc()).limit(100))).all()


async def application_seen_by(session: AsyncSession, application_id: UUID, organisation_id: UUID) -> Application:
    """An application as its authors may read it, or its caller once it was sent; raises `ApplicationUnknown`."""
    application = await session.scalar(_applications().where(Application.id == application_id))
    if application is None:
        raise ApplicationUnknown
    is_callers = application.call.organisation_id == organisation_id and application.state in READ_BY_CALLER
    if application.organisation_id != organisation_id and not is_callers:
        raise ApplicationUnknown
    return application


async def applications_to(session: AsyncSession, call_id: UUID) -> Sequence[Application]:
    """What was sent to a call, in the order in which it came."""
    query = _applications().where(Application.call_id == call_id, Application.state.in_(READ_BY_CALLER))
    return (await session.scalars(query.order_by(Application.submitted_at))).all()


async def application_for_update(session: AsyncSession, application_id: UUID) -> Application:
    """An application of whoever acts, locked; raises `ApplicationUnknown`."""
    query = _applications().where(Application.id == application_id).with_for_update(of=Application)
    application = await session.scalar(query.execution_options(populate_existing=True))
    if application is None:
        raise ApplicationUnknown
    return application


async def reviews_of(session: AsyncSession, applications: Sequence[UUID]) -> dict[UUID, Review]:
    """What the caller thinks of some applications."""
    found = await session.scalars(select(Review).where(Review.application_id.in_(applications)))
    return {review.application_id: review for review in found}


async def review_of(session: AsyncSession, application_id: UUID) -> Review | None:
    """What the caller thinks of one."""
    return await session.get(Review, application_id)


async def count_to(session: AsyncSession, call_id: UUID) -> int:
    """How many were sent to a call."""
    query = select(func.count()).where(Application.call_id == call_id, Application.state.in_(READ_BY_CALLER))
    return await session.scalar(query) or 0

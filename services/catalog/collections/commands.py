"""Both sides of a taking say that it has left, and how much, until they agree; and calendars get new addresses."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import wait_for_turn
from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.collections.models import Calendar
from services.catalog.collections.queries import calendar_of
from services.catalog.collections.schemas import AcceptAsked, DoneAsked
from services.catalog.takings.changing import Done, kept, opened
from services.catalog.takings.counting import record_taking
from services.catalog.takings.figures import Figure
from services.catalog.takings.models import State, Taking
from shared.database import new_id
from shared.database.acting import act
from shared.events.facts import plain
from shared.events.takings import Side, TakingState

Step = Callable[[Taking, Side], list[TakingState]]

# What the audit log calls it, by where the taking stands afterwards.
ACTIONS = {State.MADE: "lot.done", State.DISPUTED: "lot.disputed", State.CONFIRMED: "lot.confirmed"}


async def say_done(session: AsyncSession, actor: Actor, asked: DoneAsked, *, taking_id: UUID, now: datetime) -> Taking:
    """Say how much has left, or correct oneself; said again it is said once.

    A figure is its side's own: what the other side says meanwhile does not refuse it.
    """
    figure = Figure(**asked.model_dump(), said_at=now)
    return await _say(session, actor, taking_id, lambda taking, side: taking.say_done(side, figure, now), now=now)


async def accept_figure(
    session: AsyncSession, actor: Actor, asked: AcceptAsked, *, taking_id: UUID, now: datetime
) -> Taking:
    """Agree with what the other side says, as it was read."""
    return await _say(session, actor, taking_id, lambda taking, side: taking.accept(side, asked.value, now), now=now)


async def _say(session: AsyncSession, actor: Actor, taking_id: UUID, step: Step, *, now: datetime) -> Taking:
    locked, taking = await opened(session, actor, taking_id, None)
    side = taking.side_of(actor.organisation_id)
    told = step(taking, side)
    if not told:
        await act(session, org=actor.organisation_id)
        return taking
    if taking.state is State.CONFIRMED:
        locked.lot.collect(taking.quantity_value, now)
    own = taking.figure_of(side)
    details = {"says": f"{plain(own.value):f}"} if own else {}
    await kept(session, actor, locked, taking, Done(ACTIONS[taking.state], told, details=details))
    if taking.state is State.CONFIRMED:
        await record_taking(session, taking, now)
    return taking


async def renew_calendar(session: AsyncSession, actor: Actor, *, replaces: UUID | None, now: datetime) -> None:
    """Give one's calendar an address, or another in place of the one that was seen; pressed twice it does it once."""
    await wait_for_turn(session, f"calendar:{actor.organisation_id}")
    calendar = await calendar_of(session, actor.organisation_id)
    if (calendar.id if calendar else None) != replaces:
        return
    if calendar is None:
        calendar = Calendar(organisation_id=actor.organisation_id)
        session.add(calendar)
    calendar.id, calendar.created_at = new_id(), now
    await note(session, actor.member_id, actor.organisation_id, "calendar.renewed", about=actor.organisation_id)

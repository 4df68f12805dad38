"""What every change of a taking does: lock its lot and itself, then keep both, tell of them and note who it was."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.flows.planning import tell_what_is_left
from services.catalog.takings.models import Taking
from services.catalog.takings.queries import Locked, lot_locked, taking_locked, taking_seen_by
from shared.database.acting import act
from shared.database.versions import ChangedMeanwhile
from shared.events.catalog import LotChanged
from shared.events.takings import TakingState
from shared.messaging.outbox import record


class Done(NamedTuple):
    """What was done: its name in the audit log, what is told of the taking, and of its lot if it changed; details."""

    action: str
    events: Sequence[TakingState]
    of_lot: LotChanged | None = None
    details: Mapping[str, str] = {}


async def opened(session: AsyncSession, actor: Actor, taking_id: UUID, seen: int | None) -> tuple[Locked, Taking]:
    """A taking of one's own with its lot, all locked; `seen` is the version a page showed.

    The session writes lot and flow as their holder; the taking it leaves alone until `kept` writes it as its own side.
    """
    known = await taking_seen_by(session, taking_id, actor.organisation_id)
    locked = await lot_locked(session, known.lot_id)
    taking = await taking_locked(session, taking_id)
    if seen is not None and seen != taking.version:
        raise ChangedMeanwhile
    session.expunge(taking)
    return locked, taking


async def kept(session: AsyncSession, actor: Actor, locked: Locked, taking: Taking, done: Done) -> Taking:
    """Store both sides of it, each as whose it is, and tell of both; the transaction goes on for who acted."""
    await session.flush()
    if done.of_lot is not None:
        await record(session, done.of_lot)
    await tell_what_is_left(session, locked.flow, taking.updated_at)
    await session.flush()
    await act(session, org=actor.organisation_id)
    session.add(taking)
    await session.flush()
    await record(session, *done.events)
    details = {"lot": str(taking.lot_id), "quantity": str(taking.quantity_value), "unit": taking.quantity_unit}
    await note(session, actor.member_id, actor.organisation_id, done.action, about=taking.id, **details, **done.details)
    return taking

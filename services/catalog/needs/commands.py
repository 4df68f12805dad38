"""What a person does with a need: draft, publish, update, withdraw, close."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.needs.models import Need
from services.catalog.needs.queries import need_for_update
from services.catalog.needs.schemas import Closing, NeedDraft
from services.catalog.organisations.places import resolved_place
from services.catalog.posting.commands import begun, may_publish
from shared.events.facts import Origin
from shared.messaging.outbox import record


async def draft_need(
    session: AsyncSession, author: Actor, draft: NeedDraft, *, now: datetime, origin: Origin = Origin.MEMBER
) -> Need:
    """Keep a need that nobody else sees yet."""
    need = await begun(session, Need, author, now=now, origin=origin)
    fill_need(need, draft)
    session.add(need)
    await session.flush()
    await note(session, author.member_id, author.organisation_id, "need.drafted", about=need.id)
    return need


async def update_need(session: AsyncSession, author: Actor, draft: NeedDraft, *, need_id: UUID, now: datetime) -> Need:
    """Change a need; an open one is matched again."""
    need = await need_for_update(session, need_id, organisation_id=author.organisation_id)
    fill_need(need, draft)
    event = need.updated(now)
    if event is not None:
        await record(session, event)
    await note(session, author.member_id, author.organisation_id, "need.updated", about=need.id)
    return need


async def publish_need(session: AsyncSession, author: Actor, *, need_id: UUID, now: datetime) -> Need:
    """Open a need to answers."""
    need = await need_for_update(session, need_id, organisation_id=author.organisation_id)
    need.organisation.may_act()
    may_publish(session, author)
    await record(session, need.publish(now))
    await note(session, author.member_id, author.organisation_id, "need.published", about=need.id)
    return need


async def withdraw_need(session: AsyncSession, author: Actor, *, need_id: UUID, now: datetime) -> Need:
    """Take a need back."""
    need = await need_for_update(session, need_id, organisation_id=author.organisation_id)
    event = need.withdraw(now)
    if event is not None:
        await record(session, event)
    await note(session, author.member_id, author.organisation_id, "need.withdrawn", about=need.id)
    return need


async def close_need(
    session: AsyncSession,
    author: Actor,
    closing: Closing,
    *,
    need_id: UUID,
    now: datetime,
) -> Need:
    """End a need with its coded outcome."""
    need = await need_for_update(session, need_id, organisation_id=author.organisation_id)
    consulted = {"yes": True, "no": False}.get(closing.would_have_consulted or "")
    await record(session, need.close(closing.outcome, now, would_have_consulted=consulted))
    await note(session, author.member_id, author.organisation_id, "need.closed", about=need.id, outcome=closing.outcome)
    return need


def fill_need(need: Need, draft: NeedDraft) -> None:
    """Put a draft's values into the row; a place that cannot be resolved is refused, not dropped."""
    for name, value in draft.columns().items():
        setattr(need, name, value)
    need.place = resolved_place(draft.place) if draft.place else None

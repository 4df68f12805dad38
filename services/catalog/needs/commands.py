"""What a person does with a need: draft, publish, update, withdraw, close."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import colleagues
from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.needs.errors import ContactUnknown, NeedNotSubmitted
from services.catalog.needs.models import Need, NeedState
from services.catalog.needs.queries import need_for_update
from services.catalog.needs.schemas import Closing, NeedDraft
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import resolved_place
from services.catalog.posting.commands import begun, copied, kept, waits_for_a_look
from shared.events.facts import Origin
from shared.messaging.outbox import record

# What was agreed with nobody and dated by nothing.
COPIED = (
    *("kind", "means", "title", "description", "categories", "ewc", "cpv", "place_data", "radius_km"),
    *("quantity_value", "quantity_unit", "quantity_period", "minimum_value", "service_type", "procurement_mode"),
    *("amount_shown", "amount_band", "amount_cents", "supplier_kinds", "permits", "receipt_wanted", "public_tender"),
    *("clause_ground", "clause_hours", "clause_publics", "clause_facilitator", "environmental_condition"),
    *("contact_id", "author_hidden"),
)


async def draft_need(
    session: AsyncSession,
    author: Actor,
    draft: NeedDraft,
    now: datetime,
    *,
    origin: Origin = Origin.MEMBER,
    organisation: Organisation | None = None,
) -> Need:
    """Keep a need that nobody else sees yet."""
    need = await begun(session, Need, author, now=now, origin=origin, organisation=organisation)
    await _refuse_a_strangers_contact(session, author, draft)
    fill_need(need, draft)
    return await kept(session, need, author, "need.drafted")


async def update_need(session: AsyncSession, author: Actor, draft: NeedDraft, need_id: UUID, now: datetime) -> Need:
    """Change a need; an open one is matched again."""
    need = await need_for_update(session, need_id, organisation_id=author.organisation_id)
    await _refuse_a_strangers_contact(session, author, draft)
    fill_need(need, draft)
    event = need.updated(now)
    if event is not None:
        await record(session, event)
    await note(session, author.member_id, author.organisation_id, "need.updated", about=need.id)
    return need


async def publish_need(session: AsyncSession, author: Actor, need_id: UUID, now: datetime) -> Need:
    """Open a need to answers; of an organisation that nobody has verified, leave it to a coordinator's look first."""
    need = await need_for_update(session, need_id, organisation_id=author.organisation_id)
    return await open_need(session, author, need, now)


async def open_need(session: AsyncSession, author: Actor, need: Need, now: datetime) -> Need:
    """`publish_need` with the row at hand: locked, or made in this transaction so that nobody else has seen it."""
    if waits_for_a_look(session, author, need.organisation):
        need.submit(now)
        await record(session, need.waiting(now))
        await note(session, author.member_id, author.organisation_id, "need.submitted", about=need.id)
        return need
    await record(session, need.publish(now))
    await note(session, author.member_id, author.organisation_id, "need.published", about=need.id)
    return need


async def accept_need(session: AsyncSession, actor: Actor, *, need_id: UUID, now: datetime) -> Need:
    """Publish what waited for a look, whoever its author is by now."""
    need = await need_for_update(session, need_id, organisation_id=actor.organisation_id)
    if need.state is not NeedState.SUBMITTED:
        raise NeedNotSubmitted
    await record(session, need.publish(now))
    await note(session, actor.member_id, actor.organisation_id, "need.published", about=need.id)
    return need


async def return_need(session: AsyncSession, actor: Actor, words: str, *, need_id: UUID, now: datetime) -> Need:
    """Send a need back to its author, with what has to change."""
    need = await need_for_update(session, need_id, organisation_id=actor.organisation_id)
    need.send_back(words, now)
    await record(session, need.returned(now))
    await note(session, actor.member_id, actor.organisation_id, "need.returned", about=need.id)
    return need


async def copy_need(session: AsyncSession, author: Actor, *, need_id: UUID, now: datetime) -> Need:
    """A new draft that says what an own need said, without its dates, its end and its files."""
    source = await need_for_update(session, need_id, organisation_id=author.organisation_id)
    need = await copied(session, author, source, COPIED, now=now)
    need.copied_from = source.id
    return await kept(session, need, author, "need.copied", source=str(source.id))


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


async def _refuse_a_strangers_contact(session: AsyncSession, author: Actor, draft: NeedDraft) -> None:
    if draft.contact_id is not None:
        people = await colleagues(session, author.organisation_id)
        if draft.contact_id not in {member_id for member_id, _ in people}:
            raise ContactUnknown


def fill_need(need: Need, draft: NeedDraft) -> None:
    """Put a draft's values into the row; a place that cannot be resolved is refused, not dropped."""
    for name, value in draft.columns().items():
        setattr(need, name, value)
    need.place = resolved_place(draft.place) if draft.place else None

"""What either side does with an agreement: signs it, ticks its milestones, says that all is done, or ends it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.commands import note_about
from services.catalog.agreements.counting import record_agreement
from services.catalog.agreements.errors import (
    AgreementNoSkillsGift,
    AgreementUnknown,
    DocumentChanged,
    DocumentNotRead,
    TakingNotConfirmed,
    TakingNotMade,
)
from services.catalog.agreements.giving import gives_skills, promise_given, promise_lent
from services.catalog.agreements.models import Agreement, AgreementState, Signature
from services.catalog.agreements.natures import Side
from services.catalog.agreements.origins import AGREED_ON
from services.catalog.agreements.queries import agreement_to_change, document_hashes
from services.catalog.agreements.schemas import Cancelling, Signing, Ticking
from services.catalog.agreements.settling import settle_agreement, take_held_for, unsettle_agreement
from services.catalog.gifts.models import Gift
from services.catalog.gifts.promising import call_off_gift
from services.catalog.organisations.queries import organisation_acting, organisation_by_id
from services.catalog.takings.models import State, Taking
from services.catalog.takings.queries import taking_seen_by
from shared.database import new_id
from shared.database.versions import ChangedMeanwhile
from shared.events.agreements import AgreementEvent, AgreementRunning, Nature
from shared.identity import Identity
from shared.messaging.outbox import record


async def sign_agreement(
    session: AsyncSession, signatory: Identity, signing: Signing, *, agreement_id: UUID, now: datetime
) -> Agreement:
    """Sign for one's organisation the document that was read; signed already, nothing happens.

    Which document it was stands for the version that was seen: the other side's signature beside it changes nothing.
    """
    await organisation_acting(session, signatory.organisation_id)
    agreement, side = await _on_a_side(session, signatory, agreement_id)
    other = await organisation_by_id(session, agreement.supplier_id if side is Side.BUYER else agreement.buyer_id)
    if other is not None:
        other.may_be_bound()
    if not signing.has_read:
        raise DocumentNotRead
    taking = await _taking_of(session, signatory, agreement)
    if taking is not None and taking.state not in AGREED_ON:
        raise TakingNotMade
    if signing.document_sha256 not in (await document_hashes(session, agreement)).values():
        raise DocumentChanged
    signature = Signature(
        id=new_id(),
        side=side,
        organisation_id=signatory.organisation_id,
        member_id=signatory.member_id,
        document_sha256=signing.document_sha256,
        signed_at=now,
    )
    event = agreement.sign(signature)
    await _told(session, signatory, agreement, event, "agreement.signed", document=signing.document_sha256)
    if event is not None and agreement.state is AgreementState.RUNNING:
        await settle_agreement(session, signatory, agreement, now)
    if isinstance(event, AgreementRunning) and agreement.content.nature is Nature.GIFT:
        await promise_given(session, signatory, agreement, now)
    return agreement


async def tick_milestone(
    session: AsyncSession, actor: Identity, ticking: Ticking, *, agreement_id: UUID, now: datetime
) -> Agreement:
    """Tick a milestone, or take that back; ticked already, nothing happens."""
    agreement, side = await _on_a_side(session, actor, agreement_id)
    event = agreement.tick(ticking.number, side, now, done=ticking.done)
    action = "agreement.ticked" if ticking.done else "agreement.unticked"
    await _told(session, actor, agreement, event, action, milestone=ticking.number)
    return agreement


async def finish_agreement(session: AsyncSession, actor: Identity, *, agreement_id: UUID, now: datetime) -> Agreement:
    """Say that all is done; with the second side's word it is completed. Of a lot, once both said how much left."""
    agreement, side = await _on_a_side(session, actor, agreement_id)
    event = agreement.finish(side, now)
    taking = await _taking_of(session, actor, agreement)
    if taking is not None and taking.state is not State.CONFIRMED:
        raise TakingNotConfirmed
    await _told(session, actor, agreement, event, "agreement.finished", state=agreement.state)
    if event is not None and agreement.state is AgreementState.COMPLETED:
        await record_agreement(session, agreement, now)
        await take_held_for(session, actor, agreement, now)
    return agreement


async def cancel_agreement(
    session: AsyncSession,
    actor: Identity,
    cancelling: Cancelling,
    *,
    agreement_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Agreement:
    """End an agreement with a reason that the other side reads; `seen` is the version that was read, None if known."""
    agreement, side = await _on_a_side(session, actor, agreement_id)
    if seen is not None and agreement.version != seen:
        raise ChangedMeanwhile
    event = agreement.cancel(side, cancelling.reason, cancelling.words, now)
    await _told(session, actor, agreement, event, "agreement.cancelled", reason=cancelling.reason)
    await unsettle_agreement(session, actor, agreement, now)
    await call_off_gift(session, agreement.id, by=actor, now=now)
    return agreement


async def give_skills(session: AsyncSession, donor: Identity, *, agreement_id: UUID, now: datetime) -> Gift:
    """Say that one's organisation lends its people for free in a skills partnership: a gift is promised, once."""
    await organisation_acting(session, donor.organisation_id)
    agreement, _ = await _on_a_side(session, donor, agreement_id)
    if not gives_skills(agreement):
        raise AgreementNoSkillsGift
    return await promise_lent(session, donor, agreement, now)


async def _on_a_side(session: AsyncSession, actor: Identity, agreement_id: UUID) -> tuple[Agreement, Side]:
    agreement = await agreement_to_change(session, agreement_id, organisation_id=actor.organisation_id)
    side = agreement.side_of(actor.organisation_id)
    if side is None:
        raise AgreementUnknown
    return agreement, side


async def _taking_of(session: AsyncSession, actor: Identity, agreement: Agreement) -> Taking | None:
    if agreement.taking_id is None:
        return None
    return await taking_seen_by(session, agreement.taking_id, actor.organisation_id)


async def _told(
    session: AsyncSession,
    actor: Identity,
    agreement: Agreement,
    event: AgreementEvent | None,
    action: str,
    **about: Any,
) -> None:
    if event is None:
        return
    await session.flush()
    await record(session, event)
    await note_about(session, actor, agreement, action, **about)

"""What an author does with an agreement: concludes it from a chosen proposal or a taking of its lot, and changes it."""

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.content import Content, Milestone, Party
from services.catalog.agreements.errors import (
    AuthorAloneWrites,
    ConcludedAlready,
    EndsBeforeItStarts,
    FocusMissing,
    ProvenanceMissing,
    ReturnMissing,
    SharesMissTheTotal,
)
from services.catalog.agreements.models import Agreement, AgreementState, Paper
from services.catalog.agreements.natures import HANDED_OVER, Side, refuse_unfit
from services.catalog.agreements.origins import Origin, OriginIds, ids_of, origin_locked, origin_seen_by
from services.catalog.agreements.paper import LANGUAGES, on_paper
from services.catalog.agreements.queries import agreement_from, agreement_to_change
from services.catalog.agreements.schemas import AgreementDraft
from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import place_words
from services.catalog.organisations.queries import organisation_acting
from services.catalog.proposals.lines import total_of
from shared.database import new_id
from shared.database.versions import ChangedMeanwhile
from shared.events.agreements import AgreementEvent, Nature
from shared.identity import Identity
from shared.messaging.outbox import record


async def conclude_agreement(
    session: AsyncSession, buyer: Identity, draft: AgreementDraft, *, ids: OriginIds, now: datetime
) -> Agreement:
    """Conclude an agreement from a chosen proposal, or a taking of one's lot; the same one again changes nothing.

    Raises `ConcludedAlready` where there is another one, what natures do not allow, and `ProposalUnknown` or
    `TakingUnknown` for what is not one's own to conclude from.
    """
    await organisation_acting(session, buyer.organisation_id)
    origin = await origin_locked(session, ids, buyer.organisation_id)
    origin.refuse_unready()
    origin.partner.may_be_bound()
    known = await agreement_from(session, origin.id)
    content = _content_of(origin, draft)
    if known is not None:
        if known.content == content:
            return known
        raise ConcludedAlready
    agreement = Agreement(
        id=new_id(),
        **ids._asdict(),
        need_id=origin.need_id,
        flow_id=origin.flow_id,
        buyer_id=origin.author.id,
        supplier_id=origin.partner.id,
        state=AgreementState.CONCLUDED,
        version=0,
        revision=0,
        ticks={},
        concluded_by=buyer.member_id,
        concluded_at=now,
        words="",
        signatures=[],
    )
    session.add(agreement)
    await _written(session, buyer, agreement, content, now)
    return agreement


async def change_agreement(
    session: AsyncSession,
    buyer: Actor,
    draft: AgreementDraft,
    *,
    agreement_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Agreement:
    """Let an agreement say something else until both have signed: what one of them signed is void."""
    await organisation_acting(session, buyer.organisation_id)
    agreement = await agreement_to_change(session, agreement_id, organisation_id=buyer.organisation_id)
    if agreement.side_of(buyer.organisation_id) is not Side.BUYER:
        raise AuthorAloneWrites
    agreement.refuse_settled()
    content = _content_of(await origin_seen_by(session, ids_of(agreement), buyer.organisation_id), draft)
    if seen is not None and agreement.version != seen and content != agreement.content:
        raise ChangedMeanwhile
    await _written(session, buyer, agreement, content, now)
    return agreement


async def note_about(session: AsyncSession, actor: Actor, agreement: Agreement, action: str, **details: Any) -> None:
    """Add the line that says who did what with an agreement."""
    posting = {"need": str(agreement.need_id)} if agreement.need_id else {"flow": str(agreement.flow_id)}
    about = {**posting, "revision": agreement.revision, **details}
    await note(session, actor.member_id, actor.organisation_id, action, about=agreement.id, **about)


async def _written(session: AsyncSession, buyer: Actor, agreement: Agreement, content: Content, now: datetime) -> None:
    events: list[AgreementEvent] = agreement.write(content, now)
    if not events:
        return
    await session.flush()
    hashes = {}
    for language in LANGUAGES:
        pdf = await on_paper(agreement, language)
        hashes[language] = sha256(pdf).hexdigest()
        about = {"agreement_id": agreement.id, "revision": agreement.revision, "language": language}
        session.add(Paper(**about, sha256=hashes[language], pdf=pdf))
    await session.flush()
    await record(session, *events)
    action = "agreement.concluded" if agreement.revision == 1 else "agreement.changed"
    await note_about(session, buyer, agreement, action, nature=content.nature, documents=hashes)


def _content_of(origin: Origin, draft: AgreementDraft) -> Content:
    """What the agreement then says; raises what its nature does not allow, and what it lacks."""
    origin, nature = origin.at_price(draft.cents()), draft.nature
    given_by = draft.given_by or (Side.BUYER if origin.taking else None)
    refuse_unfit(nature, given_by, origin.circumstances)
    _refuse_incomplete(draft)
    _refuse_shares(draft, abs(total_of(origin.lines)))
    return Content(
        title=origin.title,
        nature=nature,
        focus=draft.focus if nature is Nature.PARTNERSHIP else None,
        given_by=given_by if nature in HANDED_OVER else None,
        buyer=_party(origin.author),
        supplier=_party(origin.partner),
        co_contractors=tuple(map(_party, origin.co_contractors)),
        lines=origin.lines,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        place=draft.place,
        purchase_order=draft.purchase_order,
        provenance=draft.provenance if nature is Nature.TRANSFER else "",
        terms=draft.terms,
        milestones=tuple(
            Milestone(label=each.label, due_on=each.due_on, cents=each.share_cents) for each in draft.milestones
        ),
    )


def _refuse_incomplete(draft: AgreementDraft) -> None:
    if draft.nature is Nature.PARTNERSHIP and draft.focus is None:
        raise FocusMissing
    if draft.nature is Nature.TRANSFER and not draft.provenance:
        raise ProvenanceMissing
    if draft.nature is Nature.LOAN and draft.ends_on is None:
        raise ReturnMissing
    if draft.starts_on and draft.ends_on and draft.ends_on < draft.starts_on:
        raise EndsBeforeItStarts


def _refuse_shares(draft: AgreementDraft, total: int) -> None:
    """Where milestones have amounts, they come to the total."""
    shares = sum(each.share_cents or 0 for each in draft.milestones)
    if shares not in (0, total):
        raise SharesMissTheTotal(
            shares=f"{shares / 100:.2f} €".replace(".", ","), total=f"{total / 100:.2f} €".replace(".", ",")
        )


def _party(organisation: Organisation) -> Party:
    place, entity = organisation.place, organisation.legal_entity
    words = place_words(place)
    if place is not None and place.postcode:
        words = f"{words} ({place.postcode})"
    return Party(
        organisation_id=organisation.id,
        name=organisation.name,
        entity_name=entity.name,
        siren=entity.siren,
        siret=organisation.siret,
        address=words,
    )

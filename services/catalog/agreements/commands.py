"""What a need's author does with an agreement: concludes it from a proposal that it chose, and changes it."""

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
    ProposalNotChosen,
    ProvenanceMissing,
    ReturnMissing,
)
from services.catalog.agreements.models import Agreement, AgreementState, Paper
from services.catalog.agreements.natures import HANDED_OVER, Circumstances, Side, Standing, is_public, refuse_unfit
from services.catalog.agreements.paper import LANGUAGES, on_paper
from services.catalog.agreements.queries import agreement_from, agreement_to_change
from services.catalog.agreements.schemas import AgreementDraft
from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import place_words
from services.catalog.organisations.queries import organisation_acting, organisation_by_id
from services.catalog.proposals.models import ParticipationState, Proposal, ProposalState
from services.catalog.proposals.queries import proposal_seen_by, received_proposal
from shared.database import new_id
from shared.database.versions import ChangedMeanwhile
from shared.events.agreements import AgreementEvent, Nature
from shared.identity import Identity
from shared.messaging.outbox import record


async def conclude_agreement(
    session: AsyncSession, buyer: Identity, draft: AgreementDraft, *, proposal_id: UUID, now: datetime
) -> Agreement:
    """Conclude an agreement from a proposal that was chosen; the same one again changes nothing.

    Raises `ConcludedAlready` where there is another one, and what natures do not allow.
    """
    await organisation_acting(session, buyer.organisation_id)
    proposal = await received_proposal(session, proposal_id, organisation_id=buyer.organisation_id)
    if proposal.state is not ProposalState.ACCEPTED:
        raise ProposalNotChosen
    proposal.organisation.may_be_bound()
    known = await agreement_from(session, proposal)
    content = await _content_of(session, proposal, draft)
    if known is not None:
        if known.content == content:
            return known
        raise ConcludedAlready
    agreement = Agreement(
        id=new_id(),
        proposal_id=proposal.id,
        need_id=proposal.need_id,
        buyer_id=proposal.need.organisation_id,
        supplier_id=proposal.organisation_id,
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
    proposal = await proposal_seen_by(session, agreement.proposal_id, buyer.organisation_id)
    content = await _content_of(session, proposal, draft)
    if seen is not None and agreement.version != seen and content != agreement.content:
        raise ChangedMeanwhile
    await _written(session, buyer, agreement, content, now)
    return agreement


def circumstances_of(proposal: Proposal) -> Circumstances:
    """What decides which natures fit."""
    need = proposal.need
    return Circumstances(
        kind=need.kind,
        total_cents=proposal.total_cents,
        receipt_wanted=need.receipt_wanted,
        sides={Side.BUYER: _standing_of(need.organisation), Side.SUPPLIER: _standing_of(proposal.organisation)},
    )


async def note_about(session: AsyncSession, actor: Actor, agreement: Agreement, action: str, **details: Any) -> None:
    """Add the line that says who did what with an agreement."""
    about = {"need": str(agreement.need_id), "revision": agreement.revision, **details}
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


async def _content_of(session: AsyncSession, proposal: Proposal, draft: AgreementDraft) -> Content:
    """What the agreement then says; raises what its nature does not allow, and what it lacks."""
    nature = draft.nature
    refuse_unfit(nature, draft.given_by, circumstances_of(proposal))
    _refuse_incomplete(draft)
    confirmed = [each for each in proposal.participations if each.state is ParticipationState.CONFIRMED]
    partners = [await organisation_by_id(session, each.organisation_id) for each in confirmed]
    return Content(
        title=proposal.need.title,
        nature=nature,
        focus=draft.focus if nature is Nature.PARTNERSHIP else None,
        given_by=draft.given_by if nature in HANDED_OVER else None,
        buyer=_party(proposal.need.organisation),
        supplier=_party(proposal.organisation),
        co_contractors=tuple(_party(each) for each in partners if each is not None),
        lines=tuple(proposal.lines),
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        place=draft.place,
        purchase_order=draft.purchase_order,
        provenance=draft.provenance if nature is Nature.TRANSFER else "",
        terms=draft.terms,
        milestones=tuple(Milestone(label=each.label, due_on=each.due_on) for each in draft.milestones),
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


def _standing_of(organisation: Organisation) -> Standing:
    entity = organisation.legal_entity
    return Standing(organisation.name, is_public(entity.siren, organisation.roles), entity.may_issue_receipts)

"""What a supplier does with its proposal to a need: makes it, revises it, takes it back; and who takes part in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.answers.commands import (
    answer_or_none_yet,
    need_and_supplier,
    refuse_who_may_not_answer,
    wait_to_answer,
)
from services.catalog.answers.models import Answer, AnswerState
from services.catalog.answers.queries import answer_to
from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.needs.models import Need
from services.catalog.organisations.commands import compact_siret
from services.catalog.organisations.errors import SiretInvalid
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_acting, organisation_by_siret
from services.catalog.proposals.errors import (
    CoContractorUnfit,
    CoContractorUnknown,
    NeedTakesNoProposals,
    ProposalUnknown,
    ProposedAlready,
)
from services.catalog.proposals.models import Participation, ParticipationState, Proposal, ProposalState
from services.catalog.proposals.queries import (
    own_proposal,
    participation_in,
    proposal_seen_by,
    proposal_to,
)
from services.catalog.proposals.schemas import ProposalDraft
from shared.database import new_id
from shared.database.versions import ChangedMeanwhile, refuse_when_changed
from shared.messaging.outbox import record


async def make_proposal(
    session: AsyncSession, supplier: Actor, draft: ProposalDraft, *, need_id: UUID, seen: int, now: datetime
) -> Proposal:
    """Propose something for a need, or propose anew; `seen` is the version that was seen, 0 for none.

    The same proposal again changes nothing, however often it is sent. Raises `ChangedMeanwhile` when a colleague or
    the need's author was faster, `ProposedAlready` when none was seen, and what the rules refuse.
    """
    need, organisation = await need_and_supplier(session, supplier, need_id)
    # INVARIANT: turn, proposal, answer: whoever locks several of them does so in this order.
    await wait_to_answer(session, need, organisation)
    known = await proposal_to(session, need.id, organisation.id)
    if known is not None:
        proposal = await own_proposal(session, known.id, organisation_id=organisation.id)
        if proposal.version != seen and not _says(proposal, draft):
            raise ChangedMeanwhile if seen else ProposedAlready
        return await _revised(session, supplier, proposal, draft, now)
    if seen:
        raise ChangedMeanwhile
    refuse_who_may_not_answer(need, organisation, now)
    answer = await answer_or_none_yet(session, need, organisation, now)
    proposal = _first(need, organisation, answer, now)
    return await _written(session, supplier, proposal, answer, draft, now=now)


async def revise_proposal(
    session: AsyncSession, supplier: Actor, draft: ProposalDraft, *, proposal_id: UUID, now: datetime
) -> Proposal:
    """Propose anew where a proposal is there."""
    proposal = await own_proposal(session, proposal_id, organisation_id=supplier.organisation_id)
    await need_and_supplier(session, supplier, proposal.need_id)
    return await _revised(session, supplier, proposal, draft, now)


async def withdraw_proposal(
    session: AsyncSession, supplier: Actor, *, proposal_id: UUID, now: datetime, seen: int | None = None
) -> Proposal:
    """Take a proposal back until it is chosen or not: what is left is the interest."""
    proposal = await own_proposal(session, proposal_id, organisation_id=supplier.organisation_id)
    if seen is not None and proposal.version != seen:
        raise ChangedMeanwhile
    proposal.refuse_settled()
    answer = await answer_under(session, proposal)
    event = proposal.withdraw(answer.follow(AnswerState.INTERESTED, now))
    await session.flush()
    await record(session, event)
    await note_about(session, supplier, proposal, "proposal.withdrawn")
    return proposal


async def answer_participation(
    session: AsyncSession,
    partner: Actor,
    *,
    proposal_id: UUID,
    takes_part: bool,
    now: datetime,
    seen: int | None = None,
) -> Participation:
    """Say whether one's organisation takes part in a proposal that names it; `seen` is the proposal's version."""
    if takes_part:
        await organisation_acting(session, partner.organisation_id)
    named = await proposal_seen_by(session, proposal_id, partner.organisation_id)
    participation = await participation_in(session, named, partner.organisation_id)
    # Whoever revises the proposal waits for this row, or was waited for: what is read now is what is answered.
    proposal = await proposal_seen_by(session, proposal_id, partner.organisation_id)
    refuse_when_changed(session, proposal.version)
    if seen is not None and proposal.version != seen:
        raise ChangedMeanwhile
    proposal.refuse_settled()
    wanted = ParticipationState.CONFIRMED if takes_part else ParticipationState.DECLINED
    if participation.state is wanted:
        return participation
    event = participation.answer(proposal, now, takes_part=takes_part)
    participation.answered_by = partner.member_id
    await session.flush()
    await record(session, event)
    action = f"participation.{participation.state.value}"
    about = {"proposal": str(proposal.id), "revision": proposal.revision}
    await note(session, partner.member_id, partner.organisation_id, action, about=participation.id, **about)
    return participation


def _first(need: Need, organisation: Organisation, answer: Answer, now: datetime) -> Proposal:
    return Proposal(
        id=new_id(),
        need_id=need.id,
        need=need,
        organisation_id=organisation.id,
        organisation=organisation,
        answer_id=answer.id,
        state=ProposalState.WITHDRAWN,
        version=0,
        revision=0,
        words="",
        made_at=now,
        participations=[],
    )


async def _revised(
    session: AsyncSession, supplier: Actor, proposal: Proposal, draft: ProposalDraft, now: datetime
) -> Proposal:
    proposal.refuse_settled()
    if not proposal.need.is_open:
        raise NeedTakesNoProposals
    if _says(proposal, draft):
        return proposal
    return await _written(session, supplier, proposal, await answer_under(session, proposal), draft, now=now)


def _says(proposal: Proposal, draft: ProposalDraft) -> bool:
    named = {each.organisation.siret for each in proposal.participations}
    return proposal.says(draft.content()) and named == {"".join(each.split()) for each in draft.co_contractors}


async def _written(
    session: AsyncSession, supplier: Actor, proposal: Proposal, answer: Answer, draft: ProposalDraft, *, now: datetime
) -> Proposal:
    former = {"former": _content_of(proposal)} if proposal.revision else {}
    partners = [await _co_contractor(session, proposal, siret) for siret in draft.co_contractors]
    event = proposal.write(draft.content(), answer.follow(AnswerState.PROPOSED, now))
    proposal.made_by = supplier.member_id
    session.add(answer)
    await session.flush()
    session.add(proposal)
    _name(proposal, partners)
    asked = [each.ask(proposal, now) for each in proposal.participations]
    await session.flush()
    await record(session, event, *asked)
    action = "proposal.revised" if former else "proposal.made"
    await note_about(session, supplier, proposal, action, total_cents=proposal.total_cents, **former)
    return proposal


def _name(proposal: Proposal, partners: Sequence[Organisation]) -> None:
    """Let these be its co-contractors: whoever was one stays the one it was."""
    known = {each.organisation_id: each for each in proposal.participations}
    proposal.participations = [
        known.get(partner.id)
        or Participation(
            id=new_id(),
            need_id=proposal.need_id,
            proposer_id=proposal.organisation_id,
            organisation_id=partner.id,
            organisation=partner,
            version=0,
        )
        for partner in {each.id: each for each in partners}.values()
    ]


async def _co_contractor(session: AsyncSession, proposal: Proposal, siret: str) -> Organisation:
    try:
        found = await organisation_by_siret(session, compact_siret(siret))
    except SiretInvalid:
        found = None
    if found is None:
        raise CoContractorUnknown(siret=siret)
    need = proposal.need
    unfit = {proposal.organisation.legal_entity_id}
    # Where the author hides, a refusal would tell that it is this one: then they read that they are named, and choose.
    if not need.author_hidden or need.public_tender:
        unfit.add(need.organisation.legal_entity_id)
    if found.legal_entity_id in unfit:
        raise CoContractorUnfit(siret=siret)
    return found


def _content_of(proposal: Proposal) -> dict[str, Any]:
    """What a revision said, without its words: what a person wrote is not kept for ever."""
    return {
        "revision": proposal.revision,
        "lines": proposal.line_data,
        "total_cents": proposal.total_cents,
        "starts_on": proposal.starts_on,
        "ends_on": proposal.ends_on,
        "valid_until": proposal.valid_until,
        "commitments": proposal.commitments,
        "co_contractors": [str(each.organisation_id) for each in proposal.participations],
    }


async def answer_under(session: AsyncSession, proposal: Proposal) -> Answer:
    """The answer that a proposal made goes with, locked; the proposal is locked already."""
    answer = await answer_to(session, proposal.need_id, proposal.organisation_id, for_update=True)
    if answer is None:
        raise ProposalUnknown
    return answer


async def note_about(session: AsyncSession, actor: Actor, proposal: Proposal, action: str, **details: Any) -> None:
    """Add the line that says who did what with a proposal."""
    about = {"need": str(proposal.need_id), "revision": proposal.revision, **details}
    await note(session, actor.member_id, actor.organisation_id, action, about=proposal.id, **about)

"""What a coordinator does: verify, refuse, suspend, reinstate; accept what waits, or send it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.campaigns.commands import accept_campaign, return_campaign
from services.catalog.campaigns.models import Campaign
from services.catalog.flows.commands import accept_flow, return_flow
from services.catalog.flows.models import Flow
from services.catalog.needs.commands import accept_need, return_need
from services.catalog.needs.models import Need
from services.catalog.offers.commands import tell_offers_again
from services.catalog.organisations.models import AnyOrganisationEvent, Organisation, OrganisationState
from services.catalog.organisations.queries import entity_to_check, organisation_to_check
from services.catalog.territory.errors import (
    FindingImpossible,
    NothingChecked,
    OwnOrganisation,
    ProofMissing,
    WordsMissing,
)
from services.catalog.territory.models import Finding, OrganisationCheck
from services.catalog.territory.queries import submitted_of
from services.catalog.territory.schemas import Checking, SendingBack, Verdict
from shared.clock import day_of
from shared.database.acting import act
from shared.events.catalog import OrganisationSuspended, OrganisationVerified
from shared.identity import Identity
from shared.messaging.outbox import record

Change = tuple[frozenset[OrganisationState], OrganisationState, AnyOrganisationEvent]
REGISTERED, VERIFIED = OrganisationState.REGISTERED, OrganisationState.VERIFIED
REFUSED, SUSPENDED = OrganisationState.REFUSED, OrganisationState.SUSPENDED

# finding -> from which states, to which, and what readers are told: for them, who is refused may not act either
CHANGES: Mapping[Finding, Change] = {
    Finding.VERIFIED: (frozenset({REGISTERED, REFUSED}), VERIFIED, OrganisationVerified),
    Finding.REFUSED: (frozenset({REGISTERED}), REFUSED, OrganisationSuspended),
    Finding.SUSPENDED: (frozenset({REGISTERED, VERIFIED}), SUSPENDED, OrganisationSuspended),
    Finding.REINSTATED: (frozenset({SUSPENDED}), VERIFIED, OrganisationVerified),
}


@dataclass(frozen=True)
class OnBehalf:
    """A coordinator acting in an organisation's place: the audit log names the person, the rows their owner."""

    organisation_id: UUID
    member_id: UUID
    is_confirmed: bool = True


async def judge_organisation(
    session: AsyncSession, coordinator: Identity, verdict: Verdict, *, organisation_id: UUID, now: datetime
) -> Organisation:
    """End a look at an organisation; once it is verified, what it had sent to be checked is published."""
    if organisation_id == coordinator.organisation_id:
        raise OwnOrganisation
    about = organisation_id
    action = f"organisation.{verdict.finding}"
    await note(session, coordinator.member_id, coordinator.organisation_id, action, about=about, proof=verdict.proof)
    await act(session, org=organisation_id)
    organisation = await organisation_to_check(session, organisation_id)
    before, after, event = CHANGES[verdict.finding]
    if organisation.state not in before:
        raise FindingImpossible
    if after is VERIFIED and verdict.proof is None:
        raise ProofMissing
    if after is not VERIFIED and not verdict.words:
        raise WordsMissing
    organisation.state = after
    if after is VERIFIED:
        organisation.verified_on = day_of(now)
    session.add(
        OrganisationCheck(
            organisation_id=organisation.id,
            finding=verdict.finding,
            proof=verdict.proof,
            words=verdict.words,
            checked_by=coordinator.member_id,
            checked_at=now,
        )
    )
    await record(session, organisation.tell(event, now))
    await tell_offers_again(session, organisation, now=now)
    if after is VERIFIED:
        await _publish_what_waited(session, coordinator, organisation.id, now=now)
    return organisation


async def check_statuses(
    session: AsyncSession, coordinator: Identity, checking: Checking, *, organisation_id: UUID, now: datetime
) -> None:
    """Say that one saw the proof of what an organisation states to be; raises `NothingChecked`."""
    if organisation_id == coordinator.organisation_id:
        raise OwnOrganisation
    await act(session, org=organisation_id)
    organisation = await organisation_to_check(session, organisation_id)
    entity = await entity_to_check(session, organisation.legal_entity_id)
    seen = entity.check_facts(checking.codes, day_of(now))
    if not seen:
        raise NothingChecked
    await session.flush()
    await note(session, coordinator.member_id, organisation_id, "entity.checked", about=entity.id, codes=seen)


async def _publish_what_waited(
    session: AsyncSession, coordinator: Identity, organisation_id: UUID, *, now: datetime
) -> None:
    behalf = OnBehalf(organisation_id, coordinator.member_id)
    needs, flows, campaigns = await submitted_of(session, organisation_id)
    for need_id in needs:
        await accept_need(session, behalf, need_id=need_id, now=now)
    for flow_id in flows:
        await accept_flow(session, behalf, flow_id=flow_id, now=now)
    for campaign_id in campaigns:
        await accept_campaign(session, behalf, campaign_id=campaign_id, now=now)


async def send_back(
    session: AsyncSession, coordinator: Identity, sending: SendingBack, row: Need | Flow | Campaign, *, now: datetime
) -> None:
    """Ask the author of a need or a campaign, or the holder of a flow, for changes."""
    if not sending.words:
        raise WordsMissing
    await act(session, org=row.organisation_id)
    behalf = OnBehalf(row.organisation_id, coordinator.member_id)
    if isinstance(row, Need):
        await return_need(session, behalf, sending.words, need_id=row.id, now=now)
    elif isinstance(row, Campaign):
        await return_campaign(session, behalf, sending.words, campaign_id=row.id, now=now)
    else:
        await return_flow(session, behalf, sending.words, flow_id=row.id, now=now)

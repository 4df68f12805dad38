"""Post a need, a flow or an offer in an organisation's place; the consent and who did it are kept with it, and told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.behalf.errors import ConsentInTheFuture, OrganisationToServeUnknown, OwnPosting
from services.catalog.behalf.schemas import Consented
from services.catalog.consents.models import Consent
from services.catalog.flows.commands import draft_flow, publish_flow
from services.catalog.flows.models import Flow
from services.catalog.flows.schemas import FlowDraft
from services.catalog.needs.commands import draft_need, publish_need
from services.catalog.needs.models import Need
from services.catalog.needs.schemas import NeedDraft
from services.catalog.offers.commands import draft_offer, publish_offer
from services.catalog.offers.models import Offer
from services.catalog.offers.schemas import OfferDraft
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.territory.commands import OnBehalf
from shared.clock import day_of
from shared.database import new_id
from shared.database.acting import act
from shared.events.behalf import ConsentNoted
from shared.identity import Identity
from shared.messaging.outbox import record

Draft = NeedDraft | FlowDraft | OfferDraft
KINDS: Mapping[type, Literal["need", "flow", "offer"]] = {Need: "need", Flow: "flow", Offer: "offer"}
DONE = {Need: "need.posted-for", Flow: "flow.posted-for", Offer: "offer.posted-for"}


async def post_for(
    session: AsyncSession, coordinator: Identity, said: Consented, draft: Draft, *, organisation_id: UUID, now: datetime
) -> tuple[Need | Flow | Offer, Consent]:
    """Publish it as theirs, or leave it to a look where theirs are looked at first.

    Raises what is wrong with the consent, and what publishing raises.
    """
    if organisation_id == coordinator.organisation_id:
        raise OwnPosting
    if said.given_on > day_of(now):
        raise ConsentInTheFuture
    if await organisation_by_id(session, organisation_id) is None:
        raise OrganisationToServeUnknown
    await act(session, org=organisation_id)
    row = await _posted(session, OnBehalf(organisation_id, coordinator.member_id), draft, now)
    consent = Consent(
        id=new_id(),
        organisation_id=organisation_id,
        about=row.id,
        means=said.reached_by,
        words=said.words,
        given_on=said.given_on,
        noted_by=coordinator.member_id,
        noted_for=coordinator.organisation_id,
        noted_at=now,
    )
    session.add(consent)
    await session.flush()
    await record(session, _told(row, consent, coordinator, now))
    await note(session, coordinator.member_id, organisation_id, DONE[type(row)], about=row.id, consent=str(consent.id))
    return row, consent


def _told(row: Need | Flow | Offer, consent: Consent, coordinator: Identity, now: datetime) -> ConsentNoted:
    return ConsentNoted(
        version=1,
        consent_id=consent.id,
        organisation_id=row.organisation_id,
        about_id=row.id,
        about_kind=KINDS[type(row)],
        title=row.title,
        noted_by=coordinator.organisation_name,
        means=consent.means,
        given_on=consent.given_on,
        waits=row.published_at is None,
        at=now,
    )


async def _posted(session: AsyncSession, behalf: OnBehalf, draft: Draft, now: datetime) -> Need | Flow | Offer:
    if isinstance(draft, NeedDraft):
        need = await draft_need(session, behalf, draft, now=now)
        return await publish_need(session, behalf, need_id=need.id, now=now)
    if isinstance(draft, FlowDraft):
        flow = await draft_flow(session, behalf, draft, now=now)
        return await publish_flow(session, behalf, flow_id=flow.id, now=now)
    offer = await draft_offer(session, behalf, draft, now=now)
    return await publish_offer(session, behalf, offer_id=offer.id, now=now)

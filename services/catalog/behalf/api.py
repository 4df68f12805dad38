"""Posting for another organisation, as JSON."""

from uuid import UUID

from litestar import Router, post
from litestar.params import FromPath, JSONBody

from services.catalog.behalf.commands import post_for
from services.catalog.behalf.schemas import FlowFor, NeedFor, OfferFor, PostedFor
from services.catalog.consents.models import Consent
from services.catalog.flows.models import Flow
from services.catalog.needs.models import Need
from services.catalog.offers.models import Offer
from shared.web.provided import Coordinator, Now, Session
from shared.web.transactions import ONCE

HOME = "/{organisation_id:uuid}"


@post(f"{HOME}/needs", dependencies=ONCE)
async def post_need_for(
    session: Session, coordinator: Coordinator, now: Now, organisation_id: FromPath[UUID], data: JSONBody[NeedFor]
) -> PostedFor:
    """Publish a need for an organisation that agreed to it."""
    return _told(*await post_for(session, coordinator, data, data.need, organisation_id=organisation_id, now=now))


@post(f"{HOME}/flows", dependencies=ONCE)
async def post_flow_for(
    session: Session, coordinator: Coordinator, now: Now, organisation_id: FromPath[UUID], data: JSONBody[FlowFor]
) -> PostedFor:
    """Publish a flow for an organisation that agreed to it."""
    return _told(*await post_for(session, coordinator, data, data.flow, organisation_id=organisation_id, now=now))


@post(f"{HOME}/offers", dependencies=ONCE)
async def post_offer_for(
    session: Session, coordinator: Coordinator, now: Now, organisation_id: FromPath[UUID], data: JSONBody[OfferFor]
) -> PostedFor:
    """Publish an offer for an organisation that agreed to it."""
    return _told(*await post_for(session, coordinator, data, data.offer, organisation_id=organisation_id, now=now))


def _told(row: Need | Flow | Offer, consent: Consent) -> PostedFor:
    return PostedFor(id=str(row.id), state=row.state.value, consent_id=str(consent.id))


ROUTES = [
    Router(
        "/api/v1/territory/organisations",
        route_handlers=[post_need_for, post_flow_for, post_offer_for],
        tags=["territory"],
    )
]

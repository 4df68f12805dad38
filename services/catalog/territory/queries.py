"""Every question a coordinator asks; the list of what is stuck is short, and its oldest line comes first."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from services.catalog.campaigns.models import Campaign
from services.catalog.campaigns.models import State as CampaignState
from services.catalog.directory.queries import folded, named_like
from services.catalog.flows.lot import Lot, LotState
from services.catalog.flows.models import Flow, FlowState
from services.catalog.needs.models import Need, NeedState
from services.catalog.offers.models import Offer
from services.catalog.organisations.models import LegalEntity, Organisation, OrganisationRole, OrganisationState
from services.catalog.posting.queries import with_author
from services.catalog.territory.models import OrganisationCheck
from shared.database.statement import Statement
from shared.events.facts import Origin

DOORS = ("proposals", "agreements", "takings", "questions", "subscriptions", "suppliers")
BETWEEN = Statement(" UNION ALL ".join(f"SELECT * FROM stuck_{door}(:late, :moment)" for door in DOORS))
Row = TypeVar("Row", Need, Flow, Campaign)

ACTING = (OrganisationState.REGISTERED, OrganisationState.VERIFIED)
# Who comes to publish something, and is missed when it does not.
PUBLISH = (OrganisationRole.BUYER, OrganisationRole.ESS, OrganisationRole.PUBLISHER)


class Waiting(NamedTuple):
    """How much waits for a look."""

    organisations: int
    needs: int
    flows: int


async def statuses_ending(
    session: AsyncSession, today: date, until: date, *, limit: int = 50
) -> Sequence[Organisation]:
    """Organisations of which a status ends by a day, the nearest end first."""
    query = (
        select(Organisation)
        .join(LegalEntity, LegalEntity.id == Organisation.legal_entity_id)
        .where(LegalEntity.facts_end_on > today, LegalEntity.facts_end_on <= until, Organisation.state.in_(ACTING))
        .options(contains_eager(Organisation.legal_entity))
        .order_by(LegalEntity.facts_end_on, Organisation.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


def _unverified() -> ColumnElement[bool]:
    # Imported establishments that nobody acts for wait for nobody.
    return and_(Organisation.state == OrganisationState.REGISTERED, Organisation.origin == Origin.MEMBER)


def _standing(state: OrganisationState, words: str) -> list[ColumnElement[bool]]:
    own = _unverified() if state == OrganisationState.REGISTERED else Organisation.state == state
    return [own, *named_like(words)]


async def organisations_standing(
    session: AsyncSession, state: OrganisationState, words: str = "", *, limit: int = 50, offset: int = 0
) -> Sequence[Organisation]:
    """Some of the organisations in a state: by name, but those that signed up and wait for a look by age."""
    first = Organisation.created_at if state == OrganisationState.REGISTERED else folded(Organisation.name)
    query = (
        select(Organisation)
        .where(*_standing(state, words))
        .options(joinedload(Organisation.legal_entity))
        .order_by(first, Organisation.id)
    )
    return (await session.scalars(query.limit(limit).offset(offset))).all()


async def standing_counts(
    session: AsyncSession, states: Sequence[OrganisationState], words: str
) -> dict[OrganisationState, int]:
    """How many organisations the words find in each state."""
    asked = [select(func.count()).select_from(Organisation).where(*_standing(each, words)) for each in states]
    return {state: await session.scalar(query) or 0 for state, query in zip(states, asked, strict=True)}


async def needs_waiting(session: AsyncSession, *, limit: int = 50) -> Sequence[Need]:
    """Needs that wait for a look, the oldest first."""
    query = with_author(Need).where(Need.state == NeedState.SUBMITTED).order_by(Need.submitted_at).limit(limit)
    return (await session.scalars(query)).all()


async def flows_waiting(session: AsyncSession, *, limit: int = 50) -> Sequence[Flow]:
    """Flows that wait for a look, the oldest first."""
    query = with_author(Flow).where(Flow.state == FlowState.SUBMITTED).order_by(Flow.submitted_at).limit(limit)
    return (await session.scalars(query)).all()


async def campaigns_waiting(session: AsyncSession, *, limit: int = 50) -> Sequence[Campaign]:
    """Campaigns that wait for a look, the oldest first."""
    query = with_author(Campaign).where(Campaign.state == CampaignState.SUBMITTED)
    return (await session.scalars(query.order_by(Campaign.submitted_at).limit(limit))).all()


async def sent_back_until(
    session: AsyncSession, model: type[Row], until: datetime, *, limit: int = 50
) -> Sequence[Row]:
    """Drafts of which changes were asked for by a moment and that never came again, locked for one timer."""
    query = (
        select(model)
        .where(
            model.published_at.is_(None),
            model.changes_wanted.is_not(None),
            model.changes_wanted_at <= until,
            model.state == "draft",
        )
        .order_by(model.changes_wanted_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).all()


async def waiting(session: AsyncSession) -> Waiting:
    """How much there is of each."""
    counts = [
        select(func.count()).select_from(Organisation).where(_unverified()),
        select(func.count()).select_from(Need).where(Need.state == NeedState.SUBMITTED),
        select(func.count()).select_from(Flow).where(Flow.state == FlowState.SUBMITTED),
    ]
    return Waiting(*[await session.scalar(count) or 0 for count in counts])


async def submitted_of(session: AsyncSession, organisation_id: UUID) -> list[Sequence[UUID]]:
    """The needs, the flows and the campaigns of an organisation that wait for a look."""
    asked = [
        select(kind.id).where(kind.organisation_id == organisation_id, kind.state == "submitted")
        for kind in (Need, Flow, Campaign)
    ]
    return [(await session.scalars(query)).all() for query in asked]


async def checks_of(session: AsyncSession, organisation_id: UUID) -> Sequence[OrganisationCheck]:
    """What was found so far, the latest first."""
    query = select(OrganisationCheck).where(OrganisationCheck.organisation_id == organisation_id)
    return (await session.scalars(query.order_by(OrganisationCheck.id.desc()))).all()


async def unmatched_needs(session: AsyncSession, now: datetime, *, limit: int = 50) -> Sequence[Need]:
    """Open needs that nobody fits, the oldest first: the first thing that is stuck."""
    query = (
        with_author(Need)
        .where(Need.state == NeedState.PUBLISHED, Need.match_count == 0, Need.published_at < now)
        .order_by(Need.published_at)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def unmatched_flows(session: AsyncSession, now: datetime, *, limit: int = 50) -> Sequence[Flow]:
    """Open flows that nobody fits, the oldest first."""
    query = (
        with_author(Flow)
        .where(Flow.state == FlowState.PUBLISHED, Flow.match_count == 0, Flow.published_at < now)
        .order_by(Flow.published_at)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def untaken_flows(session: AsyncSession, before: datetime, *, limit: int = 50) -> Sequence[Flow]:
    """Open flows that somebody fits, of which nobody ever took or kept anything though they are open since a moment."""
    promised = exists().where(Lot.flow_id == Flow.id, Lot.taken_value + Lot.held_value > 0)
    query = (
        with_author(Flow)
        .where(Flow.state == FlowState.PUBLISHED, Flow.match_count > 0, Flow.published_at <= before, ~promised)
        .order_by(Flow.published_at)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def ending_lots(
    session: AsyncSession, now: datetime, until: datetime, *, limit: int = 50
) -> Sequence[tuple[Lot, Flow]]:
    """Open lots that end by a moment and of which nothing is taken or kept, the nearest end first, with their flow."""
    query = (
        with_author(Flow)
        .join(Lot, Lot.flow_id == Flow.id)
        .add_columns(Lot)
        .where(
            Flow.state == FlowState.PUBLISHED,
            Lot.state == LotState.RELEASED,
            Lot.expires_at > now,
            Lot.expires_at <= until,
            Lot.taken_value + Lot.held_value == 0,
        )
        .order_by(Lot.expires_at, Lot.id)
        .limit(limit)
    )
    return [(lot, flow) for flow, lot in (await session.execute(query)).all()]


async def between_organisations(session: AsyncSession, late: datetime, now: datetime) -> Sequence[Any]:
    """What one organisation has waited for from another since before `late`, in the order of `stuck.Thing`'s fields.

    The rows are their organisations' alone: each door tells coordinators who, what and since when, and no more.
    """
    return await BETWEEN.fetch(session, late=late, moment=now)


async def silent_organisations(session: AsyncSession, before: datetime, *, limit: int = 50) -> Sequence[Organisation]:
    """Organisations that signed up before a moment and never published anything, the oldest first."""
    published = [
        exists().where(kind.organisation_id == Organisation.id, kind.published_at.is_not(None))
        for kind in (Need, Flow, Offer)
    ]
    query = (
        select(Organisation)
        .where(
            Organisation.state.in_((OrganisationState.REGISTERED, OrganisationState.VERIFIED)),
            Organisation.origin == Origin.MEMBER,
            or_(*(literal(role.value) == any_(Organisation.roles) for role in PUBLISH)),
            Organisation.created_at <= before,
            *(~each for each in published),
        )
        .order_by(Organisation.created_at)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def names_of(session: AsyncSession, organisations: Sequence[UUID]) -> dict[UUID, str]:
    """What some organisations are called."""
    rows = await session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisations)))
    return {row.id: row.name for row in rows}


async def need_waiting(session: AsyncSession, need_id: UUID) -> Need | None:
    """One that waits, with its author."""
    return await session.scalar(with_author(Need).where(Need.id == need_id, Need.state == NeedState.SUBMITTED))


async def flow_waiting(session: AsyncSession, flow_id: UUID) -> Flow | None:
    """One that waits, with its holder."""
    return await session.scalar(with_author(Flow).where(Flow.id == flow_id, Flow.state == FlowState.SUBMITTED))


async def campaign_waiting(session: AsyncSession, campaign_id: UUID) -> Campaign | None:
    """One that waits, with whose it is."""
    query = with_author(Campaign).where(Campaign.id == campaign_id, Campaign.state == CampaignState.SUBMITTED)
    return await session.scalar(query)

"""Every question asked of the call log."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.models import Flow
from services.catalog.followups.errors import SubjectUnknown
from services.catalog.followups.models import FollowUp
from services.catalog.needs.models import Need
from services.catalog.offers.models import Offer


async def follow_ups_of(session: AsyncSession, organisation_id: UUID, *, limit: int = 100) -> Sequence[FollowUp]:
    """The contacts with an organisation, the latest first."""
    query = select(FollowUp).where(FollowUp.organisation_id == organisation_id)
    return (await session.scalars(query.order_by(FollowUp.noted_at.desc(), FollowUp.id.desc()).limit(limit))).all()


async def latest_with(session: AsyncSession, organisations: Sequence[UUID]) -> Mapping[UUID, FollowUp]:
    """The last contact with each of some organisations."""
    query = (
        select(FollowUp)
        .where(FollowUp.organisation_id.in_(organisations))
        .ext(distinct_on(FollowUp.organisation_id))
        .order_by(FollowUp.organisation_id, FollowUp.noted_at.desc(), FollowUp.id.desc())
    )
    return {each.organisation_id: each for each in await session.scalars(query)}


async def phones_of(session: AsyncSession, organisations: Sequence[UUID]) -> Mapping[UUID, str]:
    """The number that was noted last for each of some organisations."""
    query = (
        select(FollowUp.organisation_id, FollowUp.phone)
        .where(FollowUp.organisation_id.in_(organisations), FollowUp.phone != "")
        .ext(distinct_on(FollowUp.organisation_id))
        .order_by(FollowUp.organisation_id, FollowUp.noted_at.desc(), FollowUp.id.desc())
    )
    return {each.organisation_id: each.phone for each in await session.execute(query)}


async def due_follow_ups(session: AsyncSession, today: date, *, limit: int = 50) -> Sequence[FollowUp]:
    """Who is to be called again today or was before, the longest overdue first; a later contact takes its place."""
    last = select(
        FollowUp.id,
        func.row_number()
        .over(partition_by=FollowUp.organisation_id, order_by=(FollowUp.noted_at.desc(), FollowUp.id.desc()))
        .label("place"),
    ).subquery()
    query = (
        select(FollowUp)
        .join(last, last.c.id == FollowUp.id)
        .where(last.c.place == 1, FollowUp.call_back_on <= today)
        .order_by(FollowUp.call_back_on, FollowUp.noted_at)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def title_of(session: AsyncSession, about: UUID, *, organisation_id: UUID) -> tuple[str, str]:
    """Title and address of an organisation's need or flow that a coordinator may see; raises `SubjectUnknown`."""
    for model, path in ((Need, "/needs/"), (Flow, "/flows/"), (Offer, "/offers/")):
        title = await session.scalar(
            select(model.title).where(model.id == about, model.organisation_id == organisation_id)
        )
        if title is not None:
            return title, f"{path}{about}"
    raise SubjectUnknown


async def titles_of(session: AsyncSession, abouts: Sequence[UUID]) -> Mapping[UUID, tuple[str, str]]:
    """Title and address of what some contacts were about, where a coordinator may still see it."""
    found: dict[UUID, tuple[str, str]] = {}
    if abouts:
        for model, path in ((Need, "/needs/"), (Flow, "/flows/")):
            rows = await session.execute(select(model.id, model.title).where(model.id.in_(abouts)))
            found |= {each: (title, f"{path}{each}") for each, title in rows}
    return found

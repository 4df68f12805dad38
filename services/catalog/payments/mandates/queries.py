"""Every question asked of mandates to bill."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.payments.mandates.errors import MandateUnknown
from services.catalog.payments.mandates.models import BillingMandate
from services.catalog.payments.models import Settlement
from shared.database.versions import refuse_when_changed


def _mandates(organisation_id: UUID) -> Select[BillingMandate]:
    theirs = or_(BillingMandate.payee_id == organisation_id, BillingMandate.payer_id == organisation_id)
    return select(BillingMandate).where(theirs)


async def mandates_of(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[BillingMandate]:
    """What an organisation gave or was given, the newest first; `before` is the last id of the page before."""
    query = _mandates(organisation_id)
    if before is not None:
        query = query.where(BillingMandate.id < before)
    return (await session.scalars(query.order_by(BillingMandate.id.desc()).limit(limit))).all()


async def mandate_seen_by(session: AsyncSession, mandate_id: UUID, organisation_id: UUID) -> BillingMandate:
    """A mandate of one of its two; raises `MandateUnknown`."""
    found = await session.scalar(_mandates(organisation_id).where(BillingMandate.id == mandate_id))
    if found is None:
        raise MandateUnknown
    return found


async def mandate_to_end(session: AsyncSession, mandate_id: UUID, organisation_id: UUID) -> BillingMandate:
    """The same, locked; raises when its caller saw another one."""
    query = _mandates(organisation_id).where(BillingMandate.id == mandate_id)
    found = await session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise MandateUnknown
    refuse_when_changed(session, found.version)
    return found


async def mandate_between(session: AsyncSession, *, payee_id: UUID, payer_id: UUID) -> BillingMandate | None:
    """The one in force, if there is one."""
    return await session.scalar(
        select(BillingMandate).where(
            BillingMandate.payee_id == payee_id,
            BillingMandate.payer_id == payer_id,
            BillingMandate.ended_at.is_(None),
        )
    )


async def latest_between(session: AsyncSession, *, payee_id: UUID, payer_id: UUID) -> Settlement | None:
    """The last amount that one owes, or owed, the other; None where there never was one."""
    query = select(Settlement).where(Settlement.payee_id == payee_id, Settlement.payer_id == payer_id)
    return await session.scalar(query.order_by(Settlement.id.desc()).limit(1))

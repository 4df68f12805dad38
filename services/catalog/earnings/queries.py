"""What an organisation was paid in a year, and who it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.earnings.year import ENDS, Moved, Threshold, Totals, is_above, quarters_of, threshold_of, whole_of
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import place_words
from services.catalog.payments.models import LedgerMove, Settlement
from shared.clock import PARIS


class Seller(NamedTuple):
    """Who was paid, as a platform reports it; `country` as ISO 3166 writes it."""

    name: str
    siren: str
    vat_number: str
    address: str
    country: str


@dataclass(frozen=True)
class Earnings:
    """A seller's year; `threshold` is None for a year that has none."""

    year: int
    seller: Seller
    quarters: list[Totals]
    whole: Totals
    threshold: Threshold | None

    @property
    def is_above(self) -> bool:
        """True once a seller of goods is reported."""
        return self.threshold is not None and is_above(self.whole, self.threshold)


async def earnings_of(session: AsyncSession, organisation_id: UUID, year: int) -> Earnings:
    """What an organisation was paid in a year, on Paris's clocks."""
    quarters = quarters_of(await _moves(session, organisation_id, year))
    seller = await _seller(session, organisation_id, year)
    return Earnings(year, seller, quarters, whole_of(quarters), threshold_of(year))


async def _moves(session: AsyncSession, organisation_id: UUID, year: int) -> list[Moved]:
    since, until = (datetime(each, 1, 1, tzinfo=PARIS) for each in (year, year + 1))
    query = (
        select(
            LedgerMove.settlement_id, LedgerMove.at, LedgerMove.source_kind, LedgerMove.target_kind, LedgerMove.cents
        )
        .join(Settlement)
        .where(Settlement.payee_id == organisation_id, LedgerMove.at >= since, LedgerMove.at < until)
        .where(or_(LedgerMove.source_kind.in_(ENDS), LedgerMove.target_kind.in_(ENDS)))
        .order_by(LedgerMove.id)
    )
    return [Moved(*row) for row in await session.execute(query)]


async def _seller(session: AsyncSession, organisation_id: UUID, year: int) -> Seller:
    query = select(Organisation).options(joinedload(Organisation.legal_entity))
    organisation = (await session.scalars(query.where(Organisation.id == organisation_id))).one()
    numbers = select(Settlement.vat_number).where(Settlement.payee_id == organisation_id, Settlement.vat_number != "")
    last_day = datetime(year, 12, 31, tzinfo=PARIS).date()
    latest = numbers.where(Settlement.invoiced_on <= last_day).order_by(Settlement.invoiced_on.desc()).limit(1)
    place = organisation.place
    address = place_words(place)
    if place is not None and place.postcode:
        address = f"{address} ({place.postcode})"
    entity = organisation.legal_entity
    return Seller(entity.name, entity.siren or "", await session.scalar(latest) or "", address, "FR")

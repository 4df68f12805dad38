"""What an organisation was paid in a year, and who it is; and the same of all who were paid."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from services.catalog.agreements.models import Agreement
from services.catalog.earnings.year import ENDS, Moved, Threshold, Totals, is_above, quarters_of, threshold_of, whole_of
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import place_words
from services.catalog.payments.ledger import Kind
from services.catalog.payments.models import LedgerMove, Settlement
from services.catalog.payments.online.models import PaymentAccount
from shared.clock import PARIS
from shared.events.agreements import Nature

Ids = InstrumentedAttribute[UUID]


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


class Reported(NamedTuple):
    """A seller's year as whoever runs the platform reports it, with the seller's accounts with Stripe, if any."""

    earnings: Earnings
    accounts: list[str]


async def earnings_of(session: AsyncSession, organisation_id: UUID, year: int) -> Earnings:
    """What an organisation was paid in a year, on Paris's clocks."""
    found = await session.execute(_moves(year).where(Settlement.payee_id == organisation_id))
    moves = [Moved(*row) for row in found]
    (organisation,) = await _organisations(session, [organisation_id])
    numbers = await _vat_numbers(session, Organisation.id, [organisation_id], year)
    return _earnings(year, _seller(organisation, numbers.get(organisation_id, "")), moves)


async def sellers_of(session: AsyncSession, year: int) -> list[Reported]:
    """Who was paid in a year or gave back what it was paid, by name; only a session that sees everybody's sees all.

    Establishments of one legal entity are one seller, at the address of the one that registered first.
    """
    columns = Organisation.id, Organisation.legal_entity_id
    query = _moves(year).join(Organisation, Organisation.id == Settlement.payee_id).add_columns(*columns)
    moves: defaultdict[UUID, list[Moved]] = defaultdict(list)
    paid: set[UUID] = set()
    for *move, organisation_id, entity_id in await session.execute(query):
        moves[entity_id].append(Moved(*move))
        paid.add(organisation_id)
    sites: defaultdict[UUID, list[Organisation]] = defaultdict(list)
    for each in await _organisations(session, paid):
        sites[each.legal_entity_id].append(each)
    numbers = await _vat_numbers(session, Organisation.legal_entity_id, moves, year)
    accounts = await _accounts(session, paid)
    found = [
        Reported(
            _earnings(year, _seller(sites[entity_id][0], numbers.get(entity_id, "")), theirs),
            [accounts[each.id] for each in sites[entity_id] if each.id in accounts],
        )
        for entity_id, theirs in moves.items()
    ]
    return sorted(found, key=lambda each: (each.earnings.seller.name.casefold(), each.earnings.seller.siren))


def _earnings(year: int, seller: Seller, moves: Iterable[Moved]) -> Earnings:
    quarters = quarters_of(moves)
    return Earnings(year, seller, quarters, whole_of(quarters), threshold_of(year))


def _moves(year: int) -> Select[UUID, datetime, Kind, Kind, int]:
    since, until = (datetime(each, 1, 1, tzinfo=PARIS) for each in (year, year + 1))
    return (
        select(
            LedgerMove.settlement_id, LedgerMove.at, LedgerMove.source_kind, LedgerMove.target_kind, LedgerMove.cents
        )
        .select_from(LedgerMove)
        .join(Settlement)
        .join(Agreement, Agreement.id == Settlement.agreement_id)
        # Nobody sells what is given.
        .where(Agreement.content_data["nature"].astext != Nature.GIFT)
        .where(LedgerMove.at >= since, LedgerMove.at < until)
        .where(or_(LedgerMove.source_kind.in_(ENDS), LedgerMove.target_kind.in_(ENDS)))
        .order_by(LedgerMove.id)
    )


async def _organisations(session: AsyncSession, ids: Iterable[UUID]) -> Sequence[Organisation]:
    query = select(Organisation).options(joinedload(Organisation.legal_entity)).where(_among(Organisation.id, ids))
    return (await session.scalars(query.order_by(Organisation.id))).all()


async def _vat_numbers(session: AsyncSession, whose: Ids, ids: Iterable[UUID], year: int) -> dict[UUID, str]:
    """The last one that each billed under by the year's end; `whose` ids they are, establishments' or entities'."""
    query = select(whose, Settlement.vat_number).join(Organisation, Organisation.id == Settlement.payee_id)
    query = query.where(_among(whose, ids), Settlement.vat_number != "", Settlement.invoiced_on <= date(year, 12, 31))
    latest = query.ext(distinct_on(whose)).order_by(whose, Settlement.invoiced_on.desc(), Settlement.id.desc())
    return {row[0]: row[1] for row in await session.execute(latest)}


async def _accounts(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, str]:
    query = select(PaymentAccount.organisation_id, PaymentAccount.account_id)
    found = await session.execute(query.where(_among(PaymentAccount.organisation_id, ids)))
    return {row[0]: row[1] for row in found}


def _among(column: Ids, ids: Iterable[UUID]) -> ColumnElement[bool]:
    # One parameter, however many there are: a statement may have 32,767.
    return column == any_(literal([*ids], ARRAY(Uuid)))


def _seller(organisation: Organisation, vat_number: str) -> Seller:
    place = organisation.place
    address = place_words(place)
    if place is not None and place.postcode:
        address = f"{address} ({place.postcode})"
    entity = organisation.legal_entity
    return Seller(entity.name, entity.siren or "", vat_number, address, "FR")

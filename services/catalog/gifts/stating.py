"""A donor's yearly statement, from the receipts that stand, the turnovers it typed and the dated figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.eligibility.articles import article_of
from services.catalog.gifts.company import Company, company_of, said_to
from services.catalog.gifts.figures import YEARLY, Shown, shown_for
from services.catalog.gifts.models import GiftPaper, GiftTurnover
from services.catalog.gifts.queries import keep_turnover
from services.catalog.gifts.schemas import TurnoverAsked
from services.catalog.gifts.statement import Figures, Given, Year, years_of
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.queries import figures_of
from shared.identity import Identity
from shared.phrases.names import TAX_RECEIPTS


class Statement(NamedTuple):
    """One year's receipts with what they come to; `year` is None where a figure of it is not known."""

    number: int
    company: Company
    receipts: Sequence[GiftPaper]
    turnover_cents: int | None
    year: Year | None
    figures: list[Shown]
    declares: bool
    known_years: list[int]


async def statement_of(session: AsyncSession, donor: Identity, year: int, *, alone: bool = False) -> Statement:
    """A donor's statement of a year, from all receipts up to it, of each establishment that its reader acts for."""
    company = await company_of(session, donor, alone=alone)
    receipts, turnovers = await said_to(session, donor, company)
    figures = await figures_of(session, *YEARLY)
    given = [Given(each.given_on.year, each.value_cents, keeps_rate(each)) for each in receipts]
    first = min([each.year for each in given if each.year <= year], default=year)
    known = {number: _figures(shown_for(figures, number)) for number in range(first, year + 1)}
    whole = {number: each for number, each in known.items() if each is not None}
    made = years_of(given, turnovers, whole)[-1] if len(whole) == len(known) else None
    own, shown = [each for each in receipts if each.given_on.year == year], shown_for(figures, year)
    above = next(each.figure for each in shown if each.code is Code.GIFT_DECLARED_ABOVE)
    return Statement(
        number=year,
        company=company,
        receipts=own,
        turnover_cents=turnovers.get(year),
        year=made,
        figures=shown,
        declares=above is not None and sum(each.value_cents for each in own) > above.value * 100,
        known_years=sorted({each.year for each in given}, reverse=True),
    )


def keeps_rate(receipt: GiftPaper) -> bool:
    """True where the recipient's article says that its gifts keep the higher rate."""
    article = article_of(TAX_RECEIPTS, receipt.article)
    return article is not None and article.keeps_rate


async def say_turnover(session: AsyncSession, donor: Identity, asked: TurnoverAsked, *, now: datetime) -> None:
    """Keep a year's turnover; what was said before of that year is replaced."""
    row = GiftTurnover(
        organisation_id=donor.organisation_id,
        year=asked.year,
        turnover_cents=int(asked.turnover_euros * 100),
        set_by=donor.member_id,
        set_at=now,
    )
    await keep_turnover(session, row)
    about, year = donor.organisation_id, asked.year
    await note(session, donor.member_id, donor.organisation_id, "gift.turnover-said", about=about, year=year)


def _figures(shown: Sequence[Shown]) -> Figures | None:
    values = {each.code: each.figure.value for each in shown if each.figure is not None}
    if len(values) < len(YEARLY):
        return None
    return Figures(
        rate=values[Code.GIFT_RATE],
        rate_above=values[Code.GIFT_RATE_ABOVE],
        rate_kept=values[Code.GIFT_RATE_KEPT],
        threshold_cents=int(values[Code.GIFT_RATE_THRESHOLD] * 100),
        ceiling_cents=int(values[Code.GIFT_CEILING] * 100),
        ceiling_permille=values[Code.GIFT_CEILING_TURNOVER],
        carry_years=int(values[Code.GIFT_CARRY_OVER]),
    )

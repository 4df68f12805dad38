"""One made-up event of what came of a confirmed exchange."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from shared.events.facts import Level
from shared.events.impact import ExchangeKind, ImpactFigure, ImpactRecorded, Measure


def what_came_of(exchange_id: UUID, sides: tuple[UUID, UUID], at: datetime) -> ImpactRecorded:
    """A part of a lot of which 104.5 kg were weighed, in reuse, with what that avoids."""
    holder, taker = sides
    value, low, high = (Decimal(each) for each in ("12.749", "7.2105", "74.613"))
    return ImpactRecorded(
        version=1,
        exchange_id=exchange_id,
        kind=ExchangeKind.TAKING,
        organisation_id=holder,
        partner_id=taker,
        confirmed_on=date(2026, 11, 25),
        figures=(
            ImpactFigure(measure=Measure.MASS, unit="kg", value=Decimal("104.5"), level=Level.REUSE),
            ImpactFigure(
                measure=Measure.CO2E,
                unit="kgCO2e",
                value=value,
                low=low,
                high=high,
                level=Level.REUSE,
                source_version="wood/reuse/2026-11",
            ),
            ImpactFigure(measure=Measure.ENVIRONMENT, unit="exchange", value=Decimal(1)),
        ),
        at=at,
    )

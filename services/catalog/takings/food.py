"""What food asks of whoever gives it to people: time left before its date, and cold. To be checked, never advice."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.models import Flow
from services.catalog.flows.recurrence import at
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import value_of
from services.catalog.parameters.queries import figures_of
from services.catalog.takings.errors import ColdChainMissing, TooShortDated, UseByPast
from services.catalog.takings.papers import Papers
from services.catalog.takings.queries import Locked
from shared.clock import day_of
from shared.events.facts import Level
from shared.phrases.names import SHORT_DATED
from shared.vocabulary import is_food, is_kept_cold

# One of them says that whoever handles food is known for it.
HANDLES_FOOD = ("food_hygiene", "sanitary_approval")


def is_for_people(flow: Flow, level: Level) -> bool:
    """True when people will eat it."""
    return level is Level.REUSE and is_food(flow.categories or ())


def refuse_without_cold(flow: Flow, papers: Papers, level: Level, on: date) -> None:
    """Raise `ColdChainMissing` for food that spoils, where its taker declares nothing about handling food on a day."""
    spoils = is_for_people(flow, level) and is_kept_cold(flow.categories)
    if spoils and not any(papers.holds(code, on) for code in HANDLES_FOOD):
        raise ColdChainMissing


def refuse_short_dated(locked: Locked, papers: Papers, level: Level, moment: datetime, least: Decimal) -> None:
    """Raise `UseByPast`, or `TooShortDated` when less than `least` hours are left and no faster hand is shown."""
    flow, lot = locked
    if lot.use_by_on is None or not is_for_people(flow, level):
        return
    left = at(lot.use_by_on + timedelta(days=1), time(0)) - moment
    if left <= timedelta(0):
        raise UseByPast(use_by=f"{lot.use_by_on:%d/%m/%Y}")
    if left < timedelta(hours=float(least)) and not papers.holds(SHORT_DATED, day_of(moment)):
        raise TooShortDated(left=int(left / timedelta(hours=1)), least=f"{least.normalize():f}")


async def refuse_without_time(
    session: AsyncSession, locked: Locked, papers: Papers, level: Level, moment: datetime
) -> None:
    """The same, with the hours that hold on that day."""
    if locked.lot.use_by_on is not None:
        least = value_of(await figures_of(session, Code.FOOD_TIME_LEFT), Code.FOOD_TIME_LEFT, on=day_of(moment))
        refuse_short_dated(locked, papers, level, moment, least)

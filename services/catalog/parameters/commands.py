"""Say a new value of a parameter; what was said before stays."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import wait_for_turn
from services.catalog.audit.commands import note
from services.catalog.parameters.definitions import RANGES, Definition
from services.catalog.parameters.errors import DayTooFar, NothingNew, SourceOfTomorrow, ValueNotWhole, ValueTooLarge
from services.catalog.parameters.models import Figure, figure_of
from services.catalog.parameters.queries import definition_of, figures_of
from services.catalog.parameters.schemas import NewFigure
from shared.clock import day_of
from shared.identity import Identity

# Older law than this is history; further ahead than this is a slip of the finger.
FIRST, AHEAD = date(1990, 1, 1), timedelta(days=5 * 366)


async def set_figure(
    session: AsyncSession, coordinator: Identity, code: str, new: NewFigure, *, now: datetime
) -> Figure:
    """Add a value from a day on; one for a day that had one corrects it. Raises what is wrong with it."""
    definition = definition_of(code)
    _refuse_wrong(definition, new, today=day_of(now))
    await wait_for_turn(session, f"parameter:{code}")
    standing = figure_of(await figures_of(session, code), code, on=new.valid_from)
    if standing is not None and _says_the_same(standing, new):
        raise NothingNew
    figure = Figure(
        code=code,
        valid_from=new.valid_from,
        value=new.value,
        unit=definition.unit,
        source=new.source,
        source_on=new.source_on,
        to_check=new.to_check,
        reason=new.reason,
        set_by=coordinator.member_id,
        set_at=now,
    )
    session.add(figure)
    await session.flush()
    said = {"code": code, "value": str(new.value), "valid_from": new.valid_from.isoformat()}
    await note(session, coordinator.member_id, coordinator.organisation_id, "parameter.set", about=figure.id, **said)
    return figure


def _refuse_wrong(definition: Definition, new: NewFigure, *, today: date) -> None:
    allowed = RANGES[definition.unit]
    if new.value > allowed.most:
        raise ValueTooLarge(most=allowed.most)
    if allowed.is_whole and new.value != int(new.value):
        raise ValueNotWhole
    last = today + AHEAD
    if not FIRST <= new.valid_from <= last:
        raise DayTooFar(first=f"{FIRST:%d/%m/%Y}", last=f"{last:%d/%m/%Y}")
    if not FIRST <= new.source_on <= today:
        raise SourceOfTomorrow(first=f"{FIRST:%Y}")


def _says_the_same(standing: Figure, new: NewFigure) -> bool:
    said = (new.valid_from, new.value, new.source, new.source_on, new.to_check)
    return said == (standing.valid_from, standing.value, standing.source, standing.source_on, standing.to_check)

"""Parameters as JSON, for everybody: a figure that decides something is public, and so is its source."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from litestar import Router, get
from litestar.params import FromQuery

from services.catalog.parameters.definitions import Definition, definitions
from services.catalog.parameters.models import Figure, figure_of
from services.catalog.parameters.queries import figures_of
from services.catalog.parameters.schemas import FigureOut, ParameterOut, Parameters
from shared.clock import day_of
from shared.web.provided import Now, Session


@get("/")
async def list_parameters(session: Session, now: Now, on: FromQuery[date | None] = None) -> Parameters:
    """Every parameter with its values and sources; `on` is the day whose value is asked for, today without it."""
    day = on or day_of(now)
    figures = await figures_of(session)
    return Parameters(day, [_out(each, figures, day) for each in definitions().values()])


def _out(definition: Definition, figures: Sequence[Figure], day: date) -> ParameterOut:
    own = [figure for figure in figures if figure.code == definition.code]
    standing = figure_of(own, definition.code, on=day)
    return ParameterOut(
        code=definition.code,
        group=definition.group,
        name={"fr": definition.name("fr"), "en": definition.name("en")},
        unit=definition.unit,
        is_used=definition.is_used,
        value=_plain(standing.value) if standing else None,
        values=[
            FigureOut(each.valid_from, _plain(each.value), each.source, each.source_on, each.to_check, each.reason)
            for each in own
        ],
    )


def _plain(value: Decimal) -> str:
    """Without the zeros that the column adds, and never as 2E+6."""
    return f"{value.normalize():f}"


ROUTES = [Router("/api/v1/parameters", route_handlers=[list_parameters], tags=["parameters"])]

"""Every question asked of parameters."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.parameters.definitions import Definition, definitions
from services.catalog.parameters.errors import ParameterUnknown
from services.catalog.parameters.models import Figure


def definition_of(code: str) -> Definition:
    """What a parameter is; raises `ParameterUnknown`."""
    found = definitions().get(code)
    if found is None:
        raise ParameterUnknown
    return found


async def figures_of(session: AsyncSession, *codes: str) -> Sequence[Figure]:
    """All values of some parameters (without any: of all), the latest day first and what was set last before it."""
    query = select(Figure).order_by(Figure.valid_from.desc(), Figure.set_at.desc(), Figure.id.desc())
    if codes:
        query = query.where(Figure.code.in_(codes))
    return (await session.scalars(query)).all()

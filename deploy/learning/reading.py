"""The lines of matching's own database."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from deploy.learning.lines import Line
from services.matching.learning.answers import Answer
from services.matching.learning.queries import asked, not_asked
from shared.events.reasons import Feature

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


async def lines_of(session: AsyncSession, *, since: datetime, until: datetime) -> list[Line]:
    """Everybody who was asked in that time, and who fitted the same demands and was not."""
    found = [_asked(row) for row in await asked(session, since=since, until=until)]
    return found + [_not_asked(row) for row in await not_asked(session, since=since, until=until)]


def _asked(row: Any) -> Line:
    return Line(
        demand=row.demand_id,
        organisation=row.organisation_id,
        at=row.at,
        measures=_measures(row.measures),
        propensity=row.propensity,
        chosen=row.chosen,
        rank=row.rank,
        score=row.score,
        weights=row.weights,
        answer=Answer(row.answer) if row.answer else None,
        reason=row.reason,
    )


def _not_asked(row: Any) -> Line:
    return Line(
        demand=row.demand_id,
        organisation=row.organisation_id,
        at=row.at,
        measures=_measures(row.measures),
        asked=False,
        score=row.score,
        weights=row.weights,
    )


def _measures(kept: Any) -> dict[Feature, float]:
    known = msgspec.json.decode(kept) if isinstance(kept, str) else kept
    return {Feature(name): value for name, value in known.items() if name in set(Feature)}

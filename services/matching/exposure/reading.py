"""Reads what pages and JSON show alike: the last count, and the days before."""

from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.exposure import queries, view

# As many days as the page shows.
DAYS = 14


async def exposure_told(session: AsyncSession, *, today: date, language: str) -> view.Exposure:
    """How evenly suppliers were asked, as it was counted last."""
    latest = await queries.latest_figures(session)
    days = await queries.figures_by_day(session, since=today - timedelta(days=DAYS))
    return view.exposure(latest, days, language=language)

"""What came of confirmed exchanges as JSON: each figure, and their sums."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.params import QueryParameter

from services.catalog.impact.periods import span_of
from services.catalog.impact.queries import entries_of, totals_of
from services.catalog.impact.schemas import Entries, EntryOut, Totals
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Member, Session

Period = Annotated[str, QueryParameter(max_length=7, description="A year (2026) or a month (2026-11); else all.")]


@get("/entries")
async def list_entries(
    session: Session, member: Member, *, period: Period = "", cursor: Cursor = None, limit: Limit = 50
) -> Entries:
    """The figures of one's organisation's confirmed exchanges that stand, the newest first."""
    before = place_of(cursor, UUID)
    rows = await entries_of(session, member.organisation_id, span_of(period), before=before, limit=limit + 1)
    return Entries(*listed(rows, limit, EntryOut.of))


@get("/totals")
async def read_totals(session: Session, member: Member, period: Period = "") -> Totals:
    """Their sums by measure and level: masses in kg, CO2e in kg, money in cents."""
    return Totals.of(await totals_of(session, member.organisation_id, span_of(period)))


ROUTES = [Router("/api/v1/impact", route_handlers=[list_entries, read_totals], tags=["impact"])]

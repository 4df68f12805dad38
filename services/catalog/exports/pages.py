"""The page of exports, and the files themselves: every member may take what their organisation published."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Response, get
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.exports.errors import ExportUnknown
from services.catalog.exports.queries import all_of, count_of, lots_of
from services.catalog.exports.rows import LOT_HEADINGS, headings_of, lot_row, row_of
from services.catalog.flows.lot import Lot
from services.catalog.imports.flows import FLOWS
from services.catalog.imports.needs import NEEDS
from services.catalog.imports.offers import OFFERS
from services.catalog.imports.postings import PostedKind
from shared.identity import Identity
from shared.web.pages import Html, Req, gettext, page
from shared.web.provided import Member, Now, Session
from shared.web.tables import Form, download, written

POSTED: Mapping[str, PostedKind] = {kind.name: kind for kind in (NEEDS, OFFERS, FLOWS)}
LOTS = "lots"
# Name, what is in it, icon.
EXPORT_TABS: Mapping[str, tuple[str, str]] = {
    "needs": ("Nos besoins", "clipboard-list"),
    "offers": ("Nos activités", "hand-heart"),
    "flows": ("Nos gisements", "package-open"),
    "lots": ("Nos lots", "package"),
}


@get("/exports")
async def export_list(request: Req, session: Session, member: Member) -> Html:
    """What there is to take away."""
    models = {**{name: kind.model for name, kind in POSTED.items()}, LOTS: Lot}
    counts = {name: await count_of(session, model, member.organisation_id) for name, model in models.items()}
    return page(
        request,
        "exports/list.html",
        lines=[(name, gettext(request, words), icon, counts[name]) for name, (words, icon) in EXPORT_TABS.items()],
    )


@get("/exports/file")
async def export_file(
    request: Req,
    session: Session,
    member: Member,
    now: Now,
    *,
    what: FromQuery[str] = "needs",
    form: FromQuery[str] = Form.CSV,
) -> Response[Any]:
    """One's own needs, offers, flows or lots, all of them."""
    if what not in EXPORT_TABS or form not in list(Form):
        raise ExportUnknown
    headings, rows = await _table(session, member, what)
    content = await asyncio.to_thread(written, Form(form), what, headings, rows)
    return download(content, f"boucle-{what}-{now:%Y-%m-%d}", Form(form))


async def _table(session: AsyncSession, member: Identity, what: str) -> tuple[list[str], list[list[str]]]:
    if what == LOTS:
        return list(LOT_HEADINGS), [lot_row(line) for line in await lots_of(session, member.organisation_id)]
    kind = POSTED[what]
    postings = await all_of(session, kind.model, member.organisation_id)
    return headings_of(kind), [row_of(kind, posting) for posting in postings]


ROUTES = [export_list, export_file]

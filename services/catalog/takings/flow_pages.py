"""The page of a flow: what it says, and its lots with who goes first and what is taken of them."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath

from services.catalog.consents.view import consent_behind
from services.catalog.files.models import Purpose
from services.catalog.files.queries import files_of
from services.catalog.files.view import lines_of
from services.catalog.flows.law import RECEIPTS, receipt_above_kg
from services.catalog.flows.queries import flow_seen_by, lots_of
from services.catalog.flows.view import duties_of, view_of
from services.catalog.parameters.queries import figures_of
from services.catalog.takings.queries import takings_in
from services.catalog.takings.view import on_lots
from shared.clock import day_of
from shared.web.pages import Html, Req, page
from shared.web.provided import Now, Session, Visitor
from shared.web.visit import visit_of

LOTS_SHOWN = 12


@get("/flows/{flow_id:uuid}")
async def show_flow(request: Req, session: Session, visitor: Visitor, now: Now, flow_id: FromPath[UUID]) -> Html:
    """The flow: its facts and lots for all, its matches and takers for its holder, the buttons for a taker."""
    flow = await flow_seen_by(session, flow_id, visitor.organisation_id if visitor else None)
    lots = (await lots_of(session, flow.id, since=now))[:LOTS_SHOWN]
    takings = await takings_in(session, [lot.id for lot in lots], visitor.organisation_id) if visitor else []
    language = visit_of(request).language
    receipt_above = receipt_above_kg(flow, await figures_of(session, *RECEIPTS), on=day_of(now))
    return page(
        request,
        "flows/page.html",
        **view_of(request, flow, visitor, lots=lots, now=now),
        on_lots=on_lots(request, flow, lots, takings=takings, visitor=visitor, now=now),
        duties=duties_of(request, flow, lots, receipt_above=receipt_above),
        photos=lines_of(await files_of(session, flow.id, Purpose.PHOTO), language),
        files=lines_of(await files_of(session, flow.id), language),
        behind=await consent_behind(request, session, visitor, about=flow.id, whose=flow.organisation_id),
    )


ROUTES = [show_flow]

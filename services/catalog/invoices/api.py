"""The data of an invoice, to the two sides of its settlement."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from services.catalog.invoices.facturx import facturx_under
from services.catalog.payments.queries import settlement_seen_by
from shared.papers.printing import kept_as
from shared.web.pages import Req
from shared.web.provided import Member, Session
from shared.web.visit import visit_of


@get("/{settlement_id:uuid}/factur-x", media_type="application/pdf")
async def read_factur_x(
    request: Req, session: Session, member: Member, settlement_id: FromPath[UUID]
) -> Response[bytes]:
    """The data of a bill that says its VAT by rate, as Factur-X (BASIC WL): not the invoice itself."""
    settlement = await settlement_seen_by(session, settlement_id, member.organisation_id)
    paper = await facturx_under(session, settlement, member.organisation_id, visit_of(request).language)
    return kept_as(f"factur-x-{settlement.invoice}", paper)


ROUTES: list[ControllerRouterHandler] = [
    Router("/api/v1/settlements", route_handlers=[read_factur_x], tags=["settlements"])
]

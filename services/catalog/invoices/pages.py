"""The data of an invoice, from the page of its settlement."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from services.catalog.invoices.facturx import facturx_under
from services.catalog.payments.queries import settlement_seen_by
from shared.papers.printing import kept_as
from shared.web.pages import Req
from shared.web.provided import Member, Session
from shared.web.visit import visit_of


@get("/payments/{settlement_id:uuid}/factur-x", media_type="application/pdf")
async def facturx_file(
    request: Req, session: Session, member: Member, settlement_id: FromPath[UUID]
) -> Response[bytes]:
    """The same as the API's, in the language of the page."""
    settlement = await settlement_seen_by(session, settlement_id, member.organisation_id)
    paper = await facturx_under(session, settlement, member.organisation_id, visit_of(request).language)
    return kept_as(f"factur-x-{settlement.invoice}", paper)


ROUTES = [facturx_file]

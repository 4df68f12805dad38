"""Where Stripe tells what happened: its signature is the proof; a notice is kept, answered at once, and read later."""

from litestar import post
from litestar.response import Response

from services.catalog.payments.errors import NoticeForged
from services.catalog.payments.online.counter import gateway_of
from services.catalog.payments.online.gateway import Forged
from services.catalog.payments.online.hearing import SOURCE
from services.catalog.payments.online.queries import keep_event
from shared.web.pages import Req
from shared.web.provided import Now, Session


# Stripe has neither cookie nor token; nobody else can sign these very bytes.
@post("/webhooks/stripe", status_code=200, include_in_schema=False, csrf_exempt=True)
async def hear(request: Req, session: Session, now: Now) -> Response[bytes]:
    """Keep a notice, once; what it is about is read from Stripe by the worker."""
    gateway = gateway_of(request)
    try:
        event = gateway.event_of(await request.body(), request.headers.get("stripe-signature", ""))
    except Forged as forged:
        raise NoticeForged from forged
    await keep_event(session, event, SOURCE, now)
    return Response(b"", status_code=200)


ROUTES = [hear]

"""The mandates to bill of one's organisation: those it gave, those it was given, and how they end."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from services.catalog.payments.mandates.commands import end_mandate, give_mandate
from services.catalog.payments.mandates.errors import NobodyPays
from services.catalog.payments.mandates.queries import mandates_of
from services.catalog.payments.mandates.schemas import MandateGiving
from services.catalog.payments.mandates.words import source, words_of
from shared.identity import Role
from shared.web.cursors import cut
from shared.web.forms import read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session

HOME = "/payments/mandates"
PAGE = 50


@get(HOME)
async def mandate_list(request: Req, session: Session, member: Member, before: FromQuery[UUID | None] = None) -> Html:
    """Those in force and those that have ended, the newest first."""
    rows = await mandates_of(session, member.organisation_id, before=before, limit=PAGE + 1)
    found, last = cut(rows, PAGE)
    stands_on = source()
    return page(
        request,
        "payments/mandates.html",
        mandates=found,
        own=member.organisation_id,
        may_end=member.may(Role.OWNER),
        source=stands_on.source,
        source_on=stands_on.source_on,
        following=f"{HOME}?before={last.id}" if last else None,
    )


@post(HOME, status_code=303)
async def give(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Let who pays write one's invoices."""
    form = await read_form(request, MandateGiving)
    if form.data is None:
        raise NobodyPays
    await give_mandate(session, editor, payer_id=form.data.payer_id, words=words_of(request), now=now)
    return redirect(request, HOME, say="Mandat donné : l'autre structure le sait.")


@post(f"{HOME}/{{mandate_id:uuid}}/end", status_code=303)
async def end(request: Req, session: Session, editor: Editor, now: Now, mandate_id: FromPath[UUID]) -> Response[Any]:
    """End a mandate, as either of the two."""
    await end_mandate(session, editor, mandate_id=mandate_id, now=now)
    return redirect(request, HOME, say="Le mandat a pris fin : l'autre structure le sait.")


ROUTES = [mandate_list, give, end]

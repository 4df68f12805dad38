"""Who asks to join the team: those responsible let them in, or say why not."""

from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from services.catalog.claims.answering import accept_request, decline_request
from services.catalog.claims.schemas import Accepting, Declining
from services.catalog.team.inviting import owners_only
from shared.refusal import Refusal
from shared.web.forms import read_form
from shared.web.pages import Req, gettext, redirect
from shared.web.provided import Member, Now, Session

REQUESTS = "/organisation/team/requests/{claim_id:uuid}"
BACK = "/organisation/team#requests"


@post(f"{REQUESTS}/accept", status_code=303)
async def accept(request: Req, session: Session, member: Member, now: Now, claim_id: FromPath[UUID]) -> Response[Any]:
    """Let them join."""
    owners_only(member)
    form = await read_form(request, Accepting)
    if form.data is None:
        return redirect(request, BACK, say=next(iter(form.errors.values())), kind="error")
    try:
        async with session.begin_nested():
            await accept_request(session, member, form.data, claim_id=claim_id, now=now)
    except Refusal as refusal:
        return _said(request, refusal)
    return redirect(request, "/organisation/team", say="Cette personne fait partie de l'équipe.")


@post(f"{REQUESTS}/refuse", status_code=303)
async def decline(request: Req, session: Session, member: Member, now: Now, claim_id: FromPath[UUID]) -> Response[Any]:
    """Say why not."""
    owners_only(member)
    form = await read_form(request, Declining)
    if form.data is None:
        return redirect(request, BACK, say=next(iter(form.errors.values())), kind="error")
    try:
        await decline_request(session, member, form.data, claim_id=claim_id, now=now)
    except Refusal as refusal:
        return _said(request, refusal)
    return redirect(request, "/organisation/team", say="Demande refusée : vos mots sont transmis.")


def _said(request: Req, refusal: Refusal) -> Response[Any]:
    if refusal.field is None:
        raise refusal
    said = gettext(request, refusal.sentence).format(**refusal.values)
    return redirect(request, BACK, say=said, kind="error")


ROUTES: list[ControllerRouterHandler] = [accept, decline]

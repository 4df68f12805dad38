"""The pages of needs: list, form, and how it ends. The need itself is shown by `answers`, with what it was answered."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from services.catalog.files.queries import files_of
from services.catalog.needs.commands import close_need, copy_need, withdraw_need
from services.catalog.needs.errors import NeedUnknown
from services.catalog.needs.models import Need
from services.catalog.needs.paper import need_on_paper
from services.catalog.needs.queries import need_for_update, need_seen_by, open_need_count, open_needs
from services.catalog.needs.schemas import Closing
from services.catalog.needs.writing import NEED_WRITING
from services.catalog.posting.files import file_routes
from services.catalog.posting.lists import PAGE, filter_tabs, next_page
from services.catalog.posting.whole import Whole
from services.catalog.preview.pages import PreviewedWizard
from shared.papers.printing import kept_as
from shared.phrases.names import AMOUNT_BANDS, NEED_KINDS, OUTCOMES, options
from shared.web.forms import Form, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Now, Session, Visitor
from shared.web.visit import visit_of

WHOLE = Whole(NEED_WRITING, "need", say="Besoin publié.")


class NeedWizard(PreviewedWizard):
    """A need, written step by step."""

    path = "/needs"
    of = "need"
    writing = NEED_WRITING


@get("/needs")
async def needs_list(
    request: Req, session: Session, kind: FromQuery[str | None] = None, before: FromQuery[UUID | None] = None
) -> Html:
    """Open needs, newest first, by kind."""
    language = visit_of(request).language
    kind = kind if kind in NEED_KINDS else None
    needs = await open_needs(session, kind=kind, before=before, limit=PAGE)
    kinds = options(NEED_KINDS, language)
    return page(
        request,
        "needs/list.html",
        needs=needs,
        total=await open_need_count(session, kind=kind),
        kind_tabs=filter_tabs(request, "/needs", "kind", kinds, kind, everything=gettext(request, "Tous")),
        band_names=dict(options(AMOUNT_BANDS, language)),
        following=next_page(request, "/needs", needs, kind=kind),
    )


@get("/needs/whole")
async def new_need(request: Req, session: Session, editor: Editor, kind: FromQuery[str] = "procurement") -> Html:
    """An empty form with every question on one page."""
    return await WHOLE.asked(request, session, editor, Form(typed={"kind": kind, "quantity_period": "once"}))


@post("/needs", status_code=303)
async def create_need(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Keep or publish; what is refused comes back with what was typed."""
    return await WHOLE.created(request, session, editor, now)


@get("/needs/{need_id:uuid}/paper", media_type="application/pdf")
async def need_paper(
    request: Req, session: Session, visitor: Visitor, now: Now, need_id: FromPath[UUID]
) -> Response[bytes]:
    """The same as a PDF."""
    need = await need_seen_by(session, need_id, visitor.organisation_id if visitor else None)
    files = await files_of(session, need.id)
    return kept_as(need.title or str(need.id), await need_on_paper(request, need, visitor, files=files, now=now))


@get("/needs/{need_id:uuid}/edit")
async def edit_need(request: Req, session: Session, editor: Editor, need_id: FromPath[UUID]) -> Html:
    """The form with what the need says now."""
    return await WHOLE.edited(request, session, editor, need_id)


@post("/needs/{need_id:uuid}", status_code=303)
async def change_need(
    request: Req, session: Session, editor: Editor, now: Now, need_id: FromPath[UUID]
) -> Response[Any]:
    """Save the changes; a draft may be published at the same time."""
    return await WHOLE.changed(request, session, editor, need_id, now)


@post("/needs/{need_id:uuid}/publish", status_code=303)
async def publish(request: Req, session: Session, editor: Editor, now: Now, need_id: FromPath[UUID]) -> Response[Any]:
    """Open a draft; what is missing sends back to its form."""
    return await WHOLE.published(request, session, editor, need_id, now)


@post("/needs/{need_id:uuid}/copy", status_code=303)
async def copy(request: Req, session: Session, editor: Editor, now: Now, need_id: FromPath[UUID]) -> Response[Any]:
    """Begin a new need with what this one said."""
    need = await copy_need(session, editor, need_id=need_id, now=now)
    return redirect(request, f"/needs/{need.id}/steps/place", say="Copie gardée en brouillon : donnez-lui ses dates.")


@post("/needs/{need_id:uuid}/withdraw", status_code=303)
async def withdraw(request: Req, session: Session, editor: Editor, now: Now, need_id: FromPath[UUID]) -> Response[Any]:
    """Take the need back."""
    await withdraw_need(session, editor, need_id=need_id, now=now)
    return redirect(request, f"/needs/{need_id}", say="Besoin retiré.")


@get("/needs/{need_id:uuid}/close")
async def close_form(request: Req, session: Session, editor: Editor, need_id: FromPath[UUID]) -> Html:
    """How did it end?"""
    need = await need_for_update(session, need_id, organisation_id=editor.organisation_id)
    return _close_form(request, need, Form())


@post("/needs/{need_id:uuid}/close", status_code=303)
async def close(request: Req, session: Session, editor: Editor, now: Now, need_id: FromPath[UUID]) -> Response[Any]:
    """End the need with its coded outcome."""
    need = await need_for_update(session, need_id, organisation_id=editor.organisation_id)
    form = await read_form(request, Closing)
    if form.data is None:
        return _close_form(request, need, form)
    await close_need(session, editor, form.data, need_id=need_id, now=now)
    return redirect(request, f"/needs/{need_id}", say="Besoin clos. Merci d'avoir dit comment.")


def _close_form(request: Req, need: Need, form: Form[Closing]) -> Html:
    outcomes = [pair for pair in options(OUTCOMES, visit_of(request).language) if pair[0] != "withdrawn"]
    status = 422 if form.errors else 200
    return page(request, "needs/close.html", status=status, need=need, form=form, outcome_options=outcomes)


ROUTES: list[ControllerRouterHandler] = [
    NeedWizard,
    *file_routes("/needs", Need, NeedUnknown),
    copy,
    needs_list,
    new_need,
    create_need,
    need_paper,
    edit_need,
    change_need,
    publish,
    withdraw,
    close_form,
    close,
]

"""The page on which an organisation says how often it wants to be solicited."""

from datetime import date
from typing import Any

from litestar import Response, get, post

from services.catalog.organisations.models import Organisation
from services.catalog.portrait.commands import change_asks
from services.catalog.portrait.queries import own_organisation
from services.catalog.portrait.schemas import MOST_ASKS, Asks
from shared.clock import day_of
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Now, Session

# What matching grants by itself (its policy has the same number; a test holds them together).
ASKS_BY_DEFAULT = 5


def asks_of(organisation: Organisation, today: date) -> tuple[int, date | None]:
    """How many a week, and until when none; a pause that is over is none."""
    resume_on = organisation.asks_resume_on
    return organisation.weekly_asks or ASKS_BY_DEFAULT, resume_on if resume_on and resume_on > today else None


@get("/organisation/asks")
async def asks_form(request: Req, session: Session, editor: Editor, now: Now) -> Html:
    """How often it is solicited, to be changed."""
    weekly, resume_on = asks_of(await own_organisation(session, editor.organisation_id), day_of(now))
    return _asks_page(request, Form(typed={"weekly_asks": weekly, "asks_resume_on": resume_on}))


@post("/organisation/asks", status_code=303)
async def save_asks(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Save how often it is solicited."""
    form = await read_form(request, Asks)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await change_asks(session, editor, form.data, now=now)
    if form.errors:
        return _asks_page(request, form)
    return redirect(request, "/organisation#asks", say="Changements enregistrés.")


def _asks_page(request: Req, form: Form[Asks]) -> Html:
    return page(
        request,
        "portrait/asks.html",
        status=422 if form.errors else 200,
        form=form,
        most=MOST_ASKS,
        by_default=ASKS_BY_DEFAULT,
    )


ROUTES = [asks_form, save_asks]

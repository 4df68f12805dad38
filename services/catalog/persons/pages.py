"""A person's own data: what is kept, all of it as files, and the way to have it erased."""

from typing import Any

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.entering import forget_session
from services.catalog.accounts.factor_pages import prove
from services.catalog.accounts.queries import account_of, factors_of
from services.catalog.persons.commands import erase, obstacles
from services.catalog.persons.queries import kept_about
from services.catalog.persons.schemas import Erasure
from shared.database.acting import act
from shared.identity import Identity
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Member, Now, Session
from shared.web.saving import saved_as

HOME = "/account/data"


@get(HOME)
async def show_data(request: Req, session: Session, member: Member) -> Html:
    """What is kept about the person, and where to have it."""
    return await _data_page(request, session, member, Form())


@get(f"{HOME}/export")
async def export(request: Req, session: Session, member: Member) -> Response[Any]:
    """Catalog's part as a file: a page's route, since a key acts for an organisation and not for a person."""
    return saved_as("boucle-compte.json", await kept_about(session, await account_of(session, member.member_id)))


@post(f"{HOME}/erase", status_code=303)
async def erase_here(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Erase the person who asks, now and for good."""
    form: Form[Any] = await read_form(request, Erasure)
    account = await account_of(session, member.member_id)
    await prove(request, session, member, account, form, now=now)
    if form.data is not None and not form.errors:
        async with kept_when_refused(request, session, form):
            await erase(session, account.id, now=now)
    if form.errors:
        return await _data_page(request, session, member, form)
    forget_session(request)
    return redirect(request, "/", say="Votre compte est effacé. Rien ici ne dit plus qui vous étiez.")


async def _data_page(request: Req, session: AsyncSession, member: Identity, form: Form[Any]) -> Html:
    account = await account_of(session, member.member_id)
    await act(session, account=account.id)
    return page(
        request,
        "persons/data.html",
        status=422 if form.errors else 200,
        form=form,
        asks_code=bool(await factors_of(session, account.id)),
        obstacles=[
            gettext(request, each.sentence).format(**each.values) for each in await obstacles(session, account.id)
        ],
    )


ROUTES = [show_data, export, erase_here]

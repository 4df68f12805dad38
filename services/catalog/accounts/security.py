"""How a member signs in, on pages: their address, and where their sessions are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.addresses import ask_again, ask_for_email
from services.catalog.accounts.commands import check_password, end_other_sessions, end_session
from services.catalog.accounts.entering import asker_of, forget_session
from services.catalog.accounts.errors import PasswordWrong, TooManyAttempts
from services.catalog.accounts.models import Account
from services.catalog.accounts.queries import account_of
from services.catalog.accounts.schemas import NewEmail
from services.catalog.accounts.throttle import count_wrong_password
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Member, Now, Session


@post("/account/confirmation", status_code=303)
async def send_letter_again(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Send the letter that confirms the address once more."""
    await ask_again(session, member, asker=asker_of(request), now=now)
    if not request.app.state.settings.sends_mail:
        return redirect(
            request,
            "/account",
            say="Aucune lettre ne part d'ici : « boucle mail show » en donne le lien à qui administre Boucle.",
            kind="info",
        )
    return redirect(request, "/account", say="La lettre est partie : ouvrez-la, et appuyez sur son bouton.")


@get("/account/email")
async def email_form(request: Req, session: Session, member: Member) -> Html:
    """The form that changes the address."""
    account = await account_of(session, member.member_id)
    return _email_page(request, account, Form(typed={"email": account.email_asked or ""}))


@post("/account/email", status_code=303)
async def change_email(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Ask the new address to answer a letter."""
    form = await read_form(request, NewEmail)
    account = await account_of(session, member.member_id)
    if form.data is not None:
        await say_wrong_password(request, session, account, form, now=now)
    if form.data is not None and not form.errors:
        async with kept_when_refused(request, session, form):
            await ask_for_email(session, member, form.data.email, asker=asker_of(request), now=now)
    if form.errors:
        return _email_page(request, account, form)
    return redirect(request, "/account", say="Une lettre est partie à la nouvelle adresse : elle attend votre réponse.")


@post("/account/sessions/{session_id:uuid}/end", status_code=303)
async def end_one(
    request: Req, session: Session, member: Member, now: Now, session_id: FromPath[UUID]
) -> Response[Any]:
    """End one of one's own sessions, here or elsewhere."""
    await end_session(session, member, session_id, now=now)
    if session_id == member.session_id:
        forget_session(request)
        return redirect(request, "/", say="Vous êtes déconnecté.")
    return redirect(request, "/account", say="Session fermée.")


@post("/account/sessions/end", status_code=303)
async def end_others(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """End every session but this one."""
    await end_other_sessions(session, member, now=now)
    return redirect(request, "/account", say="Les autres sessions sont fermées.")


async def say_wrong_password(
    request: Req, session: AsyncSession, account: Account, form: Form[Any], *, now: datetime
) -> None:
    """Put into the form that the password is not the account's, and count it as at the door."""
    try:
        await check_password(session, account, form.data.password if form.data else "", now=now)
    except PasswordWrong as wrong:
        await count_wrong_password(session, account.email, now=now)
        form.refuse(request, wrong)
    except TooManyAttempts as many:
        form.refuse(request, many)


def _email_page(request: Req, account: Account, form: Form[NewEmail]) -> Html:
    return page(request, "accounts/email.html", status=422 if form.errors else 200, form=form, account=account)


ROUTES = [send_letter_again, email_form, change_email, end_one, end_others]

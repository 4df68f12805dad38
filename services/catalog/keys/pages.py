"""The keys of one's organisation: who made which, for what, until when; for its owners."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.keys.commands import make_key, revoke_key
from services.catalog.keys.errors import OwnersOnly
from services.catalog.keys.models import ApiKey, Scope
from services.catalog.keys.queries import keys_of
from services.catalog.keys.schemas import A_YEAR, NewKey
from shared.identity import Identity, Role
from shared.phrases.names import KEY_LIVES, KEY_SCOPES, named, options
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Member, Now, Session
from shared.web.visit import visit_of

HOME = "/organisation/keys"


class Line(NamedTuple):
    """A key as the list shows it; `made_by` is empty when that person's account was erased."""

    key: ApiKey
    scopes: list[str]
    made_by: str
    is_over: bool
    is_alive: bool


@get(HOME)
async def show_keys(request: Req, session: Session, member: Member, now: Now) -> Html:
    """The keys there are, and the form that makes another."""
    _refuse_others(member)
    form: Form[NewKey] = Form(typed={"scopes": [Scope.READ.value], "lasts": A_YEAR})
    return await _keys_page(request, session, member, form, now=now)


@post(HOME, status_code=200)
async def make(request: Req, session: Session, member: Member, now: Now) -> Html:
    """Make a key, and show it this once."""
    _refuse_others(member)
    form = await read_form(request, NewKey)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            key, secret = await make_key(session, member, form.data, now=now)
    if form.errors:
        return await _keys_page(request, session, member, form, now=now)
    return page(request, "keys/made.html", key=key, secret=secret)


@post(f"{HOME}/{{key_id:uuid}}/revoke", status_code=303)
async def revoke(request: Req, session: Session, member: Member, now: Now, key_id: FromPath[UUID]) -> Response[Any]:
    """Take a key back."""
    _refuse_others(member)
    await revoke_key(session, member, key_id, now=now)
    return redirect(request, HOME, say="Clé révoquée : elle n'ouvre plus rien.")


def _refuse_others(member: Identity) -> None:
    if not member.may(Role.OWNER):
        raise OwnersOnly


async def _keys_page(
    request: Req, session: AsyncSession, member: Identity, form: Form[NewKey], *, now: datetime
) -> Html:
    language = visit_of(request).language
    lines = [
        Line(
            key,
            [named(KEY_SCOPES, scope, language) for scope in key.scopes],
            maker_name,
            key.expires_at <= now,
            key.is_alive(maker, now=now),
        )
        for key, maker, maker_name in await keys_of(session, member.organisation_id)
    ]
    return page(
        request,
        "keys/list.html",
        status=422 if form.errors else 200,
        form=form,
        lines=lines,
        scope_options=options(KEY_SCOPES, language),
        life_options=options(KEY_LIVES, language),
    )


ROUTES = [show_keys, make, revoke]

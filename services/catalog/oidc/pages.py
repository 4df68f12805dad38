"""The way to the provider and back: what begins it changes nothing, and only the browser that began it may end it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.entering import HOME_AFTER_SIGN_IN, let_in, own_address
from services.catalog.accounts.queries import account_by_email
from services.catalog.accounts.vault import Sealed, vault_of
from services.catalog.oidc.commands import link_identity, recognise_person, unlink_identity
from services.catalog.oidc.errors import NoProvider, ProviderRefused
from services.catalog.oidc.provider import CALLBACK, ENDED, Doubts, Person, Provider
from shared.refusal import Refusal
from shared.web.pages import Req, gettext, redirect
from shared.web.provided import Member, Now, Session, Visitor
from shared.web.visit import cookie, visit_of

UNDER_WAY = "__Host-oidc"
LIFE_S = 600
LINK = "/account/identity"


class UnderWay(msgspec.Struct):
    """A sign-in that left for the provider; `target` is where the person was going."""

    state: str
    nonce: str
    verifier: str
    target: str
    links: bool

    @property
    def doubts(self) -> Doubts:
        return Doubts(self.state, self.nonce, self.verifier)


@get("/sign-in/oidc")
async def begin_sign_in(request: Req, *, next: FromQuery[str] = HOME_AFTER_SIGN_IN) -> Response[Any]:
    """Leave for the provider, to come back signed in."""
    return await _leave_for_it(request, target=next, links=False)


@get(LINK)
async def begin_linking(request: Req, member: Member) -> Response[Any]:
    """Leave for the provider, to come back with an identity that opens one's account."""
    return await _leave_for_it(request, target="/account", links=True)


@get(CALLBACK)
async def come_back(
    request: Req,
    session: Session,
    visitor: Visitor,
    now: Now,
    *,
    code: FromQuery[str] = "",
    error: FromQuery[str] = "",
) -> Response[Any]:
    """Who came back: known, to be linked, with an address that has an account here, or new."""
    visit_of(request).cookies.append(cookie(UNDER_WAY, "", max_age=0))
    under_way = _read(request.cookies.get(UNDER_WAY))
    # litestar keeps the name for something of its own
    state = request.query_params.get("state", "")
    try:
        if under_way is None or not compare_digest(under_way.state.encode(), state.encode()) or error or not code:
            raise ProviderRefused
        person = await provider_of(request).person(code, under_way.doubts)
        if under_way.links:
            if visitor is None:
                raise ProviderRefused
            await link_identity(session, visitor, person, now=now)
            return redirect(request, "/account#identity", say="Identité reliée : elle ouvre votre compte désormais.")
        return await _enter(request, session, person, target=under_way.target, visitor=visitor, now=now)
    except Refusal as refusal:
        back = "/account" if under_way and under_way.links and visitor else "/sign-in"
        return redirect(request, back, say=refusal.sentence, kind="error")


@get(ENDED)
async def come_back_signed_out(request: Req) -> Response[Any]:
    """The provider sends back who has signed out there too; it changes nothing."""
    name = provider_of(request).settings.name
    said = gettext(request, "Vous êtes déconnecté de Boucle et de {name}.").format(name=name)
    return redirect(request, "/", say=said)


@post("/account/identity/remove", status_code=303)
async def remove(request: Req, session: Session, member: Member) -> Response[Any]:
    """Take the identity away; password and links stay."""
    await unlink_identity(session, member, provider_of(request).settings.issuer)
    return redirect(request, "/account#identity", say="Cette identité n'ouvre plus votre compte.")


def provider_of(request: Req) -> Provider:
    """The provider of this Boucle; raises `NoProvider`."""
    provider: Provider | None = request.app.state.oidc
    if provider is None:
        raise NoProvider
    return provider


async def _leave_for_it(request: Req, *, target: str, links: bool) -> Response[Any]:
    doubts = Doubts.fresh()
    try:
        address = await provider_of(request).address(doubts)
    except Refusal as refusal:
        return redirect(request, target if links else "/sign-in", say=refusal.sentence, kind="error")
    under_way = UnderWay(doubts.state, doubts.nonce, doubts.verifier, own_address(target), links)
    packed = urlsafe_b64encode(msgspec.json.encode(under_way)).decode()
    visit_of(request).cookies.append(cookie(UNDER_WAY, packed, max_age=LIFE_S))
    return Redirect(address, status_code=303)


async def _enter(
    request: Req, session: AsyncSession, person: Person, *, target: str, visitor: Any, now: datetime
) -> Response[Any]:
    member = await recognise_person(session, person, now=now)
    if member is not None:
        id_token = vault_of(session).seal(person.id_token, member.account_id, Sealed.ID_TOKEN)
        return await let_in(request, session, visitor, member, target=target, now=now, id_token=id_token)
    # An address is not proof enough for an account that has a password: its owner links the two, once, from inside.
    if person.email and await account_by_email(session, person.email) is not None:
        return redirect(
            request,
            f"/sign-in?{urlencode({'next': LINK})}",
            say="Un compte a déjà votre adresse : connectez-vous comme d'habitude, et l'identité y sera reliée.",
            kind="info",
        )
    known = {"email": person.email, "person_name": person.name, "siret": person.siret, "next": LINK}
    query = urlencode({name: value for name, value in known.items() if value})
    return redirect(request, f"/sign-up?{query}", say="Encore quelques lignes, et l'identité sera reliée.", kind="info")


def _read(packed: str | None) -> UnderWay | None:
    try:
        return msgspec.json.decode(urlsafe_b64decode(packed or ""), type=UnderWay)
    except ValueError:
        return None


ROUTES = [begin_sign_in, begin_linking, come_back, come_back_signed_out, remove]

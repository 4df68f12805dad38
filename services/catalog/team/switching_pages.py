"""One person, several organisations: which ones, another one from now on, one more."""

from typing import Any

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from services.catalog.accounts.entering import HOME_AFTER_SIGN_IN, begin_session
from services.catalog.accounts.queries import account_of
from services.catalog.accounts.schemas import Founding
from services.catalog.claims.coming import found_another
from services.catalog.claims.models import Claim
from services.catalog.claims.queries import claims_of
from services.catalog.claims.view import claim_lines, claimed
from services.catalog.team.commands import choose_organisation
from services.catalog.team.errors import NotYourOrganisation
from services.catalog.team.queries import places_of
from services.catalog.team.schemas import OrganisationWanted
from shared.database.acting import act
from shared.phrases.names import MEMBER_ROLES, SUPPLIER_KINDS, named, options
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Member, Now, Session
from shared.web.visit import visit_of


@get("/organisations/mine")
async def own_organisations(request: Req, session: Session, member: Member) -> Html:
    """The organisations that one may act for, and the way to found one more."""
    account = await account_of(session, member.member_id)
    await act(session, account=account.id)
    language = visit_of(request).language
    places = sorted(await places_of(session, account.id), key=lambda each: each.organisation_name.casefold())
    return page(
        request,
        "team/mine.html",
        places=[(each, named(MEMBER_ROLES, each.role, language)) for each in places],
        claims=claim_lines(request, await claims_of(session, account.id)),
    )


@post("/organisations/switch", status_code=303)
async def switch(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Act for another organisation in this browser: a session of its own, so that no token of the last one is good."""
    form = await read_form(request, OrganisationWanted)
    if form.data is None:
        raise NotYourOrganisation
    chosen = await choose_organisation(session, member, form.data.organisation_id)
    await begin_session(request, session, member, chosen, now=now)
    return redirect(request, HOME_AFTER_SIGN_IN, say="Vous agissez maintenant pour cette structure.")


@get("/organisations/new")
async def founding_form(request: Req, member: Member) -> Html:
    """The part of the sign-up form that is about the organisation."""
    return _founding_page(request, Form(typed={"roles": [], "kinds": []}))


@post("/organisations/new", status_code=303)
async def found(request: Req, session: Session, member: Member, now: Now) -> Response[Any]:
    """Found it and act for it."""
    form = await read_form(request, Founding)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            founded = await found_another(session, member, form.data, now=now)
    if form.errors:
        return _founding_page(request, form)
    if isinstance(founded, Claim):
        return claimed(request, founded)
    await begin_session(request, session, member, founded, now=now)
    return redirect(request, HOME_AFTER_SIGN_IN, say="Bienvenue. Votre structure est sur Boucle.")


def _founding_page(request: Req, form: Form[Founding]) -> Html:
    return page(
        request,
        "team/founding.html",
        status=422 if form.errors else 200,
        form=form,
        kind_options=options(SUPPLIER_KINDS, visit_of(request).language),
    )


ROUTES: list[ControllerRouterHandler] = [own_organisations, switch, founding_form, found]

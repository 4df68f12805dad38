"""Sign-up: an account with its establishment, or with a claim to it."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from services.catalog.accounts.entering import HOME_AFTER_SIGN_IN, asker_of, begin_session, own_address
from services.catalog.accounts.schemas import SignUp
from services.catalog.claims.coming import sign_up
from services.catalog.claims.view import claimed
from services.catalog.organisations.register import Register
from shared.phrases.names import SUPPLIER_KINDS, options
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Now, Session, Visitor
from shared.web.visit import visit_of

# What an address of the sign-up form may bring along.
BROUGHT = ("email", "person_name", "siret", "next")


@get("/sign-up")
async def sign_up_form(request: Req) -> Html:
    """The one form that makes an account and its establishment; an address may bring answers along."""
    given = {name: request.query_params[name] for name in BROUGHT if name in request.query_params}
    return _sign_up_page(request, Form(typed={"roles": [], "kinds": [], **given}))


@post("/sign-up", status_code=200)
async def sign_up_here(request: Req, session: Session, visitor: Visitor, now: Now) -> Response[Any]:
    """Create, sign in, and go on: to the dashboard, or to the claim where the establishment is there already."""
    form = await read_form(request, SignUp)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            came = await sign_up(session, form.data, asker=asker_of(request), now=now)
    if form.data is None or form.errors:
        return _sign_up_page(request, form)
    await begin_session(request, session, visitor, came.member, now=now)
    # Somebody on their way elsewhere finds the claim on their desk.
    if came.claim is not None and form.data.next == HOME_AFTER_SIGN_IN:
        return claimed(request, came.claim)
    return redirect(request, own_address(form.data.next), say="Bienvenue. Votre structure est sur Boucle.")


@get("/suggest/establishment")
async def suggest_establishment(
    request: Req, *, siret: FromQuery[str] = "", organisation_name: FromQuery[str] = "", place: FromQuery[str] = ""
) -> Response[Any]:
    """The fields that the register fills in, unless somebody has typed into them; nothing where it does not help."""
    register: Register = request.app.state.register
    entry = await register.entry(siret[:40])
    if entry is None:
        return Response("", status_code=204)
    typed = {"organisation_name": organisation_name or entry.name, "place": place or entry.place}
    return page(request, "accounts/in_register.html", form=Form[SignUp](typed=typed), entry=entry)


def _sign_up_page(request: Req, form: Form[SignUp]) -> Html:
    return page(
        request,
        "accounts/sign_up.html",
        status=422 if form.errors else 200,
        form=form,
        provider=request.app.state.oidc,
        kind_options=options(SUPPLIER_KINDS, visit_of(request).language),
    )


ROUTES: list[ControllerRouterHandler] = [sign_up_form, sign_up_here, suggest_establishment]

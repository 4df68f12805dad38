"""The page on which a coordinator posts for an organisation that agreed to it, and what was posted so before."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.behalf.commands import Draft, post_for
from services.catalog.behalf.errors import OrganisationToServeUnknown
from services.catalog.behalf.schemas import Consented
from services.catalog.consents.models import Means
from services.catalog.consents.queries import consents_of
from services.catalog.flows.schemas import FlowDraft
from services.catalog.followups.queries import titles_of
from services.catalog.needs.schemas import NeedDraft
from services.catalog.offers.schemas import OfferDraft
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.posting.pages import asks_for_categories, form_lists
from shared.clock import day_of
from shared.database import now_of
from shared.phrases.coordination import CONTACT_MEANS
from shared.phrases.names import LEGAL_STATUSES, NEED_KINDS, named, options
from shared.web import i18n
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Coordinator, Now, Session
from shared.web.visit import visit_of

PATH = "/territory/organisations/{organisation_id:uuid}/post"
DRAFTS: dict[str, type[NeedDraft] | type[FlowDraft] | type[OfferDraft]] = {
    "need": NeedDraft,
    "flow": FlowDraft,
    "offer": OfferDraft,
}
KINDS = {"need": "Un besoin", "flow": "Un gisement", "offer": "Une activité"}


@get(PATH)
async def behalf_form(
    request: Req,
    session: Session,
    coordinator: Coordinator,
    *,
    organisation_id: FromPath[UUID],
    what: FromQuery[str] = "need",
) -> Html:
    """The form, empty but for today's date."""
    typed = {"reached_by": Means.PHONE, "given_on": day_of(now_of(session)).isoformat()}
    return await _behalf_page(request, session, organisation_id, what, Form(typed=typed))


@post(PATH, status_code=303)
async def post_it(
    request: Req,
    session: Session,
    coordinator: Coordinator,
    *,
    now: Now,
    organisation_id: FromPath[UUID],
    what: FromQuery[str] = "need",
) -> Response[Any]:
    """Publish it in the organisation's name, with its consent; all of it or nothing."""
    consent = await read_form(request, Consented)
    form: Form[Draft] = await read_form(request, DRAFTS.get(what, NeedDraft))
    form.typed |= consent.typed
    form.errors |= consent.errors
    if await asks_for_categories(request, form):
        return await _behalf_page(request, session, organisation_id, what, form)
    if form.data is not None and consent.data is not None:
        async with kept_when_refused(request, session, form):
            await post_for(session, coordinator, consent.data, form.data, organisation_id=organisation_id, now=now)
    if form.errors:
        return await _behalf_page(request, session, organisation_id, what, form)
    return redirect(
        request, f"/territory/organisations/{organisation_id}/post", say="Publié en son nom, avec son accord."
    )


async def _behalf_page(request: Req, session: AsyncSession, organisation_id: UUID, what: str, form: Form[Any]) -> Html:
    organisation = await organisation_by_id(session, organisation_id)
    if organisation is None:
        raise OrganisationToServeUnknown
    what = what if what in DRAFTS else "need"
    language, url = visit_of(request).language, visit_of(request).url
    consents = await consents_of(session, organisation_id)
    titles = await titles_of(session, [each.about for each in consents])
    home = f"/territory/organisations/{organisation_id}/post"
    return page(
        request,
        "behalf/page.html",
        status=422 if form.errors else 200,
        form=form,
        what=what,
        organisation=organisation,
        action=url(home) + f"?what={what}",
        tabs=[
            (gettext(request, words), url(home) + f"?what={each}", None, each == what) for each, words in KINDS.items()
        ],
        kind_options=options(NEED_KINDS, language),
        status_options=options(LEGAL_STATUSES, language),
        **form_lists(request),
        means_options=options(CONTACT_MEANS, language),
        given=[
            (
                titles.get(each.about),
                named(CONTACT_MEANS, each.means, language),
                each.words,
                i18n.day(each.given_on, language),
                i18n.exact(each.given_on),
            )
            for each in consents
        ],
    )


ROUTES = [behalf_form, post_it]

"""The pages of offers: list, form, the offer itself."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from services.catalog.consents.view import consent_behind
from services.catalog.files.models import Purpose
from services.catalog.files.queries import files_of
from services.catalog.files.view import lines_of
from services.catalog.offers.area import area_of, area_typed
from services.catalog.offers.commands import pause_offer, resume_offer, withdraw_offer
from services.catalog.offers.errors import OfferUnknown
from services.catalog.offers.models import Offer
from services.catalog.offers.queries import offer_seen_by, open_offer_count, open_offers
from services.catalog.offers.schemas import Pause
from services.catalog.offers.view import served_words, view_of
from services.catalog.offers.writing import OFFER_WRITING, STEPS, read_whole
from services.catalog.organisations.queries import organisation_acting
from services.catalog.posting.files import file_routes
from services.catalog.posting.lists import PAGE, filter_tabs, next_page
from services.catalog.posting.steps import step_with
from services.catalog.posting.whole import Whole
from services.catalog.posting.wizard import Wizard
from shared.phrases.names import NEED_KINDS, options
from shared.web.forms import Form, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Now, Session, Visitor
from shared.web.visit import visit_of

MATERIAL = "takes_material"
WHOLE = Whole(OFFER_WRITING, "offer", say="Activité publiée.", read=read_whole)


class OfferWizard(Wizard):
    """An offer, written step by step."""

    path = "/offers"
    writing = OFFER_WRITING


@get("/offers")
async def offers_list(
    request: Req, session: Session, kind: FromQuery[str | None] = None, before: FromQuery[UUID | None] = None
) -> Html:
    """Open offers, newest first, by what they answer."""
    language = visit_of(request).language
    kinds = {**dict(options(NEED_KINDS, language)), MATERIAL: gettext(request, "Prend des matières")}
    kind = kind if kind in kinds else None
    takes_material = True if kind == MATERIAL else None
    answered = None if kind == MATERIAL else kind
    offers = await open_offers(session, kind=answered, takes_material=takes_material, before=before, limit=PAGE)
    everything = gettext(request, "Toutes")
    return page(
        request,
        "offers/list.html",
        offers=[(offer, served_words(request, offer)) for offer in offers],
        total=await open_offer_count(session, kind=answered, takes_material=takes_material),
        kind_tabs=filter_tabs(request, "/offers", "kind", kinds.items(), kind, everything=everything),
        following=next_page(request, "/offers", offers, kind=kind),
    )


@get("/offers/whole")
async def new_offer(request: Req, session: Session, editor: Editor) -> Html:
    """An empty form with every question on one page."""
    return await WHOLE.asked(request, session, editor, Form(typed={"quantity_period": "month"}))


@post("/offers", status_code=303)
async def create_offer(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Keep or publish; what is refused comes back with what was typed."""
    return await WHOLE.created(request, session, editor, now)


@get("/offers/area")
async def area_while_typing(
    request: Req, session: Session, editor: Editor, zones: Annotated[str, QueryParameter(max_length=4_000)] = ""
) -> Html:
    """The map of the lines that are being typed."""
    organisation = await organisation_acting(session, editor.organisation_id)
    return page(request, "offers/area.html", area=area_typed(request, zones, near=organisation.place))


@get("/offers/{offer_id:uuid}")
async def show_offer(request: Req, session: Session, visitor: Visitor, now: Now, offer_id: FromPath[UUID]) -> Html:
    """The offer: its facts for all, what to do with it for its author."""
    offer = await offer_seen_by(session, offer_id, visitor.organisation_id if visitor else None)
    photos = lines_of(await files_of(session, offer.id, Purpose.PHOTO), visit_of(request).language)
    view, url = view_of(request, offer, visitor, now=now), visit_of(request).url
    return page(
        request,
        "offers/page.html",
        **view,
        photos=photos,
        behind=await consent_behind(request, session, visitor, about=offer.id, whose=offer.organisation_id),
        area=area_of(request, offer.zones),
        step_of=lambda field: url(f"/offers/{offer.id}/steps/{step_with(STEPS, field).code}"),
    )


@get("/offers/{offer_id:uuid}/edit")
async def edit_offer(request: Req, session: Session, editor: Editor, offer_id: FromPath[UUID]) -> Html:
    """The form with what the offer says now."""
    return await WHOLE.edited(request, session, editor, offer_id)


@post("/offers/{offer_id:uuid}", status_code=303)
async def change_offer(
    request: Req, session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]
) -> Response[Any]:
    """Save the changes; a draft may be published at the same time."""
    return await WHOLE.changed(request, session, editor, offer_id, now)


@post("/offers/{offer_id:uuid}/publish", status_code=303)
async def publish(request: Req, session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]) -> Response[Any]:
    """Open a draft; what is missing sends back to its form."""
    return await WHOLE.published(request, session, editor, offer_id, now)


@post("/offers/{offer_id:uuid}/pause", status_code=303)
async def pause(request: Req, session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]) -> Response[Any]:
    """Stop being proposed for now, or until a day."""
    form = await read_form(request, Pause)
    if form.data is None:
        return redirect(request, f"/offers/{offer_id}", say=next(iter(form.errors.values())), kind="error")
    await pause_offer(session, editor, offer_id=offer_id, now=now, resume_on=form.data.resume_on)
    return redirect(request, f"/offers/{offer_id}", say="Activité en pause : on ne vous propose plus rien pour elle.")


@post("/offers/{offer_id:uuid}/resume", status_code=303)
async def resume(request: Req, session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]) -> Response[Any]:
    """Be proposed again."""
    await resume_offer(session, editor, offer_id=offer_id, now=now)
    return redirect(request, f"/offers/{offer_id}", say="Activité reprise.")


@post("/offers/{offer_id:uuid}/withdraw", status_code=303)
async def withdraw(request: Req, session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]) -> Response[Any]:
    """End the offer."""
    await withdraw_offer(session, editor, offer_id=offer_id, now=now)
    return redirect(request, f"/offers/{offer_id}", say="Activité retirée.")


ROUTES: list[ControllerRouterHandler] = [
    OfferWizard,
    *file_routes("/offers", Offer, OfferUnknown),
    offers_list,
    area_while_typing,
    new_offer,
    create_offer,
    show_offer,
    edit_offer,
    change_offer,
    publish,
    pause,
    resume,
    withdraw,
]

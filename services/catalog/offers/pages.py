"""The pages of offers: list, form, the offer itself."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.consents.view import consent_behind
from services.catalog.files.models import Purpose
from services.catalog.files.queries import files_of
from services.catalog.files.view import lines_of
from services.catalog.offers.area import area_of, area_typed
from services.catalog.offers.commands import (
    draft_offer,
    pause_offer,
    publish_offer,
    resume_offer,
    update_offer,
    withdraw_offer,
)
from services.catalog.offers.errors import OfferUnknown
from services.catalog.offers.models import Offer, OfferState
from services.catalog.offers.queries import offer_for_update, offer_seen_by, open_offer_count, open_offers
from services.catalog.offers.schemas import OfferDraft, Pause
from services.catalog.offers.view import served_words, typed_from, view_of
from services.catalog.offers.writing import OFFER_WRITING, STEPS, lists, with_ends
from services.catalog.organisations.queries import organisation_acting
from services.catalog.posting.files import file_routes
from services.catalog.posting.lists import PAGE, filter_tabs, next_page
from services.catalog.posting.pages import asks_for_categories, pressed
from services.catalog.posting.steps import step_with
from services.catalog.posting.wizard import Wizard
from shared.identity import Identity
from shared.phrases.names import NEED_KINDS, options
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Now, Session, Visitor
from shared.web.visit import visit_of

MATERIAL = "takes_material"


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
    return await _form(request, session, editor, Form(typed={"quantity_period": "month"}), offer=None)


@post("/offers", status_code=303)
async def create_offer(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Keep or publish; what is refused comes back with what was typed."""
    form = await _read_form(request)
    if await asks_for_categories(request, form):
        return await _form(request, session, editor, form, offer=None)
    publish = await pressed(request) == "publish"
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            offer = await draft_offer(session, editor, form.data, now=now)
            if publish:
                await publish_offer(session, editor, offer_id=offer.id, now=now)
    if form.errors:
        return await _form(request, session, editor, form, offer=None)
    return redirect(request, f"/offers/{offer.id}", say="Activité publiée." if publish else "Brouillon gardé.")


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
    offer = await offer_for_update(session, offer_id, organisation_id=editor.organisation_id)
    return await _form(request, session, editor, Form(typed=typed_from(offer), version=offer.version), offer=offer)


@post("/offers/{offer_id:uuid}", status_code=303)
async def change_offer(
    request: Req, session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]
) -> Response[Any]:
    """Save the changes; a draft may be published at the same time."""
    offer = await offer_for_update(session, offer_id, organisation_id=editor.organisation_id)
    form = await _read_form(request)
    if await asks_for_categories(request, form):
        return await _form(request, session, editor, form, offer=offer)
    publish = offer.state is OfferState.DRAFT and await pressed(request) == "publish"
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            form.refuse_when_changed(offer.version)
            await update_offer(session, editor, form.data, offer_id=offer_id, now=now)
            if publish:
                await publish_offer(session, editor, offer_id=offer_id, now=now)
    if form.errors:
        offer = await offer_for_update(session, offer_id, organisation_id=editor.organisation_id)
        return await _form(request, session, editor, form, offer=offer)
    return redirect(request, f"/offers/{offer_id}", say="Activité publiée." if publish else "Changements enregistrés.")


@post("/offers/{offer_id:uuid}/publish", status_code=303)
async def publish(request: Req, session: Session, editor: Editor, now: Now, offer_id: FromPath[UUID]) -> Response[Any]:
    """Open a draft; what is missing sends back to its form."""
    offer = await offer_for_update(session, offer_id, organisation_id=editor.organisation_id)
    form = Form[OfferDraft](typed=typed_from(offer), version=offer.version)
    async with kept_when_refused(request, session, form):
        await publish_offer(session, editor, offer_id=offer_id, now=now)
    if form.errors:
        offer = await offer_for_update(session, offer_id, organisation_id=editor.organisation_id)
        return await _form(request, session, editor, form, offer=offer)
    return redirect(request, f"/offers/{offer_id}", say="Activité publiée.")


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


async def _read_form(request: Req) -> Form[OfferDraft]:
    """The whole form, with the day each ticked permit ends."""
    form, sent = await read_form(request, OfferDraft), await request.form()
    return with_ends(request, form, {code: sent.get(f"until_{code}") or None for code in form.typed.get("permits", [])})


async def _form(
    request: Req, session: AsyncSession, editor: Identity, form: Form[OfferDraft], *, offer: Offer | None
) -> Html:
    around = await lists(request, session, editor, offer, form)
    return page(request, "offers/form.html", status=422 if form.errors else 200, form=form, offer=offer, **around)


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

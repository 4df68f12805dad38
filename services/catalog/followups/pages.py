"""The page on which a coordinator notes a contact with an organisation, beside those before it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.consents.models import Means
from services.catalog.followups.commands import note_contact
from services.catalog.followups.errors import OrganisationToCallUnknown
from services.catalog.followups.queries import follow_ups_of, phones_of, title_of, titles_of
from services.catalog.followups.schemas import Contacted
from services.catalog.followups.view import contact_lines
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_by_id
from shared.clock import day_of
from shared.database import now_of
from shared.phrases.coordination import CONTACT_MEANS, CONTACT_RESULTS
from shared.phrases.names import options
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Coordinator, Now, Session
from shared.web.visit import visit_of

PATH = "/territory/organisations/{organisation_id:uuid}/contacts"


@get(PATH)
async def contacts(
    request: Req,
    session: Session,
    coordinator: Coordinator,
    *,
    organisation_id: FromPath[UUID],
    about: FromQuery[UUID | None] = None,
) -> Html:
    """What was said so far, and the form of a new contact; `about` is a need or a flow of the organisation's."""
    organisation = await _called(session, organisation_id)
    if about is not None:
        await title_of(session, about, organisation_id=organisation_id)
    typed = {"means": Means.PHONE, "about": str(about) if about else ""}
    return await _contacts_page(request, session, organisation, Form(typed=typed))


@post(PATH, status_code=303)
async def note_it(
    request: Req, session: Session, coordinator: Coordinator, *, now: Now, organisation_id: FromPath[UUID]
) -> Response[Any]:
    """Keep the contact."""
    organisation = await _called(session, organisation_id)
    form = await read_form(request, Contacted)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await note_contact(session, coordinator, form.data, organisation_id=organisation_id, now=now)
    if form.errors:
        return await _contacts_page(request, session, organisation, form)
    return redirect(request, "/territory", say="Contact noté.")


async def _called(session: AsyncSession, organisation_id: UUID) -> Organisation:
    organisation = await organisation_by_id(session, organisation_id)
    if organisation is None:
        raise OrganisationToCallUnknown
    return organisation


async def _contacts_page(
    request: Req, session: AsyncSession, organisation: Organisation, form: Form[Contacted]
) -> Html:
    language, today = visit_of(request).language, day_of(now_of(session))
    lines = await follow_ups_of(session, organisation.id)
    titles = await titles_of(session, [each.about for each in lines if each.about])
    return page(
        request,
        "followups/page.html",
        status=422 if form.errors else 200,
        form=form,
        organisation=organisation,
        phone=(await phones_of(session, [organisation.id])).get(organisation.id, ""),
        lines=contact_lines(lines, titles, language, today=today),
        subject=await _subject(session, organisation, form),
        means_options=options(CONTACT_MEANS, language),
        result_options=options(CONTACT_RESULTS, language),
    )


async def _subject(session: AsyncSession, organisation: Organisation, form: Form[Contacted]) -> tuple[str, str] | None:
    try:
        about = UUID(str(form.typed.get("about") or ""))
    except ValueError:
        return None
    return (await titles_of(session, [about])).get(about)


ROUTES = [contacts, note_it]

"""The pages on which an organisation says who it is: portrait, statuses, sites, proofs."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.files.commands import add_file, remove_file
from services.catalog.files.models import Purpose
from services.catalog.files.queries import file_of, files_of
from services.catalog.files.sending import MOST_SENT, answer_with, keeper_of, not_kept, store_of, taken
from services.catalog.files.view import lines_of
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import place_input, place_words
from services.catalog.organisations.site import Site
from services.catalog.organisations.standing import permit_lines, status_lines
from services.catalog.organisations.status import Source
from services.catalog.organisations.view import facts_of, state_badge
from services.catalog.portrait import asks_pages
from services.catalog.portrait.asks_pages import asks_of
from services.catalog.portrait.commands import change_portrait, change_statuses, remove_site, save_site
from services.catalog.portrait.queries import own_organisation, site_of, sites_of
from services.catalog.portrait.schemas import Portrait, SiteFacts, Statuses
from shared.clock import day_of
from shared.identity import Identity
from shared.phrases.names import (
    ELIGIBILITIES,
    ORGANISATION_ROLES,
    PERMITS,
    STATUS_SOURCES,
    SUPPLIER_KINDS,
    named,
    options,
)
from shared.refusal import Refusal
from shared.web.forms import SENTENCES, Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.visit import visit_of

OPEN_ROLES = ("buyer", "ess", "publisher")


@get("/organisation")
async def own_page(request: Req, session: Session, member: Member, now: Now) -> Html:
    """Everything the organisation says of itself, with the way to change each part."""
    organisation = await own_organisation(session, member.organisation_id)
    language = visit_of(request).language
    weekly, resume_on = asks_of(organisation, day_of(now))
    return page(
        request,
        "portrait/own.html",
        organisation=organisation,
        asks={"weekly": weekly, "resume_on": resume_on},
        badge=state_badge(request, organisation),
        facts=facts_of(request, organisation),
        statuses=status_lines(organisation, language, day_of(now)),
        sites=[
            (site, place_words(site.place), permit_lines(site.permits, language, day_of(now)))
            for site in await sites_of(session, organisation.id)
        ],
        evidence=lines_of(await files_of(session, organisation.id, Purpose.EVIDENCE), language),
    )


@get("/organisation/edit")
async def portrait_form(request: Req, session: Session, editor: Editor) -> Html:
    """Who it is, to be changed."""
    organisation = await own_organisation(session, editor.organisation_id)
    return _portrait_page(request, organisation, Form(typed=_typed(organisation)))


@post("/organisation/edit", status_code=303)
async def save_portrait(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Save who it is."""
    form = await read_form(request, Portrait)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await change_portrait(session, editor, form.data, now=now)
    if form.errors:
        return _portrait_page(request, await own_organisation(session, editor.organisation_id), form)
    return redirect(request, "/organisation", say="Changements enregistrés.")


@get("/organisation/statuses")
async def statuses_form(request: Req, session: Session, editor: Editor, now: Now) -> Html:
    """What it is in law, to be changed."""
    organisation = await own_organisation(session, editor.organisation_id)
    facts = organisation.legal_entity.all_facts(day_of(now))
    typed: dict[str, Any] = {
        "kinds": list(organisation.legal_entity.kinds),
        "eligibilities": [fact.code for fact in facts if fact.code in ELIGIBILITIES],
        "until": {fact.code: fact.expires_on for fact in facts},
        "source": {fact.code: fact.source for fact in facts},
    }
    return _statuses_page(request, Form(typed=typed))


@post("/organisation/statuses", status_code=303)
async def save_statuses(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Save what it is in law."""
    form = await read_form(request, Statuses)
    codes = [*form.typed.get("kinds", []), *form.typed.get("eligibilities", [])]
    ends = await _ends(request, form, codes)
    sent = await request.form()
    sources = {
        code: Source(str(sent.get(f"source_{code}") or Source.DECLARED)) for code in codes if _is_source(sent, code)
    }
    form.typed["source"] = sources
    if form.data is not None:
        said = {code: (sources.get(code, Source.DECLARED), ends.get(code)) for code in codes}
        async with kept_when_refused(request, session, form):
            await change_statuses(session, editor, form.data, said, now=now)
    if form.errors:
        return _statuses_page(request, form)
    return redirect(request, "/organisation#statuses", say="Changements enregistrés.")


@get("/organisation/sites/new")
async def new_site(request: Req, editor: Editor) -> Html:
    """A site to be added."""
    return _site_page(request, Form(), site=None)


@post("/organisation/sites", status_code=303)
async def add_site(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Add a site."""
    return await _save_site(request, session, editor, now=now, site=None)


@get("/organisation/sites/{site_id:uuid}")
async def site_form(request: Req, session: Session, editor: Editor, site_id: FromPath[UUID]) -> Html:
    """A site, to be changed."""
    site = await site_of(session, editor.organisation_id, site_id)
    typed: dict[str, Any] = {
        "name": site.name,
        "place": place_input(site.place),
        "hours": site.hours,
        "access": site.access,
        "is_public": site.is_public,
        "permits": [permit.code for permit in site.permits],
        "until": {permit.code: permit.expires_on for permit in site.permits},
    }
    return _site_page(request, Form(typed=typed), site=site)


@post("/organisation/sites/{site_id:uuid}", status_code=303)
async def change_site(
    request: Req, session: Session, editor: Editor, now: Now, site_id: FromPath[UUID]
) -> Response[Any]:
    """Change a site."""
    site = await site_of(session, editor.organisation_id, site_id)
    return await _save_site(request, session, editor, now=now, site=site)


@post("/organisation/sites/{site_id:uuid}/remove", status_code=303)
async def drop_site(request: Req, session: Session, editor: Editor, now: Now, site_id: FromPath[UUID]) -> Response[Any]:
    """Take a site away."""
    await remove_site(session, editor, site_id=site_id, now=now)
    return redirect(request, "/organisation#sites", say="Site retiré.")


@post("/organisation/files", status_code=303, request_max_body_size=MOST_SENT)
async def send_evidence(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Send a proof that only the territory's coordinators see."""
    file = await taken(request, session, editor, about=editor.organisation_id)
    organisation = await own_organisation(session, editor.organisation_id)
    try:
        sent, about = file.whole(), organisation.id
        await add_file(session, keeper_of(request), editor, sent, about=about, now=now, purpose=Purpose.EVIDENCE)
    except Refusal as refusal:
        return await not_kept(request, refusal, "/organisation#evidence")
    return redirect(request, "/organisation#evidence", say="Justificatif envoyé aux coordinateurs.")


@get("/organisation/files/{file_id:uuid}")
async def read_evidence(request: Req, session: Session, member: Member, file_id: FromPath[UUID]) -> Response[Any]:
    """What one sent oneself."""
    return await answer_with(store_of(request), await file_of(session, member.organisation_id, file_id))


@post("/organisation/files/{file_id:uuid}/remove", status_code=303)
async def take_evidence_back(request: Req, session: Session, editor: Editor, file_id: FromPath[UUID]) -> Response[Any]:
    """Take a proof back."""
    organisation = await own_organisation(session, editor.organisation_id)
    await remove_file(session, store_of(request), editor, about=organisation.id, file_id=file_id)
    return redirect(request, "/organisation#evidence", say="Fichier retiré.")


async def _save_site(
    request: Req, session: AsyncSession, editor: Identity, *, now: Any, site: Site | None
) -> Response[Any]:
    form = await read_form(request, SiteFacts)
    ends = await _ends(request, form, form.typed.get("permits", []))
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await save_site(session, editor, form.data, ends, now=now, site_id=site.id if site else None)
    if form.errors:
        return _site_page(request, form, site=site)
    return redirect(request, "/organisation#sites", say="Site enregistré.")


async def _ends(request: Req, form: Form[Any], codes: Iterable[str]) -> dict[str, date | None]:
    """The day each ends, which the page asks beside it; a day that is none is refused."""
    sent = await request.form()
    ends: dict[str, date | None] = {}
    form.typed["until"] = {code: sent.get(f"until_{code}") or None for code in codes}
    for code, text in form.typed["until"].items():
        try:
            ends[code] = date.fromisoformat(str(text)) if text else None
        except ValueError:
            form.data, form.errors[f"until_{code}"] = None, gettext(request, SENTENCES["date_parsing"])
    return ends


def _is_source(sent: Mapping[str, Any], code: str) -> bool:
    return str(sent.get(f"source_{code}") or Source.DECLARED) in set(Source)


def _typed(organisation: Organisation) -> dict[str, Any]:
    return {
        "organisation_name": organisation.name,
        "description": organisation.description,
        "contact": organisation.contact,
        "website": organisation.website or "",
        "place": place_input(organisation.place),
        "roles": [role for role in organisation.roles if role in OPEN_ROLES],
    }


def _portrait_page(request: Req, organisation: Organisation, form: Form[Portrait]) -> Html:
    language = visit_of(request).language
    return page(
        request,
        "portrait/edit.html",
        status=422 if form.errors else 200,
        form=form,
        organisation=organisation,
        role_options=[(role, named(ORGANISATION_ROLES, role, language)) for role in OPEN_ROLES],
    )


def _statuses_page(request: Req, form: Form[Statuses]) -> Html:
    language = visit_of(request).language
    return page(
        request,
        "portrait/statuses.html",
        status=422 if form.errors else 200,
        form=form,
        kind_options=options(SUPPLIER_KINDS, language),
        eligibility_options=options(ELIGIBILITIES, language),
        source_options=options(STATUS_SOURCES, language),
    )


def _site_page(request: Req, form: Form[SiteFacts], *, site: Site | None) -> Html:
    return page(
        request,
        "portrait/site.html",
        status=422 if form.errors else 200,
        form=form,
        site=site,
        permit_options=options(PERMITS, visit_of(request).language),
    )


ROUTES: list[ControllerRouterHandler] = [
    own_page,
    portrait_form,
    save_portrait,
    statuses_form,
    save_statuses,
    new_site,
    add_site,
    site_form,
    change_site,
    drop_site,
    send_evidence,
    read_evidence,
    take_evidence_back,
    *asks_pages.ROUTES,
]

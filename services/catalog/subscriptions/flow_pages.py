"""Subscriptions on a flow: how one becomes a subscriber, the form that asks, and its holder's terms."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.models import Flow
from services.catalog.flows.queries import flow_for_update, flow_seen_by
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.subscriptions.commands import ask_subscription, set_terms
from services.catalog.subscriptions.queries import known_takers, subscriptions_on, terms_of
from services.catalog.subscriptions.rules import is_public_flow
from services.catalog.subscriptions.schemas import SubscriptionForm, TermsAsked
from services.catalog.subscriptions.view import (
    ORDER,
    begun_with,
    call_words,
    choices,
    line_of,
    named_errors,
    smallest_of,
    typed_terms,
)
from services.catalog.takings.view import papers_asked
from shared.database import new_id, now_of
from shared.identity import Identity, Role
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, is_fragment, page, redirect
from shared.web.provided import Editor, Now, Session, Visitor


@get("/flows/{flow_id:uuid}/subscriptions")
async def on_flow(request: Req, session: Session, visitor: Visitor, flow_id: FromPath[UUID]) -> Html:
    """How one subscribes, one's own subscriptions, all of them for the holder; the flow's page loads it as a part."""
    return await _flow_page(request, session, visitor, Form(), flow_id=flow_id)


@post("/flows/{flow_id:uuid}/subscriptions", status_code=303)
async def change_terms(
    request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]
) -> Response[Any]:
    """Say on what terms, as the flow's holder."""
    form = await read_form(request, TermsAsked)
    await flow_for_update(session, flow_id, organisation_id=editor.organisation_id)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await set_terms(session, editor, form.data, flow_id=flow_id, seen=form.version, now=now)
    if form.errors:
        return await _flow_page(request, session, editor, form, flow_id=flow_id)
    return redirect(request, f"/flows/{flow_id}/subscriptions", say="Conditions enregistrées.")


@get("/flows/{flow_id:uuid}/subscribe")
async def subscribe_form(request: Req, session: Session, editor: Editor, flow_id: FromPath[UUID]) -> Html:
    """Everything that subscribing asks."""
    return await _form_page(request, session, editor, Form(), flow_id=flow_id)


@post("/flows/{flow_id:uuid}/subscribe", status_code=303)
async def subscribe(request: Req, session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID]) -> Response[Any]:
    """Ask; what is refused comes back with what was typed."""
    form = await read_form(request, SubscriptionForm)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            made = await ask_subscription(session, editor, form.data, flow_id=flow_id, once=form.data.once, now=now)
    if form.errors:
        return await _form_page(request, session, editor, form, flow_id=flow_id)
    return redirect(request, f"/subscriptions/{made.id}", say="Demande enregistrée : le détenteur le sait.")


async def _flow_page(
    request: Req, session: AsyncSession, visitor: Identity | None, form: Form[Any], *, flow_id: UUID
) -> Html:
    now = now_of(session)
    mine = visitor.organisation_id if visitor else None
    flow = await flow_seen_by(session, flow_id, mine)
    terms = await terms_of(session, flow_id)
    is_holder = visitor is not None and visitor.organisation_id == flow.organisation_id
    found = await subscriptions_on(session, flow_id, visitor.organisation_id) if visitor else []
    may_set = visitor is not None and is_holder and visitor.may(Role.EDITOR)
    takers = await known_takers(session, flow_id) if may_set else []
    if not form.typed:
        form.typed = typed_terms(terms)
    is_public = is_public_flow(flow)
    is_part = is_fragment(request) and not form.errors
    return page(
        request,
        "subscriptions/section.html" if is_part else "subscriptions/flow.html",
        status=422 if form.errors else 200,
        is_part=is_part,
        form=form,
        errors=named_errors(request, form.errors_in(ORDER)),
        flow=flow,
        terms=terms,
        is_holder=is_holder,
        is_public=is_public,
        standing=call_words(request, terms, now, is_public=is_public),
        lines=[line_of(request, each, mine, now) for each in found] if mine else [],
        may_ask=_may_ask(flow, visitor),
        may_set=may_set,
        takers=[("", gettext(request, "Aucun")), *((str(each.id), each.name) for each in takers)],
    )


def _may_ask(flow: Flow, visitor: Identity | None) -> bool:
    is_other = visitor is not None and visitor.organisation_id != flow.organisation_id and visitor.may(Role.EDITOR)
    return is_other and flow.is_open and flow.recurrence is not None


async def _form_page(request: Req, session: AsyncSession, editor: Identity, form: Form[Any], *, flow_id: UUID) -> Html:
    now = now_of(session)
    flow = await flow_seen_by(session, flow_id, editor.organisation_id)
    terms = await terms_of(session, flow_id)
    taker = await organisation_by_id(session, editor.organisation_id)
    if not form.typed:
        form.typed = begun_with(flow, now)
    if not form.typed.get("once") or "once" in form.errors:
        form.typed["once"] = str(new_id())
    return page(
        request,
        "subscriptions/ask.html",
        status=422 if form.errors else 200,
        form=form,
        errors=named_errors(request, form.errors_in(ORDER)),
        flow=flow,
        terms=terms,
        standing=call_words(request, terms, now, is_public=is_public_flow(flow)),
        minimum=smallest_of(request, flow),
        papers=papers_asked(request, flow, taker, now) if taker else [],
        **choices(request, flow),
    )


ROUTES = [on_flow, change_terms, subscribe_form, subscribe]

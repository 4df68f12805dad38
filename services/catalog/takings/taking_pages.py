"""Takings one has: a taker's, a holder's, and the page of one with what may be done with it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.queries import flow_seen_by
from services.catalog.impact.on_pages import counts_for
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.takings.commands import (
    cancel_taking,
    extend_hold,
    mark_missed,
    release_hold,
    take_held,
)
from services.catalog.takings.models import State, Taking
from services.catalog.takings.queries import taking_seen_by, takings_from, takings_of
from services.catalog.takings.schemas import CancelAsked, PickUpAsked, Pressed
from services.catalog.takings.view import (
    begun_with,
    choices,
    facts_of,
    line_of,
    named_errors,
    papers_asked,
    standing_of,
)
from shared.database import now_of
from shared.events.takings import Side
from shared.identity import Identity, Role
from shared.phrases.dealings import CANCEL_REASONS
from shared.phrases.names import options
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.visit import visit_of

PAGE = 100
# What still asks for something, and what has ended.
OPEN = (State.HELD, State.MADE, State.DISPUTED)


@get("/takings")
async def own_takings(request: Req, session: Session, member: Member, before: FromQuery[UUID | None] = None) -> Html:
    """What one's organisation takes: to come, then what has ended."""
    found = await takings_of(session, member.organisation_id, before=before, limit=PAGE + 1)
    return _list(request, session, member, found, side=Side.TAKER)


@get("/takings/received")
async def received_takings(
    request: Req, session: Session, member: Member, before: FromQuery[UUID | None] = None
) -> Html:
    """What others take of one's organisation's lots."""
    found = await takings_from(session, member.organisation_id, before=before, limit=PAGE + 1)
    return _list(request, session, member, found, side=Side.HOLDER)


@get("/takings/{taking_id:uuid}")
async def show_taking(request: Req, session: Session, member: Member, taking_id: FromPath[UUID]) -> Html:
    """One of them, with what may be done."""
    return await _taking_page(request, session, member, Form(), taking_id=taking_id)


@post("/takings/{taking_id:uuid}/take", status_code=303)
async def take(request: Req, session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID]) -> Response[Any]:
    """Take what one keeps."""
    form = await read_form(request, PickUpAsked)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await take_held(session, editor, form.data, taking_id=taking_id, seen=form.version, now=now)
    if form.errors:
        return await _taking_page(request, session, editor, form, taking_id=taking_id)
    return redirect(request, f"/takings/{taking_id}", say="C'est pris : le détenteur le sait.")


@post("/takings/{taking_id:uuid}/release", status_code=303)
async def release(request: Req, session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID]) -> Response[Any]:
    """Let it go."""
    form = await read_form(request, Pressed)
    await release_hold(session, editor, taking_id=taking_id, seen=form.version, now=now)
    return redirect(request, f"/takings/{taking_id}", say="Option relâchée : cette part est de nouveau à prendre.")


@post("/takings/{taking_id:uuid}/extend", status_code=303)
async def extend(request: Req, session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID]) -> Response[Any]:
    """Keep it longer for its taker."""
    form = await read_form(request, Pressed)
    await extend_hold(session, editor, taking_id=taking_id, seen=form.version, now=now)
    return redirect(request, f"/takings/{taking_id}", say="Option prolongée.")


@post("/takings/{taking_id:uuid}/cancel", status_code=303)
async def cancel(request: Req, session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID]) -> Response[Any]:
    """Call it off, and why."""
    form = await read_form(request, CancelAsked)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            reason = form.data.reason
            await cancel_taking(session, editor, reason, taking_id=taking_id, seen=form.version, now=now)
    if form.errors:
        return await _taking_page(request, session, editor, form, taking_id=taking_id)
    return redirect(request, f"/takings/{taking_id}", say="Enlèvement annulé : l'autre structure est prévenue.")


@post("/takings/{taking_id:uuid}/miss", status_code=303)
async def miss(request: Req, session: Session, editor: Editor, now: Now, taking_id: FromPath[UUID]) -> Response[Any]:
    """Say that nothing was picked up."""
    form = await read_form(request, Pressed)
    await mark_missed(session, editor, taking_id=taking_id, seen=form.version, now=now)
    return redirect(request, f"/takings/{taking_id}", say="Noté comme manqué : l'autre structure est prévenue.")


def _list(request: Req, session: AsyncSession, member: Identity, found: Sequence[Taking], *, side: Side) -> Html:
    takings, last = cut(found, PAGE)
    address = "/takings" if side is Side.TAKER else "/takings/received"
    lines = [line_of(request, each, member.organisation_id, now_of(session)) for each in takings]
    coming = [line for line in lines if line.taking.state in OPEN]
    return page(
        request,
        "takings/list.html",
        is_taker=side is Side.TAKER,
        coming=sorted(coming, key=lambda line: line.exact),
        ended=[line for line in lines if line.taking.state not in OPEN],
        following=f"{address}?before={last.id}" if last else None,
    )


async def _taking_page(
    request: Req, session: AsyncSession, member: Identity, form: Form[Any], *, taking_id: UUID
) -> Html:
    now = now_of(session)
    taking = await taking_seen_by(session, taking_id, member.organisation_id)
    taker = await organisation_by_id(session, taking.taker_id)
    flow = await flow_seen_by(session, taking.flow_id, member.organisation_id)
    side = taking.side_of(member.organisation_id)
    is_taker = side is Side.TAKER
    may_act = member.may(Role.EDITOR)
    takes = may_act and is_taker and taking.is_held(now)
    if takes and not form.typed:
        form.typed = begun_with(flow, taking.lot, now)
    return page(
        request,
        "takings/page.html",
        status=422 if form.errors else 200,
        form=form,
        errors=named_errors(request, form.errors),
        taking=taking,
        flow=flow,
        line=line_of(request, taking, member.organisation_id, now),
        facts=facts_of(request, taking, now),
        standing=None if is_taker else standing_of(request, taking),
        is_taker=is_taker,
        takes=takes,
        may_release=may_act and is_taker and taking.state is State.HELD,
        may_extend=may_act and not is_taker and taking.is_held(now),
        may_cancel=may_act and taking.may_be_cancelled(now),
        is_late_to_cancel=may_act and taking.is_late_to_cancel(now),
        may_miss=may_act and taking.may_be_missed(side, now),
        may_say=may_act and taking.may_be_done(now),
        is_disputed=taking.state is State.DISPUTED,
        has_said=taking.figure_of(side) is not None,
        other_said=taking.figure_of(side.other) is not None,
        counts_for=await counts_for(request, session, taking.id, member.organisation_id),
        reasons=options(CANCEL_REASONS, visit_of(request).language),
        papers=papers_asked(request, flow, taker, now) if taker and takes else [],
        **choices(request, flow, taking.lot, now),
    )


ROUTES = [own_takings, received_takings, show_taking, take, release, extend, cancel, miss]

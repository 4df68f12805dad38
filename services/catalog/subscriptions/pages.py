"""Subscriptions one has: a taker's, a holder's, and the page of one with what may be done with it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.organisations.view import state_badge
from services.catalog.subscriptions.commands import (
    accept_subscription,
    end_subscription,
    pause_subscription,
    refuse_subscription,
    resume_subscription,
)
from services.catalog.subscriptions.models import NOTICE, State, Subscription
from services.catalog.subscriptions.queries import subscription_seen_by, subscriptions_of, subscriptions_to, terms_of
from services.catalog.subscriptions.rules import is_public_flow
from services.catalog.subscriptions.schemas import RefuseAsked
from services.catalog.subscriptions.view import call_words, facts_of, line_of, named_errors
from services.catalog.takings.schemas import Pressed
from shared.database import now_of
from shared.events.takings import Side
from shared.identity import Identity, Role
from shared.phrases.dealings import SUBSCRIPTION_REFUSALS
from shared.phrases.names import options
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.visit import visit_of

PAGE = 100
Command = Callable[..., Awaitable[Subscription]]


@get("/subscriptions")
async def own_subscriptions(
    request: Req, session: Session, member: Member, before: FromQuery[UUID | None] = None
) -> Html:
    """What one's organisation is subscribed to, or asked for."""
    found = await subscriptions_of(session, member.organisation_id, before=before, limit=PAGE + 1)
    return _list(request, session, member, found, side=Side.TAKER)


@get("/subscriptions/received")
async def received_subscriptions(
    request: Req, session: Session, member: Member, before: FromQuery[UUID | None] = None
) -> Html:
    """Who is subscribed to one's organisation's flows, or asked for it."""
    found = await subscriptions_to(session, member.organisation_id, before=before, limit=PAGE + 1)
    return _list(request, session, member, found, side=Side.HOLDER)


@get("/subscriptions/{subscription_id:uuid}")
async def show_subscription(request: Req, session: Session, member: Member, subscription_id: FromPath[UUID]) -> Html:
    """One of them, with what may be done."""
    return await _one_page(request, session, member, Form(), subscription_id=subscription_id)


@post("/subscriptions/{subscription_id:uuid}/accept", status_code=303)
async def accept(
    request: Req, session: Session, editor: Editor, now: Now, subscription_id: FromPath[UUID]
) -> Response[Any]:
    """Say yes."""
    await _press(request, session, editor, accept_subscription, subscription_id=subscription_id, now=now)
    return redirect(
        request,
        f"/subscriptions/{subscription_id}",
        say="Accepté : les prochains lots lui reviennent à leur ouverture.",
    )


@post("/subscriptions/{subscription_id:uuid}/refuse", status_code=303)
async def refuse(
    request: Req, session: Session, editor: Editor, now: Now, subscription_id: FromPath[UUID]
) -> Response[Any]:
    """Say no, and why."""
    form = await read_form(request, RefuseAsked)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await refuse_subscription(
                session, editor, form.data.reason, subscription_id=subscription_id, seen=form.version, now=now
            )
    if form.errors:
        return await _one_page(request, session, editor, form, subscription_id=subscription_id)
    return redirect(request, f"/subscriptions/{subscription_id}", say="Refusé : l'autre structure lit la raison.")


@post("/subscriptions/{subscription_id:uuid}/pause", status_code=303)
async def pause(
    request: Req, session: Session, editor: Editor, now: Now, subscription_id: FromPath[UUID]
) -> Response[Any]:
    """Serve no lot for now."""
    await _press(request, session, editor, pause_subscription, subscription_id=subscription_id, now=now)
    return redirect(
        request, f"/subscriptions/{subscription_id}", say="En pause : ce qui est déjà pris reste à enlever."
    )


@post("/subscriptions/{subscription_id:uuid}/resume", status_code=303)
async def resume(
    request: Req, session: Session, editor: Editor, now: Now, subscription_id: FromPath[UUID]
) -> Response[Any]:
    """Serve lots again."""
    await _press(request, session, editor, resume_subscription, subscription_id=subscription_id, now=now)
    return redirect(request, f"/subscriptions/{subscription_id}", say="Abonnement repris.")


@post("/subscriptions/{subscription_id:uuid}/end", status_code=303)
async def end(
    request: Req, session: Session, editor: Editor, now: Now, subscription_id: FromPath[UUID]
) -> Response[Any]:
    """End it, with notice once it runs."""
    await _press(request, session, editor, end_subscription, subscription_id=subscription_id, now=now)
    return redirect(request, f"/subscriptions/{subscription_id}", say="Abonnement terminé : l'autre structure le sait.")


async def _press(
    request: Req, session: AsyncSession, editor: Identity, command: Command, *, subscription_id: UUID, now: Any
) -> None:
    form = await read_form(request, Pressed)
    await command(session, editor, subscription_id=subscription_id, seen=form.version, now=now)


def _list(request: Req, session: AsyncSession, member: Identity, found: Sequence[Subscription], *, side: Side) -> Html:
    rows, last = cut(found, PAGE)
    now = now_of(session)
    address = "/subscriptions" if side is Side.TAKER else "/subscriptions/received"
    return page(
        request,
        "subscriptions/list.html",
        is_taker=side is Side.TAKER,
        running=[line_of(request, each, member.organisation_id, now) for each in rows if not each.is_over(now)],
        ended=[line_of(request, each, member.organisation_id, now) for each in rows if each.is_over(now)],
        following=f"{address}?before={last.id}" if last else None,
    )


async def _one_page(
    request: Req, session: AsyncSession, member: Identity, form: Form[Any], *, subscription_id: UUID
) -> Html:
    now = now_of(session)
    subscription = await subscription_seen_by(session, subscription_id, member.organisation_id)
    terms = await terms_of(session, subscription.flow_id)
    side, may_act = subscription.side_of(member.organisation_id), member.may(Role.EDITOR)
    waits = subscription.state is State.ASKED and not subscription.may_be_decided(terms, now)
    return page(
        request,
        "subscriptions/page.html",
        status=422 if form.errors else 200,
        form=form,
        errors=named_errors(request, form.errors),
        subscription=subscription,
        line=line_of(request, subscription, member.organisation_id, now),
        facts=facts_of(request, subscription),
        standing=None if side is Side.TAKER else state_badge(request, subscription.taker),
        is_taker=side is Side.TAKER,
        call=call_words(request, terms, now, is_public=is_public_flow(subscription.flow))[0] if waits else "",
        may_decide=may_act and side is Side.HOLDER and subscription.may_be_decided(terms, now),
        may_pause=may_act and subscription.state is State.ACCEPTED and not subscription.is_over(now),
        may_resume=may_act and subscription.may_be_resumed(side) and not subscription.is_over(now),
        may_end=may_act and subscription.may_be_ended(now),
        is_asked=subscription.state is State.ASKED,
        notice=NOTICE.days,
        reasons=options(SUBSCRIPTION_REFUSALS, visit_of(request).language),
    )


ROUTES = [own_subscriptions, received_subscriptions, show_subscription, accept, refuse, pause, resume, end]

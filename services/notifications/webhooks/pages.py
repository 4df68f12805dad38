"""Webhooks for people: where the organisation's programs are told, what was sent, and sending again."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks.catalogue import choices
from services.notifications.webhooks.commands import (
    Made,
    add_webhook,
    change_webhook,
    owners_only,
    pause_webhook,
    remove_webhook,
    resume_webhook,
    rotate_secret,
    send_again,
    send_failed_again,
    send_test,
)
from services.notifications.webhooks.models import State, Webhook
from services.notifications.webhooks.queries import (
    PAGE,
    deliveries_of,
    delivery_by_id,
    secrets_of,
    webhook_by_id,
    webhooks_of,
)
from services.notifications.webhooks.schemas import FailedSince, WebhookWanted
from services.notifications.webhooks.view import BECAUSE_NAMES, line_of, state_badge
from shared.clock import PARIS
from shared.database import now_of
from shared.identity import Identity, Role
from shared.phrases.names import named
from shared.refusal import Refusal
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, is_fragment, page, redirect
from shared.web.provided import Editor, Now, Session
from shared.web.visit import visit_of

HOME = "/notifications/webhooks"
ONE = f"{HOME}/{{webhook_id:uuid}}"


@get(HOME)
async def show_webhooks(request: Req, session: Session, editor: Editor) -> Html:
    """The webhooks there are, and for owners the form that adds one."""
    return await _list_page(request, session, editor, Form())


@post(HOME, status_code=200)
async def add(request: Req, session: Session, editor: Editor, now: Now) -> Html:
    """Add a webhook, and show its secret this once."""
    owners_only(editor)
    form, made = await read_form(request, WebhookWanted), None
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            made = await add_webhook(session, editor, form.data, to_loopback=_to_loopback(request), now=now)
    if made is None:
        return await _list_page(request, session, editor, form)
    return _secret_page(request, made, is_new=True)


@get(ONE)
async def show_webhook(
    request: Req, session: Session, editor: Editor, webhook_id: FromPath[UUID], before: FromQuery[UUID | None] = None
) -> Html:
    """One webhook with what was sent; the log alone for htmx."""
    webhook = await webhook_by_id(session, webhook_id, organisation_id=editor.organisation_id)
    form: Form[WebhookWanted] = Form(typed={"url": webhook.url, "events": list(webhook.events)})
    return await _one_page(request, session, editor, webhook, form, before=before)


@post(ONE, status_code=303)
async def change(request: Req, session: Session, editor: Editor, webhook_id: FromPath[UUID]) -> Response[Any]:
    """Lead it elsewhere, or choose other events."""
    owners_only(editor)
    webhook = await webhook_by_id(session, webhook_id, organisation_id=editor.organisation_id)
    form = await read_form(request, WebhookWanted)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await change_webhook(session, editor, webhook_id, form.data, to_loopback=_to_loopback(request))
    if form.errors:
        await session.refresh(webhook)
        return await _one_page(request, session, editor, webhook, form)
    return _back(request, webhook_id, say="Webhook modifié.")


@post(f"{ONE}/pause", status_code=303)
async def pause(request: Req, session: Session, editor: Editor, webhook_id: FromPath[UUID]) -> Response[Any]:
    """Let what comes wait."""
    try:
        await pause_webhook(session, editor, webhook_id)
    except Refusal as refusal:
        return _said(request, refusal, webhook_id)
    return _back(request, webhook_id, say="Webhook en pause : ce qui arrive attend, trente jours au plus.")


@post(f"{ONE}/resume", status_code=303)
async def resume(request: Req, session: Session, editor: Editor, webhook_id: FromPath[UUID]) -> Response[Any]:
    """Set it going again."""
    try:
        await resume_webhook(session, editor, webhook_id)
    except Refusal as refusal:
        return _said(request, refusal, webhook_id)
    return _back(request, webhook_id, say="Webhook relancé.")


@post(f"{ONE}/remove", status_code=303)
async def remove(request: Req, session: Session, editor: Editor, webhook_id: FromPath[UUID]) -> Response[Any]:
    """Forget it."""
    await remove_webhook(session, editor, webhook_id)
    return redirect(request, HOME, say="Webhook retiré, avec ses envois.")


@post(f"{ONE}/secret", status_code=200)
async def rotate(request: Req, session: Session, editor: Editor, now: Now, webhook_id: FromPath[UUID]) -> Response[Any]:
    """Make another secret, and show it this once."""
    try:
        made = await rotate_secret(session, editor, webhook_id, now=now)
    except Refusal as refusal:
        return _said(request, refusal, webhook_id)
    return _secret_page(request, made, is_new=False)


@post(f"{ONE}/test", status_code=303)
async def try_it(request: Req, session: Session, editor: Editor, now: Now, webhook_id: FromPath[UUID]) -> Response[Any]:
    """Send a message that only shows that it arrives."""
    try:
        await send_test(session, editor, webhook_id, now=now)
    except Refusal as refusal:
        return _said(request, refusal, webhook_id)
    return _back(request, webhook_id, say="Essai envoyé : sa réponse s'affiche dans un instant.", place="#log")


@get(f"{ONE}/deliveries/{{delivery_id:uuid}}")
async def show_delivery(
    request: Req, session: Session, editor: Editor, webhook_id: FromPath[UUID], delivery_id: FromPath[UUID]
) -> Html:
    """One message: what was sent, and what was answered."""
    webhook = await webhook_by_id(session, webhook_id, organisation_id=editor.organisation_id)
    delivery = await delivery_by_id(session, webhook.id, delivery_id)
    return page(
        request,
        "webhooks/delivery.html",
        webhook=webhook,
        line=line_of(delivery, visit_of(request).language),
        body=msgspec.json.format(delivery.payload, indent=2),
        is_owner=editor.may(Role.OWNER),
    )


@post(f"{ONE}/deliveries/{{delivery_id:uuid}}/replay", status_code=303)
async def replay(
    request: Req, session: Session, editor: Editor, now: Now, *, webhook_id: FromPath[UUID], delivery_id: FromPath[UUID]
) -> Response[Any]:
    """Send one message again."""
    try:
        await send_again(session, editor, webhook_id, delivery_id, now=now)
    except Refusal as refusal:
        return _said(request, refusal, webhook_id)
    return _back(request, webhook_id, say="Cet envoi repart, sous le même identifiant.", place="#log")


@post(f"{ONE}/replay", status_code=303)
async def replay_failed(
    request: Req, session: Session, editor: Editor, now: Now, webhook_id: FromPath[UUID]
) -> Response[Any]:
    """Send again what failed since a day."""
    owners_only(editor)
    form = await read_form(request, FailedSince)
    if form.data is None:
        webhook = await webhook_by_id(session, webhook_id, organisation_id=editor.organisation_id)
        form_of_all: Form[WebhookWanted] = Form(typed={"url": webhook.url, "events": list(webhook.events)})
        return await _one_page(request, session, editor, webhook, form_of_all, since=form)
    try:
        count = await send_failed_again(session, editor, webhook_id, _midnight(form.data.since), now=now)
    except Refusal as refusal:
        return _said(request, refusal, webhook_id)
    if not count:
        return _back(request, webhook_id, say="Rien n'a échoué depuis ce jour.")
    return _back(request, webhook_id, say="Ce qui avait échoué repart.", place="#log")


async def _list_page(request: Req, session: AsyncSession, editor: Identity, form: Form[WebhookWanted]) -> Html:
    language = visit_of(request).language
    webhooks = await webhooks_of(session, editor.organisation_id)
    return page(
        request,
        "webhooks/list.html",
        status=422 if form.errors else 200,
        form=form,
        lines=[(each, state_badge(each, language)) for each in webhooks],
        groups=choices(language),
        is_owner=editor.may(Role.OWNER),
    )


async def _one_page(
    request: Req,
    session: AsyncSession,
    editor: Identity,
    webhook: Webhook,
    form: Form[WebhookWanted],
    *,
    before: UUID | None = None,
    since: Form[FailedSince] | None = None,
) -> Html:
    language, now = visit_of(request).language, now_of(session)
    rows, last = cut(await deliveries_of(session, webhook.id, before=before, limit=PAGE + 1), PAGE)
    lines = [line_of(each, language) for each in rows]
    refused = bool(form.errors or (since and since.errors))
    return page(
        request,
        "webhooks/log.html" if is_fragment(request) else "webhooks/one.html",
        status=422 if refused else 200,
        webhook=webhook,
        badge=state_badge(webhook, language),
        because=named(BECAUSE_NAMES, webhook.because, language),
        form=form,
        since_form=since or Form(typed={"since": now.astimezone(PARIS).date().isoformat()}),
        groups=choices(language),
        is_owner=editor.may(Role.OWNER),
        secrets=await secrets_of(session, webhook.id, now=now),
        lines=lines,
        is_first=before is None,
        following=last.id if last else None,
        # An answer is on its way, or due within the minute: the log asks again by itself.
        is_moving=webhook.state == State.ACTIVE
        and any(_is_soon(line.delivery.next_at, now) for line in lines if line.is_waiting),
    )


def _secret_page(request: Req, made: Made, *, is_new: bool) -> Html:
    return page(request, "webhooks/secret.html", webhook=made.webhook, secret=made.secret, is_new=is_new)


def _back(request: Req, webhook_id: UUID, *, say: str, place: str = "") -> Response[Any]:
    return redirect(request, f"{HOME}/{webhook_id}{place}", say=say)


def _said(request: Req, refusal: Refusal, webhook_id: UUID) -> Response[Any]:
    """Back to the page with why not; what is not there or not theirs is answered as such."""
    if refusal.status in (403, 404):
        raise refusal
    words = gettext(request, refusal.sentence).format(**refusal.values)
    return redirect(request, f"{HOME}/{webhook_id}", say=words, kind="error")


def _to_loopback(request: Req) -> bool:
    return bool(request.app.state.settings.webhooks_to_loopback)


def _is_soon(at: datetime, now: datetime) -> bool:
    return (at - now).total_seconds() < 60


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PARIS)


ROUTES = [
    show_webhooks,
    add,
    show_webhook,
    show_delivery,
    change,
    pause,
    resume,
    remove,
    rotate,
    try_it,
    replay,
    replay_failed,
]

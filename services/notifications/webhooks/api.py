"""Webhooks as JSON."""

from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.webhooks.commands import (
    add_webhook,
    change_webhook,
    pause_webhook,
    remove_webhook,
    resume_webhook,
    rotate_secret,
    send_again,
    send_failed_again,
    send_test,
)
from services.notifications.webhooks.models import Webhook
from services.notifications.webhooks.queries import (
    deliveries_of,
    delivery_by_id,
    secrets_of,
    webhook_by_id,
    webhooks_of,
)
from services.notifications.webhooks.schemas import (
    DeliveriesOut,
    DeliveryOut,
    SentAgain,
    Since,
    WebhookOut,
    WebhooksOut,
    WebhookWanted,
)
from shared.database import now_of
from shared.web.cursors import Cursor, Limit, cursor_at, cut, listed, place_of
from shared.web.pages import Req
from shared.web.provided import Editor, Now, Session
from shared.web.transactions import SEEN


@get("/")
async def list_webhooks(session: Session, editor: Editor, cursor: Cursor = None, limit: Limit = 50) -> WebhooksOut:
    """The organisation's webhooks, the oldest first; editors and owners."""
    after = place_of(cursor, UUID)
    rows, last = cut(await webhooks_of(session, editor.organisation_id, after=after, limit=limit + 1), limit)
    return WebhooksOut([await _out(session, each) for each in rows], cursor_at(last.id) if last else None)


@post("/")
async def create_webhook(
    request: Req, session: Session, editor: Editor, now: Now, data: JSONBody[WebhookWanted]
) -> WebhookOut:
    """Have an address told; owners only. The answer alone holds the secret; an address is taken once."""
    to_loopback = request.app.state.settings.webhooks_to_loopback
    made = await add_webhook(session, editor, data, to_loopback=to_loopback, now=now)
    return await _out(session, made.webhook, made.secret)


@get("/{webhook_id:uuid}")
async def read_webhook(session: Session, editor: Editor, webhook_id: FromPath[UUID]) -> WebhookOut:
    """One webhook; editors and owners."""
    return await _out(session, await webhook_by_id(session, webhook_id, organisation_id=editor.organisation_id))


@patch("/{webhook_id:uuid}", dependencies=SEEN)
async def change(
    request: Req, session: Session, editor: Editor, webhook_id: FromPath[UUID], data: JSONBody[WebhookWanted]
) -> WebhookOut:
    """Lead it elsewhere, or choose other events; owners only."""
    to_loopback = request.app.state.settings.webhooks_to_loopback
    return await _out(session, await change_webhook(session, editor, webhook_id, data, to_loopback=to_loopback))


@post("/{webhook_id:uuid}/pause", status_code=200, dependencies=SEEN)
async def pause(session: Session, editor: Editor, webhook_id: FromPath[UUID]) -> WebhookOut:
    """Let what comes wait, for thirty days at most; owners only."""
    return await _out(session, await pause_webhook(session, editor, webhook_id))


@post("/{webhook_id:uuid}/resume", status_code=200, dependencies=SEEN)
async def resume(session: Session, editor: Editor, webhook_id: FromPath[UUID]) -> WebhookOut:
    """Set it going again, with what has waited; owners only."""
    return await _out(session, await resume_webhook(session, editor, webhook_id))


@post("/{webhook_id:uuid}/remove", status_code=200, dependencies=SEEN)
async def remove(session: Session, editor: Editor, webhook_id: FromPath[UUID]) -> WebhookOut:
    """Forget it with all it was sent; owners only. The answer is the webhook as it was."""
    found = await webhook_by_id(session, webhook_id, organisation_id=editor.organisation_id)
    secrets = await secrets_of(session, found.id, now=now_of(session))
    return WebhookOut.of(await remove_webhook(session, editor, webhook_id), secrets)


@post("/{webhook_id:uuid}/secret", status_code=200, dependencies=SEEN)
async def rotate(session: Session, editor: Editor, now: Now, webhook_id: FromPath[UUID]) -> WebhookOut:
    """A new secret, in this answer alone; messages are signed with both for three days. Owners only."""
    made = await rotate_secret(session, editor, webhook_id, now=now)
    return await _out(session, made.webhook, made.secret)


@post("/{webhook_id:uuid}/test")
async def test(session: Session, editor: Editor, now: Now, webhook_id: FromPath[UUID]) -> DeliveryOut:
    """Have a message leave that only shows that it arrives; owners only."""
    return DeliveryOut.of(await send_test(session, editor, webhook_id, now=now))


@get("/{webhook_id:uuid}/deliveries")
async def list_deliveries(
    session: Session, editor: Editor, webhook_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> DeliveriesOut:
    """What was sent in the last thirty days, the newest first; editors and owners."""
    webhook = await webhook_by_id(session, webhook_id, organisation_id=editor.organisation_id)
    rows = await deliveries_of(session, webhook.id, before=place_of(cursor, UUID), limit=limit + 1)
    return DeliveriesOut(*listed(rows, limit, DeliveryOut.of))


@get("/{webhook_id:uuid}/deliveries/{delivery_id:uuid}")
async def read_delivery(
    session: Session, editor: Editor, webhook_id: FromPath[UUID], delivery_id: FromPath[UUID]
) -> DeliveryOut:
    """One message; editors and owners."""
    webhook = await webhook_by_id(session, webhook_id, organisation_id=editor.organisation_id)
    return DeliveryOut.of(await delivery_by_id(session, webhook.id, delivery_id), with_body=True)


@post("/{webhook_id:uuid}/deliveries/{delivery_id:uuid}/replay", status_code=200)
async def replay_delivery(
    session: Session, editor: Editor, now: Now, webhook_id: FromPath[UUID], delivery_id: FromPath[UUID]
) -> DeliveryOut:
    """Have one message leave again, under the same webhook-id; owners only."""
    return DeliveryOut.of(await send_again(session, editor, webhook_id, delivery_id, now=now))


@post("/{webhook_id:uuid}/replay", status_code=200)
async def replay_failed(
    session: Session, editor: Editor, now: Now, webhook_id: FromPath[UUID], data: JSONBody[Since]
) -> SentAgain:
    """Have everything leave again that failed since a moment; owners only."""
    return SentAgain(await send_failed_again(session, editor, webhook_id, data.since, now=now))


async def _out(session: AsyncSession, webhook: Webhook, secret: str | None = None) -> WebhookOut:
    return WebhookOut.of(webhook, await secrets_of(session, webhook.id, now=now_of(session)), secret)


ROUTES = [
    Router(
        "/notifications/api/v1/webhooks",
        route_handlers=[
            list_webhooks,
            create_webhook,
            read_webhook,
            change,
            pause,
            resume,
            remove,
            rotate,
            test,
            list_deliveries,
            read_delivery,
            replay_delivery,
            replay_failed,
        ],
        tags=["webhooks"],
    )
]

"""Subscriptions as JSON: one's own, those to one's flows, what is done with them, and the terms of a flow."""

from uuid import UUID, uuid4

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from services.catalog.flows.errors import FlowUnknown, NamedFlowUnknown
from services.catalog.flows.queries import flow_seen_by
from services.catalog.subscriptions.commands import (
    accept_subscription,
    ask_subscription,
    end_subscription,
    pause_subscription,
    refuse_subscription,
    resume_subscription,
    set_terms,
)
from services.catalog.subscriptions.queries import subscription_seen_by, subscriptions_of, subscriptions_to, terms_of
from services.catalog.subscriptions.schemas import (
    RefuseAsked,
    SubscriptionOf,
    SubscriptionOut,
    Subscriptions,
    TermsAsked,
    TermsOut,
)
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Editor, Member, Now, Session, Visitor
from shared.web.transactions import ONCE, SEEN


@get("/")
async def list_subscriptions(
    session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50
) -> Subscriptions:
    """What one's organisation is subscribed to, or asked for, the newest first."""
    rows = await subscriptions_of(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    return Subscriptions(*listed(rows, limit, SubscriptionOut.of))


@get("/received")
async def list_subscribed_to_us(
    session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50
) -> Subscriptions:
    """What others are subscribed to, or asked for, of one's organisation's flows, the newest first."""
    rows = await subscriptions_to(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    return Subscriptions(*listed(rows, limit, SubscriptionOut.of))


@get("/{subscription_id:uuid}")
async def read_subscription(session: Session, member: Member, subscription_id: FromPath[UUID]) -> SubscriptionOut:
    """One subscription of which one's organisation is a side."""
    return SubscriptionOut.of(await subscription_seen_by(session, subscription_id, member.organisation_id))


@post("/", dependencies=ONCE)
async def create_subscription(
    session: Session, editor: Editor, now: Now, data: JSONBody[SubscriptionOf]
) -> SubscriptionOut:
    """Ask for a part of each lot of a flow, from a day until another."""
    try:
        made = await ask_subscription(session, editor, data, flow_id=data.flow_id, once=uuid4(), now=now)
    except FlowUnknown:
        raise NamedFlowUnknown from None
    return SubscriptionOut.of(made)


@post("/{subscription_id:uuid}/accept", status_code=200, dependencies=SEEN)
async def accept(session: Session, editor: Editor, now: Now, subscription_id: FromPath[UUID]) -> SubscriptionOut:
    """Say yes, as the flow's holder."""
    return SubscriptionOut.of(await accept_subscription(session, editor, subscription_id=subscription_id, now=now))


@post("/{subscription_id:uuid}/refuse", status_code=200, dependencies=SEEN)
async def refuse(
    session: Session, editor: Editor, now: Now, subscription_id: FromPath[UUID], data: JSONBody[RefuseAsked]
) -> SubscriptionOut:
    """Say no, and why, as the flow's holder."""
    refused = await refuse_subscription(session, editor, data.reason, subscription_id=subscription_id, now=now)
    return SubscriptionOut.of(refused)


@post("/{subscription_id:uuid}/pause", status_code=200, dependencies=SEEN)
async def pause(session: Session, editor: Editor, now: Now, subscription_id: FromPath[UUID]) -> SubscriptionOut:
    """Serve no lot for now, as either side."""
    return SubscriptionOut.of(await pause_subscription(session, editor, subscription_id=subscription_id, now=now))


@post("/{subscription_id:uuid}/resume", status_code=200, dependencies=SEEN)
async def resume(session: Session, editor: Editor, now: Now, subscription_id: FromPath[UUID]) -> SubscriptionOut:
    """Serve lots again, as who paused it."""
    return SubscriptionOut.of(await resume_subscription(session, editor, subscription_id=subscription_id, now=now))


@post("/{subscription_id:uuid}/end", status_code=200, dependencies=SEEN)
async def end(session: Session, editor: Editor, now: Now, subscription_id: FromPath[UUID]) -> SubscriptionOut:
    """End it with notice, as either side; what nobody has answered yet ends at once."""
    return SubscriptionOut.of(await end_subscription(session, editor, subscription_id=subscription_id, now=now))


@get("/terms/{flow_id:uuid}")
async def read_terms(session: Session, visitor: Visitor, flow_id: FromPath[UUID]) -> TermsOut:
    """On what terms a flow has subscribers."""
    await flow_seen_by(session, flow_id, visitor.organisation_id if visitor else None)
    return TermsOut.of(flow_id, await terms_of(session, flow_id))


@post("/terms/{flow_id:uuid}", status_code=200, dependencies=SEEN)
async def change_terms(
    session: Session, editor: Editor, now: Now, flow_id: FromPath[UUID], data: JSONBody[TermsAsked]
) -> TermsOut:
    """Say them, as the flow's holder."""
    return TermsOut.of(flow_id, await set_terms(session, editor, data, flow_id=flow_id, now=now))


ROUTES = [
    Router(
        "/api/v1/subscriptions",
        route_handlers=[
            list_subscriptions,
            list_subscribed_to_us,
            read_subscription,
            create_subscription,
            accept,
            refuse,
            pause,
            resume,
            end,
            read_terms,
            change_terms,
        ],
        tags=["subscriptions"],
    )
]

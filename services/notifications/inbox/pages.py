"""The inbox for people, and the bell."""

from datetime import date
from itertools import groupby
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from services.notifications.inbox.commands import mark_all_read, mark_read
from services.notifications.inbox.models import Topic
from services.notifications.inbox.queries import Only, about, inbox_of, unread_count
from services.notifications.inbox.schemas import NoticeOut, notice_out
from services.notifications.messages.kinds import KINDS
from services.notifications.messages.message import path_of
from shared.clock import day_of
from shared.web.pages import Html, Req, is_fragment, page, redirect
from shared.web.provided import Member, Now, Session, Visitor
from shared.web.visit import visit_of

INBOX = "/notifications/"
# What `show` may say; anything else shows all.
READ = {"unread": False, "read": True}


@get(INBOX)
async def show_inbox(
    request: Req,
    session: Session,
    member: Member,
    *,
    show: FromQuery[str] = "",
    topic: FromQuery[str] = "",
    before: FromQuery[UUID | None] = None,
) -> Html:
    """The inbox, or a part of it; its list alone for htmx."""
    only = Only(topic if topic in set(Topic) else None, READ.get(show))
    found, following = await inbox_of(session, member, only, before=before)
    language = visit_of(request).language
    return page(
        request,
        "inbox/list.html" if is_fragment(request) else "inbox/page.html",
        days=_by_day([notice_out(lying, language) for lying in found]),
        shown=len(found),
        following=following,
        is_first=before is None,
        show=show if show in READ else "",
        topic=only.topic or "",
        topics=[(each.value, KINDS[each].title) for each in Topic],
        unread=await unread_count(session, member),
    )


def _by_day(notices: list[NoticeOut]) -> list[tuple[date, list[NoticeOut]]]:
    """Days in Paris, newest first; in a day what is unread comes first."""
    days = groupby(notices, key=lambda notice: day_of(notice.created_at))
    return [(day, sorted(group, key=lambda notice: notice.is_read)) for day, group in days]


@get("/notifications/bell")
async def show_bell(request: Req, session: Session, visitor: Visitor) -> Html:
    """The bell with its count; nothing for a visitor."""
    if visitor is None:
        return Response("", status_code=204)
    return page(request, "inbox/bell.html", unread=await unread_count(session, visitor))


@post("/notifications/{notice_id:uuid}/read")
async def read_one(request: Req, session: Session, member: Member, now: Now, notice_id: FromPath[UUID]) -> Redirect:
    """Mark one as read and come back to the inbox."""
    await mark_read(session, member, notice_id=notice_id, now=now)
    return redirect(request, INBOX)


@post("/notifications/{notice_id:uuid}/open")
async def open_one(request: Req, session: Session, member: Member, now: Now, notice_id: FromPath[UUID]) -> Redirect:
    """Mark one as read and go where its action is."""
    await mark_read(session, member, notice_id=notice_id, now=now)
    kind, demand_id = await about(session, member, notice_id)
    return redirect(request, path_of(kind, demand_id))


@post("/notifications/read")
async def read_all(request: Req, session: Session, member: Member, now: Now) -> Redirect:
    """Mark everything as read, or what the list was narrowed to."""
    topic = str((await request.form()).get("topic", ""))
    if topic not in set(Topic):
        await mark_all_read(session, member, now=now)
        return redirect(request, INBOX, say="Tout est marqué comme lu.")
    await mark_all_read(session, member, now=now, topic=topic)
    return redirect(request, f"{INBOX}?topic={topic}", say="Tout ce sujet est marqué comme lu.")


ROUTES = [show_inbox, show_bell, read_one, open_one, read_all]

"""The inbox for programs."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from services.notifications.inbox.commands import mark_all_read, mark_read
from services.notifications.inbox.models import Topic
from services.notifications.inbox.queries import PAGE, Only, inbox_of, unread_count
from services.notifications.inbox.schemas import NoticesOut, UnreadOut, notice_out
from shared.web.cursors import Cursor, Limit, cursor_at, place_of
from shared.web.pages import Req
from shared.web.provided import Member, Now, Session
from shared.web.visit import visit_of

BASE = "/notifications/api/v1"


@get(f"{BASE}/notices")
async def list_notices(
    request: Req,
    session: Session,
    member: Member,
    *,
    unread: FromQuery[bool] = False,
    topic: FromQuery[Topic | None] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> NoticesOut:
    """The member's notices, newest first."""
    before = place_of(cursor, UUID)
    only = Only(topic, is_read=False if unread else None)
    found, following = await inbox_of(session, member, only, before=before, limit=limit)
    language = visit_of(request).language
    items = [notice_out(lying, language) for lying in found]
    return NoticesOut(items=items, next=cursor_at(following) if following else None)


@get(f"{BASE}/unread")
async def count_unread(session: Session, member: Member) -> UnreadOut:
    """How many notices the member has not read."""
    return UnreadOut(unread=await unread_count(session, member))


@post(f"{BASE}/notices/{{notice_id:uuid}}/read", status_code=204)
async def read_notice(session: Session, member: Member, now: Now, notice_id: FromPath[UUID]) -> None:
    """Mark one notice as read; doing it twice changes nothing."""
    await mark_read(session, member, notice_id=notice_id, now=now)


@post(f"{BASE}/notices/read", status_code=204)
async def read_all_notices(session: Session, member: Member, now: Now) -> None:
    """Mark everything as read."""
    await mark_all_read(session, member, now=now)


ROUTES = [list_notices, count_unread, read_notice, read_all_notices]

"""Preferences for programs."""

from litestar import get, patch
from litestar.params import JSONBody

from services.notifications.preferences.commands import choose
from services.notifications.preferences.queries import choices_of
from services.notifications.preferences.schemas import PreferencesIn, PreferencesOut, preferences_out
from shared.web.pages import Req
from shared.web.provided import Member, Now, Session
from shared.web.visit import visit_of

BASE = "/notifications/api/v1/preferences"


@get(BASE)
async def show_preferences(request: Req, session: Session, member: Member) -> PreferencesOut:
    """What the member is told of, where and how often."""
    return preferences_out(await choices_of(session, member.member_id), visit_of(request).language)


@patch(BASE)
async def change_preferences(
    request: Req, session: Session, member: Member, now: Now, data: JSONBody[PreferencesIn]
) -> PreferencesOut:
    """Change some of it; what already waits for the member is planned anew."""
    hours = data.hours.hours() if data.hours else None
    await choose(session, member.member_id, data.chosen(), hours, now=now)
    return preferences_out(await choices_of(session, member.member_id), visit_of(request).language)


ROUTES = [show_preferences, change_preferences]

"""A member's own part of what is kept here, as a file: no program's route, since a key acts for an organisation."""

from typing import Any

from litestar import Response, get

from services.notifications.persons.queries import kept_about
from shared.web.pages import Req
from shared.web.provided import Member, Session
from shared.web.saving import saved_as


@get("/notifications/person")
async def export_person(request: Req, session: Session, member: Member) -> Response[Any]:
    """Notices read, letters sent, preferences."""
    return saved_as("boucle-notifications.json", await kept_about(session, member))


ROUTES = [export_person]

"""The dead letters of the three services on one page: catalog's own, and a place for each of the others' parts."""

from litestar import get

from shared.web.letters import letter_routes, letters_shown
from shared.web.pages import Html, Req, page
from shared.web.provided import Coordinator, Session

HOME = "/territory/dead-letters"


@get(HOME)
async def dead_letters(request: Req, session: Session, coordinator: Coordinator) -> Html:
    """What no service could apply, and what the operator does about it."""
    return page(request, "territory/dead_letters.html", **await letters_shown(request, session, "catalog"))


ROUTES = [dead_letters, *letter_routes("catalog", f"{HOME}/catalog")]

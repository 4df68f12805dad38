"""Every organisation by how far it has been checked: the cockpit shows those that wait longest, this finds any."""

from typing import Annotated
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromQuery, QueryParameter

from services.catalog.organisations.models import OrganisationState
from services.catalog.organisations.view import state_badge
from services.catalog.territory.queries import organisations_standing, standing_counts
from services.catalog.territory.view import organisation_lines
from shared.web.pages import Html, Req, gettext, page
from shared.web.provided import Coordinator, Session
from shared.web.visit import visit_of

HOME = "/territory/organisations"
PAGE = 30
# Names of several, as the tabs of a list call them.
TABS = {
    OrganisationState.REGISTERED: "À vérifier",
    OrganisationState.VERIFIED: "Vérifiées",
    OrganisationState.REFUSED: "Non acceptées",
    OrganisationState.SUSPENDED: "Suspendues",
}


@get(HOME)
async def organisations_by_state(
    request: Req,
    session: Session,
    coordinator: Coordinator,
    *,
    q: FromQuery[str] = "",
    standing: FromQuery[str] = OrganisationState.REGISTERED,
    start: Annotated[int, QueryParameter(ge=0, le=100_000)] = 0,
) -> Html:
    """The organisations in a state, found by name, commune or SIRET; the tabs count the same words in each."""
    words = q.strip()[:200]
    shown = OrganisationState(standing) if standing in TABS else OrganisationState.REGISTERED
    rows = await organisations_standing(session, shown, words, limit=PAGE, offset=start)
    counts = await standing_counts(session, list(TABS), words)
    total = counts[shown]
    return page(
        request,
        "territory/organisations.html",
        words=words,
        standing=shown,
        rows=[(line, state_badge(request, line.organisation)) for line in organisation_lines(rows)],
        tabs=[
            (gettext(request, name), _address(request, each, words), counts[each], each == shown)
            for each, name in TABS.items()
        ],
        total=total,
        first=start + 1,
        earlier=_address(request, shown, words, max(start - PAGE, 0)) if start else None,
        following=_address(request, shown, words, start + PAGE) if start + len(rows) < total else None,
    )


def _address(request: Req, state: OrganisationState, words: str, start: int = 0) -> str:
    asked = {"q": words, "standing": state.value, "start": start or ""}
    return visit_of(request).url(HOME) + "?" + urlencode({name: value for name, value in asked.items() if value})


ROUTES = [organisations_by_state]

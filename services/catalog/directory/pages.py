"""The directory of organisations, and the page of each."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from services.catalog.claims.queries import TO_CLAIM
from services.catalog.directory.postings import open_counts, open_postings
from services.catalog.directory.queries import (
    Search,
    count_by_role,
    found,
    found_count,
    holders_of,
    public_sites,
    shown_organisation,
)
from services.catalog.organisations.places import place_words
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.organisations.standing import permit_lines, status_lines
from services.catalog.organisations.view import (
    facts_of,
    missing_words,
    register_facts,
    row_of,
    short_kinds,
    state_badge,
)
from services.catalog.posting.lists import list_names
from shared.clock import day_of
from shared.phrases.names import ORGANISATION_ROLES, ORIGINS, named
from shared.territory.place import Area, Place
from shared.web.pages import Html, Req, gettext, page
from shared.web.picturing import Picture, pictured
from shared.web.provided import Now, Session, Visitor
from shared.web.visit import visit_of

PAGE = 30
# Names of several people or things, as the tabs of a list call them.
ROLE_TABS = {
    "ess": "Structures de l'ESS",
    "buyer": "Acheteurs",
    "publisher": "Détenteurs de gisements",
    "territory": "Territoires",
    "partner": "Partenaires",
}


@get("/organisations")
async def organisations_list(
    request: Req,
    session: Session,
    q: FromQuery[str] = "",
    role: FromQuery[str] = "",
    start: Annotated[int, QueryParameter(ge=0, le=100_000)] = 0,
) -> Html:
    """Organisations by name, filtered by role and by words."""
    search = Search(q.strip()[:200], role if role in ORGANISATION_ROLES else None)
    rows = await found(session, search, limit=PAGE, offset=start)
    total = await found_count(session, search)
    counts = await open_counts(session, [row.id for row in rows])
    holders = await holders_of(session, rows)
    return page(
        request,
        "directory/list.html",
        rows=[row_of(request, row) | {"open": counts[row.id], "holder": holders.get(row.id)} for row in rows],
        search=search,
        total=total,
        first=start + 1,
        role_tabs=_role_tabs(request, search, await count_by_role(session, search), total),
        earlier=_address(request, search, max(start - PAGE, 0)) if start else None,
        following=_address(request, search, start + PAGE) if start + len(rows) < total else None,
    )


@get("/organisations/{organisation_id:uuid}")
async def show_organisation(
    request: Req, session: Session, visitor: Visitor, now: Now, organisation_id: FromPath[UUID]
) -> Html:
    """One organisation: what is known of it, and what it has open."""
    own_id = visitor.organisation_id if visitor else None
    organisation = await shown_organisation(session, organisation_id, own_id)
    language, today = visit_of(request).language, day_of(now)
    return page(
        request,
        "directory/page.html",
        organisation=organisation,
        is_own=organisation.id == own_id,
        may_claim=organisation.id != own_id and organisation.state in TO_CLAIM,
        facts=facts_of(request, organisation),
        register=register_facts(request, organisation),
        statuses=status_lines(organisation, language, today),
        permits=permit_lines(organisation.all_permits, language, today),
        sites=[
            (site, place_words(site.place), permit_lines(site.permits, language, today))
            for site in await public_sites(session, organisation.id)
        ],
        holder=await organisation_by_id(session, organisation.held_by) if organisation.held_by else None,
        missing=missing_words(request, organisation),
        map=place_drawn(organisation.place),
        kinds=short_kinds(request, organisation),
        state_badge=state_badge(request, organisation),
        origin_name=named(ORIGINS, organisation.origin, language),
        postings=await open_postings(session, organisation.id),
        **list_names(language),
    )


def place_drawn(place: Place | None) -> Picture | None:
    """The commune of an organisation among its neighbours; None where our maps do not reach."""
    if place is None:
        return None
    area = Area(kind="commune", code=place.commune_code, name=place.commune_name)
    picture = pictured([area], width=720, height=560)
    return None if picture.drawing.missing else picture


def _role_tabs(
    request: Req, search: Search, counts: dict[str, int], total: int
) -> list[tuple[str, str, int | None, bool]]:
    everyone = None if search.role else total
    tabs = [(gettext(request, "Toutes"), _address(request, search._replace(role=None)), everyone, search.role is None)]
    for code, words in ROLE_TABS.items():
        if counts.get(code) or search.role == code:
            address = _address(request, search._replace(role=code))
            tabs.append((gettext(request, words), address, counts.get(code, 0), search.role == code))
    return tabs


def _address(request: Req, search: Search, start: int = 0) -> str:
    asked = {"q": search.text, "role": search.role or "", "start": start or ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    return visit_of(request).url("/organisations") + (f"?{query}" if query else "")


ROUTES = [organisations_list, show_organisation]

"""The pages that the footer leads to: legal notice, accessibility statement, developers."""

from litestar import get
from litestar.params import FromQuery

from shared.events import registry
from shared.web.errors import NotYours
from shared.web.pages import Html, Req, page

# service -> where its JSON lives and what it answers for; the words are on the page
INTERFACES = (
    ("catalog", "/api/v1", "/api/v1/docs/openapi.json"),
    ("matching", "/matching/api/v1", "/matching/api/v1/docs/openapi.json"),
    ("notifications", "/notifications/api/v1", "/notifications/api/v1/docs/openapi.json"),
)

# The families of shared/web/templates/design/, in the order of the tabs.
FAMILIES = ("foundations", "actions", "states", "layout", "drawings", "forms")


@get("/legal")
async def legal(request: Req) -> Html:
    """Who publishes, what is kept, for how long."""
    return page(request, "about/legal.html")


@get("/accessibility")
async def accessibility(request: Req) -> Html:
    """What is tested, what is not yet, how to say that something blocks."""
    return page(request, "about/accessibility.html")


@get("/developers")
async def developers(request: Req) -> Html:
    """The three interfaces and the event contract."""
    return page(request, "about/developers.html", interfaces=INTERFACES, events=sorted(registry()))


@get("/design")
async def design(request: Req, part: FromQuery[str] = "foundations") -> Html:
    """Every component in its states, a family at a time, light beside dark."""
    if part not in FAMILIES:
        raise NotYours
    return page(request, "design.html", part=part, families=FAMILIES)


ROUTES = [legal, accessibility, developers, design]

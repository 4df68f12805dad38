"""The pages that the footer leads to: legal notice, accessibility statement, developers."""

from datetime import date

from litestar import get
from litestar.params import FromQuery

from services.catalog.mcp.protocol import VERSIONS
from services.catalog.mcp.tools import TOOLS
from services.catalog.settings import Settings
from shared.events import registry
from shared.web.errors import NotYours
from shared.web.i18n import spelled
from shared.web.pages import Html, Req, page
from shared.web.urls import MCP
from shared.web.visit import visit_of

# service -> where its JSON lives and what it answers for; the words are on the page
INTERFACES = (
    ("catalog", "/api/v1", "/api/v1/docs/openapi.json"),
    ("matching", "/matching/api/v1", "/matching/api/v1/docs/openapi.json"),
    ("notifications", "/notifications/api/v1", "/notifications/api/v1/docs/openapi.json"),
)

# When the accessibility statement was last gone through, sentence by sentence.
DECLARED_ON = date(2026, 11, 27)

# The families of shared/web/templates/design/, in the order of the tabs.
FAMILIES = ("foundations", "actions", "states", "layout", "drawings", "forms")


@get("/legal")
async def legal(request: Req) -> Html:
    """Who publishes, what is kept, for how long, and what of it nobody filled in yet."""
    return page(request, "about/legal.html", operator=_settings(request).operator)


@get("/accessibility")
async def accessibility(request: Req) -> Html:
    """The declaration that the law asks for (RGAA 4.1, annex): state, tests, what is missing, whom to tell."""
    settings = _settings(request)
    return page(
        request,
        "about/accessibility.html",
        operator=settings.operator,
        site=settings.public_url,
        # The whole date, whenever it is read: a declaration was never made "yesterday".
        declared_on=spelled(DECLARED_ON, "d MMMM y", visit_of(request).language),
    )


@get("/developers")
async def developers(request: Req) -> Html:
    """The three interfaces, whole files, the address of assistants and the event contract."""
    return page(
        request,
        "about/developers.html",
        interfaces=INTERFACES,
        events=sorted(registry()),
        mcp=f"{_settings(request).public_url}{visit_of(request).url(MCP)}",
        tools=list(TOOLS),
        versions=VERSIONS,
    )


@get("/design")
async def design(request: Req, part: FromQuery[str] = "foundations") -> Html:
    """Every component in its states, a family at a time, light beside dark."""
    if part not in FAMILIES:
        raise NotYours
    return page(request, "design.html", part=part, families=FAMILIES)


def _settings(request: Req) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


ROUTES = [legal, accessibility, developers, design]

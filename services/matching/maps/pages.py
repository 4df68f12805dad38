"""The map: what is open by commune, a list that says all of it, and the outlines that browsers draw."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from services.matching.maps.queries import KINDS, places_found
from services.matching.maps.view import map_of, numbered
from services.matching.search.pages import kind_words
from shared.territory.outlines import outlines
from shared.web.conditions import is_among
from shared.web.maps import JSON, OUTLINES_PATH
from shared.web.packing import FOR_EVER, takes_gzip
from shared.web.pages import Html, Req, gettext, page
from shared.web.picturing import PALETTES, PICTURE_PATH, asked_for
from shared.web.provided import Session
from shared.web.visit import visit_of

Query = Annotated[str, QueryParameter(max_length=200)]
TABS = {"need": "Besoins", "flow": "Gisements", "offer": "Activités", "organisation": "Structures"}
ASK_AGAIN = "public, no-cache"


@get("/matching/map")
async def map_page(request: Req, session: Session, q: Query = "", kind: Query = "") -> Html:
    """Open needs, flows, offers and organisations where they are."""
    wanted = kind if kind in KINDS else None
    places = await places_found(session, q, kind=wanted)
    return page(
        request,
        "maps/page.html",
        query=q,
        kind=wanted,
        places=places,
        rows=numbered(request, places),
        map=map_of(places),
        tabs=_tabs(request, q, wanted),
        kind_words=lambda asks: kind_words(asks, visit_of(request).language),
        search_url=_address(request, "/matching/search", q=q),
    )


def _tabs(request: Req, query: str, chosen: str | None) -> list[tuple[str, str, None, bool]]:
    everything = (gettext(request, "Tout"), _address(request, "/matching/map", q=query), None, chosen is None)
    return [
        everything,
        *(
            (gettext(request, words), _address(request, "/matching/map", q=query, kind=code), None, chosen == code)
            for code, words in TABS.items()
        ),
    ]


def _address(request: Req, path: str, **asked: str) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return visit_of(request).url(path) + (f"?{query}" if query else "")


@get(OUTLINES_PATH, include_in_schema=False, opt={"skip_compression": True}, sync_to_thread=False)
def outlines_file(request: Req, version: FromPath[str]) -> Response[Any]:
    """The outlines as TopoJSON, packed once; a name that is not today's is answered, but not kept."""
    known = outlines()
    tag = f'"{known.version}"'
    headers = {
        "etag": tag,
        "vary": "Accept-Encoding",
        "cache-control": FOR_EVER if version == known.version else ASK_AGAIN,
    }
    if is_among(tag, request.headers.get("if-none-match", "")):
        return Response(None, status_code=304, headers=headers)
    if takes_gzip(request):
        return Response(known.packed, media_type=JSON, headers=headers | {"content-encoding": "gzip"})
    return Response(known.body, media_type=JSON, headers=headers)


@get(PICTURE_PATH, include_in_schema=False)
async def picture_file(
    request: Req, theme: FromQuery[Literal["light", "dark"]] = "light", narrow: FromQuery[bool] = False
) -> Response[str]:
    """A map as its address describes it; another address is another picture."""
    asked = request.query_params
    drawing = asked_for(asked.get("s", ""), asked.get("k", ""), asked.getall("z", []), asked.getall("p", []))
    answer = page(request, "picture.svg", drawing=drawing, colour=PALETTES[theme], narrow=narrow)
    return Response(answer.content, media_type="image/svg+xml", headers={"cache-control": FOR_EVER})


ROUTES = [map_page, outlines_file, picture_file]

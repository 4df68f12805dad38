"""What maps are drawn with: the outlines that browsers draw, and pictures for those that do not."""

from typing import Any, Literal

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from shared.territory.outlines import outlines
from shared.web.conditions import is_among
from shared.web.maps import JSON, OUTLINES_PATH
from shared.web.packing import FOR_EVER, takes_gzip
from shared.web.pages import Req, page
from shared.web.picturing import PALETTES, PICTURE_PATH, asked_for

ASK_AGAIN = "public, no-cache"


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


ROUTES = [outlines_file, picture_file]

"""Serves the built files, packed once when they were built and kept for ever by whoever fetched them."""

import mimetypes
from functools import cache
from pathlib import Path

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import File

from shared.web.assets import STATIC
from shared.web.packing import FOR_EVER, takes_gzip
from shared.web.pages import Req

TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2"}


@cache
def static_files(folder: Path) -> HTTPRouteHandler:
    """The route of the files in a folder; `app.css` is sent as `app.css.gz` where that lies beside it and is taken."""

    @get(f"{STATIC}/{{name:str}}", include_in_schema=False, opt={"skip_compression": True})
    async def static_file(request: Req, name: FromPath[str]) -> File:
        path = folder / name
        if path.parent != folder or not path.is_file():
            raise NotFoundException
        headers = {"cache-control": FOR_EVER}
        packed = folder / f"{name}.gz"
        if packed.is_file():
            headers["vary"] = "Accept-Encoding"
            if takes_gzip(request):
                headers["content-encoding"], path = "gzip", packed
        return File(path, media_type=type_of(name), headers=headers, content_disposition_type="inline")

    return static_file


def type_of(name: str) -> str:
    """The media type of a file by its ending."""
    return TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"

"""The contract of the events, for whoever writes a reader."""

import json
from functools import cache

from litestar import Response, get

from shared.contract import asyncapi

MEDIA_TYPE = "application/vnd.aai.asyncapi+json;version=3.0.0"


@cache
def _document() -> bytes:
    """Half a second of work, and the same until the next release."""
    return json.dumps(asyncapi(), ensure_ascii=False).encode()


@get("/api/asyncapi.json", include_in_schema=False, sync_to_thread=True)
def events() -> Response[bytes]:
    """The AsyncAPI document, as `boucle asyncapi` prints it."""
    return Response(_document(), media_type=MEDIA_TYPE)


ROUTES = [events]

"""Facts given to a person as a file to keep."""

from typing import Any

import msgspec
from litestar import Response
from litestar.enums import MediaType

# A file never acts: nothing it brings is run or fetched, and no page frames it.
FILE_POLICY = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def saved_as(name: str, facts: Any) -> Response[bytes]:
    """JSON that the browser saves under a name, indented for people."""
    body = msgspec.json.format(msgspec.json.encode(facts), indent=2)
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "content-security-policy": FILE_POLICY,
        "cache-control": "private, no-store",
    }
    return Response(body, media_type=MediaType.JSON, headers=headers)

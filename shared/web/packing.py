"""What is sent packed, and kept for ever: for files whose address changes with their content."""

from typing import Any, Final

from litestar import Request
from litestar.datastructures import CacheControlHeader

FOR_EVER: Final = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)


def takes_gzip(request: Request[Any, Any, Any]) -> bool:
    """True when whoever asks can unpack it."""
    return "gzip" in request.headers.get("accept-encoding", "")

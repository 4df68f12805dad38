"""What is sent packed, and kept for ever: for files whose address changes with their content."""

from typing import Any, Final

from litestar import Request

FOR_EVER: Final = "public, max-age=31536000, immutable"


def takes_gzip(request: Request[Any, Any, Any]) -> bool:
    """True when whoever asks can unpack it."""
    return "gzip" in request.headers.get("accept-encoding", "")

"""Forged requests: an origin check first, then a token bound to the session."""

import hmac
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import FormMultiDict

from shared.refusal import Refusal

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "_csrf"
HEADER = "x-csrf-token"


class ForgedRequest(Refusal):
    """The request does not come from one of our pages."""

    status = 403
    sentence = "Cette page est restée ouverte trop longtemps. Rechargez-la, puis recommencez : votre saisie est gardée."


def token_for(secret: str, subject: str) -> str:
    """The token of one session (or of one visitor before sign-in), the same in every service."""
    return hmac.new(secret.encode(), f"csrf:{subject}".encode(), sha256).hexdigest()


async def check(request: Request[Any, Any, Any], expected: str) -> None:
    """Raise `ForgedRequest` unless an unsafe request comes from our own origin with its token."""
    if request.method in SAFE_METHODS:
        return
    if not _same_origin(request):
        raise ForgedRequest
    given = request.headers.get(HEADER) or await _field(request)
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise ForgedRequest


def _same_origin(request: Request[Any, Any, Any]) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def _field(request: Request[Any, Any, Any]) -> str:
    if not request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        return ""
    form: FormMultiDict = await request.form()
    return str(form.get(FIELD, ""))

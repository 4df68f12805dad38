"""Identity in the services that do not own sessions: read the token, or go through catalog for a new one."""

from typing import Any

from litestar import Response
from litestar.response import Redirect

from shared.identity import Identity, Verifier
from shared.identity.revocations import Revocations
from shared.web.bearer import KeyRefused, shown_by_program
from shared.web.csrf import SAFE_METHODS
from shared.web.pages import Req
from shared.web.urls import is_api
from shared.web.visit import IDENTITY_COOKIE, SESSION_COOKIE, Visit, cookie

RENEW_PATH = "/session/renew"
GUARD_COOKIE = "__Host-renewing"
# A page's fragments bounce side by side before the first one brings the token back.
BOUNCES = 5


class TokenIdentity:
    """Fills the visit from the identity token; an expired one bounces to catalog, which keeps a POST's body (307).

    A program shows the token that it got from catalog for its key, and gets another one there when this one is over.
    """

    def __init__(self, verifier: Verifier, revocations: Revocations) -> None:
        self._verifier = verifier
        self._revocations = revocations

    async def __call__(self, request: Req, visit: Visit) -> Response[Any] | None:
        """Identify, or answer with the bounce."""
        shown = shown_by_program(request, visit)
        if shown is not None:
            visit.identity = self._read(shown)
            visit.refused = KeyRefused() if visit.identity is None else None
            return None
        visit.identity = self._read(request.cookies.get(IDENTITY_COOKIE))
        if visit.identity is not None:
            if GUARD_COOKIE in request.cookies:
                visit.cookies.append(cookie(GUARD_COOKIE, "", max_age=0))
            return None
        # One mark a bounce; too many without a token: treat as a visitor instead of going round for ever.
        marks = request.cookies.get(GUARD_COOKIE, "")
        if SESSION_COOKIE not in request.cookies or len(marks) >= BOUNCES or is_api(request.scope["path"]):
            return None
        visit.cookies.append(cookie(GUARD_COOKIE, f"{marks}1", max_age=5))
        query = request.scope["query_string"].decode()
        here = visit.url(visit.path) + (f"?{query}" if query else "")
        return Redirect(
            RENEW_PATH, query_params={"next": here}, status_code=303 if request.method in SAFE_METHODS else 307
        )

    def _read(self, token: str | None) -> Identity | None:
        identity = self._verifier.read(token) if token else None
        return identity if identity is not None and identity.session_id not in self._revocations else None

"""Catalog's own door: the session cookie asked of the database, and a fresh token for the other services."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Response

from services.catalog.accounts.queries import identity_of, mark_seen
from services.catalog.audit.commands import acting_key
from shared.database import Database
from shared.identity import TOKEN_LIFE, Identity, Signer, Verifier
from shared.web.bearer import shown_by_program
from shared.web.pages import Req
from shared.web.visit import IDENTITY_COOKIE, SESSION_COOKIE, Visit, acting_of, cookie

SEEN_EVERY = timedelta(minutes=5)
# A page's fragments and its live stream must not find the token in its last seconds.
RENEW_BEFORE_S = 25

# Identifies whoever shows a key.
Programs = Callable[[Req, Visit, str], Awaitable[None]]


class SessionIdentity:
    """Fills the visit from the session, or from a program's key; revoking takes effect at the next request."""

    def __init__(self, database: Database, signer: Signer, verifier: Verifier, *, programs: Programs) -> None:
        self._database = database
        self._signer = signer
        self._verifier = verifier
        self._programs = programs

    async def __call__(self, request: Req, visit: Visit) -> Response[Any] | None:
        """Identify; the answer carries a new token when the browser's is missing, old or somebody else's."""
        acting_key.set(None)
        shown = shown_by_program(request, visit)
        if shown is not None:
            await self._programs(request, visit, shown)
            return None
        secret = request.cookies.get(SESSION_COOKIE)
        if not secret:
            return None
        now = datetime.now(UTC)
        async with self._database.connection() as connection:
            found = await identity_of(connection, secret, now=now)
        if found is None:
            visit.cookies.append(cookie(SESSION_COOKIE, "", max_age=0))
            visit.cookies.append(cookie(IDENTITY_COOKIE, "", max_age=0))
            return None
        identity, seen_at = found
        if now - seen_at > SEEN_EVERY:
            async with self._database.acting(acting_of(identity)) as session:
                await mark_seen(session, identity, now=now)
        visit.identity = identity
        if not self._is_fresh(request.cookies.get(IDENTITY_COOKIE), identity):
            visit.cookies.append(self.token_cookie(identity))
        return None

    def token_cookie(self, identity: Identity) -> Any:
        """The cookie that carries a new token."""
        return cookie(IDENTITY_COOKIE, self._signer.mint(identity), max_age=int(TOKEN_LIFE.total_seconds()))

    def _is_fresh(self, token: str | None, identity: Identity) -> bool:
        return token is not None and self._verifier.read(token, life_left_s=RENEW_BEFORE_S) == identity

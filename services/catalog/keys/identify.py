"""The door for programs: a key asked of the database at each request, so that revoking takes effect at the next one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.catalog.audit.commands import acting_key
from services.catalog.keys.models import role_of
from services.catalog.keys.queries import holder_of, mark_used
from shared.database import Database
from shared.web.bearer import KeyRefused
from shared.web.pages import Req
from shared.web.visit import Visit, acting_of

USED_EVERY = timedelta(minutes=5)


class KeyIdentity:
    """Fills the visit from the key that a program shows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, request: Req, visit: Visit, shown: str) -> None:
        """Identify, or leave why not."""
        now = datetime.now(UTC)
        async with self._database.connection() as connection:
            holder = await holder_of(connection, shown, now=now)
        if holder is None:
            visit.refused = KeyRefused()
            return
        noun = request.scope["path"].partition("/api/v1/")[2].partition("/")[0]
        identity = replace(holder.identity, role=role_of(holder.scopes, noun))
        if holder.used_at is None or now - holder.used_at > USED_EVERY:
            async with self._database.acting(acting_of(identity)) as session:
                await mark_used(session, identity.session_id, now=now)
        visit.identity = identity
        acting_key.set(identity.session_id)

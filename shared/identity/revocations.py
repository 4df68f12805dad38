"""Sessions ended before their tokens: remembered only as long as such a token could live."""

import time
from uuid import UUID

from shared.identity.token import TOKEN_LIFE


class Revocations:
    """The sessions revoked in the last moments, in memory: older tokens have expired by themselves."""

    def __init__(self) -> None:
        self._revoked: dict[UUID, float] = {}

    def add(self, session_id: UUID) -> None:
        """Refuse the session's tokens from now on."""
        now = time.monotonic()
        limit = now - TOKEN_LIFE.total_seconds()
        self._revoked = {known: at for known, at in self._revoked.items() if at > limit}
        self._revoked[session_id] = now

    def __contains__(self, session_id: UUID) -> bool:
        return session_id in self._revoked

"""Deliberate mistakes in the event core: a rig that does not see them proves nothing.

Each is a maker of apps, as the supervisor's `maker`, that breaks its process before it builds the service. The worker
of matching runs in the same process then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from deploy.embedded.guest import App
from deploy.embedded.house import make_app
from shared.messaging import outbox
from shared.messaging.consumer import Consumer
from shared.messaging.fresh import Unpublished
from shared.messaging.relay import Relay


def ack_before_commit(service: str) -> App:
    """The broker is told that a message is done before anything is stored."""
    settle = Consumer._settle

    @wraps(settle)
    async def too_early(self: Consumer, message: Any) -> float | None:
        await message.ack_sync()
        return await settle(self, message)

    _once(Consumer, "_settle", too_early)
    return make_app(service)


def publish_before_commit(service: str) -> App:
    """An event leaves while its change may still be undone."""

    def at_once(_session: AsyncSession, call: Callable[[], object]) -> None:
        call()

    _once(outbox, "after_commit", at_once)
    return make_app(service)


def mark_before_publish(service: str) -> App:
    """An event counts as published before it is."""
    publish = Relay._publish_all

    @wraps(publish)
    async def too_early(self: Relay, connection: Any, rows: Sequence[Unpublished]) -> None:
        self._unmarked |= {row.event_id: 1 for row in rows}
        await self.mark(connection)
        await publish(self, connection, rows)

    _once(Relay, "_publish_all", too_early)
    return make_app(service)


def _once(owner: Any, name: str, broken: Any) -> None:
    if not getattr(getattr(owner, name), "is_broken", False):
        broken.is_broken = True
        setattr(owner, name, broken)

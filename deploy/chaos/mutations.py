"""Deliberate mistakes in the event core and in what deals and lots promise: a rig that misses one proves nothing.

Each is a maker of apps, as the supervisor's `maker`, that breaks its process before it builds the service. The worker
of matching runs in the same process then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import object_session

from deploy.embedded.guest import App
from deploy.embedded.house import make_app
from services.catalog.agreements.models import Agreement, Signature
from services.catalog.flows.lot import Lot
from services.catalog.impact import commands as impact
from services.catalog.impact.reckoning import Reckoned, reckon
from services.catalog.payments.ledger import Move, Sides
from shared.events.impact import Measure
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


def break_deals(service: str) -> App:
    """Three mistakes that leave each other alone: a lot forgets a part, kilograms count twice, a signature is lost."""
    if service == "catalog":
        _once(Lot, "take", _forgetful(Lot.take))
        _once(impact, "reckon", _twice(reckon))
        _once(Agreement, "sign", _unsigned(Agreement.sign))
    return make_app(service)


def lose_money(service: str) -> App:
    """What was paid is under way no more, and its payee received nothing."""
    if service == "catalog":
        _once(Sides, "confirm", _half(Sides.confirm))
    return make_app(service)


def _forgetful(take: Any) -> Any:
    @wraps(take)
    def forgets(self: Lot, value: Decimal, now: datetime) -> Any:
        told = take(self, value, now)
        # The first of the large parts is kept in mind, so that one at least is confirmed.
        if self.taken_value - value >= value:
            self.taken_value -= value
        return told

    return forgets


def _twice(count: Any) -> Any:
    @wraps(count)
    def counts_twice(*given: Any) -> list[Reckoned]:
        figures = count(*given)
        return [each._replace(value=each.value * 2) if each.measure is Measure.MASS else each for each in figures]

    return counts_twice


def _unsigned(sign: Any) -> Any:
    @wraps(sign)
    def loses(self: Agreement, signature: Signature) -> Any:
        told = sign(self, signature)
        if signature in self.signatures:
            self.signatures.remove(signature)
            if (session := object_session(signature)) is not None:
                session.expunge(signature)
        return told

    return loses


def _half(confirm: Any) -> Any:
    @wraps(confirm)
    def forgets(self: Sides, cents: int) -> list[Move]:
        moves: list[Move] = confirm(self, cents)
        return moves[:1]

    return forgets


def _once(owner: Any, name: str, broken: Any) -> None:
    if not getattr(getattr(owner, name), "is_broken", False):
        broken.is_broken = True
        setattr(owner, name, broken)

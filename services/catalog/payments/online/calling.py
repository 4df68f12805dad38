"""Calls to Stripe that happen once: kept before they go out, asked with their key, and what came of them kept after.

Whoever dies in between leaves a call that is begun; a timer asks it again with the same key, and Stripe answers what it
answered before. No transaction is open while Stripe thinks.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.payments.errors import StripeAway, StripeRefused
from services.catalog.payments.online.gateway import Away, Gateway, Refused
from services.catalog.payments.online.models import CallState, StripeCall, What
from services.catalog.payments.online.queries import call_due, call_locked, calls_about, put_down
from shared.database import Database, now_of
from shared.fault import failpoint
from shared.observability.pulse import beat, every

log = structlog.get_logger(__name__)

TIMER_S = 2.0

Opening = Callable[[], AbstractAsyncContextManager[AsyncSession]]
# What else is kept, in the transaction in which a call is known to be done, or refused.
Follow = Callable[[AsyncSession, StripeCall, datetime], Awaitable[None]]
Follows = Mapping[What, Follow]


async def begin(
    session: AsyncSession,
    what: What,
    about: UUID,
    *,
    organisation_id: UUID,
    parameters: Mapping[str, Any],
    now: datetime,
    number: int = 1,
    is_awaited: bool = False,
) -> StripeCall:
    """Keep what is to be asked, for a timer to ask, or for whoever waits for it; begun before, it is that one."""
    call = StripeCall.of(what, about, number, organisation_id=organisation_id, parameters=parameters, at=now)
    return await put_down(session, call.wait() if is_awaited else call)


async def begin_unless(
    session: AsyncSession, what: What, about: UUID, *, parameters: Mapping[str, Any], now: datetime
) -> StripeCall:
    """What an organisation asks once, for itself; again only after a refusal."""
    asked = await calls_about(session, about, what)
    if asked and asked[0].state in (CallState.BEGUN, CallState.DONE):
        return asked[0]
    number = len(asked) + 1
    return await begin(
        session, what, about, organisation_id=about, parameters=parameters, now=now, number=number, is_awaited=True
    )


async def carried_out(gateway: Gateway, opening: Opening, call: StripeCall, follows: Follows) -> StripeCall:
    """Ask what was begun, and keep what came of it. Raises `Away` or `Refused`; a refusal is kept, too."""
    await failpoint("stripe.begun", call.what)
    try:
        answer = await gateway.ask(call.what, call.parameters, key=call.key)
    except Refused as refused:
        said = str(refused)
        log.warning("stripe_refused", what=call.what, about=str(call.about), said=said)
        await _stored(opening, call.id, follows, lambda kept: kept.end(CallState.REFUSED, said=said))
        raise
    await failpoint("stripe.called", call.what)
    kept = await _stored(opening, call.id, follows, lambda kept: kept.done(answer))
    await failpoint("stripe.kept", call.what)
    return kept


async def _stored(opening: Opening, call_id: UUID, follows: Follows, end: Callable[[StripeCall], None]) -> StripeCall:
    async with opening() as session:
        call = await call_locked(session, call_id)
        # Somebody else asked the same, and was quicker.
        if call.state is CallState.BEGUN:
            end(call)
            if call.what in follows:
                await follows[call.what](session, call, now_of(session))
    return call


async def asked_now(gateway: Gateway, opening: Opening, call: StripeCall, follows: Follows) -> StripeCall:
    """The same for somebody who waits for it: what is away or refused is said in words."""
    if call.state is CallState.DONE:
        return call
    try:
        return await carried_out(gateway, opening, call, follows)
    except Away as away:
        log.warning("stripe_away", what=call.what, about=str(call.about), said=str(away))
        raise StripeAway from away
    except Refused as refused:
        raise StripeRefused from refused


async def ask_next(gateway: Gateway, database: Database, follows: Follows) -> bool:
    """Ask what waits longest; False when nothing does."""
    async with database.sessions.begin() as session:
        call = await call_due(session, now_of(session))
        if call is None:
            return False
        if not call.may_be_asked(now_of(session)):
            # Nothing says whether it was done: a person looks at Stripe's own pages.
            log.error("stripe_call_doubtful", what=call.what, about=str(call.about), key=call.key)
            call.end(CallState.DOUBTFUL)
            return True
        call.claim(now_of(session))
    try:
        await carried_out(gateway, database.sessions.begin, call, follows)
    except Refused:
        pass
    except Away as away:
        log.warning("stripe_away", what=call.what, about=str(call.about), said=str(away))
    except Exception:
        # Claimed until later; what comes behind it is asked all the same.
        log.exception("stripe_call_failed", what=call.what, about=str(call.about))
    return True


async def ask_for_ever(gateway: Gateway, database: Database, follows: Follows) -> None:
    """Ask whatever is begun, for ever; any number of timers may run."""
    async for _ in every(TIMER_S):
        while await ask_next(gateway, database, follows):
            beat()

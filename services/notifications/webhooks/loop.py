"""The sending loop: claim one, send it, settle it; a crash can only repeat the one in doubt, under the same id."""

import asyncio

import structlog
from prometheus_client import Counter

from services.notifications.webhooks.secret import headers_of
from services.notifications.webhooks.sending import TIMEOUT_S, Courier
from services.notifications.webhooks.settling import Claim, claim_next, settle
from shared.clock import Clock
from shared.database import Database
from shared.fault import failpoint
from shared.observability.pulse import beat

log = structlog.get_logger(__name__)

POLL_S = 2.0
# A receiver that hangs holds one of them for twenty seconds.
SENDERS = 6


async def send_for_ever(database: Database, courier: Courier, clock: Clock, counted: Counter | None = None) -> None:
    """One sender of several: send what is due, then look again every two seconds."""
    while True:
        beat()
        while (result := await send_next(database, courier, clock)) is not None:
            beat()
            if counted is not None:
                counted.labels(result).inc()
        await asyncio.sleep(POLL_S)


async def send_next(database: Database, courier: Courier, clock: Clock) -> str | None:
    """Send what is due longest: `sent`, `retry`, `gave_up`, `lost`; None when nothing is due."""
    async with database.sessions.begin() as session:
        claim = await claim_next(session, now=clock())
    # The claim is committed before anything leaves, and no transaction is open while the receiver thinks.
    if claim is None:
        return None
    await failpoint("webhook.claimed")
    if _is_late(claim, clock):
        # This process stood still meanwhile: whoever takes it over may be sending it already.
        return "lost"
    headers = headers_of(str(claim.event_id), claim.payload, claim.secrets, now=clock())
    answer = await courier.send(claim.url, headers, claim.payload)
    await failpoint("webhook.sent")
    async with database.sessions.begin() as session:
        result = await settle(session, claim, answer, now=clock())
    if result != "sent":
        log.info("webhook_not_taken", delivery=str(claim.id), status=answer.status, error=answer.error, result=result)
    return result


def _is_late(claim: Claim, clock: Clock) -> bool:
    return (claim.until - clock()).total_seconds() < TIMEOUT_S * 2

"""Tells receivers of events: signed, again and again until they say 2xx, in no order."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from random import Random

import httpx
import stripe

from deploy.stripe_twin.api import Desk
from deploy.stripe_twin.call import Destination
from deploy.stripe_twin.clockwork import tick
from deploy.stripe_twin.store import Json

PATIENCE_S = 10.0
# Three days, as Stripe tries on.
GIVEN_UP_AFTER = 16
LONGEST_WAIT_S = 3600.0
AT_ONCE = 8
LOOKS_EVERY_S = 1.0


def signature(body: str, secrets: tuple[str, ...], at: int) -> str:
    """`Stripe-Signature` over the raw bytes: one `v1` for every secret that is valid now."""
    signed = [stripe.WebhookSignature.generate_signature_header(body, secret, at) for secret in secrets]
    return ",".join([f"t={at}", *(each.partition(",")[2] for each in signed)])


async def send(
    client: httpx.AsyncClient, destination: Destination, body: str, *, at: int | None = None, header: str | None = None
) -> int:
    """One attempt; the status that was answered, 0 for none."""
    signed = header or signature(body, destination.secrets, int(time.time()) if at is None else at)
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signed}
    try:
        answer = await client.post(destination.url, content=body.encode(), headers=headers)
    except httpx.HTTPError:
        return 0
    return answer.status_code


async def keep_sending(desk: Desk) -> None:
    """Until it is cancelled: the clock's work, then whatever is due."""
    async with httpx.AsyncClient(timeout=PATIENCE_S, follow_redirects=False, trust_env=False) as client:
        while True:
            tick(desk)
            while due := _due(desk):
                await asyncio.gather(*(_deliver(desk, client, each) for each in due))
            desk.wake.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(desk.wake.wait(), min(LOOKS_EVERY_S, desk.settings.retry_after_s))


def _due(desk: Desk) -> list[Json]:
    if desk.store.control("held", False):
        return []
    return desk.store.rows(
        "select d.seq, d.destination, d.attempts, e.notice from deliveries d join events e on e.id = d.event "
        "where d.state = 'waiting' and d.due <= ? order by d.due, d.seq limit ?",
        (time.time(), AT_ONCE),
    )


async def _deliver(desk: Desk, client: httpx.AsyncClient, row: Json) -> None:
    status = await send(client, desk.settings.destinations[row["destination"]], row["notice"])
    attempts = row["attempts"] + 1
    good = 200 <= status < 300
    state = "delivered" if good else "given up" if attempts >= GIVEN_UP_AFTER else "waiting"
    wait = min(desk.settings.retry_after_s * 2 ** row["attempts"], LONGEST_WAIT_S)
    desk.store.db.execute(
        "update deliveries set attempts = ?, state = ?, said = ?, due = ? where seq = ?",
        (attempts, state, status, time.time() + wait, row["seq"]),
    )


def shuffle(desk: Desk, seed: int | None) -> None:
    """Give waiting deliveries another order: backwards without a seed."""
    waiting = desk.store.rows("select seq, due from deliveries where state = 'waiting' order by due, seq")
    order = list(range(len(waiting)))
    if seed is None:
        order.reverse()
    else:
        Random(seed).shuffle(order)  # noqa: S311 - an order, no secret
    now = time.time()
    for place, row in zip(order, waiting, strict=True):
        # So close to each other that none is late, and all are due.
        desk.store.db.execute("update deliveries set due = ? where seq = ?", (now - 1 + place / 10_000, row["seq"]))

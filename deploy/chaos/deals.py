"""Deals under load: a need, two proposals of which one is chosen, an agreement that both sign, complete and settle."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from deploy.bench.person import Person
from deploy.chaos.ledger import Ledger
from deploy.chaos.load import NEED
from deploy.chaos.pen import Found, Pen
from services.catalog.payments.models import settlement_id_of
from shared.clock import day_of, now

# Rules of the product let an organisation write sixty messages an hour, and each here writes in several exchanges.
MOST_MESSAGES = 40
VAT_CENTS, BACK_CENTS = 2500, 1250
LINE = {"what": "Repas", "quantity": "20", "unit": "repas", "price_cents": 1250}


async def deal_for_ever(buyer: Person, suppliers: list[Person], ledger: Ledger, *, seed: int) -> None:
    """One deal after the other, until cancelled; `suppliers` are two."""
    dice, author, pens = random.Random(seed), Pen(buyer, ledger), [Pen(each, ledger) for each in suppliers]  # noqa: S311
    messages = 0
    while True:
        words = {"description": f"{NEED['description']} {uuid4()}", "title": "Vingt repas"}
        need = await author.make("need", "/api/v1/needs", **(NEED | words))
        if need is None or not await author.step("need", need, "publish", done=_is("published")):
            continue
        chosen, other = await asyncio.gather(*(_proposal(pen, need["id"]) for pen in pens))
        if chosen is None or other is None:
            continue
        await author.step("proposal", chosen, "accept", reason="social", done=_is("accepted"))
        await author.step("proposal", other, "reject", reason="price", done=_is("rejected"))
        order = {"proposal_id": chosen["id"], "nature": "order", "milestones": [{"label": "Livré"}]}
        agreement = await author.make("agreement", "/api/v1/agreements", **order)
        if agreement is None:
            continue
        await asyncio.gather(_sign(author, agreement, "buyer"), _sign(pens[0], agreement, "supplier"))
        if messages < MOST_MESSAGES and dice.random() < 0.7:
            messages += 1
            await asyncio.gather(*(write(pen, chosen["id"]) for pen in (author, pens[0])))
        if dice.random() < 0.9:
            await asyncio.gather(
                author.step("agreement", agreement, "complete", done=_has("buyer_done_at")),
                pens[0].step("agreement", agreement, "complete", done=_has("supplier_done_at")),
            )
            await _settle(author, pens[0], agreement, gives_back=dice.random() < 0.5)
        else:
            await author.step("agreement", agreement, "cancel", reason="together", done=_is("cancelled"))


async def write(pen: Pen, exchange: str) -> None:
    """One message, whose words are its own: the verdict finds one that is there twice."""
    await pen.make("message", f"/api/v1/exchanges/{exchange}/messages", words=f"Entendu. {uuid4()}")


async def _proposal(pen: Pen, need: str) -> Found | None:
    until = (day_of(now()) + timedelta(days=30)).isoformat()
    return await pen.make("proposal", "/api/v1/proposals", need_id=need, lines=[LINE], valid_until=until)


async def _settle(payer: Pen, payee: Pen, agreement: Found, *, gives_back: bool) -> None:
    """What the order made due is billed, paid and confirmed; of half of them some goes back."""
    due: Found = {"id": settlement_id_of(UUID(agreement["id"]), milestone=0)}
    today = day_of(now()).isoformat()
    bill = {"invoice": f"F-{uuid4()}", "invoiced_on": today, "vat_cents": VAT_CENTS}
    await payee.step("settlement", due, "bill", done=_has("invoice"), **bill)
    await payer.step("settlement", due, "declare", means="transfer", paid_on=today, done=_is("declared"))
    if not await payee.step("settlement", due, "confirm", done=_is("confirmed")) or not gives_back:
        return
    back = {"back_cents": BACK_CENTS, "returned_on": today}
    await payee.step("settlement", due, "give-back", done=_has("returning_cents"), **back)
    await payer.step("settlement", due, "take-back", done=_has("returned_cents"), arrived=True)


async def _sign(pen: Pen, agreement: Found, side: str) -> None:
    signing = {"document_sha256": agreement["documents"]["fr"], "has_read": True}

    def done(found: Found) -> bool:
        return any(each["side"] == side for each in found["signatures"])

    if await pen.step("agreement", agreement, "sign", done=done, **signing):
        pen.ledger.signed.add((UUID(agreement["id"]), side))


def _is(state: str) -> Callable[[Found], bool]:
    return lambda found: bool(found["state"] == state)


def _has(field: str) -> Callable[[Found], Any]:
    return lambda found: found[field]

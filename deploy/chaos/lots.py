"""Lots under load: published, kept, taken by two at once, called off, confirmed by both sides, subscribed to."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from deploy.bench.person import Person
from deploy.chaos.deals import write
from deploy.chaos.ledger import Ledger
from deploy.chaos.pen import Found, Pen
from shared.clock import day_of, now

# What two race for, and one of them has lost.
LOST = frozenset({"NotSoMuchLeft", "LotNotOpen"})
MOST_MESSAGES = 10
# A subscription of a weekly flow, and a lot besides its rule, once in so many lots.
EVERY = 4
FLOW = {
    "categories": ["wooden-pallets"],
    "legal_status": "product",
    "place": "Fenouillet",
    "quantity_value": "10",
    "quantity_unit": "t",
    "levels": ["reuse"],
    "pickup_from": "00:00",
    "pickup_until": "23:59",
    "price_cents": 0,
}


async def give_for_ever(publisher: Person, takers: list[Person], ledger: Ledger, *, seed: int) -> None:
    """One lot after the other, until cancelled; `takers` are two."""
    dice, holder, pens = random.Random(seed), Pen(publisher, ledger), [Pen(each, ledger) for each in takers]  # noqa: S311
    lots = messages = 0
    while True:
        lots += 1
        if lots % EVERY == 1:
            await _subscribe(holder, pens[0])
        first = day_of(now())
        flow = await _open(holder, starts_on=first, ends_on=first + timedelta(days=20))
        if flow is None:
            continue
        lot = (await holder.read(f"/api/v1/flows/{flow['id']}/lots"))["items"][0]["id"]
        await _hold(pens[0], lot, dice)
        called_off = await _take(pens[1], lot, "1", days=1)
        # Twelve tonnes of a lot of ten: what does not fit is refused, whoever comes last.
        made = await asyncio.gather(*(_take(pen, lot, "3", days=0) for pen in (*pens, *pens, *pens[:1])))
        if called_off:
            await pens[1].step("taking", called_off, "cancel", reason="no_vehicle", done=_is("cancelled"))
        for pen, taking in zip((*pens, *pens, *pens[:1]), made, strict=True):
            if taking is None:
                continue
            if messages < MOST_MESSAGES:
                messages += 1
                await write(pen, taking["id"])
            await _settle(holder, pen, taking, dice)


async def _open(holder: Pen, **days: Any) -> Found | None:
    said: dict[str, Any] = {
        **FLOW,
        "title": f"Palettes {uuid4()}",
        **{name: _text(value) for name, value in days.items()},
    }
    flow = await holder.make("flow", "/api/v1/flows", **said)
    return flow and await holder.step("flow", flow, "publish", done=_is("published"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else value.isoformat()


async def _subscribe(holder: Pen, taker: Pen) -> None:
    """Forty percent of each lot of a weekly flow, and then a lot besides its rule."""
    first = day_of(now()) + timedelta(days=1)
    flow = await _open(holder, starts_on=first, recurrence="FREQ=WEEKLY", quantity_period="week")
    if flow is None:
        return
    part = {"flow_id": flow["id"], "percent": 40, "level": "reuse", "transport": "own"}
    days = {"from_on": _text(day_of(now())), "until_on": _text(first + timedelta(days=200))}
    asked = await taker.make("subscription", "/api/v1/subscriptions", **part, **days)
    if asked:
        await holder.step("subscription", asked, "accept", done=_is("accepted"))
    day = _text(first + timedelta(days=2))
    await holder.make("lot", "/api/v1/flows/call-offs", flow_id=flow["id"], quantity_value="5", day_on=day)


async def _hold(pen: Pen, lot: str, dice: random.Random) -> None:
    part = {"lot_id": lot, "quantity_value": "2", "level": "reuse"}
    held = await pen.make("taking", "/api/v1/takings/holds", lost=LOST, **part)
    if held is None:
        return
    if dice.random() < 0.5:
        await pen.step("taking", held, "release", done=_is("released"))
    else:
        await pen.step("taking", held, "take", done=_is("made"), **_pick_up(1))


async def _take(pen: Pen, lot: str, value: str, *, days: int) -> Found | None:
    part = {"lot_id": lot, "quantity_value": value, "level": "reuse"}
    return await pen.make("taking", "/api/v1/takings", lost=LOST, **part, **_pick_up(days))


def _pick_up(days: int) -> dict[str, str]:
    return {"transport": "own", "slot_on": _text(day_of(now()) + timedelta(days=days))}


async def _settle(holder: Pen, taker: Pen, taking: Found, dice: random.Random) -> None:
    """Both say how much left, at once: alike, or not, and then one of them takes the other's figure or nobody does."""
    theirs = dice.choice(("3", "3", "2.9", "2"))
    await asyncio.gather(_say(holder, taking, "holder", "3"), _say(taker, taking, "taker", theirs))
    if theirs == "2" and dice.random() < 0.5:
        await give_in(holder, taking, Decimal(theirs))


async def give_in(holder: Pen, taking: Found, theirs: Decimal) -> None:
    """Accept the taker's figure. A holder that is cancelled meanwhile never hears which of the two is held."""
    figure = UUID(taking["id"]), "holder"
    holder.ledger.said.pop(figure, None)
    if await holder.step("taking", taking, "accept", value=str(theirs), done=_is("confirmed")):
        holder.ledger.said[figure] = theirs


async def _say(pen: Pen, taking: Found, side: str, value: str) -> None:
    said = {"value": value, "basis": "measured", "ticket": f"{side}-{value}"}

    def done(found: Found) -> bool:
        return bool(found[f"{side}_says"])

    if await pen.step("taking", taking, "done", done=done, **said):
        pen.ledger.said[UUID(taking["id"]), side] = Decimal(value)


def _is(state: str) -> Callable[[Found], bool]:
    return lambda found: bool(found["state"] == state)

"""Money of a gift by agreement arrives as its settlements say: who confirmed it there has confirmed it here."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Machine
from services.catalog.gifts.content import Delivery, Means
from services.catalog.gifts.models import Gift
from services.catalog.gifts.promising import note_about, tell
from services.catalog.gifts.queries import UNPAID, gifts_to_settle, papers_of_gift, settlements_behind
from services.catalog.payments.models import ENDED, Settlement
from shared.clock import day_of
from shared.database import Database, now_of
from shared.database.one_by_one import all_due
from shared.events.payments import Means as Paid
from shared.observability.pulse import every

TIMER_S = 5.0
"""Whoever confirmed a settlement and goes on to the gift finds it there."""

# How a receipt names what a settlement says; what it has no word for is another means.
MEANS: Final[Mapping[Paid, Means]] = {
    Paid.TRANSFER: Means.TRANSFER,
    Paid.DEBIT: Means.DEBIT,
    Paid.CARD: Means.CARD,
    Paid.CHEQUE: Means.CHEQUE,
}


async def settle_for_ever(database: Database) -> None:
    """Let gifts follow their settlements, for ever; any number of timers may run.

    A step of a payment is said on a page, by a bank, or by whoever reconciles: rows are looked at, whoever wrote them.
    """
    async for _ in every(TIMER_S):
        await settle_gifts(database)


async def settle_gifts(database: Database) -> int:
    """Let each gift say what its settlements say, in a transaction of its own; returns how many were looked at."""
    return await all_due(database, gifts_to_settle, settle_gift, failed="gift_not_settled")


async def settle_gift(session: AsyncSession, gift: Gift) -> None:
    """Keep what is there; where all of it went back and no paper is left about it, it is no gift."""
    now, before = now_of(session), gift.value_cents() if gift.delivered_at else 0
    settlements = await settlements_behind(session, gift, gift.recipient_id)
    has_paper = any(each.cancelled_at is None for each in await papers_of_gift(session, gift.id))
    there = arrived(settlements)
    if there is None and not has_paper and all(each.state in ENDED for each in settlements):
        events, action = gift.give_all_back(now), "gift.withdrawn"
    else:
        events, action = gift.settle(there, has_paper=has_paper, at=now), "gift.delivered"
    if not events:
        return
    after = gift.value_cents() if gift.delivered_at else 0
    if action == "gift.delivered" and (after or 0) < (before or 0):
        action = "gift.returned"
    await tell(session, gift, *events)
    await note_about(session, Machine(gift.recipient_id), gift, action, cents=after)


def arrived(settlements: Sequence[Settlement]) -> tuple[Delivery, date] | None:
    """What is there of all of them, with its bank lines, as of the day of the last; None while nothing is."""
    kept = [each for each in settlements if received_cents(each)]
    if not kept:
        return None
    last = max(kept, key=lambda each: (each.paid_on or date.min, each.milestone))
    delivery = Delivery(
        cents=sum(map(received_cents, kept)),
        means=MEANS.get(last.means, Means.OTHER) if last.means else Means.OTHER,
        reference=" ; ".join(dict.fromkeys(each.reference for each in kept if each.reference)),
    )
    return delivery, last.paid_on or day_of(last.updated_at)


def received_cents(settlement: Settlement) -> int:
    """Of a settlement, what is there and did not go back; what is on its way back may yet stay."""
    return 0 if settlement.state in UNPAID else settlement.cents - settlement.returned_cents

"""What becomes of a settlement when its money goes through Stripe: each step of a payment, as moves and as news."""

from datetime import datetime, timedelta

from services.catalog.payments.ledger import Why
from services.catalog.payments.models import Settlement, State, Told
from shared.clock import day_of
from shared.events.payments import (
    Contest,
    Means,
    SettlementConfirmed,
    SettlementContested,
    SettlementDeclared,
    SettlementEvent,
    SettlementFailed,
    SettlementRefunded,
    SettlementReturned,
)


def charge(settlement: Settlement, means: Means, now: datetime) -> Told:
    """A bank was asked for it: who is paid hears that it is on its way."""
    settlement.state, settlement.is_online = State.DECLARED, True
    settlement.reason, settlement.words, settlement.remind_on = None, "", None
    settlement.means, settlement.paid_on, settlement.reference = means, day_of(now), ""
    event = settlement.tell(SettlementDeclared, settlement.payee_id, now, means=means, paid_on=settlement.paid_on)
    return [event], settlement.sides.charge(settlement.cents)


def fail(settlement: Settlement, now: datetime) -> Told:
    """The bank said no: it is owed as before, and its payer hears of it."""
    event = settlement.tell(SettlementFailed, settlement.payer_id, now)
    settlement.state, settlement.is_online = State.DUE, False
    settlement.means, settlement.paid_on = None, None
    # Whoever does not pay again hears of it.
    settlement.remind_on = max(settlement.due_on, day_of(now)) + timedelta(days=1)
    return settlement.owed_again(([event], settlement.sides.undeclare(settlement.cents, Why.FAILED)), now)


def receive(settlement: Settlement, fee_cents: int, now: datetime, *, is_held: bool) -> Told:
    """The money is there: with who is paid, or with the platform, which passes it on. Both hear of it."""
    settlement.state = State.CONFIRMED
    events: list[SettlementEvent] = [
        settlement.tell(SettlementConfirmed, to, now) for to in (settlement.payer_id, settlement.payee_id)
    ]
    sides = settlement.sides
    return events, sides.hold(settlement.cents) if is_held else sides.receive(settlement.cents, fee_cents)


def ask_back(settlement: Settlement, cents: int, now: datetime) -> Told:
    """Who was paid gives some of it back: Stripe sends it."""
    settlement.returning_cents += cents
    settlement.returned_on = day_of(now)
    event = settlement.tell(SettlementReturned, settlement.payer_id, now, returned_cents=cents)
    return [event], settlement.sides.give_back(cents)


def refund(settlement: Settlement, cents: int, fee_cents: int, now: datetime) -> Told:
    """Stripe sent it, and gave the platform's part of it; whoever asked for it elsewhere asked for it now."""
    events, moves = [], []
    unasked = cents - settlement.returning_cents
    if unasked > 0:
        asked = ask_back(settlement, unasked, now)
        events, moves = [*asked[0]], [*asked[1]]
    settlement.returning_cents -= cents
    settlement.returned_cents += cents
    whole = settlement.returned_cents == settlement.cents
    if whole:
        settlement.state = State.REFUNDED
    told = {"returned_cents": settlement.returned_cents, "is_whole": whole}
    events.append(settlement.tell(SettlementRefunded, settlement.payee_id, now, **told))
    return events, [*moves, *settlement.sides.return_fee(fee_cents), *settlement.sides.refund(cents)]


def keep(settlement: Settlement, now: datetime) -> Told:
    """Stripe refused to send it back: who was paid keeps it, and hears of it."""
    cents, settlement.returning_cents = settlement.returning_cents, 0
    event = settlement.tell(SettlementFailed, settlement.payee_id, now)
    return [event], settlement.sides.keep(cents)


def contest(settlement: Settlement, cents: int, now: datetime) -> Told:
    """The payer's bank took it back, until it decides."""
    settlement.state = State.CONTESTED
    event = settlement.tell(SettlementContested, settlement.payee_id, now, contest=Contest.OPEN)
    return [event], settlement.sides.contest(cents)


def decide(settlement: Settlement, cents: int, fee_cents: int, now: datetime, *, won: bool) -> Told:
    """The bank decided: it is given again, or stays with the payer and is taken from who was paid."""
    outcome = Contest.WON if won else Contest.LOST
    settlement.state = State.CONFIRMED if won else State.REFUNDED
    events: list[SettlementEvent] = [
        settlement.tell(SettlementContested, to, now, contest=outcome)
        for to in (settlement.payee_id, settlement.payer_id)
    ]
    if won:
        return events, settlement.sides.contest(-cents)
    settlement.returned_cents += cents
    return events, settlement.sides.lose(cents, fee_cents)

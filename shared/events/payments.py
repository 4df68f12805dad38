"""What catalog publishes about settlements: due, declared, confirmed, disputed, returned, voided, overdue …"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events.event import Event


class Means(StrEnum):
    """How a settlement was paid."""

    TRANSFER = "transfer"
    DEBIT = "debit"
    CARD = "card"
    CHEQUE = "cheque"
    OFFSET = "offset"
    OTHER = "other"


class DisputedFor(StrEnum):
    """Why who should have received money says that it did not."""

    NOT_ARRIVED = "not_arrived"
    AMOUNT = "amount"
    REFERENCE = "reference"
    OTHER = "other"


class Contest(StrEnum):
    """What became of a payment that the payer's bank disputes."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class SettlementEvent(Event):
    """What each of them tells: of which agreement, between whom, how much.

    `organisation_id` is who hears of it, one of the two; `partner_name` is the other one. `cents` are euros with VAT as
    far as the invoice is known. `milestone` counts from 1; 0 is the whole agreement. `is_online` when its money goes
    through Stripe: what happened is known from there, and nobody has to confirm it. `is_simulated`: no money moved.
    """

    settlement_id: UUID
    agreement_id: UUID
    milestone: int
    organisation_id: UUID
    payer_id: UUID
    payee_id: UUID
    partner_name: str
    title: str
    cents: int
    due_on: date
    at: datetime
    is_online: bool = False
    is_simulated: bool = False


class SettlementDue(SettlementEvent, type="catalog.settlement.due.v1", aggregate="settlement_id"):
    """Both sides signed what this is owed for; each hears of it."""


class SettlementBilled(SettlementEvent, type="catalog.settlement.billed.v1", aggregate="settlement_id"):
    """Who is paid named its invoice, and the VAT on it: `cents` is what is to be paid now.

    `is_self_billed` when who pays named it, under a mandate; then it is who is paid that hears of it.
    """

    is_self_billed: bool = False


class SettlementCredited(SettlementEvent, type="catalog.settlement.credited.v1", aggregate="settlement_id"):
    """A credit note was named for what was given back, or for what was called off."""

    credit_note: str
    credited_on: date


class SettlementDeclared(SettlementEvent, type="catalog.settlement.declared.v1", aggregate="settlement_id"):
    """Who pays says that it did; who is paid confirms it once the money is there."""

    means: Means
    paid_on: date


class SettlementConfirmed(SettlementEvent, type="catalog.settlement.confirmed.v1", aggregate="settlement_id"):
    """Who is paid says that the money is there."""


class SettlementDisputed(SettlementEvent, type="catalog.settlement.disputed.v1", aggregate="settlement_id"):
    """Who is paid says that what was declared is not there."""

    reason: DisputedFor


class SettlementReturned(SettlementEvent, type="catalog.settlement.returned.v1", aggregate="settlement_id"):
    """Who was paid says that it gave `returned_cents` back; who paid confirms it once they are there."""

    returned_cents: int


class SettlementRefunded(SettlementEvent, type="catalog.settlement.refunded.v1", aggregate="settlement_id"):
    """Who paid says that what was given back is there: `returned_cents` in all, `is_whole` when nothing is kept."""

    returned_cents: int
    is_whole: bool


class SettlementVoided(SettlementEvent, type="catalog.settlement.voided.v1", aggregate="settlement_id"):
    """The agreement was cancelled before anybody paid: nothing is owed any more."""


class SettlementOverdue(SettlementEvent, type="catalog.settlement.overdue.v1", aggregate="settlement_id"):
    """Its day has passed and nobody says that it was paid; told once."""


class SettlementFailed(SettlementEvent, type="catalog.settlement.failed.v1", aggregate="settlement_id"):
    """A payment online came to nothing: its payer owes it as before; or a refund did, and its payee keeps it."""


class SettlementContested(SettlementEvent, type="catalog.settlement.contested.v1", aggregate="settlement_id"):
    """The payer's bank took back what was paid online, gave it again, or kept it."""

    contest: Contest

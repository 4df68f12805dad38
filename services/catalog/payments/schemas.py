"""What the two sides of a settlement say about it, and settlements as JSON."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Struct
from pydantic import Field, StringConstraints

from services.catalog.payments.ledger import Account
from services.catalog.payments.models import LONGEST_NUMBER, LONGEST_REFERENCE, LONGEST_WORDS, LedgerMove, Settlement
from services.catalog.payments.online.models import PaymentAccount, StripeCall
from services.catalog.payments.queries import accounts_of
from services.catalog.proposals.schemas import Euros
from services.catalog.vat.lines import MOST_LINES, VatLine
from shared.events.payments import DisputedFor, Means
from shared.web.asked import Asked

MOST_CENTS = 100_000_000_000

Reference = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_REFERENCE)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_WORDS)]
Cents = Annotated[int, Field(ge=0, le=MOST_CENTS)]


class Billing(Asked):
    """The payee's invoice: its number, its day and the VAT on it. A program gives `vat_cents`, the form `vat_euros`.

    `vat_lines` say the VAT rate by rate, and then its sum; `vat_rate` is one rate for all of it, or why none is due.
    `vat_number` is the payee's.
    """

    invoice: Annotated[Reference, StringConstraints(min_length=1), Field(examples=["F-2026-118"])]
    invoiced_on: Annotated[date, Field(examples=["2026-11-30"])]
    vat_cents: Cents = 0
    vat_euros: Annotated[Euros, Field(ge=0)] | None = None
    vat_lines: Annotated[list[VatLine], Field(max_length=MOST_LINES)] = []
    vat_rate: Annotated[str, Field(max_length=20, examples=["20"])] = ""
    vat_number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NUMBER)] = ""

    @property
    def vat(self) -> int:
        """The VAT in cents."""
        return self.vat_cents if self.vat_euros is None else int(self.vat_euros * 100)


class Crediting(Asked):
    """The payee's credit note, for what was given back or called off: its number and its day."""

    credit_note: Annotated[Reference, StringConstraints(min_length=1), Field(examples=["AV-2026-9"])]
    credited_on: Annotated[date, Field(examples=["2026-12-12"])]


class Declaring(Asked):
    """How and when it was paid, and what the payee finds on its bank statement."""

    means: Means
    paid_on: Annotated[date, Field(examples=["2026-12-02"])]
    reference: Reference = ""


class Disputing(Asked):
    """Why what was declared is not right; the payer reads the words."""

    reason: DisputedFor | None = None
    words: Words = ""


class GivingBackOnline(Asked):
    """How much of an online payment is given back. A program gives `back_cents`, the form `back_euros`."""

    back_cents: Annotated[int, Field(gt=0, le=MOST_CENTS)] | None = None
    back_euros: Annotated[Euros, Field(gt=0)] | None = None

    @property
    def cents(self) -> int:
        """How much, in cents."""
        return int(self.back_euros * 100) if self.back_euros is not None else self.back_cents or 0


class GivingBack(GivingBackOnline):
    """How much was given back, when, and what the payer finds on its bank statement."""

    returned_on: Annotated[date, Field(examples=["2026-12-10"])]
    reference: Reference = ""


class TakingBack(Asked):
    """Whether what was given back arrived."""

    arrived: bool = True


class VatLineOut(Struct, frozen=True):
    """What an invoice charges at one rate; `exemption` says why nothing is due where the rate is 0."""

    rate: str
    net_cents: int
    vat_cents: int
    exemption: str | None


class SettlementOut(Struct, frozen=True):
    """A settlement as its two sides read it; cents of euros. `awaits_you` when it is one's own organisation's turn.

    `milestone` counts from 1; 0 is the whole agreement. `cents` is `net_cents` with the VAT of the invoice, which is
    `is_self_billed` where its payer wrote it, under a mandate.
    """

    id: UUID
    version: int
    agreement_id: UUID
    milestone: int
    step: str
    title: str
    payer_id: UUID
    payer_name: str
    payee_id: UUID
    payee_name: str
    state: str
    currency: str
    cents: int
    net_cents: int
    vat_cents: int
    due_on: date
    invoice: str
    invoiced_on: date | None
    vat_lines: list[VatLineOut]
    vat_number: str
    is_self_billed: bool
    credit_note: str
    credited_on: date | None
    means: str | None
    paid_on: date | None
    reference: str
    reason: str | None
    words: str
    returning_cents: int
    returned_cents: int
    returned_on: date | None
    returned_reference: str
    is_online: bool
    awaits_you: bool
    made_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, settlement: Settlement, reader_id: UUID) -> "SettlementOut":
        """The JSON of a settlement, for one of its sides."""
        lines = [VatLineOut(each.rate, each.net_cents, each.vat_cents, each.exemption) for each in settlement.vat_lines]
        said: dict[str, Any] = {"currency": "EUR", "awaits_you": settlement.awaits(reader_id), "vat_lines": lines}
        kept = [name for name in cls.__struct_fields__ if name not in said]
        return cls(**said, **{name: getattr(settlement, name) for name in kept})


class Settlements(Struct, frozen=True):
    """One page of settlements, the newest first; `next` is the cursor of the following one."""

    items: list[SettlementOut]
    next: str | None


class AccountOut(Struct, frozen=True):
    """Whose account of which kind; nobody's is the platform's."""

    kind: str
    organisation_id: UUID | None

    @classmethod
    def of(cls, account: Account) -> "AccountOut":
        """The JSON of an account."""
        return cls(*account)


class MoveOut(Struct, frozen=True):
    """One move of the ledger: cents, always more than none, out of one account into another."""

    id: UUID
    why: str
    source: AccountOut
    target: AccountOut
    cents: int
    at: datetime

    @classmethod
    def of(cls, move: LedgerMove) -> "MoveOut":
        """The JSON of a move."""
        source, target = accounts_of(move)
        return cls(move.id, move.why, AccountOut.of(source), AccountOut.of(target), move.cents, move.at)


class Moves(Struct, frozen=True):
    """One page of the moves of a settlement, the first one first; `next` is the cursor of the following one."""

    items: list[MoveOut]
    next: str | None


class Checkout(Struct, frozen=True):
    """The page of Stripe's where a settlement is paid, and until when it is open."""

    url: str
    ends_at: datetime | None

    @classmethod
    def of(cls, call: StripeCall) -> "Checkout":
        """The JSON of a call that opened one, or that leads to where an account is asked for."""
        return cls(call.url, call.ends_at)


class PaymentAccountOut(Struct, frozen=True):
    """What one's organisation is paid on: `none`, `asked`, `enabled` or `restricted`; and what Stripe still asks."""

    standing: str
    asked: list[str]

    @classmethod
    def of(cls, account: PaymentAccount | None) -> "PaymentAccountOut":
        """The JSON of an account, or of none."""
        return cls(account.standing, account.asked) if account else cls("none", [])


class Payments(Struct, frozen=True):
    """How money moves here: `offline` (declared and confirmed by both sides), `stripe` or `simulated`."""

    mode: str
    is_live: bool


class Capabilities(Struct, frozen=True):
    """What this installation can do."""

    payments: Payments

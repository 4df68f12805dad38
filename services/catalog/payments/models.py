"""A settlement: one amount that is owed under an agreement, and how far it is paid; and the ledger's moves."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid5

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.db import Base, coded
from services.catalog.payments.errors import (
    BackAlready,
    BilledTooLate,
    MoreThanReceived,
    NothingDeclared,
    NothingGivenBack,
    NothingOwed,
    NothingToCredit,
    NothingToGiveBack,
    PaidOnline,
)
from services.catalog.payments.ledger import Kind, Move, Sides, Why
from services.catalog.vat.lines import VatLine
from shared.clock import day_of
from shared.database import new_id
from shared.events.payments import (
    DisputedFor,
    Means,
    SettlementBilled,
    SettlementConfirmed,
    SettlementCredited,
    SettlementDeclared,
    SettlementDisputed,
    SettlementDue,
    SettlementEvent,
    SettlementOverdue,
    SettlementRefunded,
    SettlementReturned,
    SettlementVoided,
)

LONGEST_REFERENCE = 80
LONGEST_WORDS = 500
LONGEST_NUMBER = 20


class State(StrEnum):
    """Where a settlement stands."""

    DUE = "due"
    DECLARED = "declared"
    DISPUTED = "disputed"
    CONFIRMED = "confirmed"
    REFUNDED = "refunded"
    VOIDED = "voided"
    CONTESTED = "contested"


OPEN = (State.DUE, State.DISPUTED)
ENDED = (State.CONFIRMED, State.REFUNDED, State.VOIDED)
Told = tuple[list[SettlementEvent], list[Move]]
Event = TypeVar("Event", bound=SettlementEvent)


class Share(NamedTuple):
    """One amount to be made due, before tax: for a milestone from 1, or for the whole agreement (0)."""

    milestone: int
    step: str
    title: str
    payer_id: UUID
    payer_name: str
    payee_id: UUID
    payee_name: str
    net_cents: int
    due_on: date


class Bill(NamedTuple):
    """What a payee says of its invoice: `vat_cents` is the sum of the lines, where there are any.

    `is_self_billed` when its payer says it, under a mandate.
    """

    invoice: str
    invoiced_on: date
    vat_cents: int
    vat_lines: Sequence[VatLine] = ()
    vat_number: str = ""
    is_self_billed: bool = False


class LedgerMove(Base):
    """One move of the ledger, never changed; whose account it is is None for the platform's."""

    __tablename__ = "ledger_moves"
    __table_args__ = (CheckConstraint("cents > 0", name="cents"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    settlement_id: Mapped[UUID] = mapped_column(ForeignKey("settlements.id"), index=True)
    why: Mapped[Why] = coded(Why)
    source_kind: Mapped[Kind] = coded(Kind)
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    target_kind: Mapped[Kind] = coded(Kind)
    target_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    cents: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(index=True)

    settlement: Mapped["Settlement"] = relationship(lazy="raise")


class Settlement(Base):
    """What `payer_id` owes `payee_id` under an agreement, for one of its milestones, or for all of it (0).

    `step` is what the milestone is called; title and names are as both signed them. Who makes due what it signed for
    knows agreements: payments know only their ids.

    `net_cents` is what was agreed, before tax; `vat_cents` is known once its invoice is named, by its payee or, where
    `is_self_billed`, by its payer. `credit_note` takes it back, or a part of it. `returning_cents` wait for the payer's
    word, `returned_cents` are back. `is_online` while its money goes, or went, through Stripe: then what happens is not
    for the two to say. `is_called_off` once its agreement was cancelled, while it was not paid. `remind_on` is when its
    payer hears that its day has passed; None once told, or once somebody said that it was paid.
    """

    __tablename__ = "settlements"
    __table_args__ = (
        UniqueConstraint("agreement_id", "milestone"),
        CheckConstraint("net_cents > 0 AND vat_cents >= 0", name="cents"),
        CheckConstraint(
            "returning_cents >= 0 AND returned_cents >= 0 "
            "AND returning_cents + returned_cents <= net_cents + vat_cents",
            name="returned",
        ),
        CheckConstraint("payer_id <> payee_id", name="two"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreements.id"))
    milestone: Mapped[int] = mapped_column(default=0)
    step: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str] = mapped_column(Text)
    payer_name: Mapped[str] = mapped_column(Text)
    payee_name: Mapped[str] = mapped_column(Text)
    payer_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    payee_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[State] = coded(State)
    version: Mapped[int] = mapped_column(default=0)
    net_cents: Mapped[int] = mapped_column(BigInteger)
    vat_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    due_on: Mapped[date] = mapped_column(index=True)
    invoice: Mapped[str] = mapped_column(String(LONGEST_REFERENCE), default="")
    invoiced_on: Mapped[date | None]
    line_data: Mapped[list[dict[str, Any]]] = mapped_column("vat_lines", JSONB, default=list, server_default="[]")
    vat_number: Mapped[str] = mapped_column(String(LONGEST_NUMBER), default="", server_default="")
    is_self_billed: Mapped[bool] = mapped_column(default=False)
    credit_note: Mapped[str] = mapped_column(String(LONGEST_REFERENCE), default="")
    credited_on: Mapped[date | None]
    means: Mapped[Means | None] = coded(Means)
    paid_on: Mapped[date | None]
    reference: Mapped[str] = mapped_column(String(LONGEST_REFERENCE), default="")
    reason: Mapped[DisputedFor | None] = coded(DisputedFor)
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS), default="")
    returning_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    returned_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    returned_on: Mapped[date | None]
    returned_reference: Mapped[str] = mapped_column(String(LONGEST_REFERENCE), default="")
    remind_on: Mapped[date | None] = mapped_column(index=True)
    is_online: Mapped[bool] = mapped_column(default=False)
    is_called_off: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def cents(self) -> int:
        """What is to be paid, with VAT as far as it is known."""
        return self.net_cents + self.vat_cents

    @property
    def vat_lines(self) -> list[VatLine]:
        """The VAT of its invoice rate by rate; none where the payee named only its sum."""
        return [VatLine.model_validate(each) for each in self.line_data or ()]

    @property
    def kept_cents(self) -> int:
        """Of what was received, what neither came back nor is on its way back; nothing before it is confirmed."""
        if self.state not in (State.CONFIRMED, State.REFUNDED):
            return 0
        return self.cents - self.returning_cents - self.returned_cents

    def partner_of(self, organisation_id: UUID) -> str:
        """What the other one of the two was called when both signed."""
        return self.payee_name if organisation_id == self.payer_id else self.payer_name

    @property
    def sides(self) -> Sides:
        """Who pays whom."""
        return Sides(self.payer_id, self.payee_id)

    @property
    def is_open(self) -> bool:
        """True while it is to be paid."""
        return self.state in OPEN

    @property
    def may_credit(self) -> bool:
        """True once a part of its invoice is not owed any more: given back, or called off."""
        back = self.returning_cents + self.returned_cents
        return bool(self.invoice) and (back > 0 or self.state is State.VOIDED)

    @property
    def may_bring_back(self) -> bool:
        """True while its payee has something of it to give back, and nothing is on its way."""
        return self.kept_cents > 0 and not self.returning_cents

    def is_overdue(self, now: datetime) -> bool:
        """True once its day has passed and nobody says that it was paid."""
        return self.is_open and self.due_on < day_of(now)

    def awaits(self, organisation_id: UUID) -> bool:
        """True when it is an organisation's turn: to pay, to confirm, or to say that what was returned is there."""
        if organisation_id == self.payer_id:
            return self.is_open or (self.returning_cents > 0 and not self.is_online)
        return organisation_id == self.payee_id and self.state is State.DECLARED and not self.is_online

    def begin(self, now: datetime) -> Told:
        """Be owed; both hear of it."""
        self.state, self.remind_on = State.DUE, self.due_on + timedelta(days=1)
        events: list[SettlementEvent] = [self.tell(SettlementDue, to, now) for to in (self.payer_id, self.payee_id)]
        return events, self.sides.owe(self.net_cents)

    def bill(self, bill: Bill, now: datetime) -> Told:
        """Name the invoice, and the VAT on it; the same again changes nothing. Raises `BilledTooLate`."""
        lines = [each.model_dump(mode="json") for each in bill.vat_lines]
        said = (bill.invoice, bill.invoiced_on, bill.vat_cents, lines, bill.vat_number, bill.is_self_billed)
        known = (self.invoice, self.invoiced_on, self.vat_cents, self.line_data or [], self.vat_number or "")
        if said == (*known, self.is_self_billed):
            return [], []
        if not self.is_open:
            raise BilledTooLate
        more = bill.vat_cents - self.vat_cents
        self.invoice, self.invoiced_on, self.vat_cents, self.line_data, self.vat_number, self.is_self_billed = said
        to = self.payee_id if bill.is_self_billed else self.payer_id
        event = self.tell(SettlementBilled, to, now, is_self_billed=bill.is_self_billed)
        return [event], self.sides.owe(more, Why.VAT) if more else []

    def credit(self, note: str, on: date, by: UUID, now: datetime) -> Told:
        """Name the credit note, as one of the two; the same again changes nothing. Raises `NothingToCredit`."""
        if (note, on) == (self.credit_note, self.credited_on):
            return [], []
        if not self.may_credit:
            raise NothingToCredit
        self.credit_note, self.credited_on = note, on
        to = self.payer_id if by == self.payee_id else self.payee_id
        return [self.tell(SettlementCredited, to, now, credit_note=note, credited_on=on)], []

    def declare(self, means: Means, paid_on: date, reference: str, now: datetime) -> Told:
        """Say that it was paid; raises `NothingOwed`."""
        if not self.is_open:
            raise NothingOwed
        self.state, self.reason, self.words, self.remind_on = State.DECLARED, None, "", None
        self.means, self.paid_on, self.reference = means, paid_on, reference
        event = self.tell(SettlementDeclared, self.payee_id, now, means=means, paid_on=paid_on)
        return [event], self.sides.declare(self.cents)

    def confirm(self, now: datetime) -> Told:
        """The money is there; confirmed already, nothing happens. Raises `NothingDeclared`."""
        if self.state is State.CONFIRMED:
            return [], []
        self._refuse_online()
        self._refuse_undeclared()
        self.state = State.CONFIRMED
        return [self.tell(SettlementConfirmed, self.payer_id, now)], self.sides.confirm(self.cents)

    def dispute(self, reason: DisputedFor, words: str, now: datetime) -> Told:
        """What was declared is not there: it is owed again. Raises `NothingDeclared`."""
        self._refuse_online()
        self._refuse_undeclared()
        self.state, self.reason, self.words = State.DISPUTED, reason, words
        event = self.tell(SettlementDisputed, self.payer_id, now, reason=reason)
        return self.owed_again(([event], self.sides.undeclare(self.cents)), now)

    def give_back(self, cents: int, on: date, reference: str, now: datetime) -> Told:
        """Say that some of it was given back, which its payer confirms; raises what does not allow it."""
        self._refuse_online()
        if self.returning_cents:
            raise BackAlready
        if not self.kept_cents:
            raise NothingToGiveBack
        if cents > self.kept_cents:
            raise MoreThanReceived(most=f"{self.kept_cents / 100:.2f} €".replace(".", ","))
        self.returning_cents, self.returned_on, self.returned_reference = cents, on, reference
        event = self.tell(SettlementReturned, self.payer_id, now, returned_cents=cents)
        return [event], self.sides.give_back(cents)

    def take_back(self, now: datetime, *, arrived: bool) -> Told:
        """Say that what was given back is there, or that it is not; raises `NothingGivenBack`."""
        self._refuse_online()
        cents = self.returning_cents
        if not cents:
            raise NothingGivenBack
        self.returning_cents = 0
        if not arrived:
            event: SettlementEvent = self.tell(SettlementDisputed, self.payee_id, now, reason=DisputedFor.NOT_ARRIVED)
            return [event], self.sides.keep(cents)
        self.returned_cents += cents
        whole = self.returned_cents == self.cents
        if whole:
            self.state = State.REFUNDED
        event = self.tell(SettlementRefunded, self.payee_id, now, returned_cents=self.returned_cents, is_whole=whole)
        return [event], self.sides.refund(cents)

    def void(self, now: datetime) -> Told:
        """Its agreement was cancelled: nothing is owed any more. What was declared stays as long as it may arrive."""
        self.is_called_off = self.is_called_off or self.is_open or self.state is State.DECLARED
        if not self.is_open:
            return [], []
        self.state, self.remind_on = State.VOIDED, None
        events: list[SettlementEvent] = [self.tell(SettlementVoided, to, now) for to in (self.payer_id, self.payee_id)]
        return events, self.sides.owe(-self.cents, Why.VOIDED)

    def owed_again(self, told: Told, now: datetime) -> Told:
        """What did not arrive is owed again, unless its agreement was cancelled meanwhile."""
        if not self.is_called_off:
            return told
        (events, moves), (more, off) = told, self.void(now)
        return [*events, *more], [*moves, *off]

    def remind(self, now: datetime) -> SettlementOverdue:
        """Tell its payer, once, that its day has passed."""
        self.remind_on = None
        return self.tell(SettlementOverdue, self.payer_id, now)

    def _refuse_online(self) -> None:
        if self.is_online:
            raise PaidOnline

    def _refuse_undeclared(self) -> None:
        if self.state is not State.DECLARED:
            raise NothingDeclared

    def tell(self, event: type[Event], to: UUID, now: datetime, **more: Any) -> Event:
        """What one side hears of it; each telling is a version."""
        self.version += 1
        self.updated_at = now
        return event(
            version=self.version,
            settlement_id=self.id,
            agreement_id=self.agreement_id,
            milestone=self.milestone,
            organisation_id=to,
            payer_id=self.payer_id,
            payee_id=self.payee_id,
            partner_name=self.partner_of(to),
            title=self.title,
            cents=self.cents,
            due_on=self.due_on,
            is_online=self.is_online,
            at=now,
            **more,
        )


def settlement_id_of(agreement_id: UUID, *, milestone: int) -> UUID:
    """The one id of what an agreement makes due for a milestone, or for all of it (0)."""
    return uuid5(agreement_id, f"settlement {milestone}")


def settlement_of(share: Share, agreement_id: UUID, now: datetime) -> Settlement:
    """A settlement that nothing was said about yet."""
    return Settlement(
        id=settlement_id_of(agreement_id, milestone=share.milestone),
        agreement_id=agreement_id,
        **share._asdict(),
        version=0,
        vat_cents=0,
        invoice="",
        line_data=[],
        vat_number="",
        is_self_billed=False,
        credit_note="",
        reference="",
        words="",
        returning_cents=0,
        returned_cents=0,
        returned_reference="",
        is_online=False,
        is_called_off=False,
        made_at=now,
    )

"""What is asked of Stripe and what it told: calls kept before they go out, notices, suppliers' accounts, payments."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base, coded, texts
from services.catalog.payments.online.seen import Answer, Bank, Event, Standing, Step
from shared.events.payments import Means

# Stripe forgets a key after a day: asked later, it would do the same thing twice.
KEY_LASTS = timedelta(hours=23)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=30)
BEFORE_THE_TIMER = timedelta(seconds=30)
LONGEST_TEXT = 500


class What(StrEnum):
    """What is asked of Stripe."""

    CUSTOMER = "customer"
    ACCOUNT = "account"
    LINK = "link"
    CHECKOUT = "checkout"
    TRANSFER = "transfer"
    REVERSAL = "reversal"
    REFUND = "refund"
    CAPTURE = "capture"
    CANCEL = "cancel"


class CallState(StrEnum):
    """How far a call is; `doubtful`: nobody answered for so long that a person has to look."""

    BEGUN = "begun"
    DONE = "done"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"


class StripeCall(Base):
    """One thing that is asked of Stripe, kept before it goes out; `due_at` is when a timer asks (again).

    `about` is a settlement or an organisation, `number` counts what was asked of the same kind about it; the id follows
    from these, and the key from the id. `parameters` are asked again as they were: the key stands for them.
    """

    __tablename__ = "stripe_calls"
    __table_args__ = (UniqueConstraint("about", "what", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    what: Mapped[What] = coded(What)
    about: Mapped[UUID]
    number: Mapped[int]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[CallState] = coded(CallState)
    object_id: Mapped[str] = mapped_column(String(255), default="")
    url: Mapped[str] = mapped_column(Text, default="")
    ends_at: Mapped[datetime | None]
    said: Mapped[str] = mapped_column(String(LONGEST_TEXT), default="")
    tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)

    @classmethod
    def of(
        cls, what: What, about: UUID, number: int, *, organisation_id: UUID, parameters: Mapping[str, Any], at: datetime
    ) -> "StripeCall":
        """One that is to be asked; a timer does at once, unless somebody says that they do."""
        made = uuid5(about, f"{what} {number}")
        return cls(
            id=made, what=what, about=about, number=number, organisation_id=organisation_id, key=f"boucle-{made}",
            parameters={**parameters}, state=CallState.BEGUN, object_id="", url="", said="",
            tries=0, made_at=at, due_at=at,
        )  # fmt: skip

    def wait(self) -> "StripeCall":
        """Whoever begins it asks it, too; the timer only if they are not heard of again."""
        self.due_at = self.made_at + BEFORE_THE_TIMER
        return self

    def claim(self, now: datetime) -> None:
        """Somebody asks now: nobody else does, for a while, unless this one is never heard of again."""
        self.tries += 1
        self.due_at = now + min(FIRST_WAIT * 2**self.tries, LONGEST_WAIT)

    def may_be_asked(self, now: datetime) -> bool:
        """False once Stripe may have forgotten its key."""
        return self.state is CallState.BEGUN and now < self.made_at + KEY_LASTS

    def end(self, state: CallState, *, said: str = "") -> None:
        """It is over."""
        self.state, self.due_at, self.said = state, None, said[:LONGEST_TEXT]

    def done(self, answer: Answer) -> None:
        """It was done, and this is what came of it."""
        self.end(CallState.DONE)
        self.object_id, self.url, self.ends_at = answer

    def leads_on(self, now: datetime) -> bool:
        """True while its address is open, and for long enough to be used."""
        return bool(self.url) and self.ends_at is not None and now < self.ends_at - BEFORE_THE_TIMER


class StripeEvent(Base):
    """One notice, kept once; what happened is read again from Stripe. `due_at` None once it is done with."""

    __tablename__ = "stripe_events"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(255))
    object_id: Mapped[str] = mapped_column(String(255))
    told_at: Mapped[datetime] = mapped_column(index=True)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    said: Mapped[str] = mapped_column(String(LONGEST_TEXT), default="")

    @staticmethod
    def values(event: Event, source: str, now: datetime) -> dict[str, Any]:
        """The row of a notice; of what happened in a supplier's name nothing is to be done."""
        return {
            "id": event.event_id, "source": source, "kind": event.kind, "object_id": event.object_id,
            "told_at": event.told_at, "received_at": now, "due_at": None if event.is_foreign else now, "tries": 0,
            "said": "",
        }  # fmt: skip

    def put_off(self, now: datetime, said: str) -> None:
        """It failed: again later, and later each time."""
        self.tries += 1
        self.due_at = now + min(FIRST_WAIT * 2**self.tries, LONGEST_WAIT)
        self.said = said[:LONGEST_TEXT]


class PaymentAccount(Base):
    """An organisation's account with Stripe, which it is paid on; `asked` is what Stripe still wants to know."""

    __tablename__ = "payment_accounts"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(255), unique=True)
    standing: Mapped[Standing] = coded(Standing)
    asked: Mapped[list[str]] = texts()
    made_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def is_enabled(self) -> bool:
        """True while it can be paid."""
        return self.standing is Standing.ENABLED


class Stake(StrEnum):
    """What a payment is to its settlement."""

    NONE = "none"
    """It has moved nothing yet."""
    CHARGED = "charged"
    """The settlement counts on it."""
    RECEIVED = "received"
    """It paid the settlement."""
    SURPLUS = "surplus"
    """Nothing was owed any more: it goes back."""


class OnlinePayment(Base):
    """A payment through Stripe as far as the ledger knows it; `is_separate` when the platform passes it on itself."""

    __tablename__ = "online_payments"

    intent_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    settlement_id: Mapped[UUID] = mapped_column(ForeignKey("settlements.id"), index=True)
    cents: Mapped[int] = mapped_column(BigInteger)
    fee_cents: Mapped[int] = mapped_column(BigInteger)
    is_separate: Mapped[bool]
    means: Mapped[Means] = coded(Means)
    step: Mapped[Step] = coded(Step)
    stake: Mapped[Stake] = coded(Stake)
    charge_id: Mapped[str] = mapped_column(String(255), default="")
    transfer_id: Mapped[str] = mapped_column(String(255), default="")
    refunded_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    fee_refunded_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    bank: Mapped[Bank | None] = coded(Bank)
    contested_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    failure: Mapped[str] = mapped_column(String(LONGEST_TEXT), default="")
    url: Mapped[str] = mapped_column(Text, default="")
    held_until: Mapped[datetime | None]
    made_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    def fee_part(self, cents: int) -> int:
        """The fee's part of the next cents that are given back: parts are cut so that all of them make the fee."""
        after = self.refunded_cents + cents
        return self.fee_cents * after // self.cents - self.fee_cents * self.refunded_cents // self.cents

"""A mandate to bill: who is paid lets who pays write its invoices in its name."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base
from services.catalog.payments.mandates.errors import MandateEnded
from shared.events.mandates import MandateEnded as Ended
from shared.events.mandates import MandateEvent, MandateGiven

IN_FORCE = text("ended_at IS NULL")
Event = TypeVar("Event", bound=MandateEvent)


class BillingMandate(Base):
    """What `payee_id` gave `payer_id`, in the words that were on the page; names are as they were then.

    One at a time between the two. What was billed under it stays billed once it has ended.
    """

    __tablename__ = "billing_mandates"
    __table_args__ = (
        Index("uq_billing_mandates_in_force", "payee_id", "payer_id", unique=True, postgresql_where=IN_FORCE),
        CheckConstraint("payer_id <> payee_id", name="two"),
        CheckConstraint("(ended_at IS NULL) = (ended_for IS NULL)", name="ended"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    payee_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    payer_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    payee_name: Mapped[str] = mapped_column(Text)
    payer_name: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=0)
    given_by: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    given_at: Mapped[datetime]
    ended_for: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    ended_at: Mapped[datetime | None]

    @property
    def is_in_force(self) -> bool:
        """True until one of the two ends it."""
        return self.ended_at is None

    def partner_of(self, organisation_id: UUID) -> str:
        """What the other one was called."""
        return self.payer_name if organisation_id == self.payee_id else self.payee_name

    def begin(self) -> MandateEvent:
        """Be given; who may bill hears of it."""
        return self._tell(MandateGiven, self.payer_id, self.given_at)

    def end(self, for_id: UUID, now: datetime) -> MandateEvent:
        """End it for one of the two, and the other one hears of it; raises `MandateEnded`."""
        if not self.is_in_force:
            raise MandateEnded
        self.ended_for, self.ended_at = for_id, now
        return self._tell(Ended, self.payee_id if for_id == self.payer_id else self.payer_id, now)

    def _tell(self, event: type[Event], to: UUID, at: datetime) -> Event:
        self.version += 1
        return event(
            version=self.version,
            mandate_id=self.id,
            organisation_id=to,
            payee_id=self.payee_id,
            payer_id=self.payer_id,
            partner_name=self.partner_of(to),
            at=at,
        )

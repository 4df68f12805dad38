"""A gift from promise to receipt, the papers about it, their numbers, and what papers say of a structure."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base, coded
from services.catalog.gifts.content import Delivery, GiftForm, Promised, Valuation
from services.catalog.gifts.errors import (
    DeliveredAlready,
    DonorAloneValues,
    GiftWithdrawnAlready,
    RecipientAloneConfirms,
    SheetNotThere,
)
from services.catalog.gifts.worth import total_of, worth_of
from shared.database import new_id
from shared.events.gifts import (
    GiftDelivered,
    GiftEvent,
    GiftKind,
    GiftReturned,
    GiftSheetSigned,
    GiftValued,
    GiftWithdrawn,
    PaperKind,
)


class GiftState(StrEnum):
    """Where a gift stands, as its dates say it."""

    PROMISED = "promised"
    VALUED = "valued"
    DELIVERED = "delivered"
    READY = "ready"
    RECEIPTED = "receipted"
    WITHDRAWN = "withdrawn"


class Gift(Base):
    """What one organisation gives another; valuation and delivery come in any order, each from one side alone.

    `lines` are what was promised of goods, `cents` of money. `delivered_on` is the day of the gift, in France.
    """

    __tablename__ = "gifts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[GiftKind] = coded(GiftKind)
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreements.id"))
    pledge_id: Mapped[UUID | None]
    donor_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    version: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(Text)
    line_data: Mapped[list[dict[str, Any]]] = mapped_column("lines", JSONB, default=list)
    cents: Mapped[int | None] = mapped_column(BigInteger)
    promised_at: Mapped[datetime]
    valuation_data: Mapped[dict[str, Any] | None] = mapped_column("valuation", JSONB)
    valued_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    valued_at: Mapped[datetime | None]
    delivery_data: Mapped[dict[str, Any] | None] = mapped_column("delivery", JSONB(none_as_null=True))
    delivered_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    delivered_at: Mapped[datetime | None]
    delivered_on: Mapped[date | None]
    sheet_signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    sheet_signed_at: Mapped[datetime | None]
    receipted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    @property
    def lines(self) -> tuple[Promised, ...]:
        """What was promised."""
        return tuple(Promised.model_validate(each) for each in self.line_data)

    @property
    def valuation(self) -> Valuation | None:
        """What its donor said."""
        return Valuation.model_validate(self.valuation_data) if self.valuation_data else None

    @property
    def delivery(self) -> Delivery | None:
        """What its recipient said."""
        return Delivery.model_validate(self.delivery_data) if self.delivery_data else None

    @property
    def is_counted(self) -> bool:
        """True once what arrived is said, and of skills signed by both."""
        return self.delivered_at is not None and (self.kind is not GiftKind.SKILLS or self.sheet_signed_at is not None)

    @property
    def is_valued(self) -> bool:
        """True once its donor has said what is to be said; money says it itself, skills may wait for hours."""
        if self.kind is GiftKind.MONEY:
            return True
        if self.valuation is None:
            return False
        return self.value_cents() is not None or (self.kind is GiftKind.SKILLS and self.delivery is None)

    @property
    def state(self) -> GiftState:
        """Where it stands."""
        if self.withdrawn_at:
            return GiftState.WITHDRAWN
        if self.receipted_at:
            return GiftState.RECEIPTED
        if self.is_counted and self.is_valued:
            return GiftState.READY
        if self.delivered_at:
            return GiftState.DELIVERED
        return GiftState.VALUED if self.valued_at and self.is_valued else GiftState.PROMISED

    def value_cents(self, ceiling_cents: int | None = None) -> int | None:
        """What it comes to; of money what arrived, or was promised. None while something is left to say."""
        if self.kind is GiftKind.MONEY:
            return self.delivery.cents if self.delivery else self.cents
        lines = worth_of(self.kind, self.lines, self.valuation, self.delivery, ceiling_cents=ceiling_cents)
        return total_of(lines)

    def differs(self) -> bool:
        """True where what arrived is not what was promised."""
        delivery = self.delivery
        if delivery is None or self.kind is GiftKind.SKILLS:
            return False
        if self.kind is GiftKind.MONEY:
            return delivery.cents != self.cents
        return [each.quantity for each in self.lines] != list(delivery.received)

    def value(self, valuation: Valuation, *, by: UUID, member: UUID | None, at: datetime) -> GiftValued | None:
        """Keep what its donor says; the same again tells nothing."""
        self._refuse_withdrawn()
        if by != self.donor_id:
            raise DonorAloneValues
        if valuation == self.valuation:
            return None
        self.valuation_data = valuation.model_dump(mode="json")
        self.valued_by, self.valued_at = member, at
        return GiftValued(**self.told(self.recipient_id, at), value_cents=self.value_cents())

    def deliver(
        self, delivery: Delivery, *, on: date, by: UUID, member: UUID | None, at: datetime
    ) -> GiftDelivered | None:
        """Keep what its recipient says; another sheet has to be signed anew. The same again tells nothing."""
        self._refuse_withdrawn()
        if by != self.recipient_id:
            raise RecipientAloneConfirms
        if (delivery, on) == (self.delivery, self.delivered_on):
            return None
        self.delivery_data = delivery.model_dump(mode="json")
        self.delivered_by, self.delivered_at, self.delivered_on = member, at, on
        self.sheet_signed_by = self.sheet_signed_at = None
        to_sign = self.kind is GiftKind.SKILLS
        told = self.told(self.donor_id, at)
        return GiftDelivered(**told, delivered_on=on, differs=self.differs(), to_sign=to_sign)

    def settle(self, arrived: tuple[Delivery, date] | None, *, has_paper: bool, at: datetime) -> list[GiftEvent]:
        """Keep what its settlements say is there; None once all of it went back. Less than before tells both.

        What a paper said before is not true any more: a receipt is left to do.
        """
        delivery, on = arrived or (None, None)
        before, now = [(each.cents or 0) if each else 0 for each in (self.delivery, delivery)]
        if before == now:
            return []
        self.delivery_data = delivery.model_dump(mode="json") if delivery else None
        self.delivered_on, self.delivered_at, self.delivered_by = on, at if delivery else None, None
        self.receipted_at = None
        if now < before:
            both = (self.donor_id, self.recipient_id)
            return [GiftReturned(**self.told(side, at), cents=now, to_replace=has_paper) for side in both]
        told = self.told(self.donor_id, at)
        return [
            GiftDelivered(
                **told, delivered_on=arrived[1] if arrived else at.date(), differs=self.differs(), to_sign=False
            )
        ]

    def give_all_back(self, at: datetime) -> list[GiftEvent]:
        """All of its money went back, and no paper says otherwise: it is no gift, and both hear of it."""
        self.delivery_data = self.delivered_on = self.delivered_at = self.delivered_by = None
        self.withdrawn_at = at
        return [GiftWithdrawn(**self.told(side, at)) for side in (self.donor_id, self.recipient_id)]

    def sign_sheet(self, *, by: UUID, member: UUID | None, at: datetime) -> GiftSheetSigned | None:
        """The donor's name under the attendance sheet, beside that of who filled it in. Signed already: nothing."""
        self._refuse_withdrawn()
        if by != self.donor_id:
            raise DonorAloneValues
        if self.kind is not GiftKind.SKILLS or self.delivered_at is None:
            raise SheetNotThere
        if self.sheet_signed_at is not None:
            return None
        self.sheet_signed_by, self.sheet_signed_at = member, at
        return GiftSheetSigned(**self.told(self.recipient_id, at))

    def withdraw(self, *, tell: UUID, at: datetime) -> GiftWithdrawn | None:
        """It will not be given; raises once it arrived."""
        if self.withdrawn_at is not None:
            return None
        if self.delivered_at is not None:
            raise DeliveredAlready
        self.withdrawn_at = at
        return GiftWithdrawn(**self.told(tell, at))

    def told(self, organisation_id: UUID, at: datetime) -> dict[str, Any]:
        """What each event tells, and one version more; the partner's name is the caller's to add."""
        self.version += 1
        names = ("agreement_id", "pledge_id", "donor_id", "recipient_id", "title", "kind", "version")
        facts = {name: getattr(self, name) for name in names}
        return {**facts, "gift_id": self.id, "organisation_id": organisation_id, "partner_name": "", "at": at}

    def _refuse_withdrawn(self) -> None:
        if self.withdrawn_at is not None:
            raise GiftWithdrawnAlready


class GiftPaper(Base):
    """A receipt or an attestation as it was issued: what it says, its bytes, its place in the series; never changed.

    `gift_id` is None of an attestation for a year; `gift_ids` are all it is about. A cancelled one keeps its number.
    """

    __tablename__ = "gift_papers"
    __table_args__ = (UniqueConstraint("legal_entity_id", "kind", "year", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[PaperKind] = coded(PaperKind)
    legal_entity_id: Mapped[UUID] = mapped_column(ForeignKey("legal_entities.id"))
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    donor_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    gift_id: Mapped[UUID | None] = mapped_column(ForeignKey("gifts.id"), index=True)
    gift_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID(as_uuid=True)))
    year: Mapped[int]
    number: Mapped[int]
    given_on: Mapped[date]
    value_cents: Mapped[int] = mapped_column(BigInteger)
    article: Mapped[str] = mapped_column(Text)
    form: Mapped[GiftForm] = coded(GiftForm)
    signatory: Mapped[str] = mapped_column(Text)
    capacity: Mapped[str] = mapped_column(Text)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(String(64))
    pdf: Mapped[bytes] = mapped_column(deferred=True)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("gift_papers.id"))
    issued_by: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    issued_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")

    @property
    def reference(self) -> str:
        """Its number as it stands on it."""
        return f"{self.year}-{self.number:04d}"


class GiftProfile(Base):
    """What papers about gifts say of a structure besides its name and number, in its own words."""

    __tablename__ = "gift_profiles"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    legal_form: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(Text, default="")
    purpose: Mapped[str] = mapped_column(Text, default="")
    rna: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime]


class GiftTurnover(Base):
    """A donor's turnover of a year before tax, as it typed it: what a ceiling is counted from."""

    __tablename__ = "gift_turnovers"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    turnover_cents: Mapped[int] = mapped_column(BigInteger)
    set_by: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    set_at: Mapped[datetime]

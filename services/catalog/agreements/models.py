"""An agreement with its signatures and papers: what it says, who signed which paper, and how it goes on."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.agreements.content import Content
from services.catalog.agreements.errors import (
    AgreementBinds,
    AgreementEnded,
    AgreementNotSigned,
    CancelReasonMissing,
    MilestoneUnknown,
)
from services.catalog.agreements.natures import Side
from services.catalog.db import Base, coded
from shared.database import new_id
from shared.events.agreements import (
    AgreementAdvanced,
    AgreementCancelled,
    AgreementChanged,
    AgreementCompleted,
    AgreementConcluded,
    AgreementEvent,
    AgreementRunning,
    AgreementSigned,
    CancelledFor,
)

LONGEST_WORDS = 500


class AgreementState(StrEnum):
    """Where an agreement stands."""

    CONCLUDED = "concluded"
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


ENDED = (AgreementState.COMPLETED, AgreementState.CANCELLED)


class Signature(Base):
    """One side's act of signing one revision: which member, when, and which paper they had read."""

    __tablename__ = "agreement_signatures"
    __table_args__ = (UniqueConstraint("agreement_id", "revision", "side"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreements.id"))
    revision: Mapped[int]
    side: Mapped[Side] = coded(Side)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    document_sha256: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]


class Paper(Base):
    """One revision on paper in one language, as it was signed: other typefaces or templates would make another."""

    __tablename__ = "agreement_papers"
    __table_args__ = (UniqueConstraint("agreement_id", "revision", "language"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreements.id"))
    revision: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    sha256: Mapped[str] = mapped_column(String(64))
    pdf: Mapped[bytes] = mapped_column(deferred=True)


class Agreement(Base):
    """What two sides agree on; `ticks` says of each milestone, by its number from 1, who ticked it and when.

    It is concluded from a proposal to a need, or from a taking of a flow's lot, whose holder is the buyer then.

    `reason`, `words` and `cancelled_by` are a cancellation's. `changed_at` is when it began to say what it says.
    """

    __tablename__ = "agreements"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposals.id"), index=True)
    need_id: Mapped[UUID | None] = mapped_column(ForeignKey("needs.id"))
    taking_id: Mapped[UUID | None] = mapped_column(ForeignKey("takings.id"), index=True)
    flow_id: Mapped[UUID | None] = mapped_column(ForeignKey("flows.id"))
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    partner_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID(as_uuid=True)))
    state: Mapped[AgreementState] = coded(AgreementState)
    version: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)
    content_data: Mapped[dict[str, Any]] = mapped_column("content", JSONB)
    ticks: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB)
    concluded_by: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    concluded_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    running_at: Mapped[datetime | None]
    buyer_done_at: Mapped[datetime | None]
    supplier_done_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    cancelled_by: Mapped[Side | None] = coded(Side)
    cancelled_at: Mapped[datetime | None]
    reason: Mapped[CancelledFor | None] = coded(CancelledFor)
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS), default="")

    signatures: Mapped[list[Signature]] = relationship(lazy="raise", order_by=Signature.signed_at)

    @property
    def content(self) -> Content:
        """What it says."""
        return Content.model_validate(self.content_data)

    @property
    def exchange_id(self) -> UUID:
        """The id of what it was concluded from, which is that of the exchange."""
        return self.proposal_id or self.taking_id  # type: ignore[return-value]

    @property
    def has_ended(self) -> bool:
        """True once nothing of it changes any more."""
        return self.state in ENDED

    def side_of(self, organisation_id: UUID) -> Side | None:
        """On which side an organisation stands; None for one that is on neither."""
        return {self.buyer_id: Side.BUYER, self.supplier_id: Side.SUPPLIER}.get(organisation_id)

    def signature_of(self, side: Side) -> Signature | None:
        """What a side signed of what it says now; what was signed of a former revision is void."""
        return next((s for s in self.signatures if s.side is side and s.revision == self.revision), None)

    def done_at(self, side: Side) -> datetime | None:
        """When a side said that all is done."""
        return self.buyer_done_at if side is Side.BUYER else self.supplier_done_at

    def awaits(self, side: Side) -> bool:
        """True when it is a side's turn: to sign, or to say that all is done after the other did."""
        if self.state is AgreementState.CONCLUDED:
            return self.signature_of(side) is None
        is_done = self.done_at(side.other) is not None and self.done_at(side) is None
        return self.state is AgreementState.RUNNING and is_done

    def refuse_settled(self) -> None:
        """Raise once what it says does not change any more."""
        self._refuse_ended()
        if self.state is AgreementState.RUNNING:
            raise AgreementBinds

    def write(self, content: Content, at: datetime) -> list[AgreementEvent]:
        """Say this from now on, in a new revision: what was signed of the former one is void. Says it already: none."""
        self.refuse_settled()
        if self.revision and content == self.content:
            return []
        is_first, void = not self.revision, any(map(self.signature_of, Side))
        self.content_data = content.model_dump(mode="json")
        self.partner_ids = [each.organisation_id for each in content.co_contractors]
        self.changed_at, self.revision = at, self.revision + 1
        if is_first:
            return [AgreementConcluded(**self._to(Side.SUPPLIER, at), **self._amounts())]
        return [AgreementChanged(**self._to(side, at), signatures_void=void) for side in Side]

    def sign(self, signature: Signature) -> AgreementEvent | None:
        """Take a side's signature; with the second one it runs. Signed by that side already, nothing happens."""
        self._refuse_ended()
        side = signature.side
        if self.signature_of(side) is not None:
            return None
        signature.agreement_id, signature.revision = self.id, self.revision
        self.signatures.append(signature)
        told: dict[str, Any] = {
            **self._to(side.other, signature.signed_at),
            "document_sha256": signature.document_sha256,
        }
        if self.signature_of(side.other) is None:
            return AgreementSigned(**told)
        self.state, self.running_at = AgreementState.RUNNING, signature.signed_at
        return AgreementRunning(**told, **self._amounts())

    def tick(self, number: int, side: Side, at: datetime, *, done: bool) -> AgreementEvent | None:
        """Tick a milestone, or take that back; ticked already, nothing happens. Raises `MilestoneUnknown`."""
        self._refuse_unless_running()
        if not 1 <= number <= len(self.content.milestones):
            raise MilestoneUnknown
        key = str(number)
        if (key in self.ticks) is done:
            return None
        kept = {each: tick for each, tick in self.ticks.items() if each != key}
        self.ticks = {**kept, key: {"side": side.value, "at": at.isoformat()}} if done else kept
        return AgreementAdvanced(**self._to(side.other, at), milestone=number, done=done)

    def finish(self, side: Side, at: datetime) -> AgreementEvent | None:
        """Say that all is done: it is once both do. Said already, nothing happens."""
        if self.state is AgreementState.COMPLETED:
            return None
        self._refuse_unless_running()
        if self.done_at(side) is not None:
            return None
        if side is Side.BUYER:
            self.buyer_done_at = at
        else:
            self.supplier_done_at = at
        if self.done_at(side.other) is None:
            return AgreementAdvanced(**self._to(side.other, at), done=True)
        self.state, self.completed_at = AgreementState.COMPLETED, at
        return AgreementCompleted(**self._to(side.other, at), total_cents=self.content.total_cents)

    def cancel(self, side: Side, reason: CancelledFor | None, words: str, at: datetime) -> AgreementEvent:
        """End it with a reason that the other side reads, whether or not it runs; raises once it has ended."""
        self._refuse_ended()
        if reason is None:
            raise CancelReasonMissing
        was_running = self.state is AgreementState.RUNNING
        self.state, self.cancelled_by, self.cancelled_at = AgreementState.CANCELLED, side, at
        self.reason, self.words = reason, words
        return AgreementCancelled(**self._to(side.other, at), reason=reason, was_running=was_running)

    def _refuse_ended(self) -> None:
        if self.has_ended:
            raise AgreementEnded

    def _refuse_unless_running(self) -> None:
        self._refuse_ended()
        if self.state is not AgreementState.RUNNING:
            raise AgreementNotSigned

    def _amounts(self) -> dict[str, Any]:
        content = self.content
        return {"total_cents": content.total_cents, "starts_on": content.starts_on, "ends_on": content.ends_on}

    def _to(self, side: Side, at: datetime) -> dict[str, Any]:
        """What an event that a side hears of tells; each is of a version of its own."""
        content = self.content
        self.version += 1
        need = {"proposal_id": self.proposal_id, "need_id": self.need_id}
        ids = {"agreement_id": self.id, **need, "taking_id": self.taking_id, "flow_id": self.flow_id}
        sides = {"buyer_id": self.buyer_id, "supplier_id": self.supplier_id}
        to, other = content.party(side).organisation_id, content.party(side.other).name
        about = {"organisation_id": to, "partner_name": other, "title": content.title, "nature": content.nature}
        return {**ids, **sides, **about, "version": self.version, "revision": self.revision, "at": at}

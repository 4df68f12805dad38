"""A confirmed exchange with its frozen facts, and the figures that follow from them, each in versions."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.db import Base, coded
from services.catalog.impact.facts import ExchangeFacts
from services.catalog.impact.reckoning import Method, Reckoned
from services.catalog.organisations.models import Organisation
from shared.database import new_id
from shared.events.facts import Level
from shared.events.impact import ExchangeKind, ImpactFigure, ImpactRecorded, Measure
from shared.events.takings import Basis


class Exchange(Base):
    """One confirmed exchange, once: its id is the taking's or the agreement's. Its facts never change.

    `organisation_id` is whose lot or need it was, `partner_id` the taker or the supplier; the commune is where it was.
    """

    __tablename__ = "impact_exchanges"
    __table_args__ = (
        UniqueConstraint("id", "kind"),
        CheckConstraint("num_nonnulls(taking_id, agreement_id) = 1 AND id = coalesce(taking_id, agreement_id)", "one"),
        CheckConstraint("(kind = 'taking') = (taking_id IS NOT NULL)", "kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[ExchangeKind] = coded(ExchangeKind)
    taking_id: Mapped[UUID | None] = mapped_column(ForeignKey("takings.id"))
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreements.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    confirmed_on: Mapped[date]
    commune_code: Mapped[str | None] = mapped_column(Text)
    epci_code: Mapped[str | None] = mapped_column(Text)
    fact_data: Mapped[dict[str, Any]] = mapped_column("facts", JSONB)
    version: Mapped[int] = mapped_column(default=0)
    recorded_at: Mapped[datetime]

    entries: Mapped[list["Entry"]] = relationship(
        lazy="raise", primaryjoin="and_(Exchange.id == Entry.exchange_id, Entry.superseded_at.is_(None))", viewonly=True
    )
    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id], lazy="raise")
    partner: Mapped[Organisation] = relationship(foreign_keys=[partner_id], lazy="raise")

    @property
    def facts(self) -> ExchangeFacts:
        """What its figures follow from."""
        return ExchangeFacts.model_validate(self.fact_data)

    @property
    def path(self) -> str:
        """The page of the exchange itself."""
        return f"/takings/{self.id}" if self.kind is ExchangeKind.TAKING else f"/agreements/{self.id}"

    def other_than(self, organisation_id: UUID) -> Organisation:
        """The one of its two that this organisation is not."""
        return self.partner if organisation_id == self.organisation_id else self.organisation

    def told(self, figures: list[Reckoned], at: datetime) -> list[ImpactRecorded]:
        """The events that tell each of its two all it counts for, each of a version of its own."""
        said = tuple(ImpactFigure(**{name: getattr(each, name) for name in TOLD}) for each in figures)
        both = (self.organisation_id, self.partner_id)
        return [self._to(who, other, said, at) for who, other in (both, both[::-1])]

    def _to(self, who: UUID, other: UUID, figures: tuple[ImpactFigure, ...], at: datetime) -> ImpactRecorded:
        self.version += 1
        return ImpactRecorded(
            version=self.version,
            exchange_id=self.id,
            kind=self.kind,
            organisation_id=who,
            partner_id=other,
            confirmed_on=self.confirmed_on,
            figures=figures,
            at=at,
        )


# A level says its own exact code.
TOLD = tuple(name for name in ImpactFigure.model_fields if name != "treatment")


class Entry(Base):
    """One figure of one exchange, in the version that stands, or in one that another followed; none is ever removed."""

    __tablename__ = "impact_entries"
    __table_args__ = (
        ForeignKeyConstraint(["exchange_id", "kind"], ["impact_exchanges.id", "impact_exchanges.kind"]),
        UniqueConstraint("exchange_id", "measure", "version"),
        # Whatever the code says, one figure of an exchange counts once ...
        Index(
            "uq_impact_entries_standing", "exchange_id", "measure", unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        # ... and a kilogram is counted where both sides said what it weighed, and nowhere else.
        CheckConstraint("measure NOT IN ('mass', 'co2e') OR kind = 'taking'", "kilograms"),
        CheckConstraint("(superseded_at IS NULL) = (superseded_for IS NULL)", "superseded"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    exchange_id: Mapped[UUID]
    kind: Mapped[ExchangeKind] = coded(ExchangeKind)
    measure: Mapped[Measure] = coded(Measure)
    version: Mapped[int]
    unit: Mapped[str] = mapped_column(Text)
    method: Mapped[Method] = coded(Method)
    value: Mapped[Decimal | None] = mapped_column(Numeric())
    low: Mapped[Decimal | None] = mapped_column(Numeric())
    high: Mapped[Decimal | None] = mapped_column(Numeric())
    level: Mapped[Level | None] = coded(Level)
    basis: Mapped[Basis | None] = coded(Basis)
    source: Mapped[str] = mapped_column(Text)
    source_version: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    superseded_for: Mapped[str | None] = mapped_column(Text)

    exchange: Mapped[Exchange] = relationship(lazy="raise")

    @property
    def reckoned(self) -> Reckoned:
        """What it says."""
        return Reckoned(**{name: getattr(self, name) for name in Reckoned._fields})


def entry_of(exchange: Exchange, figure: Reckoned, *, version: int, now: datetime) -> Entry:
    """A figure as it is kept."""
    about = {"id": new_id(), "exchange_id": exchange.id, "kind": exchange.kind, "version": version, "recorded_at": now}
    return Entry(**about, **figure._asdict())

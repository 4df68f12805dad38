"""What a company promises to a campaign: made, changed and taken back until its last day, then confirmed or lapsed."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.catalog.campaigns.errors import NothingPledged
from services.catalog.campaigns.models import Campaign
from services.catalog.db import Base, coded
from services.catalog.organisations.models import Organisation
from shared.database import new_id
from shared.events.campaigns import PledgeConfirmed, PledgeDue, PledgeLapsed, PledgeMade, PledgeWithdrawn

REMINDED_AFTER = (timedelta(days=15), timedelta(days=30))
"""When who promised is reminded that its gift is not confirmed as received: twice, and never again."""

Told = TypeVar("Told", PledgeMade, PledgeWithdrawn, PledgeConfirmed, PledgeLapsed, PledgeDue)


class PledgeState(StrEnum):
    """Where a promise stands; whether a confirmed one was given is said by its gift."""

    MADE = "made"
    WITHDRAWN = "withdrawn"
    CONFIRMED = "confirmed"
    LAPSED = "lapsed"


class Pledge(Base):
    """What `supporter_id` promises to a campaign of `organisation_id`; one of each, changed until the last day.

    Anonymous is for the public: whose campaign it is knows who gives. `remind_at` is when the timer looks at a
    confirmed one whose gift nobody has confirmed, `reminded` how often it did.
    """

    __tablename__ = "pledges"
    __table_args__ = (
        UniqueConstraint("campaign_id", "supporter_id"),
        Index("ix_pledges_remind_at", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
        CheckConstraint("amount_cents > 0", name="something"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    supporter_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[PledgeState] = coded(PledgeState, default=PledgeState.MADE)
    version: Mapped[int] = mapped_column(default=0)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    without_counterpart: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    reminded: Mapped[int] = mapped_column(default=0, server_default="0")
    remind_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship(lazy="raise")
    supporter: Mapped[Organisation] = relationship(foreign_keys=[supporter_id], lazy="raise")

    @property
    def standing_cents(self) -> int | None:
        """What it adds to its campaign's sum; None when it was taken back."""
        return self.amount_cents if self.state in (PledgeState.MADE, PledgeState.CONFIRMED) else None

    def say(self, values: dict[str, Any], now: datetime) -> bool:
        """Promise this instead of whatever was promised before; False when that is the same."""
        before = {name: getattr(self, name) for name in values}
        if self.state is PledgeState.MADE and before == values:
            return False
        self.state, self.ended_at = PledgeState.MADE, None
        for name, value in values.items():
            setattr(self, name, value)
        self._moved(now)
        return True

    def withdraw(self, now: datetime) -> None:
        """Take it back; raises `NothingPledged`."""
        if self.state is not PledgeState.MADE:
            raise NothingPledged
        self.state, self.ended_at = PledgeState.WITHDRAWN, now
        self._moved(now)

    def confirm(self, now: datetime) -> None:
        """Its campaign succeeded: the money is asked for."""
        self.state, self.ended_at, self.remind_at = PledgeState.CONFIRMED, now, now + REMINDED_AFTER[0]
        self._moved(now)

    def lapse(self, now: datetime) -> None:
        """Nothing is due any more."""
        self.state, self.ended_at = PledgeState.LAPSED, now
        self._moved(now)

    def remind(self, now: datetime) -> int:
        """Count one reminder; returns after how many days it comes."""
        after = REMINDED_AFTER[self.reminded]
        self.reminded += 1
        following = REMINDED_AFTER[self.reminded : self.reminded + 1]
        confirmed_at = self.ended_at or now
        self.remind_at = confirmed_at + following[0] if following else None
        self._moved(now)
        return after.days

    def settled(self, now: datetime) -> None:
        """It was received: nobody is reminded."""
        self.remind_at, self.updated_at = None, now

    def told(self, event: type[Told], campaign: Campaign, **said: Any) -> Told:
        """The event of a kind, for whoever did not act: whose campaign it is, or who promised."""
        to_owner = event in (PledgeMade, PledgeWithdrawn)
        return event(
            version=self.version,
            pledge_id=self.id,
            campaign_id=campaign.id,
            organisation_id=campaign.organisation_id if to_owner else self.supporter_id,
            partner_name=self.supporter.name if to_owner else campaign.organisation.name,
            title=campaign.title,
            amount_cents=self.amount_cents,
            **said,
        )

    def _moved(self, now: datetime) -> None:
        self.version += 1
        self.updated_at = now

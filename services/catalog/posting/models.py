"""What a need, a flow and an offer have in common, and with them a campaign."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from services.catalog.db import Base, coded, texts
from services.catalog.organisations.models import Organisation
from shared.database import new_id
from shared.events.facts import Origin, Period, Quantity, Window


class Written(Base):
    """Whose it is, what it says, for when, and its version.

    `version` grows by one with each change, told or not: it is what readers compare, and who changes it too.
    """

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    version: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    categories: Mapped[list[str]] = texts()
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    origin: Mapped[Origin] = coded(Origin, default=Origin.MEMBER)
    external_id: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    @declared_attr
    @classmethod
    def organisation(cls) -> Mapped[Organisation]:
        """Whose it is."""
        return relationship(lazy="raise")

    @property
    def is_draft(self) -> bool:
        """True until it is published or sent to be checked; whatever its states, each kind of thing has this one."""
        return bool(cast(Any, self).state == "draft")

    @property
    def window(self) -> Window:
        """The days it holds for."""
        return Window(starts_on=self.starts_on, ends_on=self.ends_on)

    def next_version(self, now: datetime) -> int:
        """Count one more change of this aggregate."""
        self.version += 1
        self.updated_at = now
        return self.version


class Posted(Written):
    """What is matched by its codes and its quantity as well."""

    __abstract__ = True

    ewc: Mapped[list[str]] = texts()
    quantity_value: Mapped[Decimal | None]
    quantity_unit: Mapped[str | None]
    quantity_period: Mapped[Period | None] = coded(Period)
    minimum_value: Mapped[Decimal | None]

    @property
    def quantity(self) -> Quantity | None:
        """The quantity with its unit and period, when one was given."""
        return self._quantity(self.quantity_value)

    @property
    def minimum(self) -> Quantity | None:
        """The smallest quantity worth it, in the same unit and period."""
        return self._quantity(self.minimum_value)

    def _quantity(self, value: Decimal | None) -> Quantity | None:
        if value is None or self.quantity_unit is None:
            return None
        return Quantity(value=value, unit=self.quantity_unit, period=self.quantity_period or Period.ONCE)


TO_CHANGE = timedelta(days=10)
"""How long what was sent back may be changed before it is abandoned; its author is told so with what has to change."""


class Checked(Written):
    """What an organisation nobody has verified yet publishes only after a look: needs, flows and campaigns.

    `changes_wanted` is what the coordinator asked for when sending it back.
    """

    __abstract__ = True

    submitted_at: Mapped[datetime | None]
    changes_wanted: Mapped[str | None] = mapped_column(Text)
    changes_wanted_at: Mapped[datetime | None]

    def sent_back(self, words: str, now: datetime) -> None:
        """Remember what has to change before it is looked at again."""
        self.submitted_at, self.changes_wanted, self.changes_wanted_at = None, words, now
        self.updated_at = now

"""One value of a parameter from a day on, with its source; a line is never changed, a later one corrects it."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base
from services.catalog.parameters.errors import ParameterUnset
from shared.database import new_id


class Figure(Base):
    """A value; nobody set the first ones, they came with Boucle."""

    __tablename__ = "parameters"
    __table_args__ = (Index("ix_parameters_code_valid_from", "code", "valid_from"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    unit: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    # The day on which somebody read it there.
    source_on: Mapped[date]
    to_check: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"))
    set_at: Mapped[datetime]


def figure_of(figures: Iterable[Figure], code: str, *, on: date) -> Figure | None:
    """The figure that holds on a day: the latest that had begun, and of those for one day the one somebody set last."""
    begun = [figure for figure in figures if figure.code == code and figure.valid_from <= on]
    return max(begun, key=_weight, default=None)


def _weight(figure: Figure) -> tuple[date, bool, datetime, UUID]:
    # What came with Boucle is corrected by whoever sets a value, whatever the clocks said then.
    return figure.valid_from, figure.set_by is not None, figure.set_at, figure.id


def value_of(figures: Iterable[Figure], code: str, *, on: date) -> Decimal:
    """Its value on a day; raises `ParameterUnset` when nobody said one for that day."""
    figure = figure_of(figures, code, on=on)
    if figure is None:
        raise ParameterUnset(code=code, on=on.isoformat())
    return figure.value

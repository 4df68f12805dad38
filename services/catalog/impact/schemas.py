"""What came of exchanges, as JSON: figures are decimal text, exact as they are kept."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from services.catalog.impact.models import Entry
from services.catalog.impact.queries import Total
from shared.events.facts import plain


class EntryOut(Struct, frozen=True):
    """One figure of one confirmed exchange: `exchange_id` is the taking's or the agreement's, `kind` says which.

    Units: kg, kgCO2e, cent, hour, exchange. A mass without `value` is of a unit that does not convert.
    """

    id: UUID
    exchange_id: UUID
    kind: str
    organisation_id: UUID
    partner_id: UUID
    confirmed_on: date
    measure: str
    version: int
    unit: str
    value: str | None
    low: str | None
    high: str | None
    level: str | None
    basis: str | None
    method: str
    source: str
    source_version: str
    recorded_at: datetime

    @classmethod
    def of(cls, entry: Entry) -> "EntryOut":
        """The JSON of an entry whose exchange is loaded."""
        exchange = entry.exchange
        return cls(
            id=entry.id,
            exchange_id=entry.exchange_id,
            kind=entry.kind,
            organisation_id=exchange.organisation_id,
            partner_id=exchange.partner_id,
            confirmed_on=exchange.confirmed_on,
            measure=entry.measure,
            version=entry.version,
            unit=entry.unit,
            value=_text(entry.value),
            low=_text(entry.low),
            high=_text(entry.high),
            level=entry.level,
            basis=entry.basis,
            method=entry.method,
            source=entry.source,
            source_version=entry.source_version,
            recorded_at=entry.recorded_at,
        )


class Entries(Struct, frozen=True):
    """One page of entries, the newest first; `next` is the cursor of the following one."""

    items: list[EntryOut]
    next: str | None


class TotalOut(Struct, frozen=True):
    """What the figures of a measure, and of a level where it has one, come to."""

    measure: str
    level: str | None
    value: str | None
    low: str | None
    high: str | None
    exchanges: int | None


class Totals(Struct, frozen=True):
    """All sums of a period."""

    items: list[TotalOut]

    @classmethod
    def of(cls, totals: Sequence[Total]) -> "Totals":
        """The JSON of sums."""
        return cls(
            [
                TotalOut(
                    str(each.measure), each.level, _text(each.value), _text(each.low), _text(each.high), each.exchanges
                )
                for each in totals
            ]
        )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{plain(value):f}"

"""Gifts, their papers and a donor's statement as JSON."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from services.catalog.gifts.models import Gift, GiftPaper, GiftProfile, GiftState
from services.catalog.gifts.schemas import Profile
from services.catalog.gifts.statement import Slice
from services.catalog.gifts.stating import Statement
from services.catalog.gifts.worth import worth_of
from shared.events.gifts import GiftKind, PaperKind

KEPT = (
    *(
        "id",
        "version",
        "kind",
        "state",
        "agreement_id",
        "pledge_id",
        "donor_id",
        "recipient_id",
        "title",
        "promised_at",
    ),
    *("valued_at", "delivered_at", "delivered_on", "sheet_signed_at", "receipted_at", "withdrawn_at"),
)
OF_PAPER = (
    *("id", "kind", "year", "number", "reference", "donor_id", "recipient_id", "gift_ids", "given_on", "value_cents"),
    *("sha256", "issued_at", "replaces_id", "cancelled_at", "reason"),
)


class PaperOut(Struct, frozen=True):
    """A receipt or an attestation; a void one names what stands in its place."""

    id: UUID
    kind: PaperKind
    year: int
    number: int
    reference: str
    donor_id: UUID
    recipient_id: UUID
    gift_ids: list[UUID]
    given_on: date
    value_cents: int
    sha256: str
    issued_at: datetime
    replaces_id: UUID | None
    cancelled_at: datetime | None
    reason: str
    replaced_by: UUID | None
    mentions: dict[str, str]

    @classmethod
    def of(cls, paper: GiftPaper, replacement: GiftPaper | None = None) -> "PaperOut":
        """The JSON of a paper."""
        return cls(
            **{name: getattr(paper, name) for name in OF_PAPER},
            replaced_by=replacement.id if replacement else None,
            mentions=dict(paper.said["mentions"]),
        )


class Papers(Struct, frozen=True):
    """One page of papers; `next` is the cursor of the following one."""

    items: list[PaperOut]
    next: str | None


class GiftLine(Struct, frozen=True):
    """One gift in a list; `gives` where one's own organisation is its donor."""

    id: UUID
    kind: GiftKind
    state: GiftState
    title: str
    donor_id: UUID
    recipient_id: UUID
    gives: bool
    promised_at: datetime

    @classmethod
    def of(cls, gift: Gift, reader_id: UUID) -> "GiftLine":
        """The line of a gift for one of its sides."""
        names = ("id", "kind", "state", "title", "donor_id", "recipient_id", "promised_at")
        return cls(**{name: getattr(gift, name) for name in names}, gives=gift.donor_id == reader_id)


class Gifts(Struct, frozen=True):
    """One page of gifts; `next` is the cursor of the following one."""

    items: list[GiftLine]
    next: str | None


class WorthOut(Struct, frozen=True):
    """One thing, or one person's hours: `value_cents` is null while its donor has not said it for this quantity."""

    what: str
    quantity: str
    unit: str
    value_cents: int | None
    basis: str | None
    cost_cents: int | None


class GiftOut(Struct, frozen=True):
    """A gift as both its sides read it; `promised` and `lines` are of goods, `lines` of people lent as well."""

    id: UUID
    version: int
    kind: GiftKind
    state: GiftState
    gives: bool
    agreement_id: UUID | None
    pledge_id: UUID | None
    donor_id: UUID
    recipient_id: UUID
    title: str
    promised_cents: int | None
    promised: list[dict[str, Any]]
    value_cents: int | None
    counterpart_cents: int
    is_unsold: bool
    lines: list[WorthOut]
    sheet: list[dict[str, Any]]
    papers: list[PaperOut]
    promised_at: datetime
    valued_at: datetime | None
    delivered_at: datetime | None
    delivered_on: date | None
    sheet_signed_at: datetime | None
    receipted_at: datetime | None
    withdrawn_at: datetime | None

    @classmethod
    def of(
        cls,
        gift: Gift,
        reader_id: UUID,
        papers: Sequence[GiftPaper],
        replacements: Mapping[UUID, GiftPaper],
        ceiling_cents: int | None,
    ) -> "GiftOut":
        """The JSON of a gift for one of its sides."""
        valuation, delivery = gift.valuation, gift.delivery
        worth = worth_of(gift.kind, gift.lines, valuation, delivery, ceiling_cents=ceiling_cents)
        return cls(
            **{name: getattr(gift, name) for name in KEPT},
            gives=gift.donor_id == reader_id,
            promised_cents=gift.cents,
            promised=list(gift.line_data),
            value_cents=gift.value_cents(ceiling_cents),
            counterpart_cents=valuation.counterpart_cents if valuation else 0,
            is_unsold=valuation.is_unsold if valuation else False,
            lines=[
                WorthOut(each.what, str(each.quantity), each.unit, each.cents, each.basis, each.cost_cents)
                for each in worth
            ],
            sheet=[each.model_dump(mode="json") for each in delivery.sheet] if delivery else [],
            papers=[PaperOut.of(each, replacements.get(each.id)) for each in papers],
        )


class ProfileOut(Struct, frozen=True):
    """What papers about gifts say of a structure."""

    legal_form: str
    address: str
    purpose: str
    rna: str

    @classmethod
    def of(cls, row: GiftProfile | None) -> "ProfileOut":
        """The JSON of what was said, empty before."""
        return cls(**{name: getattr(row, name) if row else "" for name in Profile.model_fields})


class SliceOut(Struct, frozen=True):
    """Cents of one year's gifts that have one rate, in percent."""

    year: int
    cents: int
    rate: str

    @classmethod
    def of(cls, part: Slice) -> "SliceOut":
        """The JSON of a slice."""
        return cls(part.year, part.cents, f"{part.rate.normalize():f}")


class FigureUsed(Struct, frozen=True):
    """A figure of the year with its source; null where nobody said it."""

    code: str
    value: str | None
    source: str | None
    source_on: date | None


class EstablishmentOut(Struct, frozen=True):
    """An establishment whose receipts a statement adds up."""

    id: UUID
    name: str


class StatementOut(Struct, frozen=True):
    """A donor's year; amounts are null while a figure of it is not known. To be checked, never advice.

    `left_out` are establishments of the same company that its reader does not act for: their receipts are not in it.
    """

    year: int
    turnover_cents: int | None
    given_cents: int | None
    ceiling_cents: int | None
    used_cents: int | None
    reduction_cents: int | None
    expired_cents: int | None
    used: list[SliceOut]
    carried: list[SliceOut]
    establishments: list[EstablishmentOut]
    left_out: list[str]
    receipts: list[PaperOut]
    figures: list[FigureUsed]

    @classmethod
    def of(cls, statement: Statement) -> "StatementOut":
        """The JSON of a statement."""
        made = statement.year
        names = ("given_cents", "ceiling_cents", "used_cents", "reduction_cents", "expired_cents")
        return cls(
            year=statement.number,
            turnover_cents=statement.turnover_cents,
            **{name: getattr(made, name, None) for name in names},
            used=[SliceOut.of(each) for each in (made.used if made else ())],
            carried=[SliceOut.of(each) for each in (made.carried if made else ())],
            establishments=[EstablishmentOut(*each) for each in statement.company.covered.items()],
            left_out=list(statement.company.left_out),
            receipts=[PaperOut.of(each) for each in statement.receipts],
            figures=[
                FigureUsed(
                    each.code,
                    f"{each.figure.value.normalize():f}" if each.figure else None,
                    each.figure.source if each.figure else None,
                    each.figure.source_on if each.figure else None,
                )
                for each in statement.figures
            ],
        )

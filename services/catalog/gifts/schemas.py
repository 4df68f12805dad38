"""What valuing, confirming and issuing ask, and gifts as JSON."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from services.catalog.gifts.content import (
    Attended,
    Basis,
    Delivery,
    GiftForm,
    Means,
    Person,
    Valuation,
    ValuedLine,
)
from services.catalog.posting.schemas import Amount, ShortText, Text
from shared.events.gifts import GiftKind, PaperKind
from shared.web.asked import Asked, Row

MOST_CENTS = 10_000_000_000
MOST_LINES, MOST_DAYS = 100, 300


def _number(value: object) -> object:
    return value.replace(",", ".").replace("\u202f", "").replace(" ", "") if isinstance(value, str) else value


Euros = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=MOST_CENTS // 100, max_digits=12, decimal_places=2)]
Count = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, max_digits=14, decimal_places=3)]
Hours = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=24, decimal_places=2)]
Initials = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=1, max_length=6), Field(examples=["AB"])
]
Named = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120), Field(examples=["Nadia Benali"])
]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Rna = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^(W\d{9})?$")]


def cents_of(euros: Decimal) -> int:
    """Euros in cents."""
    return int(euros * 100)


class ValueAsked(Row):
    """What one line is worth, in all, and on which basis."""

    euros: Euros
    basis: Basis = Basis.COST


class PersonAsked(Row):
    """One person who is lent, by initials, and the cost of an hour: pay and charges."""

    person: Initials
    hourly_euros: Annotated[Euros, Field(gt=0)]


class Valuing(Asked):
    """What a donor says of its gift: a value for each line in their order, or an hourly cost for each person."""

    lines: Annotated[list[ValueAsked], Field(max_length=MOST_LINES)] = []
    persons: Annotated[list[PersonAsked], Field(max_length=MOST_LINES)] = []
    words: ShortText = ""
    alone: bool = False
    is_unsold: bool = False
    counterpart_euros: Euros = Decimal(0)
    counterpart_words: ShortText = ""

    def valuation(self, kind: GiftKind, quantities: Sequence[Decimal]) -> Valuation:
        """The donor's word; of money only what comes in return."""
        goods = zip(self.lines, quantities, strict=True) if kind is GiftKind.GOODS else ()
        persons = self.persons if kind is GiftKind.SKILLS else ()
        return Valuation(
            lines=tuple(
                ValuedLine(value_cents=cents_of(each.euros), basis=each.basis, quantity=of) for each, of in goods
            ),
            persons=tuple(Person(person=each.person, hourly_cents=cents_of(each.hourly_euros)) for each in persons),
            words=self.words,
            is_unsold=self.is_unsold and kind is GiftKind.GOODS,
            counterpart_cents=cents_of(self.counterpart_euros),
            counterpart_words=self.counterpart_words,
        )


class AttendedAsked(Row):
    """A person's hours of a day."""

    person: Initials
    day: date
    hours: Hours


class Confirming(Asked):
    """What a recipient says arrived; which fields depends on what is given."""

    on: date | None = None
    euros: Annotated[Euros, Field(gt=0)] | None = None
    means: Means | None = None
    reference: Text = ""
    received: Annotated[list[Count], Field(max_length=MOST_LINES)] = []
    sheet: Annotated[list[AttendedAsked], Field(max_length=MOST_DAYS)] = []
    words: ShortText = ""

    @property
    def money_cents(self) -> int | None:
        """The money in cents."""
        return None if self.euros is None else cents_of(self.euros)

    def delivery(self, kind: GiftKind) -> Delivery:
        """The recipient's word, with what goes with the kind of gift alone."""
        is_money, sheet = kind is GiftKind.MONEY, self.sheet if kind is GiftKind.SKILLS else ()
        return Delivery(
            cents=self.money_cents if is_money else None,
            means=self.means if is_money else None,
            reference=self.reference if is_money else "",
            received=tuple(self.received) if kind is GiftKind.GOODS else (),
            sheet=tuple(Attended(person=each.person, day=each.day, hours=each.hours) for each in sheet),
            words=self.words,
        )


class SheetSigning(Asked):
    """Which sheet was read: when its recipient said it."""

    said_at: Annotated[datetime, Field(examples=["2026-11-27T10:00:00Z"])]


class Profile(Asked):
    """What papers about gifts say of a structure: legal form, whole address, and of a recipient its purpose."""

    legal_form: Short = ""
    address: Address = ""
    purpose: ShortText = ""
    rna: Rna = ""

    @field_validator("address")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return " ".join(value.split())


class Issuing(Asked):
    """Who signs a paper, in which capacity; `form` is the gift's. `reason` where it takes another's place."""

    signatory: Named
    capacity: Named
    form: GiftForm = GiftForm.PRIVATE
    reason: ShortText = ""


class IssuingOf(Issuing):
    """The same, by a program: which paper, about which gift."""

    gift_id: UUID
    kind: PaperKind


class Replacing(Issuing):
    """The same, in the place of a paper, with a reason."""

    paper_id: UUID


class Attesting(Issuing):
    """An attestation for all unsold goods of one donor and year."""

    donor_id: UUID
    year: Annotated[int, Field(ge=2020, le=2100)]


class TurnoverAsked(Asked):
    """A donor's turnover of a year, before tax."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    turnover_euros: Annotated[Amount, Field(le=1_000_000_000_000)]

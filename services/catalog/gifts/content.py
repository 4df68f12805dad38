"""What is said of a gift, frozen: what was promised, what its donor says it is worth, what arrived."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Basis(StrEnum):
    """How a donor values a line: what it cost, or what it still stands at in the books."""

    COST = "cost"
    BOOK = "book"


class Means(StrEnum):
    """How money was paid."""

    TRANSFER = "transfer"
    CHEQUE = "cheque"
    CARD = "card"
    DEBIT = "debit"
    CASH = "cash"
    OTHER = "other"


class GiftForm(StrEnum):
    """The form of a gift, as the form of receipts asks for it."""

    NOTARIAL = "notarial"
    PRIVATE = "private"
    MANUAL = "manual"
    OTHER = "other"


class Frozen(BaseModel):
    """A value that does not change."""

    model_config = ConfigDict(frozen=True)


class Promised(Frozen):
    """One line of what was promised."""

    what: str
    quantity: Decimal
    unit: str


class ValuedLine(Frozen):
    """What a line is worth, for `quantity` of it: of another quantity nothing is said."""

    value_cents: int
    basis: Basis
    quantity: Decimal


class Person(Frozen):
    """One person who is lent, by initials, and what an hour of theirs costs the donor: pay and charges."""

    person: str
    hourly_cents: int


class Valuation(Frozen):
    """The donor's word, and nobody else's: lines of goods or persons, how valued, and what comes in return."""

    lines: tuple[ValuedLine, ...] = ()
    persons: tuple[Person, ...] = ()
    words: str = ""
    is_unsold: bool = False
    counterpart_cents: int = 0
    counterpart_words: str = ""


class Attended(Frozen):
    """A person's hours of a day."""

    person: str
    day: date
    hours: Decimal


class Delivery(Frozen):
    """The recipient's word: money with its bank line, a count for each line of goods, or the attendance sheet."""

    cents: int | None = None
    means: Means | None = None
    reference: str = ""
    received: tuple[Decimal, ...] = ()
    sheet: tuple[Attended, ...] = ()
    words: str = ""

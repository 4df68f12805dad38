"""What a call, an application and a review are made of, and calls as JSON."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Struct
from pydantic import BeforeValidator, Field, StringConstraints

from services.catalog.calls.models import MOST_CRITERIA, Call
from services.catalog.posting.schemas import LongText, ShortText, Text
from shared.web.asked import Asked

NUMBERS = range(1, MOST_CRITERIA + 1)


def _plain(value: object) -> object:
    return "".join(value.split()).replace(",", ".") if isinstance(value, str) else value


Euros = Annotated[Decimal, BeforeValidator(_plain), Field(ge=0, max_digits=12, decimal_places=2)]
Mark = Annotated[int, Field(ge=0, le=4)]
Retained = Literal["yes", "no"]
AnyRole = Literal["ess", "buyer", "publisher", "partner"]


def cents(euros: Decimal | None) -> int | None:
    """Integer cents."""
    return None if euros is None else int(euros * 100)


class CallDraft(Asked):
    """A call; everything may be missing until it is published."""

    title: Text = ""
    purpose: LongText = ""
    who: ShortText = ""
    open_to: list[AnyRole] = []
    amount_euros: Euros | None = None
    criteria_lines: Annotated[str, StringConstraints(strip_whitespace=True, max_length=3_000)] = ""
    opens_on: date | None = None
    closes_on: date | None = None
    decides_on: date | None = None

    def columns(self) -> dict[str, Any]:
        """The values for the table."""
        values = self.model_dump(exclude={"amount_euros", "criteria_lines"})
        lines = [line.strip()[:300] for line in self.criteria_lines.splitlines() if line.strip()]
        return {**values, "amount_cents": cents(self.amount_euros), "criteria": lines[:MOST_CRITERIA]}


class ApplicationDraft(Asked):
    """An application; what its call does not ask is left out."""

    title: Text = ""
    amount_euros: Euros | None = None
    answer_1: LongText = ""
    answer_2: LongText = ""
    answer_3: LongText = ""
    answer_4: LongText = ""
    answer_5: LongText = ""
    answer_6: LongText = ""
    answer_7: LongText = ""
    answer_8: LongText = ""

    def columns(self) -> dict[str, Any]:
        """The values for the table."""
        answers = [getattr(self, f"answer_{number}") for number in NUMBERS]
        return {"title": self.title, "amount_cents": cents(self.amount_euros), "answers": answers}


class ReviewAsked(Asked):
    """What the caller thinks of an application."""

    mark_1: Mark | None = None
    mark_2: Mark | None = None
    mark_3: Mark | None = None
    mark_4: Mark | None = None
    mark_5: Mark | None = None
    mark_6: Mark | None = None
    mark_7: Mark | None = None
    mark_8: Mark | None = None
    retained: Retained | None = None
    words: ShortText = ""

    def marks(self) -> list[int | None]:
        """One a criterion, in their order."""
        return [getattr(self, f"mark_{number}") for number in NUMBERS]


class CallOut(Struct, frozen=True):
    """A published call."""

    id: UUID
    state: str
    organisation_id: UUID
    organisation_name: str
    title: str
    purpose: str
    who: str
    open_to: list[str]
    amount_cents: int | None
    currency: str
    criteria: list[str]
    opens_on: date | None
    closes_on: date | None
    decides_on: date | None
    published_at: datetime | None

    @classmethod
    def of(cls, call: Call) -> "CallOut":
        """The JSON of a call whose organisation is loaded."""
        return cls(
            id=call.id,
            state=call.state,
            organisation_id=call.organisation_id,
            organisation_name=call.organisation.name,
            title=call.title,
            purpose=call.purpose,
            who=call.who,
            open_to=call.open_to,
            amount_cents=call.amount_cents,
            currency="EUR",
            criteria=call.criteria,
            opens_on=call.opens_on,
            closes_on=call.closes_on,
            decides_on=call.decides_on,
            published_at=call.published_at,
        )


class Calls(Struct, frozen=True):
    """Published calls, those that take applications first; `next` is the cursor of the following page."""

    items: list[CallOut]
    next: str | None

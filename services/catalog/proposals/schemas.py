"""What a proposal, a choice and a comparison ask, and proposals as JSON."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Struct
from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from services.catalog.files.models import StoredFile
from services.catalog.posting.schemas import Amount, Lines, ShortText
from services.catalog.proposals.lines import Line
from services.catalog.proposals.models import LONGEST_WORDS, Commitment, Content, Participation, Proposal
from services.catalog.proposals.scores import USUAL, Criterion, Weights
from shared.events.facts import plain
from shared.events.proposals import Chosen, NotChosen
from shared.web.asked import Asked, Row

MOST_LINES = 20
MOST_CO_CONTRACTORS = 5
A_LINE = {"what": "Repas végétarien", "quantity": "80", "unit": "repas", "price_cents": 1250}
# Ten million euros a unit.
MOST_CENTS = 10**9


def _plain(value: object) -> object:
    return "".join(value.split()).replace(",", ".").removesuffix("€") if isinstance(value, str) else value


Euros = Annotated[
    Decimal, BeforeValidator(_plain), Field(ge=-MOST_CENTS // 100, le=MOST_CENTS // 100, decimal_places=2)
]
Cents = Annotated[int, Field(ge=-MOST_CENTS, le=MOST_CENTS)]
What = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Unit = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)]
Weight = Annotated[int, Field(ge=0, le=100)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_WORDS)]


class LineAsked(Row):
    """One line: what, how much of it, and the price of one unit, before tax; 0 is free, below it the supplier pays.

    A program gives `price_cents`, the form `price_euros`, which wins when it is given.
    """

    what: What
    quantity: Amount
    unit: Unit
    price_cents: Cents | None = None
    price_euros: Annotated[Euros | None, Field(validate_default=True)] = None

    @field_validator("price_euros")
    @classmethod
    def _has_a_price(cls, value: Decimal | None, known: ValidationInfo) -> Decimal | None:
        if value is None and known.data.get("price_cents") is None:
            raise ValueError("Donnez un prix, 0 si c'est gratuit.")
        return value

    def line(self) -> Line:
        """The line as it is kept."""
        cents = int(self.price_euros * 100) if self.price_euros is not None else self.price_cents or 0
        return Line(what=self.what, quantity=self.quantity, unit=self.unit, price_cents=cents)


class ProposalDraft(Asked):
    """What a supplier proposes; `co_contractors` are SIRETs of organisations that are to confirm their part."""

    lines: Annotated[list[LineAsked], Field(min_length=1, max_length=MOST_LINES, examples=[[A_LINE]])]
    starts_on: date | None = None
    ends_on: date | None = None
    valid_until: Annotated[date, Field(examples=["2099-12-31"])]
    commitments: list[Commitment] = []
    message: ShortText = ""
    co_contractors: Annotated[Lines, Field(max_length=MOST_CO_CONTRACTORS)] = []

    def content(self) -> Content:
        """What the proposal then says."""
        lines, commitments = [each.line() for each in self.lines], sorted(set(self.commitments))
        return Content(lines, self.starts_on, self.ends_on, self.valid_until, commitments, self.message)


class ProposalTo(ProposalDraft):
    """The same, by a program: for which need."""

    need_id: UUID


class Choice(Asked):
    """Why a proposal is chosen; its supplier reads the words."""

    reason: Chosen | None = None
    words: Words = ""


class Refused(Asked):
    """Why a proposal is not chosen; its supplier reads the words."""

    reason: NotChosen | None = None
    words: Words = ""


class TakesPart(Asked):
    """Whether a co-contractor takes part."""

    takes_part: bool


class WeightsAsked(Asked):
    """How much each criterion weighs beside the others, from 0 to 100; in the address, so that it can be shared."""

    price: Weight = USUAL[Criterion.PRICE]
    delay: Weight = USUAL[Criterion.DELAY]
    nearness: Weight = USUAL[Criterion.NEARNESS]
    social: Weight = USUAL[Criterion.SOCIAL]
    environment: Weight = USUAL[Criterion.ENVIRONMENT]
    completeness: Weight = USUAL[Criterion.COMPLETENESS]

    def weights(self) -> Weights:
        """The weight of each criterion."""
        return {each: getattr(self, each) for each in Criterion}


class LineOut(Struct, frozen=True):
    """One line of a proposal, in euros before tax."""

    what: str
    quantity: str
    unit: str
    price_cents: int
    total_cents: int


class PartnerOut(Struct, frozen=True):
    """A co-contractor, and what it says: asked, confirmed or declined."""

    organisation_id: UUID
    name: str
    state: str

    @classmethod
    def of(cls, participation: Participation) -> "PartnerOut":
        """The JSON of a participation whose organisation is loaded."""
        return cls(participation.organisation_id, participation.organisation.name, participation.state)


class EvidenceOut(Struct, frozen=True):
    """A file beside a proposal: its bytes are at `/api/v1/proposals/{proposal_id}/files/{id}`; `size` in bytes."""

    id: UUID
    name: str
    kind: str
    size: int


class ProposalOut(Struct, frozen=True):
    """A proposal as everybody who may read it does; `reason` and `words` are those of the decision.

    The words are between its two sides: a co-contractor reads them empty. One that has not confirmed reads no files.
    """

    id: UUID
    version: int
    need_id: UUID
    supplier_id: UUID
    supplier_name: str
    state: str
    revision: int
    lines: list[LineOut]
    total_cents: int
    currency: str
    starts_on: date | None
    ends_on: date | None
    valid_until: date
    commitments: list[str]
    message: str
    co_contractors: list[PartnerOut]
    reason: str | None
    words: str
    made_at: datetime
    decided_at: datetime | None
    files: list[EvidenceOut]

    @classmethod
    def of(cls, proposal: Proposal, files: Sequence[StoredFile] = (), *, is_between: bool = True) -> "ProposalOut":
        """The JSON of a proposal whose organisations are loaded; `is_between` for one of its two sides."""
        return cls(
            id=proposal.id,
            version=proposal.version,
            need_id=proposal.need_id,
            supplier_id=proposal.organisation_id,
            supplier_name=proposal.organisation.name,
            state=proposal.state,
            revision=proposal.revision,
            lines=[
                LineOut(each.what, f"{plain(each.quantity):f}", each.unit, each.price_cents, each.total_cents)
                for each in proposal.lines
            ],
            total_cents=proposal.total_cents,
            currency="EUR",
            starts_on=proposal.starts_on,
            ends_on=proposal.ends_on,
            valid_until=proposal.valid_until,
            commitments=proposal.commitments,
            message=proposal.message,
            co_contractors=[PartnerOut.of(each) for each in proposal.participations],
            reason=proposal.reason,
            words=proposal.words if is_between else "",
            made_at=proposal.made_at,
            decided_at=proposal.decided_at,
            files=[EvidenceOut(each.id, each.name, each.kind, each.size) for each in files],
        )


class Proposals(Struct, frozen=True):
    """One page of proposals; `next` is the cursor of the following one."""

    items: list[ProposalOut]
    next: str | None

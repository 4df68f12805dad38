"""What concluding, signing and ending an agreement ask, and agreements as JSON."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Struct
from pydantic import Field, StringConstraints

from services.catalog.agreements.content import Content, Focus, Party
from services.catalog.agreements.models import LONGEST_WORDS, Agreement
from services.catalog.agreements.natures import Side
from services.catalog.flows.schemas import PriceSide, signed_price
from services.catalog.posting.schemas import Amount, ShortText
from services.catalog.proposals.schemas import Euros, LineOut
from shared.events.agreements import CancelledFor, Nature
from shared.web.asked import Asked, Row

MOST_MILESTONES = 10

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Place = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Number = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_WORDS)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Field(examples=["0123456789abcdef" * 4])]


class MilestoneAsked(Row):
    """One step on the way, and what it makes due of the total: a program gives `cents`, the form `euros`."""

    label: Label
    due_on: date | None = None
    cents: Annotated[int, Field(gt=0, le=100_000_000_000)] | None = None
    euros: Annotated[Euros, Field(gt=0)] | None = None

    @property
    def share_cents(self) -> int | None:
        """What it makes due, before tax."""
        return self.cents if self.euros is None else int(self.euros * 100)


class AgreementDraft(Asked):
    """What its author adds to what was proposed or is taken: the nature, and what that nature asks for.

    Of a lot it says the price, too, unless that stays as it was published: a program gives `price_cents` for one unit
    (negative where the taker pays), the form an amount with who pays it.
    """

    nature: Nature
    given_by: Side | None = None
    focus: Focus | None = None
    purchase_order: Number = ""
    place: Place = ""
    starts_on: date | None = None
    ends_on: date | None = None
    provenance: ShortText = ""
    terms: ShortText = ""
    milestones: Annotated[list[MilestoneAsked], Field(max_length=MOST_MILESTONES)] = []
    price_cents: Annotated[int, Field(ge=-100_000_000, le=100_000_000)] | None = None
    price_side: PriceSide | None = None
    price_euros: Annotated[Amount, Field(le=1_000_000)] | None = None

    def cents(self) -> int | None:
        """What one unit of a lot costs its holder; None as published. Raises `PriceMissing`."""
        return self.price_cents if self.price_side is None else -signed_price(self.price_side, self.price_euros)


class AgreementFrom(AgreementDraft):
    """The same, by a program: from which proposal, or from which taking of one's lot."""

    proposal_id: UUID | None = None
    taking_id: UUID | None = None


class Signing(Asked):
    """That somebody read a document, and which one: its SHA-256 as the page shows it."""

    document_sha256: Digest
    has_read: bool = False


class Ticking(Asked):
    """A milestone by its number from 1, and whether it is reached."""

    number: Annotated[int, Field(ge=1, le=MOST_MILESTONES, examples=[1])]
    done: bool = True


class Cancelling(Asked):
    """Why an agreement ends; the other side reads the words."""

    reason: CancelledFor | None = None
    words: Words = ""


class PartyOut(Struct, frozen=True):
    """One who takes part, as the agreement froze it."""

    organisation_id: UUID
    name: str
    entity_name: str
    siren: str | None
    siret: str | None
    address: str

    @classmethod
    def of(cls, party: Party) -> "PartyOut":
        """The JSON of a party."""
        return cls(**party.model_dump())


class MilestoneOut(Struct, frozen=True):
    """One step on the way, what it makes due of the total, and who ticked it: buyer or supplier."""

    number: int
    label: str
    due_on: date | None
    cents: int | None
    done_by: str | None
    done_at: datetime | None


class SignatureOut(Struct, frozen=True):
    """Which side signed what the agreement says now, when, and which document."""

    side: str
    organisation_id: UUID
    document_sha256: str
    signed_at: datetime


# What an agreement's JSON has of its row, and of what it says.
KEPT = (
    *(
        "id",
        "version",
        "proposal_id",
        "need_id",
        "taking_id",
        "flow_id",
        "state",
        "revision",
        "concluded_at",
        "running_at",
    ),
    *("buyer_done_at", "supplier_done_at", "completed_at", "cancelled_at", "cancelled_by", "reason"),
)
SAID = (
    *("nature", "focus", "given_by", "title", "total_cents", "starts_on", "ends_on", "place"),
    *("purchase_order", "provenance", "terms"),
)


class AgreementOut(Struct, frozen=True):
    """An agreement as everybody who may read it does; `documents` are the SHA-256 of its papers, by language.

    It is about a proposal to a need, or about a taking of a flow's lot, whose holder is the buyer.

    `words` are what one side told the other when it ended it: to a co-contractor they are empty.
    """

    id: UUID
    version: int
    proposal_id: UUID | None
    need_id: UUID | None
    taking_id: UUID | None
    flow_id: UUID | None
    state: str
    revision: int
    nature: str
    focus: str | None
    given_by: str | None
    title: str
    buyer: PartyOut
    supplier: PartyOut
    co_contractors: list[PartyOut]
    lines: list[LineOut]
    total_cents: int
    currency: str
    starts_on: date | None
    ends_on: date | None
    place: str
    purchase_order: str
    provenance: str
    terms: str
    milestones: list[MilestoneOut]
    documents: Mapping[str, str]
    signatures: list[SignatureOut]
    buyer_done_at: datetime | None
    supplier_done_at: datetime | None
    concluded_at: datetime
    running_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: str | None
    reason: str | None
    words: str

    @classmethod
    def of(cls, agreement: Agreement, documents: Mapping[str, str], reader_id: UUID) -> "AgreementOut":
        """The JSON of an agreement whose signatures are loaded, for one of its readers."""
        content = agreement.content
        return cls(
            **{name: getattr(agreement, name) for name in KEPT},
            words=agreement.words if agreement.side_of(reader_id) else "",
            **{name: getattr(content, name) for name in SAID},
            buyer=PartyOut.of(content.buyer),
            supplier=PartyOut.of(content.supplier),
            co_contractors=[PartyOut.of(each) for each in content.co_contractors],
            lines=[
                LineOut(each.what, str(each.quantity), each.unit, each.price_cents, each.total_cents)
                for each in content.lines
            ],
            currency="EUR",
            milestones=_milestones(agreement, content),
            documents=documents,
            signatures=[
                SignatureOut(found.side, found.organisation_id, found.document_sha256, found.signed_at)
                for found in map(agreement.signature_of, Side)
                if found is not None
            ],
        )


def _milestones(agreement: Agreement, content: Content) -> list[MilestoneOut]:
    ticks = agreement.ticks
    return [
        MilestoneOut(
            number=number,
            label=each.label,
            due_on=each.due_on,
            cents=each.cents,
            done_by=ticks[str(number)]["side"] if str(number) in ticks else None,
            done_at=datetime.fromisoformat(ticks[str(number)]["at"]) if str(number) in ticks else None,
        )
        for number, each in enumerate(content.milestones, start=1)
    ]


class AgreementLine(Struct, frozen=True):
    """One agreement in a list; `awaits_you` when it is one's own organisation's turn."""

    id: UUID
    proposal_id: UUID | None
    need_id: UUID | None
    taking_id: UUID | None
    flow_id: UUID | None
    state: str
    revision: int
    nature: str
    title: str
    buyer_name: str
    supplier_name: str
    total_cents: int
    awaits_you: bool
    concluded_at: datetime

    @classmethod
    def of(cls, agreement: Agreement, reader_id: UUID) -> "AgreementLine":
        """The line of an agreement for one of its readers."""
        content, side = agreement.content, agreement.side_of(reader_id)
        return cls(
            id=agreement.id,
            proposal_id=agreement.proposal_id,
            need_id=agreement.need_id,
            taking_id=agreement.taking_id,
            flow_id=agreement.flow_id,
            state=agreement.state,
            revision=agreement.revision,
            nature=content.nature,
            title=content.title,
            buyer_name=content.buyer.name,
            supplier_name=content.supplier.name,
            total_cents=content.total_cents,
            awaits_you=side is not None and agreement.awaits(side),
            concluded_at=agreement.concluded_at,
        )


class Agreements(Struct, frozen=True):
    """One page of agreements; `next` is the cursor of the following one."""

    items: list[AgreementLine]
    next: str | None

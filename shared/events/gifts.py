"""What catalog publishes about gifts: promised, valued, delivered, signed, receipted, replaced, returned, withdrawn."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events.event import Event


class GiftKind(StrEnum):
    """What is given."""

    MONEY = "money"
    GOODS = "goods"
    SKILLS = "skills"


class PaperKind(StrEnum):
    """What a recipient writes about a gift: a tax receipt, the attestation of unsold goods, or of reception alone."""

    RECEIPT = "receipt"
    UNSOLD = "unsold"
    RECEPTION = "reception"


class GiftEvent(Event):
    """What each of them tells: which gift, of what kind, from whom to whom; never a word that anybody wrote.

    `organisation_id` is who hears of it, one of the two; `partner_name` is the other one. It comes from an agreement or
    from a pledge of a campaign. What both hear of is told in two events.
    """

    gift_id: UUID
    agreement_id: UUID | None = None
    pledge_id: UUID | None = None
    organisation_id: UUID
    donor_id: UUID
    recipient_id: UUID
    partner_name: str
    title: str
    kind: GiftKind
    at: datetime


class GiftPromised(GiftEvent, type="catalog.gift.promised.v1", aggregate="gift_id"):
    """Both are bound by it: the donor says what it is worth, the recipient what arrives. `cents` are those of money."""

    cents: int | None = None


class GiftValued(GiftEvent, type="catalog.gift.valued.v1", aggregate="gift_id"):
    """The donor said what it is worth in cents; None while that depends on hours which nobody has said yet."""

    value_cents: int | None = None


class GiftDelivered(GiftEvent, type="catalog.gift.delivered.v1", aggregate="gift_id"):
    """The recipient said what arrived; `differs` from what was promised, `to_sign` where a sheet is to be signed."""

    delivered_on: date
    differs: bool
    to_sign: bool


class GiftSheetSigned(GiftEvent, type="catalog.gift.sheet_signed.v1", aggregate="gift_id"):
    """The donor signed the attendance sheet, too."""


class GiftReceipted(GiftEvent, type="catalog.gift.receipted.v1", aggregate="gift_id"):
    """The recipient issued a paper about it: `number` in the series of that kind of its legal entity and `year`."""

    paper_id: UUID
    paper: PaperKind
    year: int
    number: int
    value_cents: int
    document_sha256: str


class GiftReceiptCancelled(GiftEvent, type="catalog.gift.receipt_cancelled.v1", aggregate="gift_id"):
    """A paper is void: the one with `replaced_by` in the series of `replaced_in` stands in its place."""

    paper_id: UUID
    paper: PaperKind
    year: int
    number: int
    replaced_in: int
    replaced_by: int


class GiftReceiptVoided(GiftEvent, type="catalog.gift.receipt_voided.v1", aggregate="gift_id"):
    """A paper is void, and none stands in its place: nothing is left of what it was about."""

    paper_id: UUID
    paper: PaperKind
    year: int
    number: int


class GiftReturned(GiftEvent, type="catalog.gift.returned.v1", aggregate="gift_id"):
    """Money of it was given back; `cents` are left. `to_replace`: a paper stands that says otherwise."""

    cents: int
    to_replace: bool


class GiftWithdrawn(GiftEvent, type="catalog.gift.withdrawn.v1", aggregate="gift_id"):
    """It will not be given: before it arrived, the donor took it back or its agreement was cancelled."""

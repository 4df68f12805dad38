"""What catalog publishes about agreements: concluded, changed, signed, running, advanced, completed, cancelled."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events.event import Event


class Nature(StrEnum):
    """What an agreement is; its paper follows."""

    ORDER = "order"
    GIFT = "gift"
    PARTNERSHIP = "partnership"
    TRANSFER = "transfer"
    LOAN = "loan"


class CancelledFor(StrEnum):
    """Why an agreement was cancelled."""

    NEED_CHANGED = "need_changed"
    PRICE = "price"
    DELAY = "delay"
    NOT_DELIVERED = "not_delivered"
    QUALITY = "quality"
    UNSIGNED = "unsigned"
    TOGETHER = "together"
    OTHER = "other"


class AgreementEvent(Event):
    """What each of them tells: which agreement, of what nature, between whom; never a word that anybody wrote.

    `organisation_id` is who hears of it, one of the two sides; `partner_name` is the other one. `revision` counts what
    the agreement said from 1. What both sides hear of is told in two events.

    It is concluded from a proposal to a need, or from a taking of a flow's lot: either pair of ids is there. Of a lot
    the buyer is its holder and the supplier its taker.
    """

    agreement_id: UUID
    proposal_id: UUID | None = None
    need_id: UUID | None = None
    taking_id: UUID | None = None
    flow_id: UUID | None = None
    organisation_id: UUID
    buyer_id: UUID
    supplier_id: UUID
    partner_name: str
    title: str
    nature: Nature
    revision: int
    at: datetime


class AgreementConcluded(AgreementEvent, type="catalog.agreement.concluded.v1", aggregate="agreement_id"):
    """Whose need or lot it is concluded an agreement; the supplier, or who takes the lot, is to read and sign it.

    `total_cents` is in euros, before tax, and negative where the supplier pays.
    """

    total_cents: int
    starts_on: date | None = None
    ends_on: date | None = None


class AgreementChanged(AgreementEvent, type="catalog.agreement.changed.v1", aggregate="agreement_id"):
    """It says something else: what was signed of it is void, and both sides hear of it."""

    signatures_void: bool


class AgreementSigned(AgreementEvent, type="catalog.agreement.signed.v1", aggregate="agreement_id"):
    """The other side signed first; `document_sha256` is that of the paper it read."""

    document_sha256: str


class AgreementRunning(AgreementEvent, type="catalog.agreement.running.v1", aggregate="agreement_id"):
    """The other side signed, too: both are bound. Amounts and dates are as for `AgreementConcluded`."""

    document_sha256: str
    total_cents: int
    starts_on: date | None = None
    ends_on: date | None = None


class AgreementAdvanced(AgreementEvent, type="catalog.agreement.advanced.v1", aggregate="agreement_id"):
    """The other side ticked a milestone, or took that back; or, without a `milestone`, says that all is done."""

    milestone: int | None = None
    done: bool


class AgreementCompleted(AgreementEvent, type="catalog.agreement.completed.v1", aggregate="agreement_id"):
    """Both sides say that all is done. Amounts are as for `AgreementConcluded`."""

    total_cents: int


class AgreementCancelled(AgreementEvent, type="catalog.agreement.cancelled.v1", aggregate="agreement_id"):
    """The other side ended it; `was_running` when both had signed it."""

    reason: CancelledFor
    was_running: bool

"""What catalog publishes about proposals to needs, what became of them, and who is to take part in them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events.event import Event


class Chosen(StrEnum):
    """Why a proposal was chosen."""

    BALANCE = "balance"
    PRICE = "price"
    DELAY = "delay"
    NEARNESS = "nearness"
    SOCIAL = "social"
    ENVIRONMENT = "environment"
    QUALITY = "quality"
    OTHER = "other"


class NotChosen(StrEnum):
    """Why a proposal was not chosen; `need_ended` is said by the machine when its need is over."""

    ANOTHER = "another"
    PRICE = "price"
    DELAY = "delay"
    QUANTITY = "quantity"
    DISTANCE = "distance"
    INCOMPLETE = "incomplete"
    NEED_CHANGED = "need_changed"
    NEED_ENDED = "need_ended"
    OTHER = "other"


class ProposalMade(Event, type="catalog.proposal.made.v1", aggregate="proposal_id"):
    """A supplier proposed something for a need, or proposed anew: `revision` counts from 1.

    `organisation_id` is whose need it is, and who hears of it. `total_cents` is in euros, before tax, and negative
    where the supplier pays. What it wrote, its lines and who wrote them are not told.
    """

    proposal_id: UUID
    answer_id: UUID
    need_id: UUID
    organisation_id: UUID
    title: str
    supplier_id: UUID
    supplier_name: str
    revision: int
    total_cents: int
    valid_until: date
    at: datetime


class ProposalAttached(Event, type="catalog.proposal.attached.v1", aggregate="proposal_id", lasts=False):
    """A supplier put a file beside a proposal that was told already; `organisation_id` is whose need it is.

    `fresh` is how many of its files came within the hour before, this one included: above one, it was told already.
    What the file is called is not told.
    """

    proposal_id: UUID
    answer_id: UUID
    need_id: UUID
    organisation_id: UUID
    title: str
    supplier_id: UUID
    supplier_name: str
    fresh: int
    at: datetime


class ProposalWithdrawn(Event, type="catalog.proposal.withdrawn.v1", aggregate="proposal_id"):
    """A supplier took its proposal back, and is interested still; `organisation_id` is whose need it is."""

    proposal_id: UUID
    answer_id: UUID
    need_id: UUID
    organisation_id: UUID
    title: str
    supplier_id: UUID
    supplier_name: str
    at: datetime


class ProposalAccepted(Event, type="catalog.proposal.accepted.v1", aggregate="proposal_id"):
    """The need's organisation chose a proposal: both know each other from now on, and agreements start here.

    `organisation_id` is whose proposal it is, and who hears of it; `buyer_id` whose need.
    """

    proposal_id: UUID
    answer_id: UUID
    need_id: UUID
    organisation_id: UUID
    title: str
    buyer_id: UUID
    buyer_name: str
    revision: int
    total_cents: int
    reason: Chosen
    at: datetime


class ProposalRejected(Event, type="catalog.proposal.rejected.v1", aggregate="proposal_id"):
    """A proposal was not chosen; `organisation_id` is whose it is, and who hears of it.

    It does not say whose need it was: an author who hides stays hidden.
    """

    proposal_id: UUID
    answer_id: UUID
    need_id: UUID
    organisation_id: UUID
    title: str
    reason: NotChosen
    at: datetime


class ParticipationAsked(Event, type="catalog.participation.asked.v1", aggregate="participation_id"):
    """A supplier named a co-contractor in its proposal; `organisation_id` is who is asked to confirm it."""

    participation_id: UUID
    proposal_id: UUID
    organisation_id: UUID
    title: str
    supplier_id: UUID
    supplier_name: str


class ParticipationAnswered(Event, type="catalog.participation.answered.v1", aggregate="participation_id"):
    """A co-contractor takes part in a proposal, or does not; `organisation_id` is whose proposal it is."""

    participation_id: UUID
    proposal_id: UUID
    organisation_id: UUID
    title: str
    partner_id: UUID
    partner_name: str
    takes_part: bool

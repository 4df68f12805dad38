"""What catalog publishes about campaigns and what companies pledge to them; the bank details of neither are here."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.events.event import Event
from shared.events.facts import Origin, Supplier
from shared.territory.place import Zone


class Rule(StrEnum):
    """What the last day decides: all of the threshold or nothing, or whatever was pledged."""

    ALL_OR_NOTHING = "all_or_nothing"
    KEEP = "keep"


class Outcome(StrEnum):
    """How a campaign ended."""

    SUCCEEDED = "succeeded"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class CampaignState(Event):
    """A campaign as readers may know it: money is in cents, both days are included.

    `pledged_cents` are promises; what was received is said by whoever received it, and is not here.
    """

    campaign_id: UUID
    supplier: Supplier
    title: str
    description: str = ""
    categories: tuple[str, ...] = ()
    zones: tuple[Zone, ...]
    goal_cents: int
    threshold_cents: int | None = None
    pledged_cents: int = 0
    currency: str = "EUR"
    rule: Rule
    opens_on: date
    closes_on: date
    origin: Origin = Origin.MEMBER
    published_at: datetime

    @property
    def organisation_id(self) -> UUID:
        """Whose campaign it is."""
        return self.supplier.organisation_id


class CampaignPublished(CampaignState, type="catalog.campaign.published.v1", aggregate="campaign_id"):
    """A campaign is shown to everybody; it may open later."""


class CampaignUpdated(CampaignState, type="catalog.campaign.updated.v1", aggregate="campaign_id"):
    """Its words changed, or what is pledged to it, or who stands behind it."""


class CampaignOpened(CampaignState, type="catalog.campaign.opened.v1", aggregate="campaign_id"):
    """Its first day came: pledges are taken."""


class CampaignSubmitted(Event, type="catalog.campaign.submitted.v1", aggregate="campaign_id"):
    """A campaign of an organisation that nobody has verified waits for a coordinator's look."""

    campaign_id: UUID
    organisation_id: UUID
    organisation_name: str
    title: str


class CampaignReturned(Event, type="catalog.campaign.returned.v1", aggregate="campaign_id"):
    """A coordinator asks for changes before it is shown."""

    campaign_id: UUID
    organisation_id: UUID
    title: str
    words: str


class CampaignClosed(Event, type="catalog.campaign.closed.v1", aggregate="campaign_id", whole=False, lasts=False):
    """It ended: by its rule on its last day, or because whose it is called it off."""

    campaign_id: UUID
    organisation_id: UUID
    title: str
    outcome: Outcome
    pledged_cents: int
    pledges: int
    currency: str = "EUR"


class PledgeEvent(Event):
    """What each of them tells; `organisation_id` is who hears of it, `partner_name` the other side."""

    pledge_id: UUID
    campaign_id: UUID
    organisation_id: UUID
    partner_name: str
    title: str
    amount_cents: int
    currency: str = "EUR"


class PledgeMade(PledgeEvent, type="catalog.pledge.made.v1", aggregate="pledge_id"):
    """A company promises an amount, or another one than before; whose campaign it is hears of it."""

    before_cents: int | None = None


class PledgeWithdrawn(PledgeEvent, type="catalog.pledge.withdrawn.v1", aggregate="pledge_id", lasts=False):
    """It took its promise back while the campaign was open."""


class PledgeConfirmed(PledgeEvent, type="catalog.pledge.confirmed.v1", aggregate="pledge_id"):
    """The campaign succeeded: who promised is told how to give."""


class PledgeLapsed(PledgeEvent, type="catalog.pledge.lapsed.v1", aggregate="pledge_id", lasts=False):
    """Nothing is due any more: the threshold was not reached, or the campaign was called off, with the reason given."""

    why: Literal["not_reached", "cancelled"]
    words: str = ""


class PledgeDue(PledgeEvent, type="catalog.pledge.due.v1", aggregate="pledge_id"):
    """So many days after it was confirmed, its delivery is not confirmed: who promised is reminded."""

    days: int

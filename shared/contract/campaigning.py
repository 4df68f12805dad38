"""An example of each thing that is told of a campaign and of what is pledged to it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.events import Event, campaigns
from shared.events.facts import Supplier
from shared.territory.place import radius_around


def a_campaign(
    campaign_id: UUID, pledge_id: UUID, *, owner: Supplier, supporter: UUID, at: datetime
) -> Iterator[Event]:
    """A campaign from its first look to its end, and a pledge that is made, changed, confirmed and reminded of."""
    title, whose = "Un four pour l'atelier de quartier", owner.organisation_id
    about: dict[str, Any] = {"campaign_id": campaign_id, "organisation_id": whose, "title": title}
    state: dict[str, Any] = {
        "campaign_id": campaign_id,
        "supplier": owner,
        "title": title,
        "categories": ("meal-trays",),
        "zones": (radius_around(owner.place, 100),),
        "goal_cents": 800_000,
        "threshold_cents": 500_000,
        "rule": campaigns.Rule.ALL_OR_NOTHING,
        "opens_on": date(2026, 12, 1),
        "closes_on": date(2027, 1, 31),
        "published_at": at,
    }
    yield campaigns.CampaignSubmitted(version=1, organisation_name=owner.name, **about)
    yield campaigns.CampaignReturned(version=2, words="Dites à qui servira le four.", **about)
    yield campaigns.CampaignPublished(version=4, **state)
    yield campaigns.CampaignOpened(version=5, **state)
    yield campaigns.CampaignUpdated(version=6, pledged_cents=600_000, **state)
    yield campaigns.CampaignClosed(
        version=7, outcome=campaigns.Outcome.SUCCEEDED, pledged_cents=600_000, pledges=2, **about
    )
    pledge: dict[str, Any] = {
        "pledge_id": pledge_id,
        "campaign_id": campaign_id,
        "title": title,
        "amount_cents": 150_000,
    }
    to_owner = {**pledge, "organisation_id": whose, "partner_name": "Cidrerie des Coteaux"}
    to_supporter = {**pledge, "organisation_id": supporter, "partner_name": owner.name}
    yield campaigns.PledgeMade(version=1, before_cents=100_000, **to_owner)
    yield campaigns.PledgeWithdrawn(version=2, **to_owner)
    yield campaigns.PledgeConfirmed(version=4, **to_supporter)
    yield campaigns.PledgeLapsed(version=4, why="not_reached", **to_supporter)
    yield campaigns.PledgeDue(version=5, days=15, **to_supporter)

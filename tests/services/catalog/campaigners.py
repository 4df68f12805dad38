"""Campaigns as tests make them: a workshop that opens one, companies that pledge, and days that go by."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from services.catalog.campaigns.closing import move_campaign
from services.catalog.campaigns.queries import campaigns_to_look_at
from shared.clock import day_of, now
from shared.database import now_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated, at_noon_of

TODAY = day_of(now())
LAST = TODAY + timedelta(days=20)
CAMPAIGN: dict[str, Any] = {
    "title": "Un four pour l'atelier de quartier",
    "description": "Cuire sur place les invendus du marché, avec les habitants.",
    "categories": ["meal-trays"],
    "goal_euros": "8 000",
    "rule": "all_or_nothing",
    "threshold_euros": "5000",
    "ends_on": LAST.isoformat(),
}
TIERS: dict[str, Any] = {"from_euros": "500", "counterpart_words": "Un repas pour l'équipe", "worth_euros": "100"}
STEPS: dict[str, Any] = {"step_euros": "3000", "step_words": "Le four d'occasion"}


async def a_campaign(owner: httpx.AsyncClient, *, publish: bool = True, **changes: Any) -> str:
    """The address of a campaign, published unless said otherwise."""
    then = "publish" if publish else "draft"
    answer = await post(owner, "/campaigns", **{**CAMPAIGN, **STEPS, **TIERS, **changes}, then=then)
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["location"]
    return address


async def promise(company: httpx.AsyncClient, campaign: str, euros: str, **said: Any) -> httpx.Response:
    """Pledge an amount by the form."""
    return await post(company, f"{campaign}/pledge", amount_euros=euros, **said)


async def days_later(database: Isolated, days: int) -> None:
    """It is noon so many days later, and the timer comes by."""
    async with database.sessions.begin() as session:
        with at_noon_of(TODAY + timedelta(days=days), session):
            for campaign_id in await campaigns_to_look_at(session, now_of(session)):
                await move_campaign(session, campaign_id)


async def sums_of(database: Isolated, campaign: str) -> tuple[str, int, int]:
    """Its state, and what is pledged to it by how many."""
    async with database.sessions.begin() as session:
        found = text("SELECT state, pledged_cents, pledges FROM campaigns WHERE id = :id")
        row = (await session.execute(found, {"id": UUID(campaign.rsplit("/", 1)[-1])})).one()
        return row.state, row.pledged_cents, row.pledges


async def pledges_in(database: Isolated, campaign: str) -> list[tuple[str, int]]:
    """State and cents of its pledges, in the order in which they were made."""
    async with database.sessions.begin() as session:
        found = text("SELECT state, amount_cents FROM pledges WHERE campaign_id = :id ORDER BY id")
        rows = await session.execute(found, {"id": UUID(campaign.rsplit("/", 1)[-1])})
        return [(row.state, row.amount_cents) for row in rows]

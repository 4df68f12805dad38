"""Campaigns of a supplier's, and what a buyer promised to one."""

from datetime import timedelta
from typing import Any

from playwright.async_api import Page

from shared.clock import day_of, now
from tests.browser.sending import send

CAMPAIGN: dict[str, Any] = {
    "title": "Un four solidaire pour l’atelier intercommunal de Saint-Jean-de-l’Union-Castelmaurou",
    "description": "Cuire sur place les invendus du marché, avec les habitants.\nLe four et deux ateliers.",
    "categories": ["meal-trays"],
    "goal_euros": "8000",
    "threshold_euros": "5000",
    "steps": [
        {"step_euros": "3000", "step_words": "Le four d’occasion, livré"},
        {"step_euros": "6000", "step_words": "Son branchement et la mise aux normes de la réserve"},
    ],
    "counterparts": [{"from_euros": "1000", "counterpart_words": "Un repas pour l’équipe", "worth_euros": "200"}],
}


async def open_campaigns(found: dict[str, str], supplier: Page, buyer: Page) -> None:
    """A draft, one that nobody has pledged to yet, and one that a company has."""
    last = {"ends_on": (day_of(now()) + timedelta(days=25)).isoformat()}
    for name in ("draft_campaign", "quiet_campaign", "campaign"):
        found[name] = (await send(supplier, "/api/v1/campaigns", **CAMPAIGN, **last))["id"]
    for name in ("quiet_campaign", "campaign"):
        await send(supplier, f"/api/v1/campaigns/{found[name]}/publish")
    words = "Bravo pour la clarté du budget, nous viendrons goûter."
    await send(buyer, "/api/v1/pledges", campaign_id=found["campaign"], amount_euros="3500.50", words=words)

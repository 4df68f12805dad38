"""Campaigns among supplies: who wants to give money finds them, with reasons; who gives anything else does not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.events.campaigns import CampaignClosed, CampaignPublished, CampaignUpdated, Outcome, Rule
from shared.events.facts import NeedKind, Window
from shared.events.matching import DemandMatched, SupplierSolicited
from shared.events.reasons import Feature
from shared.territory.place import radius_around
from tests.services.matching.scenes import LAUNAGUET, NOW, TODAY, author, need, offer, supplier
from tests.services.matching.stage import Enter, Stage


def campaign(kind: type[Any] = CampaignPublished, **changed: Any) -> Any:
    facts: dict[str, Any] = {
        "campaign_id": uuid4(),
        "version": 1,
        "supplier": supplier(),
        "title": "Un atelier de palettes en bois",
        "categories": ("wooden-pallets",),
        "zones": (radius_around(LAUNAGUET, 100),),
        "goal_cents": 800_000,
        "rule": Rule.KEEP,
        "opens_on": TODAY,
        "closes_on": TODAY + timedelta(days=30),
        "published_at": NOW,
    }
    return kind(**facts | changed)


def patronage(**changed: Any) -> Any:
    return need(**{"kind": NeedKind.PATRONAGE, "means": "money", "amount_band": "5-10", **changed})


async def test_a_need_of_money_finds_a_campaign_with_its_reasons_and_asks_it(stage: Stage) -> None:
    asked, told = patronage(), campaign()
    await stage.tell(told, asked)
    (matched,) = await stage.heard(DemandMatched)
    (match,) = matched.matches
    assert match.offer_id == told.campaign_id
    reasons = {each.feature: each.values for each in match.reasons}
    assert {Feature.CATEGORY, Feature.DISTANCE, Feature.QUANTITY} <= set(reasons)
    assert [float(str(reasons[Feature.QUANTITY][name])) for name in ("asked", "possible")] == [5_000, 8_000]
    assert await stage.ask() == 1
    (solicited,) = await stage.heard(SupplierSolicited)
    assert solicited.organisation_id == told.organisation_id


@pytest.mark.parametrize(
    "changes",
    [
        {"means": "skills"},
        {"means": "goods"},
        {"kind": NeedKind.PROCUREMENT, "means": None},
        {"window": Window(starts_on=TODAY + timedelta(days=60))},
    ],
)
async def test_who_gives_something_else_or_later_finds_none(stage: Stage, changes: dict[str, Any]) -> None:
    await stage.tell(campaign(), patronage(**changes))
    assert await stage.heard(DemandMatched) == []


async def test_a_campaign_finds_the_needs_that_were_there_and_leaves_them_at_its_end(stage: Stage) -> None:
    asked, told = patronage(), campaign()
    await stage.tell(asked, told)
    assert await stage.ranking(asked) == [told.campaign_id]
    about = {"campaign_id": told.campaign_id, "organisation_id": told.organisation_id, "title": told.title}
    await stage.tell(CampaignClosed(version=2, outcome=Outcome.LAPSED, pledged_cents=0, pledges=0, **about))
    assert await stage.ranking(asked) == []
    # What was told before the end, and comes after it, opens nothing again.
    await stage.tell(told)
    assert await stage.ranking(asked) == []


async def test_what_is_pledged_is_no_longer_lacking(stage: Stage) -> None:
    """INVARIANT: of two alike, the one that can take the whole gift comes first."""
    nearly = campaign()
    empty = campaign(supplier=supplier(name="Autre"))
    pledged = campaign(
        CampaignUpdated, campaign_id=nearly.campaign_id, supplier=nearly.supplier, version=2, pledged_cents=700_000
    )
    asked = patronage()
    await stage.tell(nearly, empty, pledged, asked)
    assert await stage.ranking(asked) == [empty.campaign_id, nearly.campaign_id]


async def test_its_page_is_a_campaigns_and_the_search_finds_it(stage: Stage, enter: Enter) -> None:
    asked, told = patronage(), campaign()
    beside = offer(need_kinds=(NeedKind.PATRONAGE,))
    await stage.tell(told, beside, asked)
    owner: httpx.AsyncClient = enter(asked.author.organisation_id)
    page = (await owner.get(f"/matching/needs/{asked.need_id}")).text
    assert f'href="/campaigns/{told.campaign_id}"' in page
    assert f'href="/offers/{beside.offer_id}"' in page
    assert "Campagne « Un atelier" in page.replace("\u202f", " ").replace("\xa0", " ")
    found = (await enter().get("/matching/search", params={"q": "atelier palettes"})).text
    assert f'href="/campaigns/{told.campaign_id}"' in found
    assert author().name

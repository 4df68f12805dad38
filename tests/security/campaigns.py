"""Campaigns of the owner's and of another's, and what each promised to the other's."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from shared.clock import day_of, now
from tests.security.calls import AN_ORGANISATION
from tests.security.postings import DOCUMENT
from tests.security.scene import SECRET
from tests.services.catalog.test_files import PDF
from tests.support import Isolated

A_CAMPAIGN = """
    INSERT INTO campaigns (id, organisation_id, version, title, description, categories, starts_on, ends_on, origin,
                           created_at, updated_at, published_at, submitted_at, state, rule, goal_cents, pledged_cents,
                           pledges, look_at)
    VALUES (:id, :organisation, 1, :title, 'Pour voir', '{meal-trays}', current_date - 1, current_date + 20, 'member',
            now(), now(), CASE WHEN CAST(:state AS text) = 'open' THEN now() END,
            CASE WHEN CAST(:state AS text) = 'submitted' THEN now() END, CAST(:state AS text), 'keep', 100000,
            CAST(:cents AS bigint), CASE WHEN CAST(:cents AS bigint) > 0 THEN 1 ELSE 0 END, now() + interval '20 days')
"""
A_PLEDGE = """
    INSERT INTO pledges (id, campaign_id, organisation_id, supporter_id, state, version, amount_cents, is_anonymous,
                         without_counterpart, words, created_at, updated_at)
    SELECT :id, c.id, c.organisation_id, :supporter, 'made', 1, c.pledged_cents, true, false, :words, now(), now()
    FROM campaigns c WHERE c.id = :campaign
"""
CAMPAIGN, TO_LOOK_AT = f"{SECRET} campagne draft", f"{SECRET} campagne submitted"
PLEDGED, PLEDGED_TO = f"{SECRET} notre promesse", f"{SECRET} leur promesse"


async def a_campaign(database: Isolated, organisation: object, *, state: str, title: str = "", cents: int = 0) -> UUID:
    """The id of one, in a state."""
    campaign_id = uuid4()
    said = {"organisation": organisation, "state": state, "title": title or "Une campagne", "cents": cents}
    async with database.connection() as connection:
        await connection.execute(text(A_CAMPAIGN), {"id": campaign_id, **said})
    return campaign_id


async def a_pledge(database: Isolated, campaign: UUID, supporter: object, words: str) -> UUID:
    """The id of one that nobody else may know of."""
    pledge_id = uuid4()
    said = {"campaign": campaign, "supporter": supporter, "words": words}
    async with database.connection() as connection:
        await connection.execute(text(A_PLEDGE), {"id": pledge_id, **said})
    return pledge_id


async def campaigns_of_scene(
    database: Isolated, owner: httpx.AsyncClient, ids: dict[str, list[object]], *, own: UUID, another: UUID
) -> None:
    """Of the owner's a draft, one that waits for a look, one that is open and pledged to; and a pledge to another's."""
    other = uuid4()
    async with database.connection() as connection:
        await connection.execute(text(AN_ORGANISATION), {"id": other, "like": another})
    ids["campaign_id"] = [
        await a_campaign(database, own, state="draft", title=CAMPAIGN),
        await a_campaign(database, own, state="submitted", title=TO_LOOK_AT),
    ]
    answer = await owner.post(f"/campaigns/{ids['campaign_id'][0]}/files", files={"file": (DOCUMENT, PDF)})
    assert (answer.status_code, "kind=error" in answer.headers["location"]) == (303, False), answer.text
    async with database.connection() as connection:
        files = text("SELECT id FROM files WHERE about = :draft")
        ids["file_id"] += list(await connection.scalars(files, {"draft": ids["campaign_id"][0]}))
    shown = await a_campaign(database, own, state="open", cents=5_000)
    foreign = await a_campaign(database, other, state="open", cents=7_000)
    ids["pledge_id"] = [
        await a_pledge(database, foreign, own, PLEDGED),
        await a_pledge(database, shown, other, PLEDGED_TO),
    ]


async def campaigns_in_every_state(database: Isolated, ids: dict[str, list[object]]) -> None:
    """Those that some act needs besides: one of the owner's that is open, and last one of another's."""
    shown = "SELECT id FROM campaigns WHERE state = 'open' ORDER BY organisation_id <> :own, id"
    async with database.connection() as connection:
        ids["campaign_id"] += list(await connection.scalars(text(shown), {"own": ids["organisation_id"][0]}))


def campaign_forms(ids: dict[str, list[object]]) -> dict[str, dict[str, object]]:
    """What each form needs to be taken, and each body."""
    last = (day_of(now()) + timedelta(days=9)).isoformat()
    money: dict[str, object] = {"goal_euros": "1000", "ends_on": last, "rule": "keep"}
    draft: dict[str, object] = {"title": "Un four", "description": "Cuire", "categories": ["meal-trays"], **money}
    amount: dict[str, object] = {"amount_euros": "20"}
    reason: dict[str, object] = {"reason": "Vendu."}
    return {
        **{f"{prefix}/campaigns": draft for prefix in ("", "/api/v1")},
        **{f"{prefix}/campaigns/{{campaign_id}}": draft for prefix in ("", "/api/v1")},
        **{f"{prefix}/campaigns/{{campaign_id}}/cancel": reason for prefix in ("", "/api/v1")},
        "/campaigns/{campaign_id}/pledge": amount,
        "/api/v1/pledges": {**amount, "campaign_id": str(ids["campaign_id"][-1])},
    }

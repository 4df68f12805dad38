"""Needs, offers and flows of a scene's owner, with their files, and what a coordinator has to do with them."""

from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from tests.security.scene import BAIT, SECRET
from tests.services.catalog.test_files import PDF, a_photo
from tests.services.catalog.test_flows import AS_JSON as FLOW
from tests.services.catalog.test_needs import MEALS as NEED
from tests.services.catalog.test_offers import AS_JSON as OFFER
from tests.support import Isolated

DRAFT, OPEN, SUBMITTED = "draft", "open", "submitted"
DOCUMENT, EVIDENCE, SITE = f"{SECRET} plan.pdf", f"{SECRET} statuts.pdf", f"{SECRET} quai"
A_CHECK = """
    INSERT INTO organisation_checks (id, organisation_id, finding, proof, words, checked_by, checked_at)
    VALUES (:id, :organisation, 'verified', 'call', '', :by, now())
"""
DRAFTS: dict[str, dict[str, Any]] = {"needs": NEED, "offers": OFFER, "flows": FLOW}


async def posted(client: httpx.AsyncClient, kind: str, state: str) -> str:
    """The id of a new need, offer or flow, published when it is to be open."""
    made = await client.post(f"/api/v1/{kind}", json={**DRAFTS[kind], "title": f"{BAIT} {SECRET} {kind} {state}"})
    assert made.status_code == 201, made.text
    found: str = made.json()["id"]
    if state == OPEN:
        assert (await client.post(f"/api/v1/{kind}/{found}/publish")).status_code == 200
    return found


async def send_files(owner: httpx.AsyncClient, ids: dict[str, list[object]]) -> None:
    """Documents of the drafts of a need and an offer, a photo of a flow's, and a proof for the coordinators."""
    need, flow, offer = (f"/{kind}s/{ids[f'{kind}_id'][0]}" for kind in ("need", "flow", "offer"))
    sent = (
        (need, DOCUMENT, PDF, "document"),
        (offer, DOCUMENT, PDF, "document"),
        (flow, "quai.jpg", a_photo((40, 20)), "photo"),
        ("/organisation", EVIDENCE, PDF, "evidence"),
    )
    for address, name, data, purpose in sent:
        answer = await owner.post(f"{address}/files", data={"purpose": purpose}, files={"file": (name, data)})
        assert (answer.status_code, "kind=error" in answer.headers["location"]) == (303, False), answer.text


async def shown_and_checked(
    database: Isolated, owner: httpx.AsyncClient, ids: dict[str, list[object]], *, checked_by: UUID
) -> None:
    """Files, a site and a coordinator's check of the owner's; a need and a flow that wait for a coordinator."""
    await send_files(owner, ids)
    site = await owner.post("/organisation/sites", data={"name": SITE, "place": "Muret"})
    assert site.status_code == 303, site.text
    for kind in ("need", "flow"):
        ids[f"{kind}_id"].append(await posted(owner, f"{kind}s", SUBMITTED))
    organisation = {"organisation": ids["organisation_id"][0]}
    async with database.connection() as connection:
        for kind in ("need", "flow"):
            submit = f"UPDATE {kind}s SET state = 'submitted', submitted_at = now() WHERE id = :id"
            await connection.execute(text(submit), {"id": ids[f"{kind}_id"][-1]})
        await connection.execute(text(A_CHECK), {"id": uuid4(), "by": checked_by, **organisation})
        for table, name in (("files", "file_id"), ("sites", "site_id")):
            own = text(f"SELECT id FROM {table} WHERE organisation_id = :organisation ORDER BY id")
            ids[name] = list(await connection.scalars(own, organisation))

"""Calls for projects, and what is applied for."""

from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from shared.identity import Identity
from tests.security.postings import DOCUMENT
from tests.security.scene import SECRET
from tests.services.catalog.test_files import PDF
from tests.support import Isolated

A_CALL = """
    INSERT INTO calls (id, organisation_id, state, version, title, purpose, who, open_to, criteria, opens_on, closes_on,
                       created_at, updated_at, published_at)
    VALUES (:id, :organisation, CAST(:state AS text), 1, :title, 'Pour voir', '', '{buyer,ess}', '{Utile}',
            current_date - CAST(:ago AS int), current_date + 9 - CAST(:ago AS int), now(), now(),
            CASE WHEN CAST(:state AS text) = 'draft' THEN NULL ELSE now() END)
"""
AN_APPLICATION = """
    INSERT INTO call_applications (id, call_id, organisation_id, state, version, title, answers, words, created_at,
                                   updated_at, submitted_at)
    VALUES (:id, :call, :organisation, CAST(:state AS text), 1, :title, '["Oui"]', '', now(), now(),
            CASE WHEN CAST(:state AS text) = 'draft' THEN NULL ELSE now() END)
"""
A_REVIEW = """
    INSERT INTO application_reviews (application_id, organisation_id, marks, retained, words, reviewed_by, reviewed_at)
    VALUES (:id, :organisation, '[3]', true, :words, :by, now())
"""
A_PARTNER = "UPDATE organisations SET roles = '{buyer,partner}' WHERE id = :id"
AN_ORGANISATION = """
    INSERT INTO organisations SELECT (jsonb_populate_record(o, jsonb_build_object(
        'id', CAST(:id AS uuid), 'siret', null, 'name', 'Une autre'))).* FROM organisations o WHERE o.id = :like
"""
CALL, APPLICATION, REVIEW = f"{SECRET} appel", f"{SECRET} candidature", f"{SECRET} avis"


async def a_call_of(
    database: Isolated, organisation: object, *, state: str, ago: int = 0, title: str = "Un appel"
) -> UUID:
    """The id of a call that opened some days ago and takes applications for ten."""
    call_id = uuid4()
    values = {"id": call_id, "organisation": organisation, "state": state, "ago": ago, "title": title}
    async with database.connection() as connection:
        await connection.execute(text(A_CALL), values)
    return call_id


async def an_application_of(database: Isolated, organisation: object, call: UUID, *, state: str, title: str) -> UUID:
    """The id of an application to a call."""
    application_id = uuid4()
    values = {"id": application_id, "organisation": organisation, "call": call, "state": state, "title": title}
    async with database.connection() as connection:
        await connection.execute(text(AN_APPLICATION), values)
    return application_id


async def calls_of_scene(
    database: Isolated, owner: httpx.AsyncClient, ids: dict[str, list[object]], identity: Identity, *, another: UUID
) -> None:
    """The owner, a partner too, has a draft call, a draft application to another's, and weighed what it was sent."""
    own, applicant = identity.organisation_id, uuid4()
    async with database.connection() as connection:
        await connection.execute(text(A_PARTNER), {"id": own})
        await connection.execute(text(AN_ORGANISATION), {"id": applicant, "like": another})
    ids["call_id"] = [await a_call_of(database, own, state="draft", title=CALL)]
    foreign = await a_call_of(database, another, state="open")
    ended = await a_call_of(database, own, state="closed", ago=20)
    weighed = await an_application_of(database, applicant, ended, state="submitted", title="La leur")
    written = await an_application_of(database, own, foreign, state="draft", title=APPLICATION)
    ids["application_id"] = [written, weighed]
    values = {"id": weighed, "organisation": own, "words": REVIEW, "by": identity.member_id}
    async with database.connection() as connection:
        await connection.execute(text(A_REVIEW), values)
    for about in (f"/calls/{ids['call_id'][0]}", f"/calls/applications/{written}"):
        answer = await owner.post(f"{about}/files", files={"file": (DOCUMENT, PDF)})
        assert (answer.status_code, "kind=error" in answer.headers["location"]) == (303, False), answer.text
    async with database.connection() as connection:
        files = text("SELECT id FROM files WHERE organisation_id = :own ORDER BY id")
        ids["file_id"] = list(await connection.scalars(files, {"own": own}))

"""A proposal that the owner made, one that its own need received, and one that names it as a co-contractor."""

from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from tests.security.answers import A_NEED
from tests.security.calls import AN_ORGANISATION
from tests.security.scene import SECRET
from tests.services.catalog.test_files import PDF
from tests.support import Isolated

BESIDE, BESIDE_RECEIVED = f"{SECRET} fiche.pdf", f"{SECRET} leur fiche.pdf"
A_FILE = """
    INSERT INTO files (id, organisation_id, about, purpose, name, kind, size, digest, kept_as, added_at)
    SELECT :id, organisation_id, id, 'document', :name, 'pdf', 1, '', :name, now() FROM proposals WHERE id = :about
"""
AN_ANSWER = """
    INSERT INTO answers (id, need_id, organisation_id, state, version, note, created_at, given_at)
    VALUES (:id, :need, :organisation, 'proposed', 1, '', now(), now())
"""
A_PROPOSAL = """
    INSERT INTO proposals (id, need_id, organisation_id, answer_id, state, version, revision, lines, total_cents,
        valid_until, message, made_at, words)
    VALUES (:id, :need, :organisation, :answer, 'made', 1, 1,
        '[{"what": "Repas", "quantity": "80", "unit": "repas", "price_cents": 1250}]', 100000,
        current_date + 30, :message, now(), '')
"""
A_PART = """
    INSERT INTO participations (id, proposal_id, need_id, proposer_id, organisation_id, state, version, asked_at)
    SELECT :id, p.id, p.need_id, p.organisation_id, :partner, 'asked', 1, now() FROM proposals p WHERE p.id = :proposal
"""
PROPOSED, RECEIVED_PROPOSAL = f"{SECRET} notre proposition", f"{SECRET} leur proposition"
NAMED = f"{SECRET} proposition à deux"


async def a_proposal(database: Isolated, organisation: object, need: object, message: str) -> UUID:
    """The id of an organisation's proposal to a need."""
    answer_id, proposal_id = uuid4(), uuid4()
    values = {"need": need, "organisation": organisation}
    async with database.connection() as connection:
        await connection.execute(text(AN_ANSWER), {"id": answer_id, **values})
        made = {"id": proposal_id, "answer": answer_id, "message": message, **values}
        await connection.execute(text(A_PROPOSAL), made)
    return proposal_id


async def proposals_of_scene(database: Isolated, ids: dict[str, list[object]], *, own: object, another: object) -> None:
    """The owner proposed to one who is not among the strangers, was proposed something, and is to take part."""
    foreign, elsewhere, supplier = uuid4(), uuid4(), uuid4()
    async with database.connection() as connection:
        await connection.execute(text(AN_ORGANISATION), {"id": supplier, "like": another})
        for need in (foreign, elsewhere):
            opened = {"id": need, "organisation": supplier, "like": ids["need_id"][1]}
            await connection.execute(text(A_NEED), opened)
    proposed = await a_proposal(database, own, foreign, PROPOSED)
    received = await a_proposal(database, supplier, ids["need_id"][1], RECEIVED_PROPOSAL)
    third = uuid4()
    async with database.connection() as connection:
        await connection.execute(text(AN_ORGANISATION), {"id": third, "like": another})
    named = await a_proposal(database, third, elsewhere, NAMED)
    async with database.connection() as connection:
        await connection.execute(text(A_PART), {"id": uuid4(), "proposal": named, "partner": own})
    ids["proposal_id"] = [proposed, received, named]


async def evidence_of_scene(database: Isolated, owner: httpx.AsyncClient, ids: dict[str, list[object]]) -> None:
    """A file beside what the owner proposed, and the name of one beside what it was proposed."""
    proposed, received = ids["proposal_id"][:2]
    answer = await owner.post(f"/proposals/{proposed}/files", files={"file": (BESIDE, PDF)})
    assert answer.status_code == 303, answer.text
    async with database.connection() as connection:
        await connection.execute(text(A_FILE), {"id": uuid4(), "name": BESIDE_RECEIVED, "about": received})
        beside = text("SELECT id FROM files WHERE about = :about")
        ids["file_id"] += list(await connection.scalars(beside, {"about": proposed}))

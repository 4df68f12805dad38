"""The team of a scene's owner: colleagues, who is invited, who asks to join, and what the team claims."""

from uuid import UUID, uuid4

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.commands import add_member
from services.catalog.accounts.models import Account
from services.catalog.claims.commands import ask
from services.catalog.claims.schemas import Asking
from services.catalog.organisations.commands import register_establishment
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import resolved_place
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.organisations.schemas import EstablishmentFacts
from shared.clock import now
from shared.events.facts import Origin
from shared.identity import Role
from tests.security.scene import SECRET
from tests.services.catalog.test_files import PDF
from tests.support import Isolated

COLLEAGUES = {Role.OWNER: f"Colette {SECRET} collègue", Role.EDITOR: f"Edgar {SECRET} collègue"}
GUEST = f"invitee.{SECRET}@exemple.fr"
A_LETTER = "UPDATE claims SET code_id = gen_random_uuid(), code_until = now() + interval '1 day' WHERE id = :id"
CLAIMED = "13002526500013"
WORDS, MANDATE, JOINER = f"{SECRET} directrice", f"{SECRET} mandat.pdf", f"Jo {SECRET} demande"


async def team_of_scene(database: Isolated, owner: httpx.AsyncClient, ids: dict[str, list[object]]) -> None:
    """Two colleagues of the owner's, one of them an owner too, and somebody who is invited."""
    ids["member_id"] = []
    async with database.sessions.begin() as session:
        organisation = await owned(session, ids)
        for role, name in COLLEAGUES.items():
            account = Account(email=f"{role}@exemple.fr", name=name, password_hash="", created_at=now())
            member = await add_member(session, account, organisation, now=now(), role=role)
            ids["member_id"].append(member.id)
    answer = await owner.post("/organisation/team/invitations", data={"email": GUEST, "role": "viewer"})
    assert answer.status_code == 303, answer.text
    (invitation,) = (await owner.get("/api/v1/invitations")).json()["items"]
    ids["invitation_id"] = [invitation["id"]]


async def claims_of_scene(database: Isolated, owner: httpx.AsyncClient, ids: dict[str, list[object]]) -> None:
    """What the owner claims, with evidence and a letter on paper; who asks to join their team; a project they hold."""
    async with database.sessions.begin() as session:
        facts = EstablishmentFacts(siret=CLAIMED, organisation_name="Régie", place="Muret", roles=["ess"])
        place = resolved_place(facts.place)
        claimed = await register_establishment(
            session, facts, siret=CLAIMED, place=place, now=now(), origin=Origin.IMPORT
        )
        joiner = Account(email=f"jo.{SECRET}@exemple.fr", name=JOINER, password_hash="", created_at=now())
        session.add(joiner)
        await session.flush()
        held = EstablishmentFacts(siret="", organisation_name="Projet", place="Muret")
        project = await register_establishment(session, held, siret=None, place=place, now=now())
        project.held_by = UUID(str(ids["organisation_id"][0]))
        ids["project_id"] = [project.id]
        asks = await ask(session, joiner, Asking(), organisation=await owned(session, ids), by=uuid4(), now=now())
    asked = await owner.post(f"/organisations/{claimed.id}/claim", data={"words": WORDS})
    assert asked.status_code == 303, asked.text
    claim = asked.headers["location"]
    sent = await owner.post(f"{claim}/files", files={"file": (MANDATE, PDF)})
    assert (sent.status_code, "kind=error" in sent.headers["location"]) == (303, False), sent.text
    ids["claim_id"] = [UUID(claim.rsplit("/", 1)[-1]), asks.id]
    async with database.connection() as connection:
        await connection.execute(text(A_LETTER), {"id": ids["claim_id"][0]})
        files = text("SELECT id FROM files WHERE about = :claim")
        ids["file_id"] += list(await connection.scalars(files, {"claim": ids["claim_id"][0]}))


async def owned(session: AsyncSession, ids: dict[str, list[object]]) -> Organisation:
    """The owner's organisation."""
    organisation = await organisation_by_id(session, UUID(str(ids["organisation_id"][0])))
    assert organisation is not None
    return organisation

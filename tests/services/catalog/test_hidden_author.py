"""INVARIANT: rule 9: an author that hides is known by nothing that we add, to whoever it did not choose, ever.

What it types is its own act, and its name is refused there; a signature, an address and a number are ours to add.
"""

from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from tests.services.catalog.exchanging import of
from tests.services.catalog.proposing import accepted, made, rejected
from tests.services.catalog.suppliers import a_need, ids_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

WORDS = "Une autre était plus proche."
OF_AUTHOR = text("""
    SELECT o.id AS organisation_id, o.legal_entity_id, o.siret, o.name, e.name AS entity, e.siren, m.id AS member_id,
           a.id AS account_id, a.name AS person, a.email
    FROM organisations o JOIN legal_entities e ON e.id = o.legal_entity_id
    JOIN members m ON m.organisation_id = o.id JOIN accounts a ON a.id = m.account_id WHERE o.id = :id
""")
TOLD = text("""
    SELECT payload::text FROM outbox
    WHERE type LIKE 'catalog.proposal.%' AND payload -> 'data' ->> 'organisation_id' = :supplier
""")


async def marks_of(database: Isolated, organisation_id: UUID) -> dict[str, str]:
    """Everything that tells who an organisation and its person are."""
    async with database.sessions() as session:
        found = (await session.execute(OF_AUTHOR, {"id": organisation_id})).one()
    return {name: str(value) for name, value in found._asdict().items() if value}


async def test_who_was_not_chosen_reads_the_words_and_never_whose_they_are(
    buyer: httpx.AsyncClient,
    supplier: httpx.AsyncClient,
    other: httpx.AsyncClient,
    catalog_app: Litestar,
    catalog_database: Isolated,
) -> None:
    need = await a_need(buyer, author_hidden="on")
    proposal, chosen = await made(supplier, need), await made(other, need)
    assert (await rejected(buyer, proposal, words=WORDS)).status_code == 303
    assert (await accepted(buyer, chosen, words="Appelez-nous.")).status_code == 303
    assert (await post(buyer, f"{need}/close", _version=1, outcome="price")).status_code == 303
    author, (_, supplier_id) = (await ids_of(buyer, catalog_app))[1], await ids_of(supplier, catalog_app)
    marks = await marks_of(catalog_database, author)
    assert {"name", "entity", "siret", "person", "email", "member_id"} <= {*marks}
    exchange = of(proposal)
    places = (
        proposal,
        need,
        "/proposals",
        "/answers",
        "/dashboard",
        exchange,
        "/exchanges",
        "/account/data/export",
        f"/api/v1{proposal}",
        "/api/v1/proposals",
        "/api/v1/answers",
        f"/api/v1{exchange}",
        f"/api/v1{exchange}/messages",
        "/api/v1/exchanges",
    )
    read, told = [], {}
    for where in places:
        answer = await supplier.get(where)
        if WORDS in answer.text.replace("\u202f", " "):
            read.append(where)
        told[where] = (answer.status_code, sorted(name for name, mark in marks.items() if mark in answer.text))
    assert {where: what for where, what in told.items() if what != (200, [])} == {}
    assert {proposal, f"/api/v1{proposal}"} <= {*read}
    async with catalog_database.sessions() as session:
        events = list(await session.scalars(TOLD, {"supplier": str(supplier_id)}))
    assert events
    assert [name for name, mark in marks.items() if mark in str(events)] == []


@pytest.mark.parametrize("name", ["Groupe Meridien", "hexaplane  SYSTEMES"])
async def test_its_own_name_is_no_word_of_a_refusal(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, name: str
) -> None:
    async with catalog_database.sessions.begin() as session:
        await session.execute(text("UPDATE legal_entities SET name = 'Groupe Méridien'"))
    proposal = await made(supplier, await a_need(buyer, author_hidden="on"))
    assert (await rejected(buyer, proposal, words=f"Bien à vous, {name}")).status_code == 422

"""An agreement that the owner concluded, one that it supplies, and one that names it as a co-contractor."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import text

from shared.identity import Identity
from tests.security.answers import A_NEED
from tests.security.calls import AN_ORGANISATION
from tests.security.proposals import a_proposal
from tests.security.scene import SECRET
from tests.support import Isolated

AN_AGREEMENT = """
    INSERT INTO agreements (id, proposal_id, need_id, buyer_id, supplier_id, partner_ids, state, version, revision,
        content, ticks, concluded_by, concluded_at, changed_at, words)
    SELECT :id, p.id, p.need_id, n.organisation_id, p.organisation_id, :partners, :state, 1, 1, CAST(:content AS jsonb),
        '{}', :member, now(), now(), ''
    FROM proposals p JOIN needs n ON n.id = p.need_id WHERE p.id = :proposal
"""
PROPOSED_BY = """
    SELECT n.organisation_id AS buyer, p.organisation_id AS supplier
    FROM proposals p JOIN needs n ON n.id = p.need_id WHERE p.id = :id
"""
CHOSEN = "UPDATE proposals SET state = 'accepted', reason = 'price', decided_at = now() WHERE id = :id"
A_PAPER = "INSERT INTO agreement_papers VALUES (gen_random_uuid(), :id, 1, :language, :sha256, :pdf)"
A_SIGNATURE = """
    INSERT INTO agreement_signatures
    SELECT gen_random_uuid(), :id, 1, 'supplier', supplier_id, :member, :sha256, now() FROM agreements WHERE id = :id
"""
AGREED, AS_SUPPLIER, AS_PARTNER = (f"{SECRET} {words}" for words in ("notre accord", "leur accord", "accord à trois"))
DOCUMENT = f"%PDF {SECRET}".encode()
DIGEST = sha256(DOCUMENT).hexdigest()


def _content(title: str, buyer: UUID, supplier: UUID) -> str:
    party = {"entity_name": "Une entité", "siren": None, "siret": None, "address": "Toulouse"}
    said = {
        "title": title,
        "nature": "order",
        "buyer": {"organisation_id": str(buyer), "name": "Acheteur", **party},
        "supplier": {"organisation_id": str(supplier), "name": "Fournisseur", **party},
        "lines": [{"what": "Repas", "quantity": "80", "unit": "repas", "price_cents": 1250}],
        "milestones": [{"label": f"{title}, essai"}],
    }
    return msgspec.json.encode(said).decode()


async def _an_agreement(
    database: Isolated, proposal: object, title: str, *, member: UUID, partners: Sequence[UUID] = (), state: str
) -> UUID:
    values: dict[str, object] = {
        "id": uuid4(),
        "proposal": proposal,
        "partners": list(partners),
        "state": state,
        "member": member,
    }
    async with database.connection() as connection:
        sides = (await connection.execute(text(PROPOSED_BY), {"id": proposal})).one()
        content = _content(title, sides.buyer, sides.supplier)
        await connection.execute(text(AN_AGREEMENT), {**values, "content": content})
        for language in ("fr", "en"):
            paper = {"id": values["id"], "language": language, "sha256": DIGEST, "pdf": DOCUMENT}
            await connection.execute(text(A_PAPER), paper)
    return UUID(str(values["id"]))


async def agreements_of_scene(database: Isolated, ids: dict[str, list[object]], me: Identity) -> None:
    """From the proposals of the scene: received, made, and one in which the owner is to take part, signed once."""
    made, received, named = ids["proposal_id"]
    told: dict[str, Any] = {"member": me.member_id, "state": "concluded"}
    agreed = await _an_agreement(database, received, AGREED, **told)
    supplied = await _an_agreement(database, made, AS_SUPPLIER, **told)
    shared = await _an_agreement(database, named, AS_PARTNER, partners=[me.organisation_id], **told)
    async with database.connection() as connection:
        signed = {"id": supplied, "member": me.member_id, "sha256": DIGEST}
        await connection.execute(text(A_SIGNATURE), signed)
    ids["agreement_id"] = [agreed, supplied, shared]


async def agreements_to_act_on(database: Isolated, ids: dict[str, list[object]], me: Identity, *, like: object) -> None:
    """A chosen proposal that nothing was concluded from yet, and an agreement that runs."""
    for runs in (False, True):
        supplier, need = uuid4(), uuid4()
        async with database.connection() as connection:
            await connection.execute(text(AN_ORGANISATION), {"id": supplier, "like": like})
            opened = {"id": need, "organisation": me.organisation_id, "like": ids["need_id"][1]}
            await connection.execute(text(A_NEED), opened)
        proposal = await a_proposal(database, supplier, need, "La leur")
        async with database.connection() as connection:
            await connection.execute(text(CHOSEN), {"id": proposal})
        ids["proposal_id"].append(proposal)
        if runs:
            running = await _an_agreement(database, proposal, "En cours", member=me.member_id, state="running")
            ids["agreement_id"].append(running)

"""A gift that the owner makes, one that it receives and wrote a paper about, and what papers say of it."""

from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import text

from shared.clock import day_of, now
from shared.identity import Identity
from tests.security.answers import A_NEED
from tests.security.calls import AN_ORGANISATION
from tests.security.proposals import a_proposal
from tests.security.scene import SECRET
from tests.support import Isolated

GIVEN_BY_US, TO_US = (f"{SECRET} {words}" for words in ("notre don", "don pour nous"))
OUR_PROFILE, OUR_PAPER = f"{SECRET} rue du donateur", f"%PDF {SECRET} recu"
SIDES = "SELECT n.organisation_id AS own, p.organisation_id AS other FROM proposals p JOIN needs n ON n.id = p.need_id"
A_GIFT = """
    INSERT INTO gifts (id, kind, pledge_id, donor_id, recipient_id, version, title, lines, promised_at, valuation,
        valued_at, delivery, delivered_at, delivered_on)
    VALUES (:id, :kind, :pledge, :donor, :recipient, 1, :title, CAST(:lines AS jsonb), now(),
        CAST(:valuation AS jsonb), CASE WHEN CAST(:valuation AS jsonb) IS NOT NULL THEN now() END,
        CAST(:delivery AS jsonb), CASE WHEN CAST(:delivery AS jsonb) IS NOT NULL THEN now() END,
        CASE WHEN CAST(:delivery AS jsonb) IS NOT NULL THEN CAST(:today AS date) END)
"""
A_PAPER = """
    INSERT INTO gift_papers (id, kind, legal_entity_id, recipient_id, donor_id, gift_id, gift_ids, year, number,
        given_on, value_cents, article, form, signatory, capacity, said, sha256, pdf, issued_by, issued_at, reason)
    SELECT :id, 'reception', o.legal_entity_id, :recipient, :donor, :gift, ARRAY[CAST(:gift AS uuid)], :year, 1,
        current_date, 0, '', 'private', 'Odile', 'présidente', '{"mentions": {}, "table": {"heads": [], "rows": []}}',
        :sha256, :pdf, :member, now(), '' FROM organisations o WHERE o.id = :recipient
"""
COUNTED = """
    INSERT INTO gift_paper_counters SELECT legal_entity_id, 'reception', :year, 1 FROM organisations WHERE id = :own
"""
PROFILE = "INSERT INTO gift_profiles VALUES (:id, 'SAS', :address, 'Réemployer', '', now())"
TURNOVER = "INSERT INTO gift_turnovers VALUES (:own, 2026, 1000000, :member, now())"
LINES = [{"what": "Bureaux", "quantity": "2", "unit": "unité"}]
VALUED = {"lines": [{"value_cents": 1000, "basis": "cost", "quantity": "2"}], "is_unsold": True}
ARRIVED = {"received": ["2"]}
PERSONS = {"persons": [{"person": "AB", "hourly_cents": 5000}]}
SHEET = {"sheet": [{"person": "AB", "day": "2026-11-02", "hours": "7"}]}
SAID_AT = "UPDATE gifts SET delivered_at = '2026-11-27T10:00:00Z' WHERE id = :id"
CHECKED = {"stated_on": "2026-01-05", "checked_on": "2026-01-09", "source": "declared"}
FACTS = [
    {"code": "tax_receipts", **CHECKED, "article": "general_interest"},
    {"code": "unsold_vat", **CHECKED, "article": "food_bank"},
    {"code": "food_aid_body", "stated_on": "2026-01-05", "source": "declared", "article": "public"},
]
STATED = """
    UPDATE legal_entities SET facts = facts || CAST(:facts AS jsonb), siren = '732829320'
    WHERE id = (SELECT legal_entity_id FROM organisations WHERE id = :own)
"""
PARTNERS = """
    INSERT INTO agreements (id, proposal_id, need_id, buyer_id, supplier_id, partner_ids, state, version, revision,
        content, ticks, concluded_by, concluded_at, changed_at, words)
    SELECT :id, p.id, p.need_id, n.organisation_id, p.organisation_id, '{}', 'running', 1, 1, CAST(:content AS jsonb),
        '{}', :member, now(), now(), '' FROM proposals p JOIN needs n ON n.id = p.need_id WHERE p.id = :proposal
"""
CHOSEN = "UPDATE proposals SET state = 'accepted', reason = 'price', decided_at = now() WHERE id = :id"
SIGNED = {"signatory": "Odile Martin", "capacity": "présidente"}


async def a_gift(database: Isolated, *, donor: object, recipient: object, **said: Any) -> UUID:
    """A gift of two desks, or of hours; valued and delivered as `said`."""
    told = {
        name: msgspec.json.encode(said[name]).decode() if name in said else None for name in ("valuation", "delivery")
    }
    values: dict[str, Any] = {
        "id": uuid4(),
        "pledge": uuid4(),
        "donor": donor,
        "recipient": recipient,
        "kind": said.get("kind", "goods"),
        "title": said.get("title", "Bureaux"),
        "lines": msgspec.json.encode([] if said.get("kind") == "skills" else LINES).decode(),
        "today": day_of(now()),
        **told,
    }
    async with database.connection() as connection:
        await connection.execute(text(A_GIFT), values)
    return UUID(str(values["id"]))


async def gifts_of_scene(database: Isolated, ids: dict[str, list[object]], me: Identity) -> None:
    """To and from whoever proposed something to the owner; of what came there is a paper."""
    own = me.organisation_id
    async with database.connection() as connection:
        row = text(f"{SIDES} WHERE n.organisation_id = :own ORDER BY p.id LIMIT 1")
        other = (await connection.execute(row, {"own": own})).one().other
    given = await a_gift(database, donor=own, recipient=other, title=GIVEN_BY_US)
    received = await a_gift(database, donor=other, recipient=own, title=TO_US, valuation=VALUED, delivery=ARRIVED)
    paper, year = uuid4(), day_of(now()).year
    pdf = OUR_PAPER.encode()
    about = {"id": paper, "gift": received, "donor": other, "recipient": own, "member": me.member_id, "year": year}
    async with database.connection() as connection:
        await connection.execute(text(A_PAPER), {**about, "pdf": pdf, "sha256": sha256(pdf).hexdigest()})
        await connection.execute(text(COUNTED), {"own": own, "year": year})
        await connection.execute(text(PROFILE), {"id": own, "address": OUR_PROFILE})
        await connection.execute(text(PROFILE), {"id": other, "address": "1 rue d'ailleurs, 31000 Toulouse"})
        await connection.execute(text(TURNOVER), {"own": own, "member": me.member_id})
    ids["gift_id"], ids["paper_id"], ids["giver"] = [given, received], [paper], [other]


async def gifts_to_act_on(database: Isolated, ids: dict[str, list[object]], me: Identity, *, like: object) -> None:
    """Hours whose sheet waits for the owner, some that may be withdrawn, and a partnership; its entity is checked."""
    own, (other,) = me.organisation_id, ids["giver"]
    lent = await a_gift(database, donor=own, recipient=other, kind="skills", valuation=PERSONS, delivery=SHEET)
    promised = await a_gift(database, donor=own, recipient=other, kind="skills", valuation=PERSONS)
    unwritten = await a_gift(database, donor=other, recipient=own, valuation=VALUED, delivery=ARRIVED)
    supplier, need, agreement = uuid4(), uuid4(), uuid4()
    async with database.connection() as connection:
        await connection.execute(text(SAID_AT), {"id": lent})
        facts = {"facts": msgspec.json.encode(FACTS).decode(), "own": own}
        await connection.execute(text(STATED), facts)
        await connection.execute(text(AN_ORGANISATION), {"id": supplier, "like": like})
        opened = {"id": need, "organisation": own, "like": ids["need_id"][1]}
        await connection.execute(text(A_NEED), opened)
    proposal = await a_proposal(database, supplier, need, "La leur")
    content = msgspec.json.encode(_partnership(own, supplier)).decode()
    async with database.connection() as connection:
        await connection.execute(text(CHOSEN), {"id": proposal})
        made = {"id": agreement, "content": content, "member": me.member_id, "proposal": proposal}
        await connection.execute(text(PARTNERS), made)
        for language in ("fr", "en"):
            paper = "INSERT INTO agreement_papers VALUES (gen_random_uuid(), :id, 1, :language, :sha256, :pdf)"
            told = {"id": agreement, "language": language, "sha256": "0" * 64, "pdf": b"%PDF"}
            await connection.execute(text(paper), told)
    ids["gift_id"] += [lent, promised, unwritten]
    ids["agreement_id"].append(agreement)


def _partnership(buyer: UUID, supplier: UUID) -> dict[str, Any]:
    party = {"entity_name": "Une entité", "siren": None, "siret": None, "address": "Toulouse"}
    return {
        "title": "Deux journées",
        "nature": "partnership",
        "focus": "skills",
        "buyer": {"organisation_id": str(buyer), "name": "Acheteur", **party},
        "supplier": {"organisation_id": str(supplier), "name": "Fournisseur", **party},
        "lines": [{"what": "Journée", "quantity": "2", "unit": "jour", "price_cents": 0}],
    }


def giving(ids: dict[str, list[object]]) -> dict[str, dict[str, object]]:
    """What is sent about gifts and eligibilities, as forms and as JSON."""
    day, (other,), declared = day_of(now()).isoformat(), ids["giver"], {"code": "tax_receipts", "article": "education"}
    year: dict[str, object] = {"donor_id": str(other), "year": str(day_of(now()).year), **SIGNED}
    looked: dict[str, object] = {"code": "food_aid_body", "finding": "checked", "stated_on": "2026-01-05"}
    turnover: dict[str, object] = {"year": "2026", "turnover_euros": "5000"}
    judge = "/territory/organisations/{organisation_id}/eligibility"
    of_a_gift: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "/value": (
            {"euros": ["30"], "basis": ["cost"], "alone": "true"},
            {"lines": [{"euros": "30", "basis": "cost"}], "alone": True},
        ),
        "/deliver": ({"on": day, "received": ["1"]}, {"on": day, "received": ["1"]}),
        "/sheet": ({"said_at": "2026-11-27T10:00:00Z"},) * 2,
        "/withdraw": ({}, {}),
    }
    return {
        "/gifts/attest": year,
        "/api/v1/gifts/attestations": {**year, "year": int(str(year["year"]))},
        "/gifts/{gift_id}/papers/{paper_kind}": {**SIGNED},
        "/api/v1/gifts/papers": {"gift_id": str(ids["gift_id"][-1]), "kind": "reception", **SIGNED},
        "/api/v1/gifts/replacements": {"paper_id": str(ids["paper_id"][0]), "reason": "Erreur", **SIGNED},
        "/gifts/papers/{paper_id}/replace": {**SIGNED, "reason": "Erreur"},
        **{f"/gifts/{{gift_id}}{path}": form for path, (form, _) in of_a_gift.items()},
        **{f"/api/v1/gifts/{{gift_id}}{path}": body for path, (_, body) in of_a_gift.items()},
        "/gifts/profile": {"legal_form": "SA"},
        "/api/v1/gifts/profile": {"legal_form": "SA"},
        "/gifts/statement": turnover,
        "/api/v1/gifts/statement": {**turnover, "year": 2026},
        "/organisation/eligibility": {**declared},
        "/api/v1/eligibility": {**declared},
        judge: looked,
        f"/api/v1{judge}": looked,
    }

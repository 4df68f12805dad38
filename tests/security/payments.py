"""What is due under the agreements of the scene: one settlement that the owner pays, and one that it is paid."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.security.scene import SECRET
from tests.support import Isolated

A_SETTLEMENT = """
    INSERT INTO settlements (id, agreement_id, milestone, step, title, payer_id, payer_name, payee_id, payee_name,
        state, version, net_cents, vat_cents, due_on, invoice, reference, words, returning_cents, returned_cents,
        returned_reference, made_at, updated_at)
    SELECT :id, id, :milestone, '', CAST(:title AS text), buyer_id, 'Payeur', supplier_id, 'Payée', :state,
        1, 1000, 0, current_date + 30, CASE WHEN :returning > 0 THEN 'F-0' ELSE '' END, CAST(:title AS text), '',
        :returning, 0, '', now() - interval '1 day', now()
    FROM agreements WHERE id = :agreement
"""
MOVES = """
    INSERT INTO ledger_moves SELECT gen_random_uuid(), id, 'due', 'owed', payer_id, 'claimed', payee_id,
        net_cents, now()
    FROM settlements WHERE id = :id
"""
A_MANDATE = """
    INSERT INTO billing_mandates (id, payee_id, payer_id, payee_name, payer_name, words, version, given_by, given_at)
    SELECT :id, CASE WHEN :turned THEN a.buyer_id ELSE a.supplier_id END,
        CASE WHEN :turned THEN a.supplier_id ELSE a.buyer_id END, 'Payée', 'Payeur', :words, 1, m.id, now()
    FROM agreements a JOIN members m ON m.organisation_id = a.supplier_id WHERE a.id = :agreement LIMIT 1
"""
TO_PAY, TO_RECEIVE = f"{SECRET} notre dette", f"{SECRET} notre dû"


async def a_settlement(
    database: Isolated, agreement: object, title: str, *, milestone: int = 0, state: str = "due", returning: int = 0
) -> UUID:
    """One of an agreement, with what it moved."""
    found: dict[str, Any] = {"id": uuid4(), "agreement": agreement, "title": title, "milestone": milestone}
    async with database.connection() as connection:
        await connection.execute(text(A_SETTLEMENT), {**found, "state": state, "returning": returning})
        await connection.execute(text(MOVES), {"id": found["id"]})
    return UUID(str(found["id"]))


async def settlements_of_scene(database: Isolated, ids: dict[str, list[object]]) -> None:
    """Under the agreement that the owner concluded, and under the one that it supplies."""
    concluded, supplied, _ = ids["agreement_id"]
    ids["settlement_id"] = [
        await a_settlement(database, supplied, TO_RECEIVE),
        await a_settlement(database, concluded, TO_PAY),
    ]
    ids["mandate_id"] = [
        await a_mandate(database, agreement, turned=turned)
        for agreement, turned in ((concluded, False), (supplied, True))
    ]


async def a_mandate(database: Isolated, agreement: object, *, turned: bool) -> UUID:
    """To bill between the two of an agreement: given by who supplies, or, `turned`, by who buys."""
    mandate_id = uuid4()
    said = {"id": mandate_id, "agreement": agreement, "turned": turned, "words": f"{SECRET} notre mandat"}
    async with database.connection() as connection:
        await connection.execute(text(A_MANDATE), said)
    return mandate_id


async def settlements_in_every_state(database: Isolated, ids: dict[str, list[object]]) -> None:
    """Some state of theirs allows each thing that either side may say."""
    concluded, supplied, _ = ids["agreement_id"][:3]
    many = [
        (concluded, 1, "confirmed", 500),
        *((supplied, 1 + number, "declared", 0) for number in range(4)),
        *((supplied, 5 + number, "confirmed", 0) for number in range(2)),
        (concluded, 2, "confirmed", 500),
        (concluded, 3, "due", 0),
        (supplied, 7, "due", 0),
        (supplied, 8, "confirmed", 500),
    ]
    for agreement, milestone, state, returning in many:
        made = await a_settlement(database, agreement, "Étape", milestone=milestone, state=state, returning=returning)
        ids["settlement_id"].append(made)
    async with database.connection() as connection:
        buyer = text("SELECT buyer_id FROM agreements WHERE id = :id")
        ids["payer_id"] = [await connection.scalar(buyer, {"id": supplied})]

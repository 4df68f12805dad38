"""INVARIANT: of what two organisations share, each side writes its own part, in the order in which it goes on."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.database.acting import Acting
from tests.security.agreements import DIGEST
from tests.security.private_rows import owner_of
from tests.security.scene import Scene

FIGURE = """jsonb_build_object('value', '3', 'basis', 'measured', 'said_at', now())"""
ENDED = "state = 'cancelled', cancelled_by = '{0}', cancelled_at = now(), reason = 'other'"
CONFIRMED = f"state = 'confirmed', holder_said = {FIGURE}, taker_said = {FIGURE}, counted_by = 'holder'"

# Table, the state it is in, whose page writes, and what; the last: whether that is for this side to write.
CASES: list[tuple[str, str, str, str, bool]] = [
    ("agreements", "concluded", "buyer", 'content = content || \'{"place": "Muret"}\', revision = 2', True),
    ("agreements", "concluded", "buyer", 'content = content || \'{"place": "Muret"}\'', False),
    ("agreements", "concluded", "supplier", 'content = content || \'{"place": "Muret"}\', revision = 2', False),
    ("agreements", "running", "buyer", 'content = content || \'{"place": "Muret"}\', revision = 2', False),
    ("agreements", "concluded", "supplier", "version = 2", True),
    ("agreements", "concluded", "buyer", "concluded_at = now() + interval '1 day'", False),
    ("agreements", "concluded", "buyer", "supplier_id = buyer_id", False),
    ("agreements", "concluded", "buyer", "state = 'running', running_at = now()", False),
    ("agreements", "signed by supplier", "buyer", "state = 'running', running_at = now()", True),
    ("agreements", "signed by supplier", "supplier", "state = 'running', running_at = now()", False),
    (
        "agreements",
        "signed by supplier",
        "buyer",
        "state = 'running', running_at = now(), content = content || '{\"place\": \"Muret\"}'",
        False,
    ),
    ("agreements", "running", "supplier", "supplier_done_at = now()", True),
    ("agreements", "running", "supplier", "buyer_done_at = now()", False),
    ("agreements", "running", "buyer", "supplier_done_at = now()", False),
    ("agreements", "concluded", "buyer", "buyer_done_at = now()", False),
    ("agreements", "done by supplier", "supplier", "supplier_done_at = NULL", False),
    (
        "agreements",
        "done by supplier",
        "buyer",
        "buyer_done_at = now(), state = 'completed', completed_at = now()",
        True,
    ),
    (
        "agreements",
        "running",
        "buyer",
        "buyer_done_at = now(), supplier_done_at = now(), state = 'completed', completed_at = now()",
        False,
    ),
    ("agreements", "running", "buyer", 'ticks = \'{"1": {"side": "buyer"}}\'', True),
    ("agreements", "running", "buyer", 'ticks = \'{"1": {"side": "supplier"}}\'', False),
    ("agreements", "concluded", "buyer", 'ticks = \'{"1": {"side": "buyer"}}\'', False),
    ("agreements", "running", "supplier", ENDED.format("supplier"), True),
    ("agreements", "concluded", "supplier", ENDED.format("supplier"), True),
    ("agreements", "running", "supplier", ENDED.format("buyer"), False),
    ("agreements", "running", "buyer", "words = 'Nous avons tort'", False),
    ("agreements", "completed", "buyer", ENDED.format("buyer"), False),
    ("agreements", "completed", "buyer", "state = 'running', completed_at = NULL", False),
    ("agreements", "completed", "buyer", "version = 9", False),
    ("agreements", "cancelled", "buyer", "state = 'running', cancelled_by = NULL, reason = NULL", False),
    ("takings", "made", "holder", f"holder_said = {FIGURE}", True),
    ("takings", "made", "taker", f"taker_said = {FIGURE}", True),
    ("takings", "made", "holder", f"taker_said = {FIGURE}", False),
    ("takings", "made", "taker", f"holder_said = {FIGURE}", False),
    ("takings", "made", "taker", CONFIRMED, False),
    ("takings", "said by holder", "taker", f"state = 'confirmed', taker_said = {FIGURE}, counted_by = 'holder'", True),
    ("takings", "said by holder", "taker", f"state = 'disputed', taker_said = {FIGURE}", True),
    ("takings", "said by holder", "taker", "state = 'missed', ended_by = 'taker', holder_said = NULL", False),
    ("takings", "said by holder", "holder", "state = 'missed', ended_by = 'holder', holder_said = NULL", True),
    ("takings", "made", "holder", "state = 'cancelled', ended_by = 'holder', reason = 'other'", True),
    ("takings", "made", "holder", "state = 'cancelled', ended_by = 'taker', reason = 'other'", False),
    ("takings", "made", "taker", "quantity_value = 900", False),
    ("takings", "made", "taker", "slot_from = slot_from + interval '1 day'", False),
    ("takings", "held", "taker", "held_until = held_until + interval '1 day'", False),
    ("takings", "held", "holder", "held_until = held_until + interval '1 day'", True),
    ("takings", "held", "taker", "state = 'made', held_until = NULL, transport = 'own'", True),
    ("takings", "held", "holder", "state = 'made', held_until = NULL", False),
    ("takings", "held", "taker", "state = 'released'", True),
    ("takings", "held", "holder", "state = 'released'", False),
    ("takings", "cancelled", "taker", "state = 'made'", False),
    ("proposals", "made", "supplier", "message = 'Autrement', revision = 2", True),
    ("proposals", "made", "supplier", "state = 'withdrawn'", True),
    ("proposals", "withdrawn", "supplier", "state = 'made'", True),
    ("proposals", "made", "supplier", "state = 'accepted', reason = 'price'", False),
    ("proposals", "made", "supplier", "words = 'Choisie'", False),
    ("proposals", "made", "buyer", "state = 'accepted', reason = 'price', decided_at = now()", True),
    ("proposals", "made", "buyer", "state = 'accepted', reason = 'price', total_cents = 1", False),
    ("proposals", "accepted", "buyer", "state = 'rejected', reason = 'price'", False),
    ("proposals", "accepted", "supplier", "state = 'withdrawn', reason = NULL", False),
    ("proposals", "rejected", "supplier", "state = 'made', reason = NULL, revision = 2", False),
    ("subscriptions", "asked", "holder", "state = 'accepted'", True),
    ("subscriptions", "asked", "taker", "state = 'accepted'", False),
    ("subscriptions", "asked", "holder", "state = 'accepted', percent = 1", False),
    ("subscriptions", "asked", "taker", "words = 'Autrement'", False),
    ("subscriptions", "asked", "holder", "state = 'refused', reason = 'other'", True),
    ("subscriptions", "accepted", "holder", "state = 'paused', acted_by = 'holder'", True),
    ("subscriptions", "accepted", "holder", "state = 'paused', acted_by = 'taker'", False),
    ("subscriptions", "paused", "holder", "state = 'accepted', acted_by = NULL", False),
    ("subscriptions", "paused", "taker", "state = 'accepted', acted_by = NULL", True),
    ("subscriptions", "accepted", "taker", "state = 'ending', acted_by = 'taker', until_on = until_on - 9", True),
    ("subscriptions", "accepted", "taker", "state = 'ending', acted_by = 'taker', until_on = until_on + 9", False),
    ("subscriptions", "ended", "taker", "state = 'accepted'", False),
    ("settlements", "due", "payer", "state = 'declared', means = 'transfer', paid_on = current_date", True),
    ("settlements", "due", "payee", "state = 'declared', means = 'transfer', paid_on = current_date", False),
    ("settlements", "due", "payee", "vat_cents = 100, invoice = 'F-1'", True),
    ("settlements", "due", "payer", "vat_cents = 100", False),
    ("settlements", "due", "payee", "vat_lines = '[{}]', vat_number = 'FR40303265045'", True),
    ("settlements", "due", "payer", "vat_lines = '[{}]'", False),
    ("settlements", "due", "payer", "vat_number = 'FR40303265045'", False),
    ("settlements", "declared", "payee", "vat_lines = '[{}]'", False),
    ("settlements", "due", "payer", "is_self_billed = true", False),
    ("settlements", "due", "payee", "is_self_billed = true", False),
    ("settlements", "due", "payer", "invoice = 'F-1', is_self_billed = true", False),
    ("settlements", "returning", "payee", "credit_note = 'AV-1', credited_on = current_date", True),
    ("settlements", "returning", "payer", "credit_note = 'AV-1', credited_on = current_date", False),
    ("settlements", "refunded", "payee", "credit_note = 'AV-1', credited_on = current_date", True),
    ("settlements", "due", "payee", "credit_note = 'AV-1'", False),
    ("settlements", "due", "payer", "net_cents = 1", False),
    ("settlements", "due", "payee", "net_cents = 1", False),
    ("settlements", "due", "payee", "state = 'confirmed'", False),
    ("settlements", "due", "payer", "state = 'voided'", False),
    ("settlements", "declared", "payee", "state = 'confirmed'", True),
    ("settlements", "declared", "payer", "state = 'confirmed'", False),
    ("settlements", "declared", "payee", "state = 'disputed', reason = 'amount'", True),
    ("settlements", "declared", "payer", "state = 'disputed', reason = 'amount'", False),
    ("settlements", "confirmed", "payee", "returning_cents = 500", True),
    ("settlements", "confirmed", "payer", "returning_cents = 500", False),
    ("settlements", "confirmed", "payer", "returned_cents = 1000, state = 'refunded'", False),
    ("settlements", "returning", "payer", "returning_cents = 0, returned_cents = 500", True),
    ("settlements", "returning", "payer", "returning_cents = 0, returned_cents = 600", False),
    ("settlements", "returning", "payee", "returning_cents = 0, returned_cents = 500", False),
    ("settlements", "refunded", "payee", "state = 'confirmed', returned_cents = 0", False),
]

REFUSALS = ("not for this side", "row-level security")
FRESH = {
    "agreements": "state = 'concluded', buyer_done_at = NULL, supplier_done_at = NULL, completed_at = NULL, "
    "running_at = NULL, cancelled_by = NULL, cancelled_at = NULL, reason = NULL",
    "takings": "state = 'made', holder_said = NULL, taker_said = NULL, ended_by = NULL, reason = NULL",
    "proposals": "state = 'made', reason = NULL, decided_at = NULL",
    "subscriptions": "state = 'asked', acted_by = NULL",
    "settlements": "state = 'due', means = NULL, paid_on = NULL, reason = NULL, "
    "returning_cents = 0, returned_cents = 0",
}

# How a row comes to be where a case begins, as the worker writes.
MADE_SO = {
    "signed by supplier": "state = 'concluded'",
    "done by supplier": "state = 'running', running_at = now(), supplier_done_at = now()",
    "said by holder": f"state = 'made', holder_said = {FIGURE}",
    "completed": "state = 'completed', completed_at = now(), buyer_done_at = now(), supplier_done_at = now()",
}
OF_TABLE = {
    ("agreements", "cancelled"): ENDED.format("buyer"),
    ("takings", "held"): "state = 'held', held_until = now() + interval '1 day'",
    ("takings", "cancelled"): "state = 'cancelled', ended_by = 'taker', reason = 'other'",
    ("proposals", "accepted"): "state = 'accepted', reason = 'price', decided_at = now()",
    ("proposals", "rejected"): "state = 'rejected', reason = 'price', decided_at = now()",
    ("settlements", "returning"): "state = 'confirmed', returning_cents = 500",
    ("settlements", "refunded"): "state = 'refunded', returned_cents = 1000",
    ("subscriptions", "paused"): "state = 'paused', acted_by = 'taker'",
}
A_SIGNATURE = """
    INSERT INTO agreement_signatures (id, agreement_id, revision, side, organisation_id, member_id, document_sha256,
        signed_at) SELECT gen_random_uuid(), id, 1, 'supplier', supplier_id, :member, :sha256, now()
    FROM agreements WHERE id = :id
"""


async def set_up(scene: Scene, table: str, start: str) -> dict[str, Any]:
    """The id of a row that begins so, and who its sides are."""
    row_id = UUID(str(scene.ids[f"{table[:-1]}_id"][0]))
    state = OF_TABLE.get((table, start)) or MADE_SO.get(start) or f"state = '{start}'"
    async with scene.database.sessions.begin() as session:
        if table == "agreements":
            await session.execute(text("DELETE FROM agreement_signatures WHERE agreement_id = :id"), {"id": row_id})
        for written in (FRESH[table], state):
            await session.execute(text(f"UPDATE {table} SET {written} WHERE id = :id"), {"id": row_id})
        if start == "signed by supplier":
            signed = {"id": row_id, "member": owner_of(scene).member_id, "sha256": DIGEST}
            await session.execute(text(A_SIGNATURE), signed)
        if table == "proposals":
            sides = """SELECT p.organisation_id AS supplier, n.organisation_id AS buyer
                       FROM proposals p JOIN needs n ON n.id = p.need_id WHERE p.id = :id"""
        elif table == "agreements":
            sides = "SELECT buyer_id AS buyer, supplier_id AS supplier FROM agreements WHERE id = :id"
        elif table == "settlements":
            sides = "SELECT payer_id AS payer, payee_id AS payee FROM settlements WHERE id = :id"
        else:
            sides = f"SELECT taker_id AS taker, organisation_id AS holder FROM {table} WHERE id = :id"
        found = (await session.execute(text(sides), {"id": row_id})).one()
    return {"id": row_id, **found._asdict()}


@pytest.mark.promise(47)
@pytest.mark.parametrize("table", ["agreements", "takings", "proposals", "subscriptions", "settlements"])
async def test_each_side_writes_its_own_part_and_no_other(catalog_scene: Scene, table: str) -> None:
    pages, wrong = catalog_scene.database.both.pages, []
    for each in (case for case in CASES if case[0] == table):
        _, start, side, change, allowed = each
        row = await set_up(catalog_scene, table, start)
        touch = text(f"UPDATE {table} SET {change} WHERE id = :id")
        try:
            async with pages.acting(Acting(row[side], uuid4())) as session:
                done = await session.execute(touch, {"id": row["id"]})
                is_done = done.rowcount == 1  # type: ignore[attr-defined]
                await session.rollback()
        except ProgrammingError as refused:
            is_done = not any(words in str(refused) for words in REFUSALS)
        if is_done is not allowed:
            wrong.append(each)
    assert wrong == []


@pytest.mark.promise(47)
@pytest.mark.parametrize(
    ("table", "side", "begins"),
    [
        ("agreements", "buyer_id", {"state": "running"}),
        ("agreements", "buyer_id", {"supplier_done_at": "2026-01-01T00:00:00Z"}),
        ("takings", "taker_id", {"state": "confirmed"}),
        ("takings", "taker_id", {"holder_said": {"value": "3"}}),
        ("proposals", "organisation_id", {"state": "accepted"}),
        ("subscriptions", "taker_id", {"state": "accepted"}),
        ("settlements", "payer_id", {"state": "confirmed"}),
        ("settlements", "payee_id", {"vat_cents": 200}),
        ("settlements", "payee_id", {"vat_number": "FR40303265045"}),
    ],
)
async def test_nobody_begins_with_what_the_other_side_says(
    catalog_scene: Scene, table: str, side: str, begins: dict[str, Any]
) -> None:
    row_id = UUID(str(catalog_scene.ids[f"{table[:-1]}_id"][0]))
    whose = text(f"SELECT {side} FROM {table} WHERE id = :id")
    async with catalog_scene.database.sessions.begin() as session:
        author = await session.scalar(whose, {"id": row_id})
    copied = f"""INSERT INTO {table} SELECT (jsonb_populate_record(t, CAST(:begins AS jsonb))).*
                 FROM {table} t WHERE id = :id"""
    values = {"id": row_id, "begins": json.dumps({"id": str(uuid4()), **begins})}
    with pytest.raises(ProgrammingError, match="nobody begins"):
        async with catalog_scene.database.both.pages.acting(Acting(author, uuid4())) as session:
            await session.execute(text(copied), values)


@pytest.mark.promise(47)
@pytest.mark.parametrize("table", ["agreements", "takings", "proposals", "subscriptions", "settlements"])
async def test_no_page_removes_what_two_share(catalog_scene: Scene, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with catalog_scene.database.both.pages.acting(owner_of(catalog_scene)) as session:
            await session.execute(text(f"DELETE FROM {table}"))

"""What a signed agreement makes due: billed, declared, confirmed or disputed, given back; and who reads it."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.payments.reminding import remind_payers
from shared.clock import day_of, now
from tests.services.catalog.agreeing import both_signed, cancelled, chosen, conclude, concluded
from tests.services.catalog.conftest import SignUp, send_sign_up
from tests.services.catalog.pages import said, shown
from tests.services.catalog.paying import BILLED, PAID, TODAY, accounts, due, say, settlements, told
from tests.services.catalog.suppliers import ids_of
from tests.services.catalog.test_http_contract import signed
from tests.support import Isolated, client_for

BUYER, SUPPLIER = "Hexaplane Systèmes", "Traiteur solidaire"
STEP_BY_STEP = {"label": ["Premier repas", "Bilan"], "due_on": ["2030-01-07", ""], "euros": ["400", "600"]}
PAYS = ["-10", "0", ""]
TRANSFER = {"nature": "transfer", "given_by": "buyer", "provenance": "Nos cantines"}


@pytest.fixture
async def settlement(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated) -> str:
    return await due(buyer, supplier, catalog_database)


class TestDue:
    async def test_what_both_signed_is_due_thirty_days_after_it_is_done(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated,
        catalog_app: Litestar,
    ) -> None:  # fmt: skip
        (row,) = await settlements(catalog_database)
        assert (row.state, row.net_cents, row.vat_cents, row.milestone) == ("due", 100_000, 0, 0)
        assert row.due_on >= day_of(now()) + timedelta(days=30)
        assert await accounts(catalog_database) == {("owed", BUYER): -100_000, ("claimed", SUPPLIER): 100_000}
        heard = [
            (verb, event["organisation_id"], event["partner_name"]) for verb, event in await told(catalog_database)
        ]
        buyer_id, supplier_id = [str((await ids_of(each, catalog_app))[1]) for each in (buyer, supplier)]
        assert heard == [("due", buyer_id, SUPPLIER), ("due", supplier_id, BUYER)]
        assert "À vous : payez, puis dites comment et quand." in await shown(buyer, settlement)
        assert "Envoyez votre facture, puis notez-la ici" in await shown(supplier, settlement)
        for each in (buyer, supplier):
            page = await shown(each, "/payments")
            assert "80 repas" in page
            assert "1 000,00 €" in page

    async def test_nothing_is_due_before_both_have_signed_nor_for_what_is_free(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        await concluded(buyer, await chosen(buyer, supplier))
        assert await settlements(catalog_database) == []
        free = await chosen(buyer, supplier, need={"title": "Don de chaises"}, price_euros=["0", "0", ""])
        agreement = await concluded(buyer, free, nature="partnership", focus="csr")
        await both_signed(buyer, supplier, agreement)
        assert await settlements(catalog_database) == []
        assert "Aucun règlement pour l'instant" in await shown(buyer, "/payments")

    async def test_with_amounts_it_is_due_milestone_by_milestone(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        proposal = await chosen(buyer, supplier)
        refused = await conclude(buyer, proposal, **{**STEP_BY_STEP, "euros": ["400", "500"]})
        assert refused.status_code == 422
        assert "Les montants des étapes font 900,00 €, l'accord 1000,00 €" in said(refused)
        assert 'value="500"' in refused.text
        agreement = await concluded(buyer, proposal, **STEP_BY_STEP)
        assert "400,00 € HT" in await shown(buyer, agreement)
        await both_signed(buyer, supplier, agreement)
        rows = await settlements(catalog_database)
        assert [(row.milestone, row.net_cents) for row in rows] == [(1, 40_000), (2, 60_000)]
        assert str(rows[0].due_on) == "2030-02-06"
        assert "Premier repas" in (await shown(buyer, agreement)).partition('id="settlements"')[2]

    async def test_who_is_paid_pays_where_the_price_is_the_other_way(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        proposal = await chosen(buyer, supplier, price_euros=PAYS)
        await both_signed(buyer, supplier, await concluded(buyer, proposal, **TRANSFER))
        assert await accounts(catalog_database) == {("owed", SUPPLIER): -80_000, ("claimed", BUYER): 80_000}

    async def test_a_cancelled_agreement_owes_nothing_but_what_was_declared_stays(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        proposal = await chosen(buyer, supplier)
        agreement = await concluded(buyer, proposal, **STEP_BY_STEP)
        await both_signed(buyer, supplier, agreement)
        first, second = await settlements(catalog_database)
        assert (await say(buyer, f"/payments/{first.id}", "declare", **PAID)).status_code == 303
        assert (await cancelled(supplier, agreement, seen=3)).status_code == 303
        assert [row.state for row in await settlements(catalog_database)] == ["declared", "voided"]
        assert await accounts(catalog_database) == {("underway", BUYER): -40_000, ("claimed", SUPPLIER): 40_000}
        assert "rien n'est dû" in await shown(buyer, f"/payments/{second.id}")
        assert (await say(supplier, f"/payments/{first.id}", "confirm")).status_code == 303


class TestPaying:
    async def test_billed_declared_confirmed_and_given_back(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        assert (await say(supplier, settlement, "bill", **BILLED)).status_code == 303
        page = await shown(buyer, settlement)
        assert "1 200,00 €" in page
        assert "F-2030-7" in page
        assert await accounts(catalog_database) == {("owed", BUYER): -120_000, ("claimed", SUPPLIER): 120_000}
        assert (await say(buyer, settlement, "declare", **PAID)).status_code == 303
        assert "VIR 4711" in await shown(supplier, settlement)
        assert await accounts(catalog_database) == {("underway", BUYER): -120_000, ("claimed", SUPPLIER): 120_000}
        assert (await say(supplier, settlement, "confirm")).status_code == 303
        assert await accounts(catalog_database) == {("paid", BUYER): -120_000, ("received", SUPPLIER): 120_000}
        back = {"back_euros": "200,50", "returned_on": TODAY, "reference": "VIR 12"}
        assert (await say(supplier, settlement, "give-back", **back)).status_code == 303
        assert "Le remboursement est arrivé ?" in await shown(buyer, settlement)
        assert (await say(buyer, settlement, "take-back", arrived="true")).status_code == 303
        assert await accounts(catalog_database) == {("paid", BUYER): -99_950, ("received", SUPPLIER): 99_950}
        assert [row.state for row in await settlements(catalog_database)] == ["confirmed"]
        rest = {"back_euros": "999,50", "returned_on": TODAY}
        assert (await say(supplier, settlement, "give-back", **rest)).status_code == 303
        assert (await say(buyer, settlement, "take-back", arrived="true")).status_code == 303
        assert [row.state for row in await settlements(catalog_database)] == ["refunded"]
        assert await accounts(catalog_database) == {}
        verbs = [verb for verb, _ in await told(catalog_database)]
        assert verbs == ["due", "due", "billed", "declared", "confirmed", *["returned", "refunded"] * 2]

    async def test_what_did_not_arrive_is_disputed_and_declared_again(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        await say(buyer, settlement, "declare", **PAID)
        without = await say(supplier, settlement, "dispute", words="Rien au 4 décembre.")
        assert without.status_code == 422
        assert "Dites pourquoi" in said(without)
        assert "Rien au 4 décembre." in without.text
        assert (await say(supplier, settlement, "dispute", reason="not_arrived", words="Rien.")).status_code == 303
        assert "Contesté : Rien n'est arrivé sur le compte." in await shown(buyer, settlement)
        assert await accounts(catalog_database) == {("owed", BUYER): -100_000, ("claimed", SUPPLIER): 100_000}
        assert (await say(buyer, settlement, "declare", **{**PAID, "reference": "VIR 4712"})).status_code == 303
        assert (await say(supplier, settlement, "confirm")).status_code == 303
        assert await accounts(catalog_database) == {("paid", BUYER): -100_000, ("received", SUPPLIER): 100_000}

    async def test_a_refund_that_did_not_arrive_is_the_payees_again(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        await say(buyer, settlement, "declare", **PAID)
        await say(supplier, settlement, "confirm")
        await say(supplier, settlement, "give-back", back_euros="10", returned_on=TODAY)
        again = await say(supplier, settlement, "give-back", back_euros="10", returned_on=TODAY)
        assert "Un remboursement attend déjà" in said(again)
        assert (await say(buyer, settlement, "take-back", arrived="false")).status_code == 303
        assert await accounts(catalog_database) == {("paid", BUYER): -100_000, ("received", SUPPLIER): 100_000}
        verb, event = (await told(catalog_database))[-1]
        assert (verb, event["organisation_id"]) == ("disputed", event["payee_id"])

    @pytest.mark.parametrize(
        ("verb", "sent", "words"),
        [
            ("declare", {**PAID, "paid_on": "2199-01-01"}, "ni de demain"),
            ("declare", {**PAID, "paid_on": "2020-01-01"}, "avant l'accord"),
            ("declare", {**PAID, "means": "shells"}, "Choisissez une des réponses"),
            ("declare", {"means": "transfer", "reference": "VIR 99"}, "À remplir"),
        ],
    )
    async def test_what_cannot_be_is_refused_with_what_was_typed(
        self, buyer: httpx.AsyncClient, settlement: str, catalog_database: Isolated, verb: str, sent: dict[str, str],
        words: str,
    ) -> None:  # fmt: skip
        answer = await say(buyer, settlement, verb, **sent)
        assert answer.status_code == 422
        assert words in said(answer)
        assert sent["reference"] in answer.text
        assert [row.state for row in await settlements(catalog_database)] == ["due"]

    async def test_too_much_vat_and_too_large_a_refund_are_refused(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str
    ) -> None:
        dear = await say(supplier, settlement, "bill", **{**BILLED, "vat_euros": "200,01"})
        assert "La TVA dépasse 20 % du montant hors taxes (1000,00 €)" in said(dear)
        early = await say(supplier, settlement, "give-back", back_euros="1", returned_on=TODAY)
        assert "Rien n'est à rendre" in said(early)
        await say(buyer, settlement, "declare", **PAID)
        late = await say(supplier, settlement, "bill", **BILLED)
        assert "Le montant ne change plus" in said(late)
        await say(supplier, settlement, "confirm")
        large = await say(supplier, settlement, "give-back", back_euros="1000,01", returned_on=TODAY)
        assert "Vous avez reçu 1000,00 €" in said(large)

    async def test_each_side_says_its_own_and_a_stranger_reads_nothing(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, sign_up: SignUp
    ) -> None:
        assert "C'est à la structure qui paie de le dire." in said(await say(supplier, settlement, "declare", **PAID))
        await say(buyer, settlement, "declare", **PAID)
        assert (await say(buyer, settlement, "confirm")).status_code == 403
        stranger = await sign_up(organisation_name="Curieuse")
        api = f"/api/v1/settlements/{settlement.rpartition('/')[2]}"
        for address in (settlement, api, f"{api}/moves"):
            assert (await stranger.get(address)).status_code == 404, address
        assert (await say(stranger, settlement, "confirm")).status_code == 404
        assert (await stranger.get("/api/v1/settlements")).json()["items"] == []
        assert "80 repas" not in await shown(stranger, "/payments")


class TestMonth:
    async def test_a_statement_says_what_moved_and_what_is_left(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str
    ) -> None:
        await say(buyer, settlement, "declare", **PAID)
        await say(supplier, settlement, "confirm")
        page = await shown(supplier, "/payments/statement")
        for words in ("Dû par accord signé", "Paiement confirmé", "+1 000,00 €"):
            assert words in page, words
        month = TODAY[:7]
        answer = await supplier.get("/payments/statement/file", params={"month": month, "form": "csv"})
        lines = answer.text.splitlines()
        assert len(lines) == 4
        assert "1000,00" in lines[1]
        assert "-1000,00" in lines[2]
        assert (await supplier.get("/payments/statement/file", params={"form": "xlsx"})).content[:2] == b"PK"
        empty = await shown(supplier, "/payments/statement?month=2025-01")
        assert "Rien n'a bougé ce mois-là" in empty
        assert (await supplier.get("/payments/statement?month=hier")).status_code == 404


class TestByProgram:
    async def test_the_same_rules_and_the_moves(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str
    ) -> None:
        api = f"/api/v1/settlements/{settlement.rpartition('/')[2]}"
        payer, payee = await signed(buyer), await signed(supplier)
        (item,) = (await payee.get("/api/v1/settlements")).json()["items"]
        assert (item["payer_name"], item["cents"], item["awaits_you"]) == (BUYER, 100_000, False)
        seen = {"if-match": f'"{item["version"]}"'}
        bill = {"invoice": "F-1", "invoiced_on": TODAY, "vat_cents": 5_500}
        billed = await payee.post(f"{api}/bill", json=bill, headers=seen)
        assert (billed.status_code, billed.json()["cents"]) == (200, 105_500)
        stale = await payer.post(f"{api}/declare", json=PAID, headers=seen)
        assert stale.status_code == 412
        seen = {"if-match": f'"{billed.json()["version"]}"'}
        declared = await payer.post(f"{api}/declare", json=PAID, headers=seen)
        assert (declared.json()["state"], declared.json()["awaits_you"]) == ("declared", False)
        seen = {"if-match": f'"{declared.json()["version"]}"'}
        confirmed = await payee.post(f"{api}/confirm", headers=seen)
        assert confirmed.json()["state"] == "confirmed"
        moves = (await payer.get(f"{api}/moves")).json()["items"]
        assert [each["why"] for each in moves] == ["due", "vat", "declared", "confirmed", "confirmed"]
        assert {each["source"]["kind"] for each in moves} == {"owed", "underway", "paid", "claimed"}

    async def test_everybody_reads_how_money_moves_here(self, catalog_app: Litestar) -> None:
        async with client_for(catalog_app) as client:
            answer = await client.get("/api/capabilities")
            assert answer.json() == {"payments": {"mode": "offline", "is_live": False}}
            assert "Paiement : entre vous, hors ligne" in await shown(client, "/legal")


class TestInTime:
    async def test_who_is_late_hears_of_it_once(
        self, buyer: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        assert await remind_payers(catalog_database) == 0
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE settlements SET due_on = current_date - 1, remind_on = current_date"))
        assert await remind_payers(catalog_database) == 1
        assert await remind_payers(catalog_database) == 0
        assert [verb for verb, _ in await told(catalog_database)] == ["due", "due", "overdue"]
        assert "En retard" in await shown(buyer, settlement)


class TestAtOnce:
    async def test_twenty_that_declare_and_confirm_at_once_move_the_money_once(self, lasting_catalog: Litestar) -> None:
        buyer, supplier = client_for(lasting_catalog), client_for(lasting_catalog)
        assert (await send_sign_up(buyer, 1)).status_code == 303
        assert (await send_sign_up(supplier, 2, roles=["ess"])).status_code == 303
        address = await due(buyer, supplier, lasting_catalog.state.work)
        await asyncio.gather(*(say(buyer, address, "declare", **PAID) for _ in range(20)))
        await asyncio.gather(*(say(supplier, address, "confirm") for _ in range(20)))
        async with lasting_catalog.state.work.sessions() as session:
            found = await session.execute(text("SELECT why, count(*) FROM ledger_moves GROUP BY why ORDER BY why"))
            assert list(map(tuple, found)) == [("confirmed", 2), ("declared", 1), ("due", 1)]
        await asyncio.gather(buyer.aclose(), supplier.aclose())


async def test_the_ledger_only_grows_and_nobody_writes_for_the_other(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
) -> None:
    """INVARIANT: no role of the service changes or removes a move, and a move of nothing is refused."""
    for statement in ("UPDATE ledger_moves SET cents = 1", "DELETE FROM ledger_moves"):
        with pytest.raises(Exception, match="permission denied"):
            async with catalog_database.sessions.begin() as session:
                await session.execute(text("SET LOCAL ROLE catalog_work"))
                await session.execute(text(statement))

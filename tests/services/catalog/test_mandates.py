"""Who is paid lets who pays write its invoices: what both see, what a mandate allows, and how it ends."""

import asyncio
from typing import Any

import httpx
import pytest
from facturx import get_xml_from_pdf
from litestar import Litestar
from sqlalchemy import text

from tests.services.catalog.conftest import SignUp, csrf_of, send_sign_up
from tests.services.catalog.paying import BILLED, PAID, TODAY, due, say, settlements, told
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_http_contract import signed
from tests.support import Isolated, client_for

MANDATES = "/payments/mandates"
CREDIT = {"credit_note": "AV-3", "credited_on": TODAY}


@pytest.fixture
async def settlement(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated) -> str:
    return await due(buyer, supplier, catalog_database)


async def payer_of(database: Isolated) -> str:
    (row,) = await settlements(database)
    return str(row.payer_id)


async def mandates(database: Isolated) -> list[Any]:
    async with database.sessions() as session:
        return list(await session.execute(text("SELECT * FROM billing_mandates ORDER BY id")))


async def given(supplier: httpx.AsyncClient, database: Isolated) -> str:
    """Where the mandate ends that a supplier gives to who pays it."""
    answer = await post(supplier, MANDATES, payer_id=await payer_of(database))
    assert answer.status_code == 303
    return f"{MANDATES}/{(await mandates(database))[-1].id}/end"


async def plain(client: httpx.AsyncClient, path: str) -> str:
    return " ".join((await client.get(f"/fr{path}")).text.replace("\u00a0", " ").replace("’", "'").split())


class TestUnderAMandate:
    async def test_who_pays_writes_the_invoice_and_who_is_paid_hears_of_it(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        refused = await say(buyer, settlement, "bill", **BILLED)
        assert (refused.status_code, "il vous faut son mandat" in refused.text) == (422, True)
        assert "Confier vos factures à qui paie" in await plain(supplier, settlement)
        await given(supplier, catalog_database)
        assert "Sa facture, en son nom" in await plain(buyer, settlement)
        bill = {"invoice": "AF-1", "invoiced_on": TODAY, "vat_rate": "20"}
        assert (await say(buyer, settlement, "bill", **bill)).status_code == 303
        (row,) = await settlements(catalog_database)
        assert (row.invoice, row.vat_cents, row.is_self_billed) == ("AF-1", 20_000, True)
        verb, event = (await told(catalog_database))[-1]
        assert (verb, event["is_self_billed"], event["organisation_id"]) == ("billed", True, str(row.payee_id))
        assert "Facture, écrite par qui paie" in await plain(supplier, settlement)
        paper = await supplier.get(f"{settlement.replace('/payments/', '/api/v1/settlements/')}/factur-x")
        _, xml = get_xml_from_pdf(paper.content, check_xsd=True)
        assert b"<ram:TypeCode>389<" in xml
        assert b"<ram:Content>Autofacturation<" in xml

    async def test_who_is_paid_corrects_it_and_it_is_its_own_again(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        await given(supplier, catalog_database)
        await say(buyer, settlement, "bill", **BILLED)
        assert (await say(supplier, settlement, "bill", **BILLED)).status_code == 303
        (row,) = await settlements(catalog_database)
        assert row.is_self_billed is False

    @pytest.mark.parametrize("who", ["buyer", "supplier"])
    async def test_either_ends_it_and_what_was_billed_stays(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated,
        who: str,
    ) -> None:  # fmt: skip
        end = await given(supplier, catalog_database)
        await say(buyer, settlement, "bill", **BILLED)
        ender, other = (buyer, supplier) if who == "buyer" else (supplier, buyer)
        assert "Mettre fin" in await plain(ender, MANDATES)
        assert (await post(ender, end)).status_code == 303
        again = await post(other, end)
        assert (again.status_code, "déjà pris fin" in again.text) == (409, True)
        assert (await say(buyer, settlement, "bill", invoice="AF-2", invoiced_on=TODAY)).status_code == 422
        (row,) = await settlements(catalog_database)
        assert (row.invoice, row.is_self_billed) == (BILLED["invoice"], True)
        assert "Terminé" in await plain(supplier, MANDATES)
        # Another one may be given.
        await given(supplier, catalog_database)
        assert [each.ended_at is None for each in await mandates(catalog_database)] == [False, True]


@pytest.mark.usefixtures("settlement")
class TestGiving:
    async def test_its_words_are_kept_with_both_names_and_the_article_is_to_be_checked(
        self, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        page = await plain(supplier, settlement)
        assert "art. 289, I, 2" in page
        assert "À vérifier" in page
        await given(supplier, catalog_database)
        (row,) = await mandates(catalog_database)
        assert f"{row.payee_name} donne mandat à {row.payer_name}" in row.words
        assert "{" not in row.words
        assert row.words.partition(".")[0] in await plain(supplier, MANDATES)

    async def test_only_to_who_pays_and_once(
        self, supplier: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
    ) -> None:
        stranger = await sign_up()
        refused = await post(stranger, MANDATES, payer_id=await payer_of(catalog_database))
        assert (refused.status_code, "ne vous doit rien" in refused.text) == (422, True)
        assert (await post(supplier, MANDATES, payer_id="x")).status_code == 422
        await given(supplier, catalog_database)
        again = await post(supplier, MANDATES, payer_id=await payer_of(catalog_database))
        assert (again.status_code, "en cours" in again.text) == (409, True)

    async def test_nobody_else_sees_or_ends_it(
        self, supplier: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
    ) -> None:
        end = await given(supplier, catalog_database)
        stranger = await sign_up()
        assert "Aucun mandat" in await plain(stranger, MANDATES)
        assert (await post(stranger, end)).status_code == 404
        mandate = (await mandates(catalog_database))[0].id
        await signed(stranger)
        assert (await stranger.get(f"/api/v1/billing-mandates/{mandate}")).status_code == 404

    async def test_as_a_program(self, supplier: httpx.AsyncClient, catalog_database: Isolated) -> None:
        await signed(supplier)
        asked = {"payer_id": await payer_of(catalog_database)}
        made = await supplier.post("/api/v1/billing-mandates", json=asked, headers={"idempotency-key": "1" * 16})
        assert (made.status_code, made.json()["ended_at"]) == (201, None)
        again = await supplier.post("/api/v1/billing-mandates", json=asked, headers={"idempotency-key": "1" * 16})
        assert again.json()["id"] == made.json()["id"]
        (listed,) = (await supplier.get("/api/v1/billing-mandates")).json()["items"]
        address = f"/api/v1/billing-mandates/{listed['id']}"
        assert (await supplier.post(f"{address}/end", headers={"if-match": '"7"'})).status_code == 412
        ended = await supplier.post(f"{address}/end", headers={"if-match": f'"{listed["version"]}"'})
        assert (ended.status_code, ended.json()["ended_for"]) == (200, listed["payee_id"])


class TestCreditNote:
    async def test_it_says_what_was_given_back_and_the_other_one_hears_of_it(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        await say(supplier, settlement, "bill", **BILLED)
        early = await say(supplier, settlement, "credit", **CREDIT)
        assert (early.status_code, "Rien n'est à créditer" in early.text.replace("’", "'")) == (422, True)
        await say(buyer, settlement, "declare", **PAID)
        await say(supplier, settlement, "confirm")
        await say(supplier, settlement, "give-back", back_euros="100", returned_on=TODAY)
        missing = await say(supplier, settlement, "credit", credit_note="", credited_on=TODAY)
        assert (missing.status_code, 'href="#credit_note"' in missing.text) == (422, True)
        far = await say(supplier, settlement, "credit", **CREDIT | {"credited_on": "2020-01-01"})
        assert (far.status_code, "L'avoir ne peut pas dater" in far.text.replace("’", "'")) == (422, True)
        assert (await say(supplier, settlement, "credit", **CREDIT)).status_code == 303
        (row,) = await settlements(catalog_database)
        assert (row.credit_note, row.credited_on.isoformat()) == ("AV-3", TODAY)
        verb, event = (await told(catalog_database))[-1]
        assert (verb, event["credit_note"], event["organisation_id"]) == ("credited", "AV-3", str(row.payer_id))
        assert "AV-3" in await plain(buyer, settlement)
        refused = await say(buyer, settlement, "credit", **CREDIT | {"credit_note": "AV-4"})
        assert (refused.status_code, "son mandat" in refused.text) == (422, True)


async def test_given_by_many_at_once_it_is_one(lasting_catalog: Litestar) -> None:
    """INVARIANT: one mandate in force between two, whatever comes at once."""
    async with client_for(lasting_catalog) as buyer, client_for(lasting_catalog) as supplier:
        assert (await send_sign_up(buyer, 1)).status_code == 303
        assert (await send_sign_up(supplier, 2, roles=["ess"])).status_code == 303
        await due(buyer, supplier, lasting_catalog.state.work)
        payer, token = await payer_of(lasting_catalog.state.work), await csrf_of(supplier, "/needs/new")
        answers = await asyncio.gather(
            *(supplier.post(MANDATES, data={"_csrf": token, "payer_id": payer}) for _ in range(8))
        )
    assert sorted(each.status_code for each in answers) == [303] + [409] * 7
    assert len(await mandates(lasting_catalog.state.work)) == 1

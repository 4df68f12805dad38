"""A need's author compares proposals and chooses: order, weights, the choice with its reason, who is told, the file."""

import csv
import io
from typing import Any

import httpx
import pytest
from litestar import Litestar
from python_calamine import load_workbook
from sqlalchemy import text

from services.catalog.proposals.ending import end_left
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.pages import said, shown
from tests.services.catalog.proposing import accepted, made, proposed, rejected, stored, withdrawn
from tests.services.catalog.suppliers import declined, ids_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.support import Isolated

ACCEPTED, REJECTED = "catalog.proposal.accepted.v1", "catalog.proposal.rejected.v1"
CHEAP = ["10", "0", ""]


@pytest.fixture
async def other(supplier: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    """Another enterprise, far away."""
    return await sign_up(organisation_name="Cuisine de quartier", roles=["ess"], place="31250 Revel")


def sheet_in(content: bytes, form: str) -> list[list[Any]]:
    if form == "xlsx":
        return load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


class TestComparing:
    async def test_the_order_follows_the_weights_of_the_address(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient, need: str
    ) -> None:
        await made(supplier, need)
        await made(other, need, price_euros=CHEAP)
        nothing = "delay=0&social=0&environment=0&completeness=0"
        for weights, first in (("price=100&nearness=0", "Cuisine"), ("price=0&nearness=100", "Traiteur")):
            page = await shown(buyer, f"{need}/proposals?{weights}&{nothing}")
            table = page[page.index("<tbody>") :]
            names = {name: table.index(f">{name}") for name in ("Cuisine de quartier", "Traiteur solidaire")}
            assert min(names, key=lambda name: names[name]).startswith(first), weights
        assert 'value="100"' in page
        assert f'<form method="get" action="{need}/proposals"' in page
        assert f'href="{need}/proposals/file?form=csv&amp;price=0&amp;delay=0' in page

    async def test_a_weight_that_is_none_is_said_and_kept(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str
    ) -> None:
        await made(supplier, need)
        page = await buyer.get(f"{need}/proposals?price=beaucoup&utm_source=lettre")
        assert page.status_code == 422
        assert 'href="#price"' in page.text
        assert 'value="beaucoup"' in page.text

    async def test_without_any_it_says_so(self, buyer: httpx.AsyncClient, need: str) -> None:
        assert "Aucune proposition" in await shown(buyer, f"{need}/proposals")
        assert "Comparer les propositions" not in await shown(buyer, need)

    async def test_the_need_s_page_and_its_answers_lead_there(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str
    ) -> None:
        await made(supplier, need)
        for where in (need, f"{need}/answers"):
            assert f'href="{need}/proposals"' in await shown(buyer, where), where
        assert "1 structure intéressée" in await shown(buyer, need)

    async def test_its_file_says_the_same_and_no_cell_is_a_formula(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str
    ) -> None:
        await made(
            supplier, need, what=["=SOMME(A1)", "Livraison", ""], message="+33 5 61", price_euros=["-1", "0", ""]
        )
        for form in ("csv", "xlsx"):
            answer = await buyer.get(f"{need}/proposals/file?form={form}&price=100")
            assert answer.status_code == 200
            headings, row = sheet_in(answer.content, form)
            line = dict(zip(headings, row, strict=True))
            assert line["Structure"] == "Traiteur solidaire"
            assert line["Total hors taxes (€)"] == "-80,00"
            assert line["Message"] == "'+33 5 61"
            assert line["Lignes"].startswith("'=SOMME(A1)")
        assert (await supplier.get(f"{need}/proposals/file")).status_code == 404


class TestChoosing:
    async def test_a_choice_is_kept_with_its_reason_and_told(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_app: Litestar,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        address = await made(supplier, need)
        answer = await accepted(buyer, address, reason="social", words="Merci Zénobie")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{need}/proposals")
        (row,) = await stored(catalog_database)
        buyer_member, buyer_id = await ids_of(buyer, catalog_app)
        _, supplier_id = await ids_of(supplier, catalog_app)
        assert (row.state, row.answer, row.reason, row.words) == ("accepted", "accepted", "social", "Merci Zénobie")
        assert row.decided_by == buyer_member
        (event,) = await events(catalog_database, ACCEPTED)
        assert event["data"] | {"at": None} == {
            "version": 2,
            "proposal_id": str(row.id),
            "answer_id": str(row.answer_id),
            "need_id": need.rsplit("/", 1)[-1],
            "organisation_id": str(supplier_id),
            "title": "80 repas par mois pour nos comités",
            "buyer_id": str(buyer_id),
            "buyer_name": "Hexaplane Systèmes",
            "revision": 1,
            "total_cents": 100_000,
            "reason": "social",
            "at": None,
        }
        for reader in (buyer, supplier):
            page = await shown(reader, address)
            assert "L'utilité sociale" in page
            assert "Merci Zénobie" in page

    async def test_without_a_reason_nothing_is_decided(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        address = await made(supplier, need)
        for decide, field in ((accepted, "reason"), (rejected, "why-not")):
            refused = await decide(buyer, address, reason="", words="Un mot gardé")
            assert refused.status_code == 422
            assert f'href="#{field}"' in refused.text
            assert f'id="{field}"' in refused.text
            assert "Un mot gardé" in refused.text
        assert [row.state for row in await stored(catalog_database)] == ["made"]

    async def test_pressed_twice_it_is_chosen_once_and_for_good(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        address = await made(supplier, need)
        for _ in range(2):
            assert (await accepted(buyer, address)).status_code == 303
        assert len(await events(catalog_database, ACCEPTED)) == 1
        assert (await rejected(buyer, address, seen=2)).status_code == 422
        assert "ne change plus" in said(await proposed(supplier, need, seen=2, message="Plus cher"))
        assert (await withdrawn(supplier, need, seen=2)).status_code == 409
        assert (await declined(supplier, need, seen=2)).status_code == 422
        assert (await supplier.get(f"{need}/proposal")).headers["location"] == address

    async def test_what_was_revised_meanwhile_is_read_first(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        address = await made(supplier, need)
        await made(supplier, need, seen=1, price_euros=["90", "0", ""])
        assert (await accepted(buyer, address, seen=1)).status_code == 422
        assert [row.state for row in await stored(catalog_database)] == ["made"]
        assert (await accepted(buyer, address, seen=2)).status_code == 303

    async def test_the_others_are_told_kindly_and_why(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient, need: str,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        chosen, turned_down = await made(supplier, need), await made(other, need)
        assert "Ne pas retenir les autres" not in await shown(buyer, f"{need}/proposals")
        await accepted(buyer, chosen)
        assert "Répondre à l'autre structure" in await shown(buyer, f"{need}/proposals")
        assert (await post(buyer, f"{need}/proposals/reject", reason="")).status_code == 422
        sent = await post(buyer, f"{need}/proposals/reject", reason="price", words="À bientôt.")
        assert sent.status_code == 303
        page = await shown(other, turned_down)
        for words in ("Merci d'avoir proposé", "Le prix dépassait le budget", "À bientôt."):
            assert words in page, words
        (event,) = await events(catalog_database, REJECTED)
        assert (event["data"]["reason"], "words" in event["data"]) == ("price", False)
        assert {row.state for row in await stored(catalog_database)} == {"accepted", "rejected"}
        assert "Non retenues" in await shown(buyer, f"{need}/proposals")

    async def test_several_may_be_chosen_for_their_parts(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient, need: str,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        for client in (supplier, other):
            await accepted(buyer, await made(client, need))
        assert [row.state for row in await stored(catalog_database)] == ["accepted"] * 2

    async def test_nobody_else_chooses(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient, need: str,
        catalog_database: Isolated, catalog_app: Litestar,
    ) -> None:  # fmt: skip
        address = await made(supplier, need)
        for client in (supplier, other):
            assert (await accepted(client, address)).status_code == 404
            assert (await rejected(client, address)).status_code == 404
            assert (await post(client, f"{need}/proposals/reject", reason="price")).status_code == 404
        member_id, _ = await ids_of(buyer, catalog_app)
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE members SET role = 'viewer' WHERE id = :id"), {"id": member_id})
        page = await shown(buyer, address)
        token = page.partition('name="_csrf" value="')[2].partition('"')[0]
        assert "/accept" not in page
        sent = {"_csrf": token, "_version": 1, "reason": "price"}
        assert (await buyer.post(f"{address}/accept", data=sent)).status_code == 403
        assert [row.state for row in await stored(catalog_database)] == ["made"]


class TestWhenTheNeedEnds:
    @pytest.mark.parametrize("end", ["withdraw", "close"])
    async def test_those_left_are_told_once(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient, need: str,
        catalog_database: Isolated, end: str,
    ) -> None:  # fmt: skip
        chosen, left = await made(supplier, need), await made(other, need)
        await accepted(buyer, chosen)
        await post(buyer, f"{need}/{end}", outcome="agreed_here")
        assert "Ce besoin est clos" in said(await accepted(buyer, left))
        for told in (1, 0):
            async with catalog_database.both.at_work().sessions.begin() as session:
                assert await end_left(session) == told
        (event,) = await events(catalog_database, REJECTED)
        assert event["data"]["reason"] == "need_ended"
        assert [row.state for row in await stored(catalog_database)] == ["accepted", "rejected"]
        assert "Le besoin s'est clos" in await shown(other, left)


async def test_who_turns_some_down_comes_to_see_the_others(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient, need: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("services.catalog.proposals.queries.MOST_COMPARED", 1)
    first = await made(supplier, need)
    await made(other, need)
    assert "Cuisine de quartier" not in await shown(buyer, f"{need}/proposals")
    await rejected(buyer, first)
    assert "Cuisine de quartier" in await shown(buyer, f"{need}/proposals")

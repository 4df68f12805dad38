"""A need's author compares proposals and chooses: order, weights, the choice with its reason, who is told, the file."""

import asyncio
import csv
import io
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from python_calamine import load_workbook
from sqlalchemy import text

from services.catalog.proposals.ending import end_left
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of, send_sign_up
from tests.services.catalog.pages import said, shown
from tests.services.catalog.proposing import a_proposal, accepted, made, proposed, rejected, stored, withdrawn
from tests.services.catalog.suppliers import a_need, declined, ids_of, interested
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_http_contract import signed
from tests.services.catalog.test_needs import events
from tests.support import Isolated, client_for

ACCEPTED, REJECTED = "catalog.proposal.accepted.v1", "catalog.proposal.rejected.v1"
CHEAP = ["10", "0", ""]


@pytest.fixture
async def need(buyer: httpx.AsyncClient) -> str:
    return await a_need(buyer)


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


class TestCoContractors:
    @pytest.fixture
    async def partner(self, supplier: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:  # noqa: ARG002 - the third
        return await sign_up(organisation_name="Coursiers réunis", roles=["ess"])

    async def test_who_is_named_confirms_and_is_asked_again_of_a_revision(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, partner: httpx.AsyncClient, need: str,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        address = await made(supplier, need, co_contractors=SIRETS[2])
        assert "Coursiers réunis" in await shown(buyer, address)
        assert "1 cotraitant à confirmer" in await shown(buyer, f"{need}/proposals")
        assert "vous cite comme cotraitant" in await shown(partner, address)
        for _ in range(2):
            assert (await post(partner, f"{address}/participation", _version=1, takes_part="true")).status_code == 303
        assert "cotraitant à confirmer" not in await shown(buyer, f"{need}/proposals")
        await made(supplier, need, seen=1, co_contractors=SIRETS[2], message="Autrement")
        assert "1 cotraitant à confirmer" in await shown(buyer, f"{need}/proposals")
        assert (await post(partner, f"{address}/participation", _version=2, takes_part="false")).status_code == 303
        asked = await events(catalog_database, "catalog.participation.asked.v1")
        assert [each["data"]["version"] for each in asked] == [1, 3]
        answered = await events(catalog_database, "catalog.participation.answered.v1")
        assert [each["data"]["takes_part"] for each in answered] == [True, False]

    async def test_who_is_named_no_more_reads_no_more(
        self, supplier: httpx.AsyncClient, partner: httpx.AsyncClient, need: str
    ) -> None:
        address = await made(supplier, need, co_contractors=SIRETS[2])
        assert (await partner.get(address)).status_code == 200
        await made(supplier, need, seen=1)
        assert (await partner.get(address)).status_code == 404

    @pytest.mark.parametrize("siret", [SIRETS[0], SIRETS[1]])
    async def test_neither_the_buyer_nor_oneself_is_one(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated, siret: str
    ) -> None:
        assert (await proposed(supplier, need, co_contractors=siret)).status_code == 422
        assert await stored(catalog_database) == []

    async def test_only_who_is_named_says_whether_they_take_part(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, partner: httpx.AsyncClient, need: str
    ) -> None:
        address = await made(supplier, need)
        for client in (buyer, supplier, partner):
            assert (await post(client, f"{address}/participation", _version=1, takes_part="true")).status_code == 404

    async def test_nobody_confirms_a_revision_that_they_have_not_read(
        self, supplier: httpx.AsyncClient, partner: httpx.AsyncClient, need: str
    ) -> None:
        address = await made(supplier, need, co_contractors=SIRETS[2])
        assert 'name="_version" value="1"' in await shown(partner, address)
        await made(supplier, need, seen=1, co_contractors=SIRETS[2], price_euros=["1", "0", ""])
        assert (await post(partner, f"{address}/participation", _version=1, takes_part="true")).status_code == 412
        program = await signed(partner)
        for version, status in (("1", 412), ("2", 200)):
            answer = await program.post(
                f"/api/v1{address}/participation", json={"takes_part": True}, headers={"if-match": f'"{version}"'}
            )
            assert answer.status_code == status, answer.text

    async def test_naming_an_organisation_does_not_tell_that_it_is_the_hidden_author(
        self,
        buyer: httpx.AsyncClient,
        supplier: httpx.AsyncClient,
        partner: httpx.AsyncClient,  # noqa: ARG002 - the third
    ) -> None:
        """INVARIANT: whoever tries names one after the other learns nothing of who hides (domain rule 9)."""
        hidden = await a_need(buyer, author_hidden="on")
        asked = [await proposed(supplier, hidden, seen=n, co_contractors=SIRETS[n * 2]) for n in range(2)]
        assert [each.status_code for each in asked] == [303, 303]

    async def test_what_the_author_writes_to_who_was_chosen_is_not_theirs_to_read(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, partner: httpx.AsyncClient, need: str
    ) -> None:
        address = await made(supplier, need, co_contractors=SIRETS[2])
        await accepted(buyer, address, words="Appelez Zénobie.")
        for reader, reads in ((buyer, True), (supplier, True), (partner, False)):
            for where in (address, f"/api/v1{address}"):
                assert ("Zénobie" in await shown(reader, where)) is reads, where

    async def test_a_hidden_author_is_hidden_from_them_even_when_it_has_chosen(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, partner: httpx.AsyncClient
    ) -> None:
        hidden = await a_need(buyer, author_hidden="on")
        address = await made(supplier, hidden, co_contractors=SIRETS[2])
        for _ in range(2):
            for where in (address, f"/api/v1{address}"):
                assert "Hexaplane" not in await shown(partner, where), where
            await accepted(buyer, address)


class TestAtOnce:
    """Requests side by side, each in a transaction of its own."""

    async def _scene(self, app: Litestar) -> tuple[httpx.AsyncClient, httpx.AsyncClient, str, str]:
        buyer, supplier = client_for(app), client_for(app)
        assert (await send_sign_up(buyer, 1)).status_code == 303
        assert (await send_sign_up(supplier, 2, roles=["ess"])).status_code == 303
        need = await a_need(buyer)
        return buyer, supplier, need, await made(supplier, need)

    async def _found(self, app: Litestar) -> tuple[Any, list[str]]:
        async with app.state.work.sessions() as session:
            states = "SELECT p.state, a.state AS answer FROM proposals p JOIN answers a ON a.id = p.answer_id"
            told = "SELECT type FROM outbox WHERE type LIKE 'catalog.proposal.%' ORDER BY id"
            return (await session.execute(text(states))).one(), list(await session.scalars(text(told)))

    async def test_two_acceptances_make_one(self, lasting_catalog: Litestar) -> None:
        """INVARIANT: a proposal is chosen once, whatever comes at the same moment."""
        buyer, supplier, _, address = await self._scene(lasting_catalog)
        sent = {"_csrf": await csrf_of(buyer, "/needs/new"), "_version": 1, "reason": "price"}
        answers = await asyncio.gather(*(buyer.post(f"{address}/accept", data=sent) for _ in range(6)))
        assert {each.status_code for each in answers} == {303}
        states, told = await self._found(lasting_catalog)
        assert tuple(states) == ("accepted", "accepted")
        assert told == ["catalog.proposal.made.v1", ACCEPTED]
        await asyncio.gather(buyer.aclose(), supplier.aclose())

    @pytest.mark.parametrize("round_", range(4))
    async def test_accept_beside_withdraw_revise_and_decline_leaves_one_story(
        self, lasting_catalog: Litestar, round_: int
    ) -> None:
        """INVARIANT: of what comes at once one wins, and answer, proposal and events agree, and none waits for ever."""
        buyer, supplier, need, address = await self._scene(lasting_catalog)
        token, theirs = await csrf_of(buyer, "/needs/new"), await csrf_of(supplier, "/needs/new")
        both, own = {"_csrf": token, "_version": 1, "reason": "price"}, {"_csrf": theirs, "_version": 1}
        asked = [
            buyer.post(f"{address}/accept", data=both),
            supplier.post(f"{need}/proposal/withdraw", data=own),
            supplier.post(f"{need}/proposal", data={**own, **a_proposal(message="Autre")}),
            supplier.post(f"{need}/declined", data={**own, "reason": "price"}),
            buyer.post(f"{address}/reject", data={**both, "reason": "another"}),
        ]
        answers = await asyncio.gather(*asked[round_:], *asked[:round_])
        assert max(each.status_code for each in answers) < 500
        states, told = await self._found(lasting_catalog)
        goes_with = {"made": "proposed", "accepted": "accepted", "rejected": "rejected"}
        assert states.answer == goes_with.get(states.state, states.answer)
        if states.state == "withdrawn":
            assert states.answer in ("interested", "declined")
        ends = [each for each in told if each in (ACCEPTED, REJECTED)]
        assert len(ends) == (states.state in ("accepted", "rejected"))
        await asyncio.gather(buyer.aclose(), supplier.aclose())


class TestAsJson:
    """The same rules for programs."""

    def body(self, need: str, **changes: object) -> dict[str, object]:
        line = {"what": "Repas", "quantity": "80", "unit": "repas", "price_cents": 1250}
        return {"need_id": need.rsplit("/", 1)[-1], "lines": [line], "valid_until": "2999-01-01", **changes}

    async def create(self, client: httpx.AsyncClient, need: str, **changes: object) -> httpx.Response:
        headers = {"idempotency-key": uuid4().hex}
        return await client.post("/api/v1/proposals", json=self.body(need, **changes), headers=headers)

    async def test_it_is_made_revised_chosen_and_listed(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str
    ) -> None:
        program, theirs = await signed(supplier), await signed(buyer)
        first = await self.create(program, need)
        assert (first.status_code, first.json()["total_cents"]) == (201, 100_000), first.text
        assert (await self.create(program, need, message="Encore")).status_code == 409
        address = f"/api/v1/proposals/{first.json()['id']}"
        draft = {name: value for name, value in self.body(need, message="Mieux").items() if name != "need_id"}
        assert (await program.patch(address, json=draft)).status_code == 428
        revised = await program.patch(address, json=draft, headers={"if-match": first.headers["etag"]})
        assert (revised.status_code, revised.json()["revision"]) == (200, 2), revised.text
        stale = {"if-match": first.headers["etag"]}
        assert (await theirs.post(f"{address}/accept", json={"reason": "price"}, headers=stale)).status_code == 412
        fresh = {"if-match": revised.headers["etag"]}
        without = await theirs.post(f"{address}/accept", json={}, headers=fresh)
        assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "reason")
        chosen = await theirs.post(f"{address}/accept", json={"reason": "price"}, headers=fresh)
        assert (chosen.status_code, chosen.json()["state"]) == (200, "accepted")
        for reader, where in ((program, "/api/v1/proposals"), (theirs, f"/api/v1{need}/proposals")):
            assert [each["state"] for each in (await reader.get(where)).json()["items"]] == ["accepted"]

    async def test_a_wrong_line_names_its_field(self, supplier: httpx.AsyncClient, need: str) -> None:
        program = await signed(supplier)
        lines = [{"what": "Repas", "quantity": "80", "unit": "repas"}]
        refused = await self.create(program, need, lines=lines)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "lines.0.price_euros")
        nowhere = await self.create(program, f"/needs/{uuid4()}")
        assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "need_id")

    async def test_taking_it_back_leaves_the_interest(self, supplier: httpx.AsyncClient, need: str) -> None:
        program = await signed(supplier)
        await interested(supplier, need)
        first = await self.create(program, need)
        address = f"/api/v1/proposals/{first.json()['id']}"
        gone = await program.post(f"{address}/withdraw", headers={"if-match": first.headers["etag"]})
        assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
        assert [each["answer"] for each in (await program.get("/api/v1/answers")).json()["items"]] == ["interested"]

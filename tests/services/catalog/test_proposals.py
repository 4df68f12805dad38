"""A supplier's proposal to a need: who may make it, how it is revised and taken back, and what is told of it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from shared.clock import day_of, now
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.pages import said, shown
from tests.services.catalog.proposing import a_proposal, accepted, let_lapse, made, proposed, stored, withdrawn
from tests.services.catalog.suppliers import a_need, declined, ids_of, interested, kept, pass_its_deadline
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.support import Isolated

MADE = "catalog.proposal.made.v1"


async def audited(database: Isolated) -> list[tuple[str, Any]]:
    async with database.sessions() as session:
        found = text("SELECT action, details FROM audit WHERE action LIKE 'proposal.%' ORDER BY id")
        return [(row.action, row.details) for row in await session.execute(found)]


class TestMaking:
    async def test_it_is_kept_computed_and_told_without_what_people_wrote(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_app: Litestar,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        address = await made(supplier, need, message="Appelez Zénobie.")
        (row,) = await stored(catalog_database)
        member_id, organisation_id = await ids_of(supplier, catalog_app)
        assert (row.state, row.answer, row.revision, row.total_cents) == ("made", "proposed", 1, 100_000)
        assert (row.made_by, address) == (member_id, f"/proposals/{row.id}")
        (event,) = await events(catalog_database, MADE)
        assert event["data"] | {"at": None} == {
            "version": 1,
            "proposal_id": str(row.id),
            "answer_id": str(row.answer_id),
            "need_id": need.rsplit("/", 1)[-1],
            "organisation_id": str((await ids_of(buyer, catalog_app))[1]),
            "title": "80 repas par mois pour nos comités",
            "supplier_id": str(organisation_id),
            "supplier_name": "Traiteur solidaire",
            "revision": 1,
            "total_cents": 100_000,
            "valid_until": row.valid_until.isoformat(),
            "at": None,
        }
        assert await events(catalog_database, "catalog.answer.given.v1") == []
        for reader in (buyer, supplier):
            page = await shown(reader, address)
            assert "1 000,00 €" in page
            assert "Zénobie" in page
            assert "gratuit" in page

    async def test_prices_are_signed(self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated) -> None:
        address = await made(supplier, need, price_euros=["-2,55", "100", ""])
        (row,) = await stored(catalog_database)
        assert row.total_cents == -80 * 255 + 10_000
        assert "reversé : 104,00 €" in await shown(supplier, address)

    async def test_pressed_twice_it_is_made_once(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        for _ in range(2):
            assert (await proposed(supplier, need)).status_code == 303
        assert len(await events(catalog_database, MADE)) == 1

    async def test_who_was_interested_keeps_what_was_written(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        await interested(supplier, need, note="Un mot")
        await made(supplier, need)
        (answer,) = await kept(catalog_database)
        assert (answer.state, answer.version, answer.note) == ("proposed", 2, "Un mot")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"what": ["", "", ""], "quantity": ["2", "", ""]}, "what_1"),
            ({"price_euros": ["", "0", ""]}, "price_euros_1"),
            ({"quantity": ["80", "trop", ""]}, "quantity_2"),
            ({"valid_until": ""}, "valid_until"),
            ({"valid_until": (day_of(now()) - timedelta(days=2)).isoformat()}, "valid_until"),
            ({"ends_on": day_of(now()).isoformat()}, "ends_on"),
            # It would be the soonest of all, by a hundred years.
            ({"starts_on": "", "ends_on": "1926-11-27"}, "ends_on"),
            ({"quantity": ["99999999999", "1", ""], "price_euros": ["10000000", "0", ""]}, "lines"),
            ({"co_contractors": "12345678900011"}, "co_contractors"),
        ],
    )
    async def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated, changes: dict[str, Any], field: str
    ) -> None:
        refused = await proposed(supplier, need, message="Un message gardé", **changes)
        assert refused.status_code == 422
        assert f'href="#{field}"' in refused.text
        assert f'id="{field}"' in refused.text
        assert "Un message gardé" in refused.text
        assert await stored(catalog_database) == await kept(catalog_database) == []

    async def test_another_line_sends_nothing_and_keeps_what_was_typed(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        form = a_proposal(what=["Repas", "Pain", "Café"], quantity=["1", "2", "3"], unit=["u"] * 3, valid_until="")
        page = await post(supplier, f"{need}/proposal", then="line", **form)
        assert page.status_code == 200
        assert 'id="what_5"' in page.text
        assert 'value="Café"' in page.text
        assert await stored(catalog_database) == []


class TestWhoAndWhen:
    async def test_a_tender_is_answered_elsewhere(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        tender = await a_need(buyer, public_tender="on", tender_url="https://marches.exemple.fr/1")
        assert "marché public formel" in said(await proposed(supplier, tender))
        assert await stored(catalog_database) == []

    async def test_ones_own_need_and_another_s_trade_are_not_answered(
        self, buyer: httpx.AsyncClient, need: str, sign_up: SignUp, catalog_database: Isolated
    ) -> None:
        for client in (buyer, await sign_up(roles=["buyer"])):
            assert (await proposed(client, need)).status_code in (403, 422)
        assert await stored(catalog_database) == []

    async def test_the_first_comes_before_the_deadline_and_a_revision_until_the_end(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, sign_up: SignUp,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        await made(supplier, need)
        await pass_its_deadline(catalog_database, need)
        late = await sign_up(roles=["ess"])
        assert (await proposed(late, need)).status_code == 422
        assert (await proposed(supplier, need, seen=1, message="Moins cher")).status_code == 303
        await post(buyer, f"{need}/close", outcome="price")
        assert "Ce besoin est clos" in said(await proposed(supplier, need, seen=2, message="Encore"))
        assert [row.revision for row in await stored(catalog_database)] == [2]


class TestRevising:
    async def test_a_new_revision_takes_its_place_and_the_former_stays_in_the_trail(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        await made(supplier, need, message="Premier message")
        await made(supplier, need, seen=1, price_euros=["11", "0", ""])
        (row,) = await stored(catalog_database)
        assert (row.revision, row.version, row.total_cents) == (2, 2, 88_000)
        assert [each["data"]["revision"] for each in await events(catalog_database, MADE)] == [1, 2]
        (first, _), (second, details) = await audited(catalog_database)
        assert (first, second) == ("proposal.made", "proposal.revised")
        assert details["former"]["total_cents"] == 100_000
        assert details["former"]["lines"][0]["price_cents"] == 1250
        assert "Premier message" not in str(details)

    async def test_what_a_colleague_sent_meanwhile_is_not_written_over_unseen(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        await made(supplier, need)
        await made(supplier, need, seen=1, message="Un")
        for seen in (0, 1):
            assert (await proposed(supplier, need, seen=seen, message="Deux")).status_code == 422
        assert [row.message for row in await stored(catalog_database)] == ["Un"]

    async def test_its_form_holds_what_was_sent(self, supplier: httpx.AsyncClient, need: str) -> None:
        await made(supplier, need, commitments=["packaging"])
        page = await shown(supplier, f"{need}/proposal")
        for words in ('value="Repas végétarien"', 'value="12,50"', 'value="80"', "Révision 1 envoyée"):
            assert words in page, words

    async def test_one_that_has_lapsed_says_so_and_is_renewed(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        address = await made(supplier, need)
        await let_lapse(catalog_database)
        assert "Sa validité est passée" in await shown(supplier, address)
        assert "n'est plus valable" in said(await accepted(buyer, address))
        await made(supplier, need, seen=1)
        assert (await accepted(buyer, address, seen=2)).status_code == 303


class TestTakingBack:
    async def test_what_is_left_is_the_interest(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        address = await made(supplier, need)
        assert (await withdrawn(supplier, need)).headers["location"] == need
        (row,) = await stored(catalog_database)
        assert (row.state, row.answer) == ("withdrawn", "interested")
        assert (await buyer.get(address)).status_code == 404
        assert "Retirée" in await shown(supplier, address)
        assert (await declined(supplier, need, seen=2)).status_code == 303
        assert len(await events(catalog_database, "catalog.proposal.withdrawn.v1")) == 1
        assert (await withdrawn(supplier, need, seen=2)).status_code == 409

    async def test_it_may_be_made_again(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        address = await made(supplier, need)
        await withdrawn(supplier, need)
        assert await made(supplier, need, seen=2) == address
        assert [(row.revision, row.answer) for row in await stored(catalog_database)] == [(2, "proposed")]
        assert (await buyer.get(address)).status_code == 200

    async def test_while_it_stands_the_answer_is_not_changed_without_it(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        await made(supplier, need)
        assert "Retirez-la d'abord" in said(await declined(supplier, need, seen=1))
        assert (await post(supplier, f"{need}/answer/withdraw", _version=1)).status_code == 409
        assert f"{need}/declined" not in await shown(supplier, need)
        assert "Voir notre proposition" in await shown(supplier, need)
        assert [row.answer for row in await stored(catalog_database)] == ["proposed"]

    async def test_what_was_revised_meanwhile_is_not_taken_back_unseen(
        self, supplier: httpx.AsyncClient, need: str
    ) -> None:
        await made(supplier, need)
        await made(supplier, need, seen=1, message="Un")
        assert (await withdrawn(supplier, need, seen=1)).status_code == 412


class TestReading:
    async def test_nobody_else_reads_it(self, supplier: httpx.AsyncClient, need: str, sign_up: SignUp) -> None:
        address = await made(supplier, need)
        other = await sign_up(roles=["ess"])
        for where in (address, f"{need}/proposals", f"/api/v1{address}", f"/api/v1{need}/proposals"):
            assert (await other.get(where)).status_code == 404, where
        assert (await supplier.get(f"{need}/proposals")).status_code == 404
        assert "Aucune proposition" in await shown(other, "/proposals")
        assert "80 repas par mois" in await shown(supplier, "/proposals")

    async def test_a_hidden_author_is_known_once_it_has_chosen(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
    ) -> None:
        """INVARIANT: rule 9: who hides is hidden from who proposed, until they are chosen."""
        hidden = await a_need(buyer, author_hidden="on")
        address = await made(supplier, hidden)
        places = (address, hidden, f"{hidden}/proposal", "/proposals", "/answers", f"/api/v1{address}")
        for where in places:
            assert "Hexaplane" not in await shown(supplier, where), where
        await accepted(buyer, address)
        for where in (address, hidden, "/proposals", "/answers"):
            assert "Hexaplane" in await shown(supplier, where), where

    async def test_in_english(self, supplier: httpx.AsyncClient, need: str) -> None:
        assert "Make a proposal" in await shown(supplier, f"/en{need}/proposal")

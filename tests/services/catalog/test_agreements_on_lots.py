"""An agreement about a part of a lot: its holder writes, its taker signs, and it ends once both said how much left."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.services.catalog.agreeing import both_signed, cancelled, conclude, sign, stored, told
from tests.services.catalog.collecting.conftest import BEGUN, say
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.exchanging import of
from tests.services.catalog.pages import said, shown
from tests.services.catalog.takers import Clock, a_flow, held, lot_of, rows, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_http_contract import signed
from tests.services.catalog.timed import catalog_app, catalog_database, clock, publisher, taker, timed
from tests.support import Isolated

__all__ = ["catalog_app", "catalog_database", "clock", "publisher", "taker", "timed"]

GIFT = {"nature": "gift", "price_side": "free"}
TRANSFER = {"nature": "transfer", "provenance": "Nos bureaux de Blagnac, achetés en 2019.", "price_side": "free"}


async def taken(publisher: httpx.AsyncClient, taker: httpx.AsyncClient, quantity: str = "6", **flow: object) -> str:
    """The address of a part of a lot of ten tonnes."""
    lot = await lot_of(publisher, await a_flow(publisher, **flow))
    return await took(taker, str(lot["id"]), quantity)


@pytest.fixture
async def part(publisher: httpx.AsyncClient, taker: httpx.AsyncClient) -> str:
    return await taken(publisher, taker)


def once() -> dict[str, str]:
    return {"idempotency-key": uuid4().hex}


async def agreed(publisher: httpx.AsyncClient, part: str, **changes: Any) -> str:
    answer = await conclude(publisher, part, **{**GIFT, **changes})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def confirm(publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, clock: Clock) -> None:
    clock.now = BEGUN
    for side in (taker, publisher):
        assert (await say(side, part, "6")).status_code == 303


class TestConcluding:
    async def test_its_holder_writes_and_its_taker_signs_what_is_taken(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, catalog_database: Isolated
    ) -> None:
        assert 'value="gift" checked' in await shown(publisher, f"{part}/agreement")
        address = await agreed(publisher, part)
        (row,) = await stored(catalog_database)
        assert (row.proposal_id, row.need_id, f"/takings/{row.taking_id}") == (None, None, part)
        assert row.content["given_by"] == "buyer"
        (line,) = row.content["lines"]
        assert (line["quantity"], line["unit"], line["price_cents"]) == ("6.000", "t", 0)
        (verb, event), = await told(catalog_database)  # fmt: skip
        assert (verb, event["taking_id"], event["need_id"]) == ("concluded", str(row.taking_id), None)
        page = await shown(taker, address)
        for words in ("Convention de don", "Donateur", "À vous : lisez", "À confirmer"):
            assert words in page, words
        assert (await taker.get(f"{part}/agreement")).headers["location"] == address
        assert (await taker.get(f"{address}/paper")).content[:5] == b"%PDF-"
        await both_signed(publisher, taker, address)
        assert "L'accord court" in await shown(taker, address) or "En cours" in await shown(taker, address)

    async def test_it_ends_once_both_said_how_much_left(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, clock: Clock,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        """INVARIANT: nothing is completed of what was not confirmed, and a kilogram counts once, for its taking."""
        address = await agreed(publisher, part)
        await both_signed(publisher, taker, address)
        early = await post(publisher, f"{address}/complete")
        assert (early.status_code, "combien est parti" in said(early)) == (409, True)
        assert "Tout est fait ?" not in await shown(publisher, address)
        await confirm(publisher, taker, part, clock)
        for side in (publisher, taker):
            assert (await post(side, f"{address}/complete")).status_code == 303
        (row,) = await stored(catalog_database)
        assert row.state == "completed"
        found = await rows(
            catalog_database, "SELECT kind, measure, value FROM impact_entries ORDER BY kind DESC, measure"
        )
        assert [(each.kind, float(each.value)) for each in found if each.measure == "mass"] == [("taking", 6000.0)]
        assert [each.measure for each in found if each.kind == "agreement"] == []

    async def test_two_parts_of_one_lot_have_two_papers(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
    ) -> None:
        """Scenario 3: an association that may issue a receipt is given its part, a cooperative is ceded its own."""
        lot = await lot_of(publisher, await a_flow(publisher, receipt_wanted="true"))
        scic = await sign_up(organisation_name="La Fabrique", roles=["ess"])
        parts = [await took(each, str(lot["id"]), quantity) for each, quantity in ((taker, "6"), (scic, "4"))]
        async with catalog_database.sessions.begin() as session:
            may = "UPDATE legal_entities SET may_issue_receipts = (id = (SELECT legal_entity_id FROM organisations"
            await session.execute(text(f"{may} WHERE name = 'Palettes Garonne'))"))
        assert 'value="gift" checked' in await shown(publisher, f"{parts[0]}/agreement")
        assert 'value="transfer" checked' in await shown(publisher, f"{parts[1]}/agreement")
        refused = await conclude(publisher, parts[1], **GIFT)
        assert (refused.status_code, "n'a pas déclaré pouvoir en émettre" in said(refused)) == (422, True)
        await agreed(publisher, parts[0])
        await agreed(publisher, parts[1], **TRANSFER)
        contents = [each.content for each in await stored(catalog_database)]
        papers = [(each["nature"], each["lines"][0]["quantity"]) for each in contents]
        assert papers == [("gift", "6.000"), ("transfer", "4.000")]

    async def test_one_stands_at_a_time_and_pressed_twice_it_is_one(
        self, publisher: httpx.AsyncClient, part: str, catalog_database: Isolated
    ) -> None:
        address = await agreed(publisher, part)
        assert await agreed(publisher, part) == address
        assert (await conclude(publisher, part, **TRANSFER)).status_code == 422
        assert (await cancelled(publisher, address, seen=1)).status_code == 303
        assert await agreed(publisher, part, **TRANSFER) != address
        assert [each.state for each in await stored(catalog_database)] == ["cancelled", "concluded"]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"nature": "partnership", "focus": "csr"}, "nature"),
            ({"nature": "order"}, "nature"),
            ({"nature": "transfer"}, "provenance"),
            ({"price_side": "taker_pays", "price_euros": "20"}, "nature"),
            ({**TRANSFER, "price_side": "holder_pays", "price_euros": "20"}, "given_by"),
            ({**TRANSFER, "price_side": "taker_pays"}, "price_euros"),
            ({"nature": "loan"}, "ends_on"),
            ({"given_by": "supplier"}, "given_by"),
        ],
    )
    async def test_what_does_not_fit_names_its_field_and_keeps_what_was_typed(
        self, publisher: httpx.AsyncClient, part: str, changes: dict[str, str], field: str, catalog_database: Isolated
    ) -> None:
        refused = await conclude(publisher, part, **{**GIFT, "purchase_order": "BC-1", "ends_on": "", **changes})
        assert refused.status_code == 422, refused.text
        assert f'href="#{field}"' in refused.text
        assert 'value="BC-1"' in refused.text
        assert await stored(catalog_database) == []

    async def test_a_price_is_signed_from_its_holders_side(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        """What the flow asks is what its taker pays; an order is what the holder pays to have it taken."""
        asked = await taken(publisher, taker, price_side="taker_pays", price_euros="25")
        form = await shown(publisher, f"{asked}/agreement")
        assert 'value="transfer" checked' in form
        assert 'value="25"' in form
        await agreed(publisher, asked, **{**TRANSFER, "price_side": "taker_pays", "price_euros": "20"})
        unsaid = await taken(publisher, taker, title="Autres palettes", price_side="")
        left_open = await conclude(publisher, unsaid, nature="order", price_side="")
        assert (left_open.status_code, 'href="#price_side"' in left_open.text) == (422, True)
        await agreed(publisher, unsaid, nature="order", price_side="holder_pays", price_euros="30,50")
        totals = [each.content["lines"][0]["price_cents"] for each in await stored(catalog_database)]
        assert totals == [-2000, 3050]


class TestWhoMay:
    async def test_only_its_holder_concludes_and_its_two_sides_read(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, sign_up: SignUp, part: str
    ) -> None:
        stranger = await sign_up(organisation_name="Les Autres", roles=["ess"])
        assert "Le détenteur du lot peut en conclure un" in await shown(taker, f"{part}/agreement")
        assert (await conclude(taker, part, **GIFT)).status_code == 404
        assert (await conclude(stranger, part, **GIFT)).status_code == 404
        address = await agreed(publisher, part)
        for path in (f"{part}/agreement", address, f"{address}/paper"):
            assert (await stranger.get(path)).status_code == 404, path

    async def test_an_option_is_no_agreement_yet(self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient) -> None:
        lot = await lot_of(publisher, await a_flow(publisher))
        option = await held(taker, str(lot["id"]), "5")
        assert "pas sur une option" in await shown(publisher, f"{option}/agreement")
        refused = await conclude(publisher, option, **GIFT)
        assert "n'est qu'une option" in said(refused)

    async def test_what_is_called_off_lets_nobody_sign_and_both_are_to_cancel(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str
    ) -> None:
        address = await agreed(publisher, part)
        assert (await post(taker, f"{part}/cancel", _version=1, reason="other")).status_code == 303
        assert "n'a pas lieu" in said(await sign(publisher, address))
        assert "reste à annuler" in await shown(taker, address)
        for side in (publisher, taker):
            exchange = await shown(side, of(part))
            assert "annulez l'accord" in exchange
            assert f'href="{address}"' in exchange
        assert (await cancelled(taker, address, seen=1)).status_code == 303
        assert "annulez l'accord" not in await shown(taker, of(part))


class TestExchange:
    async def test_the_exchange_tells_of_it_and_asks_for_signatures(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str
    ) -> None:
        address = await agreed(publisher, part)
        exchange = await shown(taker, of(part))
        assert "Accord conclu par Sogalog" in exchange
        assert "Lisez l'accord et signez-le" in exchange
        assert f'href="{address}"' in exchange
        assert f'href="{of(part)}"' in await shown(taker, address)
        await both_signed(publisher, taker, address)
        assert "Venez prendre cette part" in await shown(taker, of(part))


class TestByProgram:
    async def test_a_program_names_one_thing_and_may_say_the_price(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str
    ) -> None:
        taking = part.rsplit("/", 1)[-1]
        holder, other = await signed(publisher), await signed(taker)
        about = {"nature": "transfer", "provenance": TRANSFER["provenance"], "price_cents": -1500}
        for names in ({}, {"taking_id": taking, "proposal_id": taking}):
            refused = await holder.post("/api/v1/agreements", json={**about, **names}, headers=once())
            assert (refused.status_code, "proposal_id" in refused.text) == (422, True), refused.text
        refused = await other.post("/api/v1/agreements", json={**about, "taking_id": taking}, headers=once())
        assert (refused.status_code, "taking_id" in refused.text) == (422, True)
        made = await holder.post("/api/v1/agreements", json={**about, "taking_id": taking}, headers=once())
        assert made.status_code == 201, made.text
        said = made.json()
        assert (said["taking_id"], said["proposal_id"], said["given_by"]) == (taking, None, "buyer")
        assert said["total_cents"] == -9000
        (line,) = (await other.get("/api/v1/agreements")).json()["items"]
        assert (line["taking_id"], line["awaits_you"]) == (taking, True)

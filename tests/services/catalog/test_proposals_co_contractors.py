"""Who is named in a proposal as taking part: they confirm each revision, and read what is theirs to read."""

import httpx
import pytest

from tests.services.catalog.conftest import SIRETS, SignUp
from tests.services.catalog.pages import shown
from tests.services.catalog.proposing import accepted, made, proposed, stored
from tests.services.catalog.suppliers import a_need
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_http_contract import signed
from tests.services.catalog.test_needs import events
from tests.support import Isolated


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

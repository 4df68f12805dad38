"""An exchange between two organisations: its timeline, what comes next, who reads it, and what is written in it."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.exchanges.models import KEPT_DAYS, LONGEST, MOST_AN_HOUR
from services.catalog.exchanges.pruning import prune_messages
from services.catalog.files.store import FolderStore
from shared.clock import now
from tests.services.catalog.agreeing import MILESTONES, both_signed, cancelled, chosen, concluded
from tests.services.catalog.conftest import SIRETS, SignUp
from tests.services.catalog.exchanging import kept, marked_read, of, told, unread, write, wrote
from tests.services.catalog.pages import said, shown
from tests.services.catalog.proposing import accepted, made, rejected, withdrawn
from tests.services.catalog.suppliers import a_need, ids_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated, moved_to

PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


@pytest.fixture
async def proposal(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient) -> str:
    return await made(supplier, await a_need(buyer))


@pytest.fixture
def exchange(proposal: str) -> str:
    return of(proposal)


class TestTimeline:
    async def test_it_joins_words_and_facts_the_newest_first(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, exchange: str
    ) -> None:
        await wrote(buyer, exchange, "Livrez-vous le mardi ?")
        await wrote(supplier, exchange, "Oui, dès huit heures.")
        await accepted(buyer, proposal)
        for reader in (buyer, supplier):
            page = await shown(reader, exchange)
            told_of = (
                "Proposition choisie par Hexaplane Systèmes",
                "Oui, dès huit heures.",
                "Livrez-vous le mardi ?",
                "Proposition faite par Traiteur solidaire",
            )
            places = [page.index(each) for each in told_of]
            assert places == sorted(places)

    async def test_it_says_what_each_has_to_do_until_the_end(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, exchange: str
    ) -> None:
        assert "Choisissez parmi les propositions" in await shown(buyer, exchange)
        assert "Hexaplane Systèmes : choisir parmi les propositions" in await shown(supplier, exchange)
        await accepted(buyer, proposal)
        assert "Concluez l'accord." in await shown(buyer, exchange)
        agreement = await concluded(buyer, proposal, **MILESTONES)
        for reader in (buyer, supplier):
            assert "Lisez l'accord et signez-le." in await shown(reader, exchange)
        await both_signed(buyer, supplier, agreement)
        await post(supplier, f"{agreement}/milestones", number=1, done="true")
        page = await shown(buyer, exchange)
        assert "Étape 1 cochée par Traiteur solidaire" in page
        assert page.count("Accord signé par") == 2
        await post(supplier, f"{agreement}/complete")
        assert "l'autre partie l'a dit" in await shown(buyer, exchange)
        assert "Traiteur solidaire : dire" not in await shown(buyer, exchange)
        await post(buyer, f"{agreement}/complete")
        assert "Rien de plus : c'est terminé." in await shown(buyer, exchange)

    async def test_pages_go_back_in_time_and_no_fact_is_lost_or_twice(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, exchange: str
    ) -> None:
        for number in range(25):
            await wrote(buyer if number % 2 else supplier, exchange, f"Message numéro {number}.")
        first = await shown(buyer, exchange)
        following = first.split('rel="next" href="')[1].split('"')[0]
        second = await shown(buyer, following.removeprefix("/fr"))
        assert "Message numéro 24." in first
        assert "Message numéro 0." in second
        assert (first + second).count("Proposition faite par") == 1
        assert all((first + second).count(f"numéro {number}.") == 1 for number in range(25))

    async def test_its_way_is_on_the_pages_of_what_it_is_about(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, exchange: str
    ) -> None:
        for reader in (buyer, supplier):
            assert exchange in await shown(reader, proposal)
        await accepted(buyer, proposal)
        assert exchange in await shown(supplier, await concluded(buyer, proposal))


class TestWriting:
    async def test_nobody_runs_what_is_written_and_an_address_leads_there(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, exchange: str
    ) -> None:
        await wrote(buyer, exchange, '<script>alert(1)</script> "><img src=x onerror=alert(1)> https://exemple.fr/plan')
        page = (await supplier.get(exchange)).text
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        link = page.split('href="https://exemple.fr/plan"')[1].split(">")[0]
        assert "noopener" in link
        assert "nofollow" in link
        await wrote(buyer, exchange, "javascript:alert(1) data:text/html,x")
        assert 'href="javascript' not in (await supplier.get(exchange)).text

    @pytest.mark.parametrize(("words", "wrong"), [("", "À remplir"), ("a" * (LONGEST + 1), "Trop long")])
    async def test_what_is_refused_says_why_and_keeps_what_was_typed(
        self, buyer: httpx.AsyncClient, exchange: str, words: str, wrong: str, catalog_database: Isolated
    ) -> None:
        for headers in ({}, {"HX-Request": "true"}):
            buyer.headers.update(headers)
            answer = await write(buyer, exchange, words)
            assert answer.status_code == 422
            assert wrong in said(answer)
            assert f"{words}</textarea>" in answer.text
        assert await kept(catalog_database) == []

    async def test_a_file_comes_with_it_and_is_for_the_two_alone(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, sign_up: SignUp, exchange: str
    ) -> None:
        await wrote(buyer, exchange, "Voici le plan.", files=[("plan.pdf", PDF), ("accès.pdf", PDF)])
        page = await shown(supplier, exchange)
        address = page.split(f"{exchange}/files/")[1].split('"')[0]
        for reader in (buyer, supplier):
            answer = await reader.get(f"{exchange}/files/{address}")
            assert (answer.status_code, answer.content) == (200, PDF)
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["x-content-type-options"] == "nosniff"
        other = await sign_up(organisation_name="Autre structure")
        assert (await other.get(f"{exchange}/files/{address}")).status_code == 404

    async def test_a_file_that_is_refused_sends_nothing(
        self, buyer: httpx.AsyncClient, exchange: str, catalog_database: Isolated
    ) -> None:
        for files in ([("page.html", b"<html>")], [(f"{n}.pdf", PDF) for n in range(4)]):
            answer = await write(buyer, exchange, "Voici le plan.", files=files)
            assert answer.status_code == 422
            assert "Voici le plan.</textarea>" in answer.text
        assert await kept(catalog_database) == []
        assert await told(catalog_database) == []

    async def test_sent_twice_it_is_one(
        self, buyer: httpx.AsyncClient, exchange: str, catalog_database: Isolated
    ) -> None:
        once = "0190a000-0000-7000-8000-000000000001"
        for _ in range(2):
            await wrote(buyer, exchange, "Bonjour.", once=once, files=[("plan.pdf", PDF)])
        assert len(await kept(catalog_database)) == len(await told(catalog_database)) == 1
        assert (await shown(buyer, exchange)).count("plan.pdf") == 1

    async def test_nobody_is_buried(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, exchange: str, catalog_database: Isolated
    ) -> None:
        await wrote(buyer, exchange, "Le premier.")
        more = text(
            "INSERT INTO exchange_messages (id, proposal_id, organisation_id, reader_id, version, words, once, at) "
            "SELECT gen_random_uuid(), proposal_id, organisation_id, reader_id, 1, 'x', gen_random_uuid(), at "
            "FROM exchange_messages, generate_series(2, :most)"
        )
        async with catalog_database.sessions.begin() as session:
            await session.execute(more, {"most": MOST_AN_HOUR})
        answer = await write(buyer, exchange, "Un de trop.")
        assert "messages en une heure" in said(answer)
        assert "Un de trop.</textarea>" in answer.text
        await wrote(supplier, exchange, "Moi, je peux.")

    async def test_what_ended_long_ago_is_written_in_no_more(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, exchange: str,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        await rejected(buyer, proposal)
        await wrote(supplier, exchange, "Merci de votre réponse.")
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE proposals SET decided_at = decided_at - interval '31 days'"))
        answer = await write(supplier, exchange, "Encore une chose.")
        assert "terminé depuis plus de 30 jours" in said(answer)
        assert "<textarea" not in await shown(buyer, exchange)

    async def test_what_was_taken_back_is_closed_until_it_is_made_anew(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
    ) -> None:
        need = await a_need(buyer)
        exchange = of(await made(supplier, need))
        await wrote(buyer, exchange, "Bonjour.")
        await withdrawn(supplier, need)
        assert (await buyer.get(exchange)).status_code == 404
        page = await shown(supplier, exchange)
        assert "Proposition retirée par Traiteur solidaire" in page
        assert "<textarea" not in page
        await made(supplier, need, seen=2)
        assert "Bonjour." in await shown(buyer, exchange)


class TestReaders:
    async def test_neither_others_nor_a_co_contractor_read_it(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, sign_up: SignUp, visitor: httpx.AsyncClient
    ) -> None:
        """INVARIANT: an exchange is between two: to everybody else there is none."""
        partner = await sign_up(organisation_name="Cotraitante", roles=["ess"])
        proposal = await made(supplier, await a_need(buyer), co_contractors=SIRETS[2])
        assert (await partner.get(proposal)).status_code == 200
        await wrote(buyer, of(proposal), "Entre nous.")
        for address in (of(proposal), f"/api/v1{of(proposal)}", f"/api/v1{of(proposal)}/messages"):
            assert (await partner.get(address)).status_code == 404
        assert (await write(partner, of(proposal), "Et moi ?")).status_code == 404
        assert of(proposal) not in await shown(partner, proposal)
        assert of(proposal) not in await shown(partner, "/exchanges")
        assert (await visitor.get(of(proposal))).status_code in (303, 401)

    async def test_rows_are_the_two_sides_alone_whatever_a_query_forgets(
        self, buyer: httpx.AsyncClient, sign_up: SignUp, exchange: str, catalog_app: Litestar
    ) -> None:
        """INVARIANT: row-level security shows messages and facts to the two sides, and to nobody beside them."""
        await wrote(buyer, exchange, "Entre nous.")
        other = await sign_up(organisation_name="Autre structure")
        found = []
        for client in (buyer, other):
            _, organisation_id = await ids_of(client, catalog_app)
            async with catalog_app.state.database.sessions.begin() as session:
                await session.execute(text("SELECT set_config('app.org', :id, true)"), {"id": str(organisation_id)})
                facts = text("SELECT count(*) FROM exchange_facts(:id)")
                found.append(
                    (
                        await session.scalar(text("SELECT count(*) FROM exchange_messages")),
                        await session.scalar(facts, {"id": exchange.rsplit("/", 1)[-1]}),
                    )
                )
        assert found == [(1, 1), (0, 0)]

    async def test_a_hidden_author_stays_hidden_until_it_has_chosen(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        """INVARIANT: rule 9: who hides is hidden from who proposed, in every word of the exchange, until it chose."""
        proposal = await made(supplier, await a_need(buyer, author_hidden="on"))
        exchange = of(proposal)
        _, author_id = await ids_of(buyer, catalog_app)
        for words in ("Bien à vous, hexaplane  systemes", "HEXAPLANE SYSTÈMES"):
            answer = await write(buyer, exchange, words)
            assert answer.status_code == 422
            assert "que ce besoin cache" in said(answer)
        answer = await write(buyer, exchange, "Le plan.", files=[("plan_Hexaplane-Systèmes.pdf", PDF)])
        assert answer.status_code == 422
        await wrote(buyer, exchange, "Livrez-vous le mardi ?", files=[("plan.pdf", PDF)])
        places = (exchange, "/exchanges", f"/api/v1{exchange}", f"/api/v1{exchange}/messages", "/api/v1/exchanges")
        for where in places:
            answer = await supplier.get(where)
            assert answer.status_code == 200
            assert "Hexaplane" not in answer.text, where
            assert str(author_id) not in answer.text, where
        assert "L'auteur du besoin" in await shown(supplier, exchange)
        for event in await told(catalog_database):
            assert "Hexaplane" not in str(event)
            assert str(author_id) not in str(event)
        await accepted(buyer, proposal)
        await wrote(buyer, exchange, "Hexaplane Systèmes vous attend.")
        assert "Échange avec Hexaplane Systèmes" in await shown(supplier, exchange)

    async def test_who_wrote_as_a_person_is_read_by_nobody(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, exchange: str
    ) -> None:
        await wrote(buyer, exchange, "Bonjour.")
        assert "Personne 1" not in (await shown(supplier, exchange)).split("<main")[1]

    async def test_a_viewer_reads_and_does_not_write(
        self, supplier: httpx.AsyncClient, exchange: str, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        member_id, _ = await ids_of(supplier, catalog_app)
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE members SET role = 'viewer' WHERE id = :id"), {"id": member_id})
        page = await shown(supplier, exchange)
        assert "Proposition faite par" in page
        assert "<textarea" not in page
        token = (await shown(supplier, "/account")).partition('name="_csrf" value="')[2].partition('"')[0]
        answer = await supplier.post(f"{exchange}/messages", data={"_csrf": token, "words": "Bonjour."})
        assert answer.status_code == 403


class TestUnread:
    async def test_one_notice_a_burst(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, exchange: str, catalog_database: Isolated
    ) -> None:
        """INVARIANT: `unread` is one for the first message that its reader has not read, and more behind it."""
        for words in ("Un.", "Deux.", "Trois."):
            await wrote(buyer, exchange, words)
        await marked_read(supplier, exchange)
        await wrote(buyer, exchange, "Quatre.")
        await wrote(supplier, exchange, "Cinq.")
        assert [event["unread"] for event in await told(catalog_database)] == [1, 2, 3, 1, 1]
        assert all("words" not in event for event in await told(catalog_database))

    async def test_it_is_marked_until_somebody_of_the_organisation_read_it(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, exchange: str
    ) -> None:
        await wrote(buyer, exchange, "Un.")
        await wrote(buyer, exchange, "Deux.")
        assert "2 messages non lus" in await shown(supplier, "/exchanges")
        assert "2 messages non lus" in await shown(supplier, "/dashboard")
        assert (await supplier.get(f"/api/v1{exchange}")).json()["unread"] == 2
        # Looking changes nothing: the page that is shown says that it was read.
        assert unread(await shown(supplier, exchange)) == 2
        assert 'hx-trigger="load, submit"' in await shown(supplier, exchange)
        await marked_read(supplier, exchange)
        assert unread(await shown(supplier, exchange)) == 0
        assert f'action="{exchange}/read"' not in await shown(supplier, exchange)
        assert "non lu" not in await shown(supplier, "/exchanges")
        assert "non lu" not in await shown(buyer, "/exchanges")

    async def test_those_that_wait_come_first(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, exchange: str
    ) -> None:
        waiting = (await shown(buyer, "/exchanges")).split('id="waiting"')[1].split('id="all"')[0]
        assert exchange in waiting
        assert 'id="waiting"' not in await shown(supplier, "/exchanges")
        await wrote(buyer, exchange, "Bonjour.")
        assert 'id="waiting"' in await shown(supplier, "/exchanges")
        assert exchange not in await shown(buyer, "/exchanges?about=flows")
        assert exchange in await shown(buyer, "/exchanges?about=needs")


class TestPruning:
    async def _pruned(self, database: Isolated, folder: Path, *, days: int) -> int:
        with moved_to(now() + timedelta(days=days), database):
            return await prune_messages(database, FolderStore(folder))

    async def test_six_months_after_the_end_words_and_files_go(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, exchange: str,
        catalog_database: Isolated, catalog_app: Litestar,
    ) -> None:  # fmt: skip
        """INVARIANT: messages are kept as long as their exchange lasts and for six months more, and no longer."""
        folder = catalog_app.state.settings.files_dir
        await wrote(buyer, exchange, "Voici le plan.", files=[("plan.pdf", PDF)])
        assert await self._pruned(catalog_database, folder, days=5000) == 0
        await rejected(buyer, proposal)
        assert await self._pruned(catalog_database, folder, days=KEPT_DAYS - 1) == 0
        assert len(list(folder.glob("??/*"))) == 1
        assert await self._pruned(catalog_database, folder, days=KEPT_DAYS + 1) == 1
        assert await kept(catalog_database) == []
        assert list(folder.glob("??/*")) == []
        assert "Voici le plan." not in await shown(supplier, exchange)

    async def test_an_agreement_that_stands_keeps_them(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, tmp_path: Path
    ) -> None:
        proposal = await chosen(buyer, supplier)
        await wrote(buyer, of(proposal), "Bonjour.")
        assert await self._pruned(catalog_database, tmp_path, days=5000) == 0
        agreement = await concluded(buyer, proposal)
        assert await self._pruned(catalog_database, tmp_path, days=5000) == 0
        await cancelled(buyer, agreement, seen=1)
        assert await self._pruned(catalog_database, tmp_path, days=KEPT_DAYS + 1) == 1

    async def test_a_person_takes_what_they_wrote_along(self, buyer: httpx.AsyncClient, exchange: str) -> None:
        await wrote(buyer, exchange, "Ce que j'ai écrit.")
        (membership,) = (await buyer.get("/account/data/export")).json()["memberships"]
        assert [each["words"] for each in membership["messages"]] == ["Ce que j'ai écrit."]

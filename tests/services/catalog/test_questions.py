"""Public questions: who may ask, about what and when, and what is told of it."""

import asyncio

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.questions.models import MOST_WAITING
from shared.clock import day_of, now
from tests.services.catalog.asking import WORDS, ask, asked, audited, kept_questions, reads, reply, told
from tests.services.catalog.conftest import SignUp, csrf_of, send_sign_up
from tests.services.catalog.pages import said, shown
from tests.services.catalog.suppliers import a_need, ids_of, pass_its_deadline
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_flows import post_flow
from tests.support import Isolated, client_for


class TestAsking:
    async def test_it_is_told_to_the_author_without_who_asks(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_app: Litestar,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        question = await asked(supplier, need)
        (row,) = await kept_questions(catalog_database)
        member_id, organisation_id = await ids_of(supplier, catalog_app)
        assert (row.state, row.version, row.words) == ("asked", 1, WORDS)
        assert (row.organisation_id, row.asked_by) == (organisation_id, member_id)
        ((verb, data),) = await told(catalog_database)
        assert (verb, data | {"at": None}) == (
            "asked",
            {
                "version": 1,
                "question_id": question.rsplit("/", 1)[-1],
                "organisation_id": str((await ids_of(buyer, catalog_app))[1]),
                "about_kind": "need",
                "about_id": need.rsplit("/", 1)[-1],
                "title": "80 repas par mois pour nos comités",
                "deadline_on": data["deadline_on"],
                "at": None,
            },
        )
        assert await audited(catalog_database) == ["question.asked"]

    async def test_before_the_answer_who_asked_and_who_is_asked_read_it_and_others_that_one_waits(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient,
        visitor: httpx.AsyncClient, need: str,
    ) -> None:  # fmt: skip
        question = await asked(supplier, need)
        for reader, sees in ((buyer, True), (supplier, True), (other, False), (visitor, False)):
            assert await reads(reader, need, WORDS) == [sees]
            assert (await reader.get(question)).status_code == (200 if sees else 404)
        for reader in (other, visitor):
            assert await reads(reader, need, "1 question attend sa réponse") == [True]
        # Whoever asks too counts the others beside their own.
        await asked(other, need)
        for reader in (supplier, other):
            assert await reads(reader, need, "1 autre question attend sa réponse") == [True]

    async def test_the_same_again_is_the_same_question(
        self, supplier: httpx.AsyncClient, buyer: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        first = await asked(supplier, need)
        assert await asked(supplier, need, f"  {WORDS.upper()} ") == first
        await reply(buyer, first)
        again = await ask(supplier, need)
        assert again.headers["location"] == f"{need}/questions#question-{first.rsplit('/', 1)[-1]}"
        assert "a déjà posé cette question" in said(await supplier.get(again.headers["location"]))
        assert len(await kept_questions(catalog_database)) == 1
        assert [verb for verb, _ in await told(catalog_database)] == ["asked", "answered"]

    async def test_what_a_competitor_asks_too_is_another_question(
        self, supplier: httpx.AsyncClient, other: httpx.AsyncClient, need: str
    ) -> None:
        """INVARIANT: nobody learns by asking the same that somebody asked it."""
        assert await asked(supplier, need) != await asked(other, need)

    async def test_only_so_many_wait_at_once(
        self, supplier: httpx.AsyncClient, buyer: httpx.AsyncClient, other: httpx.AsyncClient, need: str
    ) -> None:
        first, *_ = [await asked(supplier, need, f"Question {number} ?") for number in range(MOST_WAITING)]
        refused = await ask(supplier, need, "Encore une ?")
        assert refused.status_code == 422
        assert "attendent déjà leur réponse" in said(refused)
        assert "Encore une ?" in said(refused)
        assert await reads(supplier, need, "Poser une question") == [False]
        await asked(other, need)
        await reply(buyer, first)
        await asked(supplier, need, "Encore une ?")

    @pytest.mark.parametrize("words", ["", "   ", "é" * 501])
    async def test_it_is_written_and_short_and_kept_when_it_is_not(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated, words: str
    ) -> None:
        refused = await ask(supplier, need, words)
        assert refused.status_code == 422
        assert 'href="#words"' in refused.text
        assert words.strip() in refused.text
        assert await kept_questions(catalog_database) == []
        assert (await ask(supplier, need, "\r\n".join(["é" * 9] * 50))).status_code == 303

    async def test_its_words_do_not_say_who_asks(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        refused = await ask(supplier, need, "TRAITEUR  SOLIDAIRE peut-il venir à midi ?")
        assert refused.status_code == 422
        assert "contient le nom de votre structure" in said(refused)
        assert await kept_questions(catalog_database) == []
        assert (await ask(supplier, need, "Un traiteur solidairement engagé convient-il ?")).status_code == 303

    @pytest.mark.parametrize("words", ["Demandez hexaplane systemes.", "Le Groupe Méridien paie."])
    async def test_the_answer_does_not_say_who_hides_without_accents_nor_by_the_name_of_the_entity(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, words: str
    ) -> None:
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE legal_entities SET name = 'Groupe Méridien'"))
        question = await asked(supplier, await a_need(buyer, author_hidden="on"))
        refused = await reply(buyer, question, words)
        assert (refused.status_code, 'href="#reply"' in refused.text) == (422, True)

    async def test_a_get_changes_nothing(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        for address in (need, f"{need}/questions", "/questions", "/questions?show=asked"):
            assert (await supplier.get(address)).status_code == 200
        assert await kept_questions(catalog_database) == []


async def test_pressed_by_many_at_once_it_is_asked_once_and_never_too_often(lasting_catalog: Litestar) -> None:
    """INVARIANT: one question an organisation and text, and no more that wait than may, whatever comes at once."""
    async with client_for(lasting_catalog) as buyer, client_for(lasting_catalog) as supplier:
        assert (await send_sign_up(buyer, 1)).status_code == 303
        assert (await send_sign_up(supplier, 2, roles=["ess"])).status_code == 303
        need, token = await a_need(buyer), await csrf_of(supplier, "/needs/new")
        words = [f"Question {number} ?" for number in range(MOST_WAITING + 1)] * 3
        answers = await asyncio.gather(
            *(supplier.post(f"{need}/questions", data={"_csrf": token, "words": each}) for each in words)
        )
    assert sorted(each.status_code for each in answers) == [303] * 9 + [422] * 3
    async with lasting_catalog.state.work.sessions() as session:
        told = text("SELECT count(*) FROM outbox WHERE type = 'catalog.question.asked.v1'")
        kept = text("SELECT count(*) FROM questions")
        assert (await session.scalar(kept), await session.scalar(told)) == (MOST_WAITING, MOST_WAITING)


class TestWhoMayAsk:
    async def test_a_buyer_may_too(self, sign_up: SignUp, need: str) -> None:
        await asked(await sign_up(roles=["buyer"]), need)

    async def test_nobody_asks_themselves(
        self, buyer: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        assert "celle de votre entité" in said(await ask(buyer, need))
        assert await reads(buyer, need, "Poser une question") == [False]
        assert await kept_questions(catalog_database) == []

    async def test_nor_another_establishment_of_the_same_entity(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        async with catalog_database.sessions.begin() as session:
            one_entity = "UPDATE organisations SET legal_entity_id = (SELECT min(id::text)::uuid FROM legal_entities)"
            await session.execute(text(one_entity))
        assert "celle de votre entité" in said(await ask(supplier, need))
        assert await kept_questions(catalog_database) == []

    async def test_a_viewer_does_not(
        self, supplier: httpx.AsyncClient, need: str, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        member_id, _ = await ids_of(supplier, catalog_app)
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE members SET role = 'viewer' WHERE id = :id"), {"id": member_id})
        token = (await shown(supplier, "/account")).partition('name="_csrf" value="')[2].partition('"')[0]
        refused = await supplier.post(f"{need}/questions", data={"_csrf": token, "words": WORDS})
        assert refused.status_code == 403
        assert await reads(supplier, need, "Poser une question") == [False]

    async def test_nobody_signed_in_is_told_how(self, visitor: httpx.AsyncClient, need: str) -> None:
        assert await reads(visitor, need, f"/sign-in?next={need}/questions") == [True]

    async def test_a_suspended_organisation_does_not(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE organisations SET state = 'suspended' WHERE name LIKE 'Traiteur%'"))
        assert "est suspendue" in said(await ask(supplier, need))

    async def test_where_letters_leave_an_address_is_confirmed_first(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        catalog_database.both.pages.surround(confirmation_required=True)
        assert "puis posez votre question" in said(await ask(supplier, need))

    async def test_a_public_tender_is_asked_about_elsewhere(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
    ) -> None:
        tender = await a_need(buyer, public_tender="on", tender_url="https://marches.exemple.fr/1")
        assert await reads(supplier, tender, "Poser une question", "les questions se posent sur le profil") == [
            False,
            True,
        ]
        assert "se posent sur le profil de l'acheteur" in said(await ask(supplier, tender))


class TestWhen:
    @pytest.mark.parametrize("end", ["withdraw", "close"])
    async def test_what_has_ended_takes_no_question_and_no_answer(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, end: str
    ) -> None:
        question = await asked(supplier, need)
        assert (await post(buyer, f"{need}/{end}", outcome="price")).status_code == 303
        assert "ne prend plus de question" in said(await ask(supplier, need, "Une autre ?"))
        assert "on ne répond plus" in said(await reply(buyer, question))
        assert await reads(supplier, need, "Sans réponse") == [True]
        assert "Aucune question n'attend" in await shown(buyer, "/questions")

    async def test_after_its_deadline_nothing_is_asked_and_what_waits_may_be_answered(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        question = await asked(supplier, need)
        await pass_its_deadline(catalog_database, need)
        assert (await ask(supplier, need, "Une autre ?")).status_code == 422
        assert (await reply(buyer, question)).status_code == 303

    async def test_on_the_day_of_its_deadline_it_is_still_asked(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
    ) -> None:
        await asked(supplier, await a_need(buyer, deadline_on=day_of(now()).isoformat()))

    async def test_a_draft_is_nobodys_to_ask_about(self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient) -> None:
        draft = await a_need(buyer, then="draft")
        assert (await ask(supplier, draft)).status_code == 404
        assert (await supplier.get(f"{draft}/questions")).status_code == 404

    async def test_a_flow_is_asked_about_while_it_is_open(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        flow = (await post_flow(buyer)).headers["location"]
        question = await asked(supplier, flow)
        await post(buyer, f"{flow}/pause")
        assert "est en pause" in said(await ask(supplier, flow, "Une autre ?"))
        assert (await reply(buyer, question)).headers["location"].startswith(f"{flow}/questions#question-")
        assert await reads(supplier, flow) == [True, True]
        assert [(verb, data["about_kind"]) for verb, data in await told(catalog_database)] == [
            ("asked", "flow"),
            ("answered", "flow"),
        ]

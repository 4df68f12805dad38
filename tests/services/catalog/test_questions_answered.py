"""Public questions: who answers, corrects, hides and takes back, and that nobody reads who asks or who hides."""

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from tests.services.catalog.asking import (
    REPLY,
    WORDS,
    asked,
    audited,
    hide,
    kept_questions,
    reads,
    reply,
    told,
    withdraw,
)
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.pages import said, shown
from tests.services.catalog.suppliers import a_need, declined, ids_of, interested
from tests.support import Isolated, client_for


class TestAnswering:
    async def test_an_answer_is_public_with_its_question_and_not_with_who_asked(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient,
        visitor: httpx.AsyncClient, need: str, catalog_app: Litestar, catalog_database: Isolated,
    ) -> None:  # fmt: skip
        question = await asked(supplier, need)
        answer = await reply(buyer, question)
        assert answer.headers["location"] == f"{need}/questions#question-{question.rsplit('/', 1)[-1]}"
        for reader in (buyer, supplier, other, visitor):
            assert await reads(reader, need, WORDS, REPLY, "Hexaplane", "attend sa réponse") == [
                True,
                True,
                True,
                False,
            ]
        for reader in (buyer, other, visitor):
            for address in (f"{need}/questions", question, f"/api/v1{need}/questions", f"/api/v1{question}"):
                page = await shown(reader, address)
                assert "Traiteur solidaire" not in page, address
                assert str((await ids_of(supplier, catalog_app))[1]) not in page, address
        (_, (verb, data)) = await told(catalog_database)
        assert (verb, data["organisation_id"]) == ("answered", str((await ids_of(supplier, catalog_app))[1]))
        assert await audited(catalog_database) == ["question.asked", "question.answered"]

    async def test_who_is_interested_hears_of_it_and_who_asked_does_once(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient, sign_up: SignUp,
        need: str, catalog_app: Litestar, catalog_database: Isolated,
    ) -> None:  # fmt: skip
        third = await sign_up(roles=["ess"])
        await interested(supplier, need)
        await interested(other, need)
        await declined(third, need)
        await reply(buyer, await asked(supplier, need))
        (_, (_, data)) = await told(catalog_database)
        assert data["interested"] == [str((await ids_of(other, catalog_app))[1])]

    async def test_it_is_corrected_for_all_to_see(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, visitor: httpx.AsyncClient, need: str,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        question = await asked(supplier, need)
        await reply(buyer, question)
        assert (await reply(buyer, question, "Non, plus de four.", seen=2)).status_code == 303
        assert await reads(visitor, need, "Non, plus de four.", REPLY, "réponse corrigée") == [True, False, True]
        (row,) = await kept_questions(catalog_database)
        assert (row.state, row.version) == ("answered", 3)
        assert row.changed_at is not None
        assert [data.get("corrected") for _, data in await told(catalog_database)] == [None, False, True]
        assert await audited(catalog_database) == ["question.asked", "question.answered", "question.corrected"]

    async def test_pressed_twice_it_is_answered_once(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        question = await asked(supplier, need)
        for _ in range(2):
            assert (await reply(buyer, question)).status_code == 303
        assert [verb for verb, _ in await told(catalog_database)] == ["asked", "answered"]

    async def test_what_a_colleague_answered_meanwhile_is_not_written_over_unseen(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str
    ) -> None:
        question = await asked(supplier, need)
        await reply(buyer, question)
        stale = await reply(buyer, question, "Autre chose")
        assert stale.status_code == 422
        # What was typed is kept, and sent again from this page it counts.
        assert "Autre chose" in stale.text
        assert 'name="_version" value="2"' in stale.text
        assert await reads(supplier, need) == [True, True]

    @pytest.mark.parametrize("words", ["", "é" * 1001])
    async def test_it_is_written_and_not_endless(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, words: str
    ) -> None:
        refused = await reply(buyer, await asked(supplier, need), words)
        assert refused.status_code == 422
        assert 'href="#reply"' in refused.text

    async def test_nobody_else_answers_hides_or_takes_back(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient, need: str,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        waiting, public = await asked(supplier, need), await asked(supplier, need, "Et le samedi ?")
        await reply(buyer, public)
        for question in (waiting, public):
            for stranger in (supplier, other):
                assert (await reply(stranger, question, seen=2)).status_code == 404
                assert (await hide(stranger, question, seen=2)).status_code == 404
            for stranger in (buyer, other):
                assert (await withdraw(stranger, question, seen=2)).status_code == 404
        assert [row.state for row in await kept_questions(catalog_database)] == ["asked", "answered"]


class TestHiddenAuthor:
    """Domain rule 9: what a need hides, its questions hide."""

    async def test_an_answer_does_not_say_whose_it_is(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient,
        visitor: httpx.AsyncClient, catalog_app: Litestar, catalog_database: Isolated,
    ) -> None:  # fmt: skip
        hidden = await a_need(buyer, author_hidden="on")
        question = await asked(supplier, hidden)
        await reply(buyer, question)
        author_id = str((await ids_of(buyer, catalog_app))[1])
        places = (
            f"{hidden}/questions",
            question,
            f"/api/v1{hidden}/questions",
            f"/api/v1{question}",
            "/questions?show=asked",
        )
        for reader in (supplier, other, visitor):
            for address in places:
                page = await shown(reader, address)
                assert "Hexaplane" not in page, address
                assert author_id not in page, address
            assert await reads(reader, hidden, "L'auteur du besoin", REPLY) == [True, True]
        # Nor does what the others are told.
        ((_, to_author), (_, to_asker)) = await told(catalog_database)
        assert author_id in str(to_author)
        assert author_id not in str(to_asker)
        assert "Hexaplane" not in str([to_author, to_asker])

    async def test_its_words_may_not_say_it_either(self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient) -> None:
        hidden, shows = await a_need(buyer, author_hidden="on"), await a_need(buyer)
        words = "Chez Hexaplane Systèmes, au deuxième étage."
        refused = await reply(buyer, await asked(supplier, hidden), words)
        assert refused.status_code == 422
        assert "que ce besoin cache" in said(refused)
        assert words in said(refused)
        assert (await reply(buyer, await asked(supplier, shows), words)).status_code == 303


class TestEnding:
    async def test_what_is_hidden_is_read_by_both_sides_alone(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient,
        visitor: httpx.AsyncClient, need: str, catalog_app: Litestar, catalog_database: Isolated,
    ) -> None:  # fmt: skip
        question = await asked(supplier, need)
        await reply(buyer, question)
        refused = await hide(buyer, question, seen=2, reason="")
        assert refused.status_code == 422
        assert 'href="#reason"' in refused.text
        assert (await hide(buyer, question, seen=2)).status_code == 303
        for reader, sees in ((buyer, True), (supplier, True), (other, False), (visitor, False)):
            assert await reads(reader, need) == [sees, sees]
        assert await reads(supplier, need, "elle est injurieuse") == [True]
        *_, (verb, data) = await told(catalog_database)
        asker = str((await ids_of(supplier, catalog_app))[1])
        assert (verb, data["reason"], data["organisation_id"]) == ("hidden", "abusive", asker)
        async with catalog_database.sessions() as session:
            line = "SELECT details ->> 'reason' FROM audit WHERE action = 'question.hidden'"
            assert await session.scalar(text(line)) == "abusive"

    async def test_what_was_hidden_is_not_answered_or_asked_again(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        question = await asked(supplier, need)
        await hide(buyer, question, reason="names_someone")
        for end in (await reply(buyer, question, seen=2), await hide(buyer, question, seen=2)):
            assert "retirée ou masquée" in said(end)
        assert await asked(supplier, need) == question
        assert [row.state for row in await kept_questions(catalog_database)] == ["hidden"]

    async def test_it_is_taken_back_with_its_words_until_it_is_answered(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient, need: str,
        catalog_database: Isolated, catalog_app: Litestar,
    ) -> None:  # fmt: skip
        first = await asked(supplier, need)
        assert (await withdraw(supplier, first, seen=9)).status_code == 412
        assert (await withdraw(supplier, first)).headers["location"] == f"{need}/questions"
        assert (await withdraw(supplier, first, seen=2)).status_code == 409
        # Who was told of it reads what became of it, and who asked; to others it never was.
        for one in (buyer, supplier):
            gone = await one.get(first)
            assert (gone.status_code, "l'a retirée" in said(gone), WORDS in said(gone)) == (410, True, False)
        assert (await other.get(first)).status_code == 404
        async with client_for(catalog_app) as visitor:
            assert (await visitor.get(first)).status_code == 404
        assert await reads(buyer, need, WORDS) == [False]
        second = await asked(supplier, need)
        assert second != first
        await reply(buyer, second)
        refused = await withdraw(supplier, second, seen=2)
        assert refused.status_code == 409
        assert "restent publiques" in said(refused)
        assert [(row.state, row.words) for row in await kept_questions(catalog_database)] == [
            ("withdrawn", ""),
            ("answered", WORDS),
        ]
        assert [verb for verb, _ in await told(catalog_database)] == ["asked", "withdrawn", "asked", "answered"]

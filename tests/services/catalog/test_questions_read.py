"""Public questions in lists: what waits over all postings, what one asked, page by page."""

import httpx
import pytest

from tests.services.catalog.asking import WORDS, asked, hide, reply
from tests.services.catalog.pages import shown
from tests.services.catalog.test_flows import post_flow


@pytest.fixture
async def flow(buyer: httpx.AsyncClient) -> str:
    return str((await post_flow(buyer)).headers["location"])


class TestLists:
    async def test_an_author_finds_what_waits_over_all_that_it_published(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, flow: str
    ) -> None:
        assert "Aucune question n'attend" in await shown(buyer, "/questions")
        assert "À faire" not in await shown(buyer, "/dashboard")
        one, other = await asked(supplier, need), await asked(supplier, flow, "Y a-t-il un quai ?")
        page = await shown(buyer, "/questions")
        for words in (WORDS, "Y a-t-il un quai ?", "80 repas par mois", "Palettes bois", f'href="{one}"'):
            assert words in page, words
        assert "2 questions attendent votre réponse" in await shown(buyer, "/dashboard")
        await reply(buyer, one)
        await hide(buyer, other)
        assert "Aucune question n'attend" in await shown(buyer, "/questions")

    async def test_who_asked_finds_it_again(
        self, supplier: httpx.AsyncClient, other: httpx.AsyncClient, need: str
    ) -> None:
        await asked(supplier, need)
        assert WORDS in await shown(supplier, "/questions?show=asked")
        assert "Vous n'avez posé aucune question" in await shown(other, "/questions?show=asked")

    async def test_a_page_knows_whether_there_is_another(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("services.catalog.questions.pages.PAGE", 2)
        lists = ((supplier, f"{need}/questions"), (supplier, "/questions?show=asked"), (buyer, "/questions"))
        for number in range(2):
            await asked(supplier, need, f"Question {number} ?")
        for reader, address in lists:
            assert "before=" not in await shown(reader, address), address
        await asked(supplier, need, "Question 2 ?")
        for reader, address in lists:
            following = (await shown(reader, address)).partition("before=")[2][:36]
            joined = "&" if "?" in address else "?"
            second = await shown(reader, f"{address}{joined}before={following}")
            assert "Question 0 ?" in second, address
            assert "Question 1 ?" not in second, address

    async def test_in_english(self, supplier: httpx.AsyncClient, buyer: httpx.AsyncClient, need: str) -> None:
        question = await asked(supplier, need)
        assert "Awaits its answer" in await shown(supplier, f"/en{need}/questions")
        assert "Publish the answer" in await shown(buyer, f"/en{question}")

    async def test_the_page_of_a_need_and_of_a_flow_load_them_and_link_to_them(
        self, supplier: httpx.AsyncClient, need: str, flow: str
    ) -> None:
        for posting in (need, flow):
            page = await shown(supplier, posting)
            assert f'hx-get="{posting}/questions"' in page
            assert f'href="{posting}/questions"' in page
            part = await supplier.get(f"{posting}/questions", headers={"hx-request": "true"})
            assert "<html" not in part.text
            assert 'id="questions"' in part.text

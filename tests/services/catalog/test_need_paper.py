"""A need on paper: what its page says, to whom its page says it, and nothing that a visitor may not read."""

from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from tests.services.catalog.conftest import SignUp
from tests.services.catalog.test_needs import post_need


def read(answer: httpx.Response) -> PdfReader:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    return PdfReader(BytesIO(answer.content))


def words(paper: PdfReader) -> str:
    text = " ".join(each.extract_text() for each in paper.pages)
    return " ".join(text.replace("’", "'").split())


async def test_it_says_what_the_page_says_with_dates_that_stay_true(sign_up: SignUp) -> None:
    buyer = await sign_up(organisation_name="Hexaplane Systèmes")
    address = (await post_need(buyer, starts_on="2030-01-07", ends_on="2030-06-28")).headers["location"]
    assert f"{address}/paper" in (await buyer.get(address)).text
    paper = read(await buyer.get(f"{address}/paper"))
    told = words(paper)
    for each in (
        "80 repas par mois pour nos comités",
        "Hexaplane Systèmes",
        "du 7 janvier 2030 au 28 juin 2030",
        "Plateaux-repas livrés à Montaudran.",
        f"{address}",
        "Page 1 sur 1",
    ):
        assert each in told, each
    english = words(read(await buyer.get(f"/en{address}/paper")))
    assert "from 7 January 2030 to 28 June 2030" in english
    assert f"/en{address}" in english


async def test_it_can_be_read_aloud(sign_up: SignUp) -> None:
    """Tagged, in a language, with a title: what PDF/UA-1 asks for, and the file says that it holds to it."""
    buyer = await sign_up()
    address = (await post_need(buyer)).headers["location"]
    answer = await buyer.get(f"{address}/paper")
    paper = read(answer)
    root: Any = paper.root_object
    assert root["/Lang"] == "fr"
    assert root["/MarkInfo"].get_object() == {"/Marked": True, "/Suspects": False}
    assert root["/StructTreeRoot"]
    assert paper.metadata is not None
    assert paper.metadata.title == "80\u00a0repas par mois pour nos comités"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in answer.content


async def test_nothing_typed_is_read_as_markup(sign_up: SignUp) -> None:
    buyer = await sign_up()
    typed = '#read("/etc/passwd") #panic() *gras* $x$ @nulle <part> \\ [x] // /*'
    address = (await post_need(buyer, title=typed, description=typed)).headers["location"]
    told = words(read(await buyer.get(f"{address}/paper")))
    assert told.count(" ".join(typed.split())) == 2


@pytest.mark.parametrize("typed", ["Fête 🙂 du réemploi", "木材回收", "Un\u200bmot \u202e caché"])
async def test_what_no_typeface_draws_spoils_no_paper(sign_up: SignUp, typed: str) -> None:
    buyer = await sign_up()
    address = (await post_need(buyer, title=typed)).headers["location"]
    paper = read(await buyer.get(f"{address}/paper"))
    assert "Plateaux-repas livrés à Montaudran." in words(paper)
    assert paper.root_object["/StructTreeRoot"]


async def test_a_draft_and_a_hidden_name_stay_their_author_s(sign_up: SignUp) -> None:
    buyer, stranger = await sign_up(organisation_name="Discrète SA"), await sign_up()
    draft = (await post_need(buyer, then="draft")).headers["location"]
    assert (await stranger.get(f"{draft}/paper")).status_code == 404
    hidden = (await post_need(buyer, author_hidden="on")).headers["location"]
    assert "Discrète SA" in words(read(await buyer.get(f"{hidden}/paper")))
    told = words(read(await stranger.get(f"{hidden}/paper")))
    assert "Structure dont le nom est caché" in told
    assert "Discrète" not in told

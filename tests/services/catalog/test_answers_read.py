"""Reading answers: what an author received and a supplier gave, page by page, and nobody else's."""

import httpx
import pytest

from tests.services.catalog.conftest import SignUp
from tests.services.catalog.pages import shown
from tests.services.catalog.suppliers import a_need, declined, interested


async def test_the_author_reads_who_said_what_and_nobody_else_does(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, sign_up: SignUp
) -> None:
    assert "Aucune réponse" in await shown(buyer, f"{need}/answers")
    assert "Personne n'a encore répondu" in await shown(buyer, need)
    other = await sign_up(organisation_name="Cuisine de quartier", roles=["ess"])
    await interested(supplier, need)
    await declined(other, need, reason="too_far")
    page = await shown(buyer, f"{need}/answers")
    for words in ("Traiteur solidaire", "Cuisine de quartier", "C'est trop loin", "Inscrite"):
        assert words in page, words
    assert page.index("Traiteur solidaire") < page.index("Cuisine de quartier")
    summary = await shown(buyer, need)
    assert "1 structure intéressée" in summary
    assert f'href="{need}/answers"' in summary
    for stranger in (supplier, other):
        assert (await stranger.get(f"{need}/answers")).status_code == 404
        assert "structure intéressée" not in await shown(stranger, need)


async def test_a_supplier_finds_its_answers_again(supplier: httpx.AsyncClient, need: str, sign_up: SignUp) -> None:
    assert "Aucune réponse" in await shown(supplier, "/answers")
    await interested(supplier, need)
    page = await shown(supplier, "/answers")
    assert "80 repas par mois" in page
    assert "Hexaplane" in page
    assert "Intéressés" in await shown(supplier, need)
    assert "80 repas" not in await shown(await sign_up(roles=["ess"]), "/answers")


async def test_a_hidden_author_stays_hidden_in_ones_answers(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
) -> None:
    hidden = await a_need(buyer, author_hidden="on")
    await interested(supplier, hidden)
    for address in ("/answers", hidden, f"{hidden}/answer"):
        assert "Hexaplane" not in await shown(supplier, address), address


async def test_in_english(supplier: httpx.AsyncClient, need: str) -> None:
    assert "We are interested" in await shown(supplier, f"/en{need}")
    await declined(supplier, need)
    assert "It is too far away" in await shown(supplier, "/en/answers")


async def test_a_page_knows_whether_there_is_another(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, sign_up: SignUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """With as many answers as one page holds there is no second, empty one; a live page stays where it is."""
    monkeypatch.setattr("services.catalog.answers.pages.PAGE", 2)
    more = [await a_need(buyer) for _ in range(2)]
    other, third = [await sign_up(roles=["ess"]) for _ in range(2)]
    for answered in (need, more[0]):
        await interested(supplier, answered)
    await interested(other, need)
    for reader, address in ((supplier, "/answers"), (buyer, f"{need}/answers")):
        assert "before=" not in await shown(reader, address), address
    await interested(supplier, more[1])
    await interested(third, need)
    for reader, address in ((supplier, "/answers"), (buyer, f"{need}/answers")):
        following = (await shown(reader, address)).partition("before=")[2][:36]
        second = await shown(reader, f"{address}?before={following}")
        assert "Aucune réponse" not in second, address
    assert f'hx-get="{need}/answers?before={following}"' in second


async def test_what_cannot_be_answered_says_so_of_a_tender_too(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
) -> None:
    tender = await a_need(buyer, public_tender="on", tender_url="https://marches.exemple.fr/1")
    assert "marché public formel" in await shown(supplier, f"{tender}/answer")

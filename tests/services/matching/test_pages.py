"""What the author, the supplier, the territory and a stranger see."""

from uuid import uuid4

import pytest

from services.matching.ranking.weights import weights
from shared.events.catalog import NeedPublished, NeedUpdated, OfferPublished
from shared.territory.place import radius_around
from tests.services.matching.scenes import BESSIERES, author, flow, need, offer, supplier
from tests.services.matching.stage import Enter, Stage

FRAGMENT = {"hx-request": "true"}


async def a_scene(stage: Stage) -> tuple[NeedPublished, OfferPublished, OfferPublished]:
    fits = offer()
    short = offer(zones=(radius_around(BESSIERES, 20),), supplier=supplier(place=BESSIERES, name="La Marmite du Girou"))
    asked = need()
    await stage.tell(fits, short, asked)
    return asked, fits, short


async def test_the_author_sees_who_fits_and_why(stage: Stage, enter: Enter) -> None:
    asked, fits, _ = await a_scene(stage)
    await stage.ask()
    buyer = enter(asked.author.organisation_id)
    for headers in ({}, FRAGMENT):
        answer = await buyer.get(f"/matching/needs/{asked.need_id}", headers=headers)
        assert answer.status_code == 200
        assert ("<html" in answer.text) == (not headers)
        assert "1 structure correspond" in answer.text
        assert "Les Palettes du Nord" in answer.text
        assert f'href="/offers/{fits.offer_id}"' in answer.text
        assert "Même catégorie" in answer.text
        assert "dans son rayon de 30" in answer.text
        assert "Sollicitée" in answer.text
        assert "live:demand-matched from:body" in answer.text


async def test_near_misses_are_shown_with_their_measure_and_price(stage: Stage, enter: Enter) -> None:
    asked, _, _ = await a_scene(stage)
    answer = await enter(asked.author.organisation_id).get(f"/matching/needs/{asked.need_id}")
    assert "La Marmite du Girou" in answer.text
    assert "km avant Toulouse" in answer.text
    assert "Zone d’intervention de la structure" in answer.text


async def test_the_bare_prefix_leads_to_what_fits_the_visitor(enter: Enter) -> None:
    for asked, found in (("/matching/", "/matching/for-you"), ("/en/matching/", "/en/matching/for-you")):
        answer = await enter().get(asked)
        assert (answer.status_code, answer.headers["location"]) == (303, found)


async def test_pages_speak_english_too(stage: Stage, enter: Enter) -> None:
    asked, fits, _ = await a_scene(stage)
    answer = await enter(asked.author.organisation_id).get(f"/en/matching/needs/{asked.need_id}")
    assert "1 organisation fits" in answer.text
    assert "inside their 30 km" in answer.text
    mine = await enter(fits.supplier.organisation_id).get("/en/matching/for-you")
    assert "inside your 30 km" in mine.text


async def test_a_stranger_sees_nothing_and_a_coordinator_does(stage: Stage, enter: Enter) -> None:
    asked, fits, _ = await a_scene(stage)
    path = f"/matching/needs/{asked.need_id}"
    for stranger in (enter(uuid4()), enter(fits.supplier.organisation_id)):
        for headers in ({}, FRAGMENT):
            answer = await stranger.get(path, headers=headers)
            assert answer.status_code == 404
            assert "Palettes du Nord" not in answer.text
        assert (await stranger.get(f"/matching/api/v1/needs/{asked.need_id}/matches")).status_code == 404
    territory = enter(uuid4(), roles=frozenset({"territory"}))
    assert (await territory.get(path)).status_code == 200
    assert (await enter().get(path)).status_code == 303


async def test_a_need_not_heard_of_yet_swaps_nothing(enter: Enter) -> None:
    buyer = enter(uuid4())
    assert (await buyer.get(f"/matching/needs/{uuid4()}", headers=FRAGMENT)).status_code == 204
    unknown = uuid4()
    for path in (f"/matching/needs/{unknown}", f"/matching/needs/{unknown}/mine"):
        # Not heard of yet, or never: catalog's page of it knows.
        answer = await buyer.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/needs/{unknown}")


async def test_a_flow_is_not_found_under_needs(stage: Stage, enter: Enter) -> None:
    given = flow()
    await stage.tell(given, offer())
    holder = enter(given.author.organisation_id)
    assert (await holder.get(f"/matching/flows/{given.flow_id}")).status_code == 200
    assert (await holder.get(f"/matching/needs/{given.flow_id}")).headers["location"] == f"/needs/{given.flow_id}"


async def test_a_supplier_sees_what_is_for_it_and_why(stage: Stage, enter: Enter) -> None:
    asked, fits, short = await a_scene(stage)
    mine = enter(fits.supplier.organisation_id)
    for headers in ({}, FRAGMENT):
        answer = await mine.get("/matching/for-you", headers=headers)
        assert "Réparation de palettes en bois" in answer.text
        assert "Nouveau pour vous" in answer.text
        assert f'href="/needs/{asked.need_id}"' in answer.text
        assert "dans votre rayon de 30" in answer.text
    almost = await enter(short.supplier.organisation_id).get("/matching/for-you")
    assert "Presque pour vous" in almost.text
    assert "Votre rayon s’arrête" in almost.text


async def test_what_takes_no_more_answers_is_for_nobody(stage: Stage, enter: Enter) -> None:
    """The last day counts whole; once its author puts it off, it is for them again."""
    fits, short = offer(), offer(zones=(radius_around(BESSIERES, 20),), supplier=supplier(place=BESSIERES))
    asked = need(deadline_on=stage.now.date())
    await stage.tell(fits, short, asked)
    shown = [enter(each.supplier.organisation_id) for each in (fits, short)]

    async def sees() -> list[bool]:
        return [asked.title in (await each.get("/matching/for-you")).text for each in shown]

    assert await sees() == [True, True]
    stage.wait(days=1)
    assert await sees() == [False, False]
    await stage.tell(NeedUpdated(**asked.model_dump() | {"version": 2, "deadline_on": stage.now.date()}))
    assert await sees() == [True, True]


async def test_nothing_for_you_says_what_to_do(stage: Stage, enter: Enter) -> None:
    lone = offer()
    await stage.tell(lone)
    waiting = await enter(lone.supplier.organisation_id).get("/matching/for-you")
    assert "Rien pour vous en ce moment" in waiting.text
    newcomer = await enter(uuid4()).get("/matching/for-you")
    assert 'href="/offers/new"' in newcomer.text


async def test_my_fit_is_told_on_the_page_of_a_need(stage: Stage, enter: Enter) -> None:
    asked, fits, short = await a_scene(stage)
    path = f"/matching/needs/{asked.need_id}/mine"
    assert "dans votre rayon" in (await enter(fits.supplier.organisation_id).get(path, headers=FRAGMENT)).text
    assert "Votre rayon s’arrête" in (await enter(short.supplier.organisation_id).get(path)).text
    assert "/offers/new" in (await enter(uuid4()).get(path)).text


async def test_a_hidden_author_is_named_nowhere(stage: Stage, enter: Enter) -> None:
    fits, asked = offer(), need(author=author(hidden=True))
    await stage.tell(fits, asked)
    mine = enter(fits.supplier.organisation_id)
    for path in (
        "/matching/for-you",
        "/matching/api/v1/for-you",
        "/matching/search?q=palettes",
        "/matching/api/v1/search?q=hexaplane",
        f"/matching/needs/{asked.need_id}/mine",
    ):
        answer = await mine.get(path)
        assert answer.status_code == 200
        assert "Hexaplane" not in answer.text
        assert str(asked.author.organisation_id) not in answer.text
    shown = need()
    await stage.tell(shown)
    assert "Hexaplane" in (await mine.get("/matching/for-you")).text


async def test_the_ranking_is_public_with_its_version(enter: Enter) -> None:
    answer = await enter().get("/matching/ranking")
    assert weights().version in answer.text
    assert "2019/1150" in answer.text
    for points in ("34", "18", "14"):
        assert f">{points}</td>" in answer.text


async def test_search_without_a_whole_answer_shows_some_of_the_words(stage: Stage, enter: Enter) -> None:
    _, fits, _ = await a_scene(stage)
    query = {"q": "muret launaguet palettes"}
    answer = await enter(fits.supplier.organisation_id).get("/matching/search", params=query)
    assert f"/offers/{fits.offer_id}" in answer.text
    assert "Aucun ne contient tous les mots" in answer.text


@pytest.mark.parametrize("query", ["palette", "PALETTES", "palettes Launaguet"])
async def test_search_finds_by_stem_place_and_some_of_the_words(stage: Stage, enter: Enter, query: str) -> None:
    asked, fits, _ = await a_scene(stage)
    answer = await enter(fits.supplier.organisation_id).get("/matching/search", params={"q": query})
    assert f"/offers/{fits.offer_id}" in answer.text
    assert (f"/needs/{asked.need_id}" in answer.text) == ("auna" not in query)


async def test_search_knows_synonyms_and_says_when_nothing_is_found(stage: Stage, enter: Enter) -> None:
    await stage.tell(offer(title="Atelier", categories=("wooden-pallets",)))
    found = (await enter().get("/matching/api/v1/search", params={"q": "palettes"})).json()
    assert [each["asks"] for each in found["found"]] == ["offer"]
    assert found["found"][0]["km"] is None
    asked = need(title="Remise en état de supports", categories=("wooden-pallets",))
    await stage.tell(asked)
    found = (await enter().get("/matching/api/v1/search", params={"q": "palettes"})).json()
    assert str(asked.need_id) in [each["id"] for each in found["found"]]
    empty = await enter().get("/matching/search", params={"q": "hélicoptère"})
    assert "Rien ne correspond à" in empty.text
    assert "hélicoptère" in empty.text
    assert (await enter().get("/matching/search")).status_code == 200


async def test_json_gives_the_same_ranking(stage: Stage, enter: Enter) -> None:
    asked, fits, short = await a_scene(stage)
    told = (await enter(asked.author.organisation_id).get(f"/matching/api/v1/needs/{asked.need_id}/matches")).json()
    assert [match["offer_id"] for match in told["ranking"]["matches"]] == [str(fits.offer_id)]
    assert [miss["offer_id"] for miss in told["ranking"]["near_misses"]] == [str(short.offer_id)]
    assert told["weights"] == weights().version
    mine = (await enter(fits.supplier.organisation_id).get("/matching/api/v1/for-you")).json()
    assert mine["matches"][0]["path"] == f"/needs/{asked.need_id}"


@pytest.mark.parametrize("path", ["/matching/livez", "/matching/readyz"])
async def test_health(enter: Enter, path: str) -> None:
    assert (await enter().get(path)).status_code == 200

"""An organisation stands in a ranking once, by its best offer, however many of its offers fit or almost do."""

from services.matching.matches.reading import Ranking, ranking_of
from services.matching.ranking.reading import demand_of_need
from shared.events.catalog import NeedPublished
from shared.events.matching import DemandMatched, DemandUnmatched
from shared.territory.place import radius_around
from tests.services.matching.scenes import BESSIERES, LAUNAGUET, MURET, need, offer, supplier
from tests.services.matching.stage import Stage

US, OTHERS = supplier(name="Les Palettes du Nord"), supplier(name="La Scierie", place=MURET)
BEST = offer(supplier=US)
WIDER = offer(supplier=US, title="Palettes", zones=(radius_around(LAUNAGUET, 120),))
ELSEWHERE = offer(supplier=US, zones=(radius_around(BESSIERES, 20),))
FARTHER = offer(supplier=US, title="Palettes", zones=(radius_around(BESSIERES, 15),))
OTHER = offer(supplier=OTHERS, title="Palettes", zones=(radius_around(MURET, 60),))


async def page_of(stage: Stage, asked: NeedPublished) -> Ranking:
    async with stage.database.sessions.begin() as session:
        return await ranking_of(session, demand_of_need(asked), language="fr")


async def test_the_ranking_told_has_it_once_whichever_side_came_last(stage: Stage) -> None:
    before, after = need(), need()
    await stage.tell(before, BEST, WIDER, OTHER, after)
    for asked in (before, after):
        told = (await stage.heard(DemandMatched, asked.need_id))[-1]
        assert told.total == 2
        assert [match.organisation_id for match in told.matches] == [US.organisation_id, OTHERS.organisation_id]
        assert [match.rank for match in told.matches] == [1, 2]
        assert told.matches[0].offer_id == BEST.offer_id
    entered = [event.entered for event in await stage.heard(DemandMatched, after.need_id)]
    assert entered == [tuple(sorted((US.organisation_id, OTHERS.organisation_id)))]


async def test_the_page_counts_and_lists_it_once(stage: Stage) -> None:
    asked = need()
    await stage.tell(BEST, WIDER, OTHER, asked)
    page = await page_of(stage, asked)
    assert page.total == 2
    assert [fitting.offer_id for fitting in page.matches] == [BEST.offer_id, OTHER.offer_id]


async def test_it_is_no_near_miss_while_another_offer_of_it_fits(stage: Stage) -> None:
    asked = need()
    await stage.tell(BEST, ELSEWHERE, asked)
    page = await page_of(stage, asked)
    assert (page.total, page.near_misses) == (1, [])


async def test_it_is_one_near_miss_when_two_of_its_offers_almost_fit(stage: Stage) -> None:
    asked = need()
    await stage.tell(ELSEWHERE, FARTHER, asked)
    (told,) = await stage.heard(DemandUnmatched)
    assert [miss.offer_id for miss in told.near_misses] == [ELSEWHERE.offer_id]
    assert len((await page_of(stage, asked)).near_misses) == 1


async def test_it_stays_while_its_other_offer_fits(stage: Stage) -> None:
    asked = need()
    await stage.tell(BEST, WIDER, asked)
    gone = type(BEST)(**{**dict(BEST), "version": 2, "zones": (radius_around(MURET, 1),)})
    await stage.tell(gone)
    last = (await stage.heard(DemandMatched))[-1]
    assert ([match.offer_id for match in last.matches], last.entered, last.left) == ([WIDER.offer_id], (), ())

"""Who comes to Boucle is found by name on the search's page, from the worker's memory, and again once it is mended."""

from services.matching.projections import PROJECTIONS
from shared.questions.search import SearchAsked
from tests.e2e.conftest import Town
from tests.e2e.site import Site
from tests.e2e.test_a_need_travels import sign_up
from tests.e2e.test_rebuild import site

__all__ = ["site"]

DIRECTORY = [each for each in PROJECTIONS if each.purpose == "directory"]
JSON = "/matching/api/v1/search"


async def found(town: Town, words: str) -> list[str]:
    """The pages of what is found."""
    answer = await town.client("matching").get(JSON, params={"q": words})
    assert answer.status_code == 200, answer.text
    return [each["path"] for each in answer.json()["found"]]


async def test_who_signs_up_is_found_and_found_again_once_a_lost_row_is_mended(site: Site) -> None:
    town = site.town
    await sign_up(town, 1, role="ess")
    await town.settle()
    name, organisation = (
        await town.scalar("catalog", "SELECT name FROM organisations ORDER BY created_at DESC LIMIT 1"),
        await town.scalar("catalog", "SELECT id FROM organisations ORDER BY created_at DESC LIMIT 1"),
    )
    assert await found(town, name) == [f"/organisations/{organisation}"]
    counted = town.apps["matching"].state.signals.metrics.registry.get_sample_value
    labels = {"question": SearchAsked.subject, "result": "answered"}
    assert (counted("boucle_question_total", labels), counted("boucle_answer_total", labels)) == (1, 1)
    for projection in DIRECTORY:
        assert not (await site.rebuild(projection)).found, projection.name
    await site.sql("matching", "TRUNCATE organisations")
    assert await found(town, name) == []
    assert len((await site.rebuild(DIRECTORY[0])).found.missing) == 1
    assert await found(town, name) == [f"/organisations/{organisation}"]

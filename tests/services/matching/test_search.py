"""The search as people and programs use it: one box, conditions with counts, three views, files, ways out."""

import asyncio
import csv
import html
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from python_calamine import load_workbook
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.embedded.engines import Engines
from services.matching.search import answering, finding
from services.matching.search.finding import PATIENCE_S
from services.matching.search.memory import memory_at
from shared.database.statement import driver_of
from shared.events.catalog import EntityChanged, OrganisationSuspended
from shared.events.event import Facts
from shared.messaging.answering import Answerer
from shared.messaging.asking import Asker
from shared.messaging.connection import close, connect
from shared.observability.metrics import Metrics
from shared.questions.question import Refusal, Refused
from shared.questions.search import SearchAsked, SearchFound
from tests.services.matching.scenes import (
    BESSIERES,
    FOIX,
    MURET,
    TODAY,
    TOULOUSE,
    author,
    flow,
    need,
    offer,
    organisation,
    supplier,
)
from tests.services.matching.stage import Enter, Stage

SEARCH, JSON, EXPORT = "/matching/search", "/matching/api/v1/search", "/matching/search/export"
LONG_S = 20.0  # where how long the worker takes is not what is asked


async def a_scene(stage: Stage) -> dict[str, Any]:
    """Pallets needed, given, mended and in a name; from Toulouse to Foix."""
    scene = {
        "need": need(deadline_on=TODAY + timedelta(days=5)),
        "later": need(title="Palettes à réparer", place=MURET, deadline_on=TODAY + timedelta(days=60)),
        "flow": flow(place=BESSIERES),
        "offer": offer(),
        "far": offer(supplier=supplier(place=FOIX, name="Les Palettes de Foix", kinds=("scop",))),
        "organisation": organisation(name="Palettes et compagnie", place=TOULOUSE),
    }
    await stage.tell(*scene.values())
    return scene


def text_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text[:300]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))).replace("\u00a0", " ")


def links(answer: httpx.Response) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'href="([^"]+)"', answer.text)]


def found_on(answer: httpx.Response) -> list[str]:
    """The addresses of the results of the list, in order."""
    return re.findall(r'<a class="ttl" href="([^"]+)">', answer.text)


async def told(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(JSON, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(found: dict[str, Any], name: str) -> dict[str, int]:
    (facet,) = [each for each in found["facets"] if each["name"] == name]
    return {each["value"]: each["rows"] for each in facet["values"]}


async def test_one_box_finds_needs_flows_offers_and_organisations(stage: Stage, enter: Enter) -> None:
    scene = await a_scene(stage)
    found = await told(enter(), q="palettes")
    assert found["total"] == 6
    assert counts(found, "what") == {"need": 2, "flow": 1, "offer": 2, "organisation": 1}
    paths = {each["path"] for each in found["found"]}
    assert f"/organisations/{scene['organisation'].organisation_id}" in paths
    answer = await enter().get(SEARCH, params={"q": "palettes"})
    assert set(found_on(answer)) == paths
    assert "6 résultats" in text_of(answer)


async def test_each_condition_counts_over_what_the_others_leave(stage: Stage, enter: Enter) -> None:
    """INVARIANT: the count beside a value is how many one finds by choosing it."""
    await a_scene(stage)
    narrowed = await told(enter(), q="palettes", what=["need", "flow"], near="31555", within=25)
    assert narrowed["total"] == 2
    assert counts(narrowed, "what") == {"need": 2, "offer": 1, "organisation": 1}
    assert counts(narrowed, "within") == {"5": 1, "10": 1, "25": 2, "50": 3, "100": 3}
    for kind, rows in counts(narrowed, "what").items():
        assert (await told(enter(), q="palettes", what=kind, near="31555", within=25))["total"] == rows
    assert counts(await told(enter(), q="palettes"), "due") == {"7": 1, "14": 1, "30": 1, "90": 2}
    assert (await told(enter(), q="palettes", due=30))["total"] == 1


async def test_kinds_of_structures_are_those_of_offers_and_of_legal_entities(stage: Stage, enter: Enter) -> None:
    scene = await a_scene(stage)
    entity = scene["organisation"].legal_entity_id
    await stage.tell(EntityChanged(legal_entity_id=entity, version=1, siren=None, name="Palettes", kinds=("scop",)))
    assert counts(await told(enter(), q="palettes"), "kind") == {"EI": 1, "association": 1, "scop": 2}
    assert {each["asks"] for each in (await told(enter(), q="palettes", kind="scop"))["found"]} == {
        "offer",
        "organisation",
    }
    await stage.tell(EntityChanged(legal_entity_id=entity, version=2, siren=None, name="Palettes", kinds=("scic",)))
    assert (await told(enter(), q="palettes", kind="scic"))["total"] == 1


async def test_orders(stage: Stage, enter: Enter) -> None:
    scene = await a_scene(stage)
    near = [each["km"] for each in (await told(enter(), q="palettes", near="31395", sort="nearest"))["found"]]
    assert near == sorted(near)
    assert near[0] == 0
    due = [each["id"] for each in (await told(enter(), q="palettes", sort="deadline"))["found"]]
    assert due[:2] == [str(scene["need"].need_id), str(scene["later"].need_id)]


async def test_a_distance_is_between_communes_and_never_from_an_address(stage: Stage, enter: Enter) -> None:
    """INVARIANT: no number of questions tells more of where somebody is than the commune."""
    home = TOULOUSE.model_copy(update={"latitude": 43.5, "longitude": 1.3, "exactness": "address", "label": "Ici"})
    await stage.tell(need(place=home), need(place=TOULOUSE))
    apart = {each["km"] for each in (await told(enter(), q="palettes", near="31395"))["found"]}
    assert len(apart) == 1


async def test_members_are_told_distances_from_where_they_are(stage: Stage, enter: Enter) -> None:
    await a_scene(stage)
    ours = organisation(name="Chez nous", place=FOIX)
    await stage.tell(ours)
    member = enter(ours.organisation_id)
    (far,) = [each for each in (await told(member, q="palettes"))["found"] if each["place_name"] == "Foix (09)"]
    assert far["km"] == 0
    answer = await member.get(SEARCH, params={"q": "palettes", "within": "5"})
    assert len(found_on(answer)) == 1
    assert "Depuis Foix" in answer.text
    assert len(found_on(await enter().get(SEARCH, params={"q": "palettes", "within": "5"}))) == 6


async def test_conditions_are_links_and_chips_that_take_them_away(stage: Stage, enter: Enter) -> None:
    await a_scene(stage)
    answer = await enter().get(SEARCH, params={"q": "palettes", "what": "need", "place": "Toulouse", "within": "10"})
    assert "/matching/search?q=palettes&place=Toulouse&within=10" in links(answer)
    assert "/matching/search?q=palettes&what=need&place=Toulouse" in links(answer)
    assert "/matching/search?q=palettes&what=need&what=offer&place=Toulouse&within=10" in links(answer)
    text = text_of(answer)
    for words in ("Besoins", "À moins de 10 km", "Depuis Toulouse (31)", "Tout retirer", "même commune"):
        assert words in text
    assert 'aria-current="true"' in answer.text


async def test_the_address_says_all_and_three_views_show_it(stage: Stage, enter: Enter) -> None:
    scene = await a_scene(stage)
    asked = {"q": "palettes", "what": "need", "sort": "newest"}
    table = await enter().get(SEARCH, params={**asked, "view": "table"})
    assert f'<th scope="row"><a class="ttl" href="/needs/{scene["need"].need_id}">' in table.text
    drawn = await enter().get(SEARCH, params={**asked, "view": "map"})
    assert drawn.text.count("data-spot=") == 2
    for view in ("", "&view=table", "&view=map"):
        assert f"/matching/search?q=palettes&what=need&sort=newest{view}" in links(table)
    assert "data-share" in table.text


async def test_without_a_word_what_is_open_is_shown_newest_first(stage: Stage, enter: Enter) -> None:
    scene = await a_scene(stage)
    answer = await enter().get(SEARCH)
    assert len(found_on(answer)) == 5
    assert f"/organisations/{scene['organisation'].organisation_id}" not in found_on(answer)
    assert "/matching/search?what=organisation" in links(answer)


async def test_pages_follow_each_other(stage: Stage, enter: Enter) -> None:
    await stage.tell(*(organisation(name=f"Palettes {number}") for number in range(65)))
    first = await enter().get(SEARCH, params={"q": "palettes"})
    assert len(found_on(first)) == 30
    assert "/matching/search?q=palettes&start=30" in links(first)
    last = await enter().get(SEARCH, params={"q": "palettes", "start": "60"})
    assert len(found_on(last)) == 5
    assert "61 à 65 sur 65" in text_of(last)
    assert not {*found_on(first)} & {*found_on(last)}
    for odd in ("-1", "1e3", "٣", "99999999", "x"):
        assert (await enter().get(SEARCH, params={"q": "palettes", "start": odd})).status_code == 200


async def test_a_commune_that_is_not_known_is_named_and_kept(stage: Stage, enter: Enter) -> None:
    await a_scene(stage)
    answer = await enter().get(SEARCH, params={"q": "palettes", "place": "Nullepart", "within": "10"})
    assert "Cette commune n’est pas connue" in text_of(answer)
    assert 'value="Nullepart"' in answer.text
    assert len(found_on(answer)) == 6
    several = await enter().get(SEARCH, params={"q": "palettes", "place": "Saint-Denis"})
    assert "Plusieurs communes" in text_of(several)
    assert any("place=Saint-Denis+%2893%29" in each for each in links(several))


async def test_where_nothing_is_found_a_spelling_and_a_wider_place_are_proposed(stage: Stage, enter: Enter) -> None:
    await stage.tell(need(title="Hélicoptère", categories=(), place=MURET))
    asked = {"q": "helicoptere", "place": "Toulouse", "within": "5"}
    wider = await enter().get(SEARCH, params=asked)
    assert "Rien ne correspond" in text_of(wider)
    assert "/matching/search?q=helicoptere&place=Toulouse&within=25" in links(wider)
    assert "/matching/search?q=helicoptere&place=Toulouse" in links(wider)
    assert {"/needs/new", "/offers/new"} <= {*links(wider)}
    two_too_many = await enter().get(SEARCH, params={**asked, "what": "flow"})
    assert "Sans aucun critère ( 1 résultat )" in text_of(two_too_many).replace("(", "( ").replace(")", " )")
    await stage.tell(organisation(name="Bricolage Muret"))
    slip = await enter().get(SEARCH, params={"q": "bricolaje", "what": "organisation"})
    assert "Vouliez-vous dire" in text_of(slip)
    assert "/matching/search?q=bricolage&what=organisation" in links(slip)


async def test_who_hides_stays_hidden_and_who_is_suspended_is_gone(stage: Stage, enter: Enter) -> None:
    hidden = need(author=author(hidden=True))
    gone = organisation(name="Palettes closes")
    closed = OrganisationSuspended(**{**gone.model_dump(), "version": 2})
    await stage.tell(hidden, gone, closed)
    viewer = enter(uuid4())
    for address in (SEARCH, f"{SEARCH}?view=table", f"{SEARCH}?view=map", JSON, f"{EXPORT}?form=csv"):
        answer = await viewer.get(address, params={"q": "palettes"})
        assert answer.status_code == 200
        for secret in ("Hexaplane", str(hidden.author.organisation_id), "Palettes closes", str(gone.organisation_id)):
            assert secret not in answer.text
        assert str(hidden.need_id) in answer.text


async def test_members_take_what_is_found_as_files_and_nothing_is_a_formula(stage: Stage, enter: Enter) -> None:
    scene = await a_scene(stage)
    await stage.tell(need(title="=2+2 palettes"))
    member = enter(uuid4())
    answer = await member.get(EXPORT, params={"q": "palettes", "form": "csv"})
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:2] == ["Nature", "Intitulé"]
    assert len(rows) == 8
    assert "'=2+2 palettes" in [row[1] for row in rows]
    assert any(row[-1].endswith(f"/offers/{scene['offer'].offer_id}") for row in rows)
    book = await member.get(EXPORT, params={"q": "palettes", "what": "offer", "form": "xlsx"})
    sheet = load_workbook(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert len(sheet) == 3
    assert (await member.get(EXPORT, params={"form": "exe"})).status_code == 404
    assert (await enter().get(EXPORT, params={"q": "palettes"})).status_code in (303, 401)
    assert "Se connecter pour exporter" in text_of(await enter().get(SEARCH, params={"q": "palettes"}))


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"what": "person"}, "what"),
        ({"family": "nothing"}, "nothing"),
        ({"kind": "nothing"}, "nothing"),
        ({"near": "Muret"}, "near"),
        ({"within": "0"}, "within"),
        ({"sort": "cheapest"}, "sort"),
        ({"start": "1001"}, "start"),
        ({"most": "1001"}, "most"),
    ],
)
async def test_programs_are_told_what_they_asked_wrongly(enter: Enter, asked: dict[str, str], named: str) -> None:
    answer = await enter().get(JSON, params=asked)
    assert answer.status_code == 422
    assert named in answer.text


@asynccontextmanager
async def beside(app: Litestar, engines: Engines, answer: Any, *, patience_s: float = LONG_S) -> AsyncIterator[Metrics]:
    """The application with a worker that answers so, over the real broker."""
    instance = engines.instance
    clients = [
        await connect(instance.nats_url, user="matching", seed_file=instance.seed_file("matching")) for _ in range(2)
    ]
    metrics, asker = Metrics(), Asker("matching", Metrics(), patience_s=patience_s)
    before, app.state.asker = app.state.asker, asker
    patched = pytest.MonkeyPatch()
    patched.setattr("shared.messaging.answering.PATIENCE_S", patience_s)
    try:
        async with Answerer("matching", {SearchAsked: answer}, metrics).on(clients[0]), asker.on(clients[1]):
            await clients[0].flush()
            yield metrics
    finally:
        patched.undo()
        app.state.asker = before
        for client in clients:
            await close(client)


def answered(metrics: Metrics, result: str) -> float:
    labels = {"question": SearchAsked.subject, "result": result}
    return metrics.registry.get_sample_value("boucle_answer_total", labels) or 0.0


async def test_the_worker_answers_from_memory_what_the_database_says(
    stage: Stage, enter: Enter, app: Litestar, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_scene(stage)
    ask, is_answered = answering.answers(stage.database)[SearchAsked], asyncio.Event()

    async def answer(asked: SearchAsked) -> Facts:
        try:
            return await ask(asked)
        finally:
            is_answered.set()

    async def begun(session: AsyncSession) -> Any:
        """Page and worker have one connection here, and so no use for it at once."""
        await is_answered.wait()
        is_answered.clear()
        return await driver_of(session)

    asked = {"q": "palettes", "near": "31555", "what": ["need", "offer"]}
    by_database = await told(enter(), **asked)
    monkeypatch.setattr(finding, "driver_of", begun)
    async with beside(app, engines, answer) as metrics:
        assert await told(enter(), **asked) == by_database
        assert answered(metrics, "answered") == 1
        await stage.tell(need(title="Palettes neuves"))
        assert (await told(enter(), **asked))["total"] == by_database["total"] + 1
    assert memory_at(stage.database).columns.used >= 7


@pytest.mark.parametrize("trouble", ["late", "failed", "busy", "away"])
async def test_the_database_answers_when_memory_does_not(
    stage: Stage, enter: Enter, app: Litestar, engines: Engines, trouble: str
) -> None:
    """INVARIANT: whatever keeps the worker from answering, the page shows the same."""

    async def answer(_: SearchAsked) -> Facts:
        if trouble == "late":
            await asyncio.sleep(5)
        if trouble == "failed":
            raise RuntimeError
        return Refused(refused=Refusal.BUSY)

    await a_scene(stage)
    expected = found_on(await enter().get(SEARCH, params={"q": "palettes"}))
    assert len(expected) == 6
    async with beside(app, engines, answer, patience_s=PATIENCE_S):
        if trouble == "away":
            app.state.asker.client = None
        assert found_on(await enter().get(SEARCH, params={"q": "palettes"})) == expected


async def test_a_worker_that_is_still_reading_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_scene(stage)
    memory = memory_at(stage.database)
    monkeypatch.setattr(memory, "at_once", 2)
    monkeypatch.setattr(answering, "MOST_READ", 2)
    ask = answering.answers(stage.database)[SearchAsked]
    said = [await ask(SearchAsked(text="palettes")) for _ in range(4)]
    assert [isinstance(each, Refused) for each in said] == [True, True, True, False]
    assert isinstance(said[-1], SearchFound)
    assert said[-1].total == 6


async def test_a_last_day_that_is_past_is_said(stage: Stage, enter: Enter) -> None:
    await stage.tell(need(deadline_on=date(2026, 1, 5)), need(title="Palettes à réparer", deadline_on=date(2099, 1, 5)))
    rows = text_of(await enter().get(SEARCH, params={"q": "palettes"}))
    assert "échéance passée : 5 janvier 2026" in rows or "échéance passée : lundi 5 janvier" in rows
    assert "échéance 5 janvier 2099" in rows
    table = text_of(await enter().get(f"/en{SEARCH}", params={"q": "palettes", "view": "table"}))
    assert "Passed: " in table
    assert "Passed: 5 January 2099" not in table
    assert "5 January 2099" in table

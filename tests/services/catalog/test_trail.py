"""The audit log, searched: the territory's by coordinators, an organisation's by its owners; and what nobody finds."""

import ast
import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from services.catalog.trail import pages
from services.catalog.trail.schemas import id_in
from shared.clock import day_of, now
from shared.database.acting import NOBODY, Acting
from shared.phrases.actions import ACTION_GROUPS, ACTIONS, ACTIONS_OF, OWN_ACTIONS
from tests.services.catalog.asking import asked
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.coordinators import a_coordinator
from tests.services.catalog.pages import shown
from tests.services.catalog.suppliers import a_need, ids_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

CATALOG = Path(__file__).parents[3] / "services" / "catalog"
AN_ACTION = re.compile(r"([a-z_]+)\.[a-z_-]+")
LINE = "INSERT INTO audit (id, organisation_id, action, about) VALUES (:id, :organisation, :action, :about)"


def written_actions() -> Iterator[str]:
    """What the commands of catalog may write, as their sources say it."""
    for path in CATALOG.rglob("*.py"):
        source = path.read_text("utf-8")
        if "migrations" in path.parts or not re.search(
            r"\bnote\b|\bDone\(|_noted|_told|kept\(|_done\(|note_about", source
        ):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and AN_ACTION.fullmatch(node.value):
                yield node.value


def test_every_action_that_is_written_has_a_name_in_both_languages() -> None:
    names = {**ACTIONS, **OWN_ACTIONS}
    nouns = {code.partition(".")[0] for code in names}
    found = {each for each in written_actions() if each.partition(".")[0] in nouns}
    assert len(found) > 90
    assert {each for each in found if not each.endswith((".id", ".typ", ".html"))} - {*names} == set()
    assert all(french and english for french, english in names.values())
    assert {*ACTIONS_OF} == {*ACTION_GROUPS}
    # A new noun has its first line here too.
    notes = re.compile(r'(?:note|_told|_done|_noted|kept)\([^"]*?"([a-z_]+\.[a-z_-]+)"', re.DOTALL)
    told = {each for path in CATALOG.rglob("*.py") for each in notes.findall(path.read_text("utf-8"))}
    assert told - {*names} == set()


@pytest.mark.parametrize(
    ("prefix", "path", "states"),
    [
        ("answer", "answers", ("interested", "declined", "withdrawn")),
        ("campaign", "campaigns", ("open", "succeeded", "lapsed")),
        ("pledge", "campaigns", ("confirmed", "lapsed")),
        ("organisation", "territory", ("verified", "refused", "suspended", "reinstated")),
        ("participation", "proposals", ("asked", "confirmed", "declined")),
        ("subscription", "subscriptions", ("paused", "resumed", "ended")),
    ],
)
def test_what_is_put_together_has_its_names(prefix: str, path: str, states: tuple[str, ...]) -> None:
    assert any(f'f"{prefix}.{{' in each.read_text("utf-8") for each in (CATALOG / path).glob("*.py"))
    assert {f"{prefix}.{state}" for state in states} <= {*ACTIONS}


def test_no_other_action_is_put_together() -> None:
    made = re.compile(r'f"([a-z_]+)\.\{')
    found = {each for path in CATALOG.rglob("*.py") for each in made.findall(path.read_text("utf-8"))}
    assert {each for each in found if each in {code.partition(".")[0] for code in ACTIONS}} == {
        *("answer", "campaign", "eligibility", "organisation", "participation", "pledge", "subscription"),
    }


def test_an_id_is_found_in_an_address() -> None:
    one = uuid4()
    assert id_in("") is None
    assert id_in(f" https://boucle.example/en/needs/{str(one).upper()}#answers ") == one


@pytest.fixture
async def coordinator(sign_up: SignUp, catalog_database: Isolated) -> httpx.AsyncClient:
    return await a_coordinator(sign_up, catalog_database)


@pytest.fixture
async def buyer(coordinator: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Hexaplane", person_name="Odile Martin")


async def lines_of(client: httpx.AsyncClient, path: str = "/api/v1/territory/audit", **asked: Any) -> list[Any]:
    """Every line that a search finds, page by page."""
    items, cursor = list[Any](), None
    while True:
        answer = await client.get(path, params={**asked, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        cursor = answer.json()["next"]
        if cursor is None:
            return items


async def counted(database: Isolated) -> int:
    async with database.sessions() as session:
        return int(await session.scalar(text("SELECT count(*) FROM audit")) or 0)


class TestTerritory:
    async def test_a_search_finds_lines_by_what_was_done_to_which_record_of_whom_and_when(
        self, coordinator: httpx.AsyncClient, buyer: httpx.AsyncClient, sign_up: SignUp
    ) -> None:
        need = await a_need(buyer, title="Cent tentes")
        await a_need(await sign_up(organisation_name="Une autre"), title="Autre chose")
        need_id, today = need.rsplit("/", 1)[-1], day_of(now()).isoformat()
        published = await lines_of(coordinator, action="need.published")
        assert [each["organisation_name"] for each in published] == ["Une autre", "Hexaplane"]
        (line,) = await lines_of(coordinator, action="need.published", about=need_id)
        assert (line["about"], line["acting_name"], line["member_id"]) == (need_id, "Hexaplane", None)
        of_buyer = await lines_of(coordinator, organisation=line["organisation_id"], limit=1)
        assert {each["action"] for each in of_buyer} >= {"need.drafted", "need.published", "member.joined"}
        assert [each["id"] for each in of_buyer] == sorted((each["id"] for each in of_buyer), reverse=True)
        assert {each["action"] for each in await lines_of(coordinator, action="needs", about=need_id)} == {
            *("need.drafted", "need.published"),
        }
        assert await lines_of(coordinator, since=today, action="need.published") == published
        assert await lines_of(coordinator, until="2020-01-01") == []

    async def test_the_page_says_it_in_words_and_names_nobody_else_s_people(
        self, coordinator: httpx.AsyncClient, buyer: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        need = await a_need(buyer, title="Cent tentes")
        before = await counted(catalog_database)
        page = await shown(coordinator, f"/territory/audit?action=needs&organisation=Hexaplane&about={need}")
        assert "Besoin publié" in page
        assert "Une personne de Hexaplane" in page
        assert "Cent tentes" in page
        assert "Odile" not in page
        assert "Need published" in await shown(coordinator, "/en/territory/audit?action=needs")
        assert "Aucune ligne ne correspond" in await shown(coordinator, "/territory/audit?until=2020-01-01")
        await coordinator.get("/territory/audit/file")
        assert await counted(catalog_database) == before

    @pytest.mark.parametrize(
        ("asked_for", "said"),
        [
            ("about=n-importe-quoi", "Collez l'adresse de la page"),
            ("organisation=introuvable", "Aucune structure ne porte ce nom"),
            ("since=2026-02-02&until=2026-02-01", "Une date qui ne précède pas"),
            ("since=hier", "since"),
        ],
    )
    async def test_what_cannot_be_searched_is_said_and_kept(
        self, coordinator: httpx.AsyncClient, asked_for: str, said: str
    ) -> None:
        answer = await coordinator.get(f"/territory/audit?{asked_for}")
        assert answer.status_code == 422
        assert said in answer.text.replace("&#39;", "'").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        typed = asked_for.partition("=")[2].partition("&")[0]
        assert f'value="{typed}"' in answer.text
        assert (await coordinator.get(f"/territory/audit/file?{asked_for}")).status_code == 303

    async def test_nobody_reads_who_signed_in_who_asks_or_who_writes_to_whom(
        self, coordinator: httpx.AsyncClient, buyer: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
    ) -> None:
        asker = await sign_up(organisation_name="Curieuse", roles=["ess"])
        await asked(asker, await a_need(buyer))
        async with catalog_database.sessions.begin() as session:
            for action in (*OWN_ACTIONS, "message.posted"):
                values = {"id": uuid4(), "organisation": None, "action": action, "about": None}
                await session.execute(text(LINE), values)
        found = {each["action"] for each in await lines_of(coordinator, limit=100)}
        assert found & {*OWN_ACTIONS, "message.posted", "question.asked"} == set()
        assert "need.published" in found
        # Who asked finds it in its own.
        assert "question.asked" in {each["action"] for each in await lines_of(asker, "/api/v1/audit")}

    async def test_it_goes_on_and_leaves_as_a_table_without_formulas(
        self,
        coordinator: httpx.AsyncClient,
        buyer: httpx.AsyncClient,
        catalog_database: Isolated,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(pages, "PAGE", 2)
        await a_need(buyer, title="=1+1")
        page = (await coordinator.get("/territory/audit?organisation=Hexaplane")).text
        following = re.search(r'href="(/territory/audit\?[^"]*cursor=[^"]+)"', page)
        assert following is not None
        second = (await coordinator.get(following[1].replace("&amp;", "&"))).text
        shown_on = [each.partition('id="lines"')[2].partition("</ul>")[0] for each in (page, second)]
        assert all("<li" in each for each in shown_on)
        assert shown_on[0] != shown_on[1]
        answer = await coordinator.get("/territory/audit/file?action=need.published")
        head, row = csv.reader(StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
        assert head[:3] == ["date", "action", "code"]
        assert row[5] == "'=1+1"
        async with catalog_database.sessions() as session:
            assert await session.scalar(text("SELECT count(*) FROM audit WHERE action LIKE 'audit%'")) == 0

    async def test_what_was_done_to_another_s_record_is_found_by_that(
        self, coordinator: httpx.AsyncClient, buyer: httpx.AsyncClient, catalog_app: Any
    ) -> None:
        _, organisation = await ids_of(buyer, catalog_app)
        member, _ = await ids_of(coordinator, catalog_app)
        where = f"/territory/organisations/{organisation}"
        assert (await post(coordinator, where, finding="verified", proof="register")).status_code == 303
        await a_need(buyer)
        found = await lines_of(coordinator, organisation=str(organisation))
        (verified,) = [each for each in found if each["action"] == "organisation.verified"]
        assert verified["member_id"] == str(member)
        page = await shown(coordinator, f"/territory/audit?action=organisations&colleague={member}")
        assert "Structure vérifiée" in page
        # And it is told whom it is about.
        assert "organisation.verified" in {each["action"] for each in await lines_of(buyer, "/api/v1/audit")}


class TestOwn:
    async def test_an_owner_reads_who_did_what_and_no_other_organisation_s(
        self, buyer: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
    ) -> None:
        await a_need(buyer, title="Cent tentes")
        await a_need(await sign_up(organisation_name="Une autre"))
        lines = await lines_of(buyer, "/api/v1/audit")
        assert {each["organisation_name"] for each in lines} == {"Hexaplane"}
        page = await shown(buyer, "/organisation/audit?action=need.published")
        assert "Odile Martin" in page
        assert "Cent tentes" in page
        for path in ("/territory/audit", "/territory/audit/file", "/api/v1/territory/audit"):
            assert (await buyer.get(path)).status_code in (303, 403), path
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE accounts SET name = '' WHERE name = 'Odile Martin'"))
        assert "Compte effacé" in await shown(buyer, "/organisation/audit?action=need.published")
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE members SET role = 'editor'"))
        for path in ("/organisation/audit", "/organisation/audit/file", "/api/v1/audit"):
            assert (await buyer.get(path)).status_code == 403, path

    async def test_the_door_shows_a_member_their_own_organisation_s_and_nobody_any(
        self, buyer: httpx.AsyncClient, catalog_app: Any, catalog_database: Isolated
    ) -> None:
        await a_need(buyer)
        member, organisation = await ids_of(buyer, catalog_app)
        door = "SELECT DISTINCT organisation_id FROM audit_lines(NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, 100)"
        for acting, seen in (
            (NOBODY, set()),
            (Acting(uuid4(), uuid4()), set()),
            (Acting(organisation, member), {organisation}),
        ):
            async with catalog_database.both.pages.acting(acting) as session:
                assert set(await session.scalars(text(door))) == seen

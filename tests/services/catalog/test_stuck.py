"""What is stuck between organisations, as coordinators find it: who, what, since when, what next; and no more."""

import csv
import re
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.catalog.territory import stuck_pages
from services.catalog.territory.kinds import GROUP_OF, ICONS, Group, Kind, next_step
from shared.database.acting import NOBODY, Acting
from shared.phrases.coordination import NEXT_STEPS, STUCK_GROUPS, STUCK_KINDS
from tests.services.catalog.agreeing import both_signed, chosen, concluded
from tests.services.catalog.asking import WORDS, asked
from tests.services.catalog.collecting.conftest import BEGUN, say
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.coordinators import a_coordinator
from tests.services.catalog.pages import shown
from tests.services.catalog.proposing import made
from tests.services.catalog.subscribers import a_weekly_flow
from tests.services.catalog.subscribers import ask as subscribe
from tests.services.catalog.suppliers import a_need
from tests.services.catalog.takers import Clock, a_flow, lot_of, took
from tests.services.catalog.test_flow_and_offer_wizards import an_offer, post
from tests.services.catalog.timed import catalog_app, catalog_database, clock, publisher, timed
from tests.support import Isolated

__all__ = ["catalog_app", "catalog_database", "clock", "publisher", "timed"]

TODAY = date(2026, 12, 1)
BUYER, SUPPLIER, HOLDER, TAKER = "Hexaplane", "Traiteur solidaire", "Sogalog", "Palettes Garonne"
DATED = {"starts_on": "2026-11-25", "ends_on": "2026-11-27", "valid_until": "2027-06-30"}
PRICE, WEIGHT, MESSAGE = "777,77", "3.217", "Un mot pour vous seuls."
DONE = "UPDATE flows SET match_count = :count WHERE title = :title"
A_CALL = """
    INSERT INTO calls (id, organisation_id, state, version, title, purpose, who, open_to, criteria, opens_on, closes_on,
                       created_at, updated_at, published_at)
    SELECT gen_random_uuid(), id, 'closed', 1, 'Un appel', '', '', '{ess}', '{}', '2026-11-01', '2026-11-24',
           :at, :at, :at FROM organisations WHERE name = :name
"""


@pytest.mark.parametrize(
    ("kind", "basket", "step"),
    [
        *((kind, basket, f"{kind}-{basket}") for kind in ("need", "flow", "untaken", "silent") for basket in range(4)),
        *(
            (kind, basket, kind if basket < 2 else f"{kind}-late")
            for kind in (
                *("proposal", "lapsed", "chosen", "unsigned", "overrun", "unconfirmed", "disputed", "missed"),
                *("question", "subscription", "call", "supplier"),
            )
            for basket in range(4)
        ),
        ("look", 0, "look"),
        ("lot", 0, "lot"),
    ],
)
def test_every_state_has_its_next_step_in_both_languages(kind: str, basket: int, step: str) -> None:
    again = TODAY + timedelta(days=1)
    assert next_step(Kind(kind), basket, is_late=False, again=None, today=TODAY) == step
    # What was promised comes first; what is over tomorrow does not wait for it.
    promised = next_step(Kind(kind), basket, is_late=False, again=again, today=TODAY)
    assert promised == ("lot" if kind == "lot" else "again")
    assert next_step(Kind(kind), basket, is_late=False, again=TODAY, today=TODAY) == step
    french, english = NEXT_STEPS[step]
    assert french != english
    for words in (french, english):
        assert words.format(name="Régie", other="Atelier", day="demain").count("{") == 0


def test_a_look_that_is_late_says_so() -> None:
    assert next_step(Kind.LOOK, 0, is_late=True, again=None, today=TODAY) == "look-late"


def test_every_kind_has_its_group_its_icon_and_its_names() -> None:
    assert {*GROUP_OF} == {*Kind} == {Kind(code) for code in STUCK_KINDS}
    assert {*ICONS} == {*Group} == {Group(code) for code in STUCK_GROUPS}


@pytest.fixture
async def story(publisher: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated, clock: Clock) -> None:
    """One of each kind that is stuck between two, left alone until 10 December."""
    buyer = await sign_up(organisation_name=BUYER, roles=["buyer"])
    supplier = await sign_up(organisation_name=SUPPLIER, roles=["ess"])
    taker = await sign_up(organisation_name=TAKER, roles=["ess"])
    price = {**DATED, "price_euros": [PRICE, "0", ""], "message": MESSAGE}
    await made(supplier, await a_need(buyer, title="À décider", author_hidden="true"), **price)
    await made(supplier, await a_need(buyer, title="À renouveler"), **{**price, "valid_until": "2026-11-30"})
    await chosen(buyer, supplier, need={"title": "À écrire"}, **price)
    unsigned = await chosen(buyer, supplier, need={"title": "À signer"}, **price)
    await concluded(buyer, unsigned)
    running = await chosen(buyer, supplier, need={"title": "À finir"}, **price)
    running = await concluded(buyer, running, starts_on=DATED["starts_on"], ends_on=DATED["ends_on"])
    await both_signed(buyer, supplier, running)
    await asked(supplier, await a_need(buyer, title="À éclaircir"))
    flow = await a_flow(publisher)
    lot = str((await lot_of(publisher, flow))["id"])
    await took(taker, lot, "3")
    disputed, missed = await took(taker, lot, "4"), await took(taker, lot, "2")
    assert (await subscribe(taker, await a_weekly_flow(publisher))).status_code == 303
    clock.now = BEGUN
    await say(publisher, disputed, "4")
    await say(taker, disputed, WEIGHT)
    clock.now = BEGUN + timedelta(hours=2)
    assert (await post(publisher, f"{missed}/miss", _version=1)).status_code == 303
    workshop = await sign_up(organisation_name="L'établi muet", roles=["ess"])
    await post(workshop, f"{await an_offer(workshop)}/review")
    async with catalog_database.sessions.begin() as session:
        await session.execute(text(A_CALL), {"name": BUYER, "at": clock.now})
        await session.execute(text(DONE), {"count": 0, "title": "Palettes de la semaine"})
        # Each step of the story is ten days old at least: what was signed or decided just now is not stuck.
        await session.execute(text("UPDATE offers SET published_at = :at"), {"at": BEGUN - timedelta(days=9)})


@pytest.fixture
async def coordinator(story: None, sign_up: SignUp, catalog_database: Isolated, clock: Clock) -> httpx.AsyncClient:
    clock.now = BEGUN + timedelta(days=9)
    return await a_coordinator(sign_up, catalog_database, number=6)


async def listed(coordinator: httpx.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    """Everything, page by page."""
    items, cursor = list[dict[str, Any]](), None
    while True:
        said = {**asked, **({"cursor": cursor} if cursor else {})}
        answer = await coordinator.get("/api/v1/territory/stuck", params=said)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        cursor = answer.json()["next"]
        if cursor is None:
            return items


class TestStuck:
    async def test_it_says_who_waits_for_whom_about_what_since_when_and_no_more(
        self, coordinator: httpx.AsyncClient
    ) -> None:
        answer = await coordinator.get("/api/v1/territory/stuck", params={"limit": 100})
        items, told = answer.json()["items"], ("kind", "title", "awaited_name", "waits_name", "days")
        between = {tuple(each[name] for name in told) for each in items if each["kind"] not in ("look", "silent")}
        assert between == {
            ("proposal", "À décider", BUYER, SUPPLIER, 15),
            ("lapsed", "À renouveler", SUPPLIER, BUYER, 9),
            ("chosen", "À écrire", BUYER, SUPPLIER, 15),
            ("unsigned", "À signer", BUYER, SUPPLIER, 15),
            ("overrun", "À finir", SUPPLIER, BUYER, 12),
            ("question", "À éclaircir", BUYER, "", 15),
            ("unconfirmed", "Palettes bois de Fenouillet", HOLDER, TAKER, 8),
            ("disputed", "Palettes bois de Fenouillet", HOLDER, TAKER, 9),
            ("missed", "Palettes bois de Fenouillet", HOLDER, "", 8),
            ("subscription", "Palettes de la semaine", HOLDER, TAKER, 15),
            ("call", "Un appel", BUYER, "", 15),
            ("flow", "Palettes de la semaine", HOLDER, "", 15),
            ("supplier", "L'établi muet", "L'établi muet", "", 18),
        }
        pages = [await coordinator.get(path) for path in ("/territory", "/territory/stuck", "/territory/stuck/file")]
        for page in (answer, *pages):
            for secret in (PRICE, "777.77", "77777", MESSAGE, WEIGHT, "3,217", WORDS):
                assert secret not in page.text

    async def test_every_address_it_gives_opens(self, coordinator: httpx.AsyncClient) -> None:
        for each in await listed(coordinator):
            assert (await coordinator.get(each["path"])).status_code == 200, each
        page = await coordinator.get("/territory/stuck")
        logs = set(re.findall(r'href="(/territory/organisations/[^"]+/contacts[^"]*)"', page.text))
        assert logs
        for log in logs:
            assert (await coordinator.get(log)).status_code == 200, log

    async def test_the_list_goes_on_where_it_stopped_and_tells_each_once(self, coordinator: httpx.AsyncClient) -> None:
        every = await listed(coordinator, limit=100)
        assert await listed(coordinator, limit=2) == every
        begun = [datetime.fromisoformat(each["since"]) for each in every if each["ends"] is None]
        assert begun == sorted(begun)
        by_group = [each for group in Group for each in await listed(coordinator, kind=group.value)]
        assert {each["id"] for each in by_group} == {each["id"] for each in every}
        assert all(each["basket"] >= 1 for each in await listed(coordinator, basket=1))
        assert await listed(coordinator, basket=3) == []

    async def test_the_page_is_filtered_and_cut_and_the_table_is_whole(
        self, coordinator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stuck_pages, "PAGE", 2)
        page = await shown(coordinator, "/territory/stuck?kind=agreements")
        assert "1 à 2 sur 3" in page
        assert "Proposition choisie, sans accord écrit" in page
        assert f"{SUPPLIER} attend {BUYER}" in page
        assert f"Rappeler à {BUYER} de signer : {SUPPLIER} attend" in page
        assert "À finir" in await shown(coordinator, "/territory/stuck?kind=agreements&start=2")
        assert "Rien de tel" in await shown(coordinator, "/territory/stuck?kind=agreements&basket=3")
        assert "Chosen proposal without an agreement" in await shown(coordinator, "/en/territory/stuck?kind=agreements")
        answer = await coordinator.get("/territory/stuck/file?kind=agreements")
        head, *rows = csv.reader(StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
        assert head[:4] == ["nature", "objet", "adresse", "structure attendue"]
        assert {row[1] for row in rows} == {"À écrire", "À signer", "À finir"}

    async def test_no_formula_leaves_in_the_table(
        self, coordinator: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE needs SET title = '=1+1' WHERE title = 'À signer'"))
        assert ";'=1+1;" in (await coordinator.get("/territory/stuck/file")).text

    async def test_what_moves_again_is_stuck_no_more(
        self, coordinator: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        async with catalog_database.sessions.begin() as session:
            for statement in (
                "UPDATE proposals SET state = 'withdrawn' WHERE state = 'made'",
                "UPDATE agreements SET supplier_done_at = now(), buyer_done_at = now(), state = 'completed'",
                "UPDATE questions SET state = 'withdrawn'",
                "UPDATE takings SET state = 'confirmed' WHERE state IN ('made', 'disputed')",
                "UPDATE lots SET expires_at = '2026-12-05' WHERE state = 'released'",
                "UPDATE subscriptions SET state = 'accepted'",
                "UPDATE calls SET state = 'decided'",
                "UPDATE offers SET state = 'paused'",
                "UPDATE flows SET match_count = 3",
            ):
                await session.execute(text(statement))
        left = {each["kind"] for each in await listed(coordinator)}
        assert left <= {"look", "silent", "untaken", "chosen"}

    async def test_a_flow_of_which_nothing_was_taken_and_a_lot_about_to_be_lost(
        self, coordinator: httpx.AsyncClient, catalog_database: Isolated, clock: Clock
    ) -> None:
        weekly = "(SELECT id FROM flows WHERE title = 'Palettes de la semaine')"
        async with catalog_database.sessions.begin() as session:
            await session.execute(text(DONE), {"count": 4, "title": "Palettes de la semaine"})
            await session.execute(text(f"UPDATE lots SET state = 'expired' WHERE flow_id = {weekly}"))
        (untaken,) = [each for each in await listed(coordinator) if each["kind"] == "untaken"]
        assert (untaken["basket"], untaken["days"]) == (1, 15)
        ends = clock.now + timedelta(hours=71)
        async with catalog_database.sessions.begin() as session:
            soon = f"UPDATE lots SET state = 'released', released_at = :at, expires_at = :ends WHERE flow_id = {weekly}"
            await session.execute(text(soon), {"at": BEGUN, "ends": ends})
        first, *rest = await listed(coordinator)
        assert (first["kind"], first["title"], first["ends"] is not None) == ("lot", "Palettes de la semaine", True)
        assert "untaken" not in {each["kind"] for each in rest}
        assert "Appeler des preneurs aujourd'hui" in await shown(coordinator, "/territory")
        clock.now -= timedelta(hours=2)
        assert "lot" not in {each["kind"] for each in await listed(coordinator)}

    @pytest.mark.usefixtures("coordinator")
    async def test_nobody_but_the_territory_reads_it(
        self, publisher: httpx.AsyncClient, catalog_database: Isolated, clock: Clock
    ) -> None:
        for path in ("/territory/stuck", "/territory/stuck/file", "/api/v1/territory/stuck"):
            assert (await publisher.get(path)).status_code in (303, 401, 403), path
        doors = ("proposals", "agreements", "takings", "questions", "subscriptions", "suppliers")
        for acting, is_told in ((NOBODY, False), (Acting(is_coordinator=True), True)):
            async with catalog_database.both.pages.acting(acting) as session:
                for door in doors:
                    count = await session.scalar(
                        text(f"SELECT count(*) FROM stuck_{door}(:at, :at)"), {"at": clock.now}
                    )
                    assert (count > 0) is is_told, (acting, door)

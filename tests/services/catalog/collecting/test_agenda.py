"""What both sides find of their collections: an agenda, a route, labels to scan, and a calendar at a secret address."""

from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
import segno
from litestar import Litestar
from pypdf import PdfReader
from sqlalchemy import text

from services.catalog.collections.codes import code_of, drawing_of
from shared.identity import LinkKeys
from tests.services.catalog.collecting.conftest import BEGUN, say
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.pages import said, shown
from tests.services.catalog.takers import Clock, a_flow, lot_of, rows, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated, client_for


def paper(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in answer.content
    told = " ".join(each.extract_text() for each in PdfReader(BytesIO(answer.content)).pages)
    return " ".join(told.replace("’", "'").replace("\u202f", " ").split())


class TestAgenda:
    async def test_each_side_reads_who_comes_to_whom_by_day(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str
    ) -> None:
        for side, way in ((publisher, "Palettes Garonne vient chez vous"), (taker, "Vous allez chez Sogalog")):
            page = await shown(side, "/collections")
            for words in (way, "9 h 00 – 10 h 00", "10 t, Palettes bois de Fenouillet", "Aujourd'hui", part):
                assert words in page, words
        assert "/collections/route?day=2026-12-01" in await shown(taker, "/collections")
        assert "/collections/route" not in await shown(publisher, "/collections")

    async def test_what_nobody_settled_stays_in_sight(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, part: str, clock: Clock
    ) -> None:
        clock.now = BEGUN + timedelta(days=7)
        assert "À confirmer" in await shown(taker, "/collections")
        for side in (publisher, taker):
            await say(side, part, "10")
        assert "Aucun enlèvement cette semaine ni la prochaine" in await shown(taker, "/collections")

    @pytest.mark.usefixtures("part")
    async def test_a_stranger_reads_their_own_emptiness(self, sign_up: SignUp) -> None:
        stranger = await sign_up(organisation_name="Autre", roles=["ess"])
        page = await shown(stranger, "/collections")
        assert "Aucun enlèvement cette semaine ni la prochaine" in page
        assert "Palettes bois" not in page

    async def test_programs_read_the_same(
        self, taker: httpx.AsyncClient, publisher: httpx.AsyncClient, part: str
    ) -> None:
        for side in (taker, publisher):
            found = (await side.get("/api/v1/collections?since=2026-12-01&until=2026-12-01")).json()["items"]
            assert [each["id"] for each in found] == [part.rsplit("/", 1)[-1]]
            assert (await side.get("/api/v1/collections?since=2026-12-02&until=2026-12-09")).json()["items"] == []


class TestRoute:
    async def test_a_driver_reads_stops_in_order_with_what_to_know(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient
    ) -> None:
        about = {"access": "Quai 3, sonner à la grille.", "safety": "Gilet obligatoire.", "minimum_value": ""}
        lot = (await lot_of(publisher, await a_flow(publisher, **about)))["id"]
        await took(taker, lot, "4", slot_from="14:00", slot_until="15:00")
        await took(taker, lot, "2")
        await took(taker, lot, "1", slot_on="2026-12-02")
        told = paper(await taker.get("/collections/route?day=2026-12-01"))
        stops = ["9 h 00 – 10 h 00", "2 t, Palettes", "14 h 00 – 15 h 00", "4 t, Palettes"]
        assert [told.find(stop) for stop in stops] == sorted(told.find(stop) for stop in stops)
        for words in (*stops, "Fenouillet", "Quai 3, sonner", "Gilet obligatoire", "signature", "1er décembre 2026"):
            assert words in told, words
        assert "1 t, Palettes" not in told
        assert "signature" in paper(await taker.get("/en/collections/route?day=2026-12-01"))

    @pytest.mark.usefixtures("part")
    async def test_a_day_without_any_says_so(self, publisher: httpx.AsyncClient) -> None:
        refused = await publisher.get("/collections/route?day=2026-12-01")
        assert (refused.status_code, "Aucun enlèvement à faire ce jour-là" in said(refused)) == (409, True)


class TestLabels:
    async def test_a_holder_prints_one_for_each_part_and_one_for_the_lot(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, part: str
    ) -> None:
        told = paper(await publisher.get(f"/flows/lots/{lot}/labels"))
        for words in ("Palettes bois de Fenouillet", "10 t", "Palettes Garonne", "1er décembre 2026"):
            assert words in told, words
        for code in (lot, part.rsplit("/", 1)[-1]):
            assert code_of(UUID(code)) in told
        assert (await taker.get(f"/flows/lots/{lot}/labels")).status_code == 404

    def test_the_drawing_is_the_address(self) -> None:
        address = f"https://boucle.test/scan/{uuid4()}"
        drawn = drawing_of(address)
        dark = {(row, column + each) for row, column, length in drawn["runs"] for each in range(length)}
        matrix = segno.make(address, error="m", micro=False).matrix
        assert dark == {(row, column) for row, line in enumerate(matrix) for column, each in enumerate(line) if each}
        assert drawn["size"] == len(matrix)

    async def test_a_phone_needs_two_taps(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, lot: str, part: str
    ) -> None:
        for side, code in ((publisher, lot), (taker, lot), (taker, part.rsplit("/", 1)[-1])):
            page = await shown(side, f"/scan/{code}")
            assert f'href="{part}/collect"' in page
        form = await shown(taker, f"{part}/collect")
        assert f'action="{part}/collect"' in form
        assert 'name="value" type="text" value="10"' in form

    async def test_who_is_on_neither_side_learns_only_that_it_is_not_theirs(
        self, lot: str, part: str, sign_up: SignUp, catalog_app: Litestar
    ) -> None:
        stranger = await sign_up(organisation_name="Autre", roles=["ess"])
        # Its welcome is said once, and not on the pages that are compared.
        await stranger.get("/collections")
        unknown = str(uuid4())
        nobodys = await shown(stranger, f"/scan/{unknown}")
        for code in (lot, part.rsplit("/", 1)[-1]):
            answer = await stranger.get(f"/scan/{code}")
            assert answer.status_code == 404
            # The same page as for a code of nobody's.
            assert said(answer).replace(code, "") == nobodys.replace(unknown, "")
        async with client_for(catalog_app) as visitor:
            sent = await visitor.get(f"/scan/{lot}")
            assert (sent.status_code, sent.headers["location"]) == (303, f"/sign-in?next=/scan/{lot}")


class TestCalendar:
    @pytest.fixture
    async def address(self, taker: httpx.AsyncClient) -> str:
        await renew(taker)
        return await address_of(taker)

    async def test_it_reads_without_a_session_and_follows(
        self, publisher: httpx.AsyncClient, part: str, address: str, clock: Clock, catalog_app: Litestar,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE flows SET access = 'Portail, code 4711'"))
        async with client_for(catalog_app) as program:
            answer = await program.get(address)
            assert "code 4711" in answer.text
            assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
            assert "set-cookie" not in answer.headers
            event = read_event(answer.text)
            assert event["UID"] == f"{part.rsplit('/', 1)[-1]}@boucle"
            assert (event["DTSTART"], event["STATUS"]) == ("20261201T080000Z", "CONFIRMED")
            assert event["SUMMARY"] == "10 t\\, Palettes bois de Fenouillet (Sogalog)"
            clock.now = BEGUN - timedelta(days=1)
            assert (await post(publisher, f"{part}/cancel", _version=1, reason="other")).status_code == 303
            # Who comes no more is not told how to get in, and a calendar that knew it forgets it.
            answer = await program.get(address)
            assert "code 4711" not in answer.text
            later = read_event(answer.text)
            assert later["DESCRIPTION"] == ""
            assert (later["UID"], later["STATUS"]) == (event["UID"], "CANCELLED")
            assert int(later["SEQUENCE"]) > int(event["SEQUENCE"])

    async def test_a_new_address_ends_the_old_one(
        self, taker: httpx.AsyncClient, address: str, catalog_database: Isolated, catalog_app: Litestar
    ) -> None:
        (before,) = await rows(catalog_database, "SELECT id FROM calendars")
        for _ in range(2):
            await post(taker, "/collections/calendar", replaces=str(before.id))
        renewed = await address_of(taker)
        async with client_for(catalog_app) as program:
            assert (await program.get(address)).status_code == 404
            assert (await program.get(renewed)).status_code == 200
        audited = await rows(catalog_database, "SELECT 1 FROM audit WHERE action = 'calendar.renewed'")
        assert len(audited) == 2

    async def test_an_address_reads_its_own_organisation_and_no_other(
        self, part: str, address: str, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:  # fmt: skip
        """INVARIANT: the secret is of one calendar of one organisation; another's id beside it opens nothing."""
        organisations = await rows(catalog_database, "SELECT id FROM organisations ORDER BY name = 'Sogalog'")
        own, other = (str(each.id) for each in organisations)
        keys: LinkKeys = catalog_app.state.link_keys
        forged = keys.path_to_calendar(UUID(calendar_in(address)), organisation_id=UUID(other))
        async with client_for(catalog_app) as program:
            for wrong in (
                address.replace(own, other),
                address.partition("?")[0],
                f"{address}x",
                address.replace(calendar_in(address), str(uuid4())),
                # Even a right secret finds no calendar that is another's.
                forged,
            ):
                answer = await program.get(wrong)
                assert (answer.status_code, part in answer.text) == (404, False), wrong
            assert (await program.post(address)).status_code in (403, 405)

    async def test_its_address_is_for_those_who_change_things(
        self, taker: httpx.AsyncClient, address: str, catalog_database: Isolated
    ) -> None:
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE members SET role = 'viewer'"))
        # Whatever the token said before.
        taker.cookies.delete("__Host-identity")
        refused = await taker.get("/collections/calendar")
        assert (refused.status_code, urlsplit(address).path in refused.text) == (403, False)
        assert (await post(taker, "/collections/calendar")).status_code == 403


async def renew(side: httpx.AsyncClient) -> None:
    assert (await post(side, "/collections/calendar")).status_code == 303


async def address_of(side: httpx.AsyncClient) -> str:
    """Path and secret of one's calendar, as its page shows it."""
    page = (await side.get("/collections/calendar")).text
    whole = urlsplit(unescape(page.partition('id="calendar-address">')[2].partition("<")[0]))
    return f"{whole.path}?{whole.query}"


def calendar_in(address: str) -> str:
    return address.split("/")[4]


def read_event(text: str) -> Mapping[str, Any]:
    """The one event of a calendar, by the names of its lines."""
    inside = text.replace("\r\n ", "").partition("BEGIN:VEVENT\r\n")[2].partition("END:VEVENT")[0]
    return dict(line.split(":", 1) for line in inside.split("\r\n") if line)

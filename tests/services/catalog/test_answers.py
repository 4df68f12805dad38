"""A supplier's answer to a need: who may give it, how it changes, who reads it, and what is told of it."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from shared.clock import day_of, now
from tests.services.catalog.conftest import SignUp, csrf_of, send_sign_up
from tests.services.catalog.pages import said, shown
from tests.services.catalog.suppliers import a_need, declined, ids_of, interested, kept, pass_its_deadline
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_http_contract import signed
from tests.services.catalog.test_needs import events
from tests.support import Isolated, client_for

GIVEN = "catalog.answer.given.v1"


async def told(database: Isolated) -> list[tuple[Any, ...]]:
    """What readers hear of answers: the answer, the one before, the reason, its version."""
    data = [each["data"] for each in await events(database, GIVEN)]
    return [(each["answer"], each["before"], each["reason"], each["version"]) for each in data]


async def audited(database: Isolated) -> list[str]:
    async with database.sessions() as session:
        found = text("SELECT action FROM audit WHERE action LIKE 'answer.%' ORDER BY id")
        return list(await session.scalars(found))


class TestGiving:
    async def test_one_click_says_interested_and_tells_it(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_app: Litestar,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        answer = await interested(supplier, need, note="Nous livrons aussi le samedi.")
        assert (answer.status_code, answer.headers["location"]) == (303, need)
        member_id, organisation_id = await ids_of(supplier, catalog_app)
        (row,) = await kept(catalog_database)
        assert (row.state, row.version, row.given_by, row.letter_id) == ("interested", 1, member_id, None)
        (event,) = await events(catalog_database, GIVEN)
        assert event["data"] | {"at": None} == {
            "version": 1,
            "answer_id": str(row.id),
            "need_id": need.rsplit("/", 1)[-1],
            "organisation_id": str((await ids_of(buyer, catalog_app))[1]),
            "title": "80 repas par mois pour nos comités",
            "supplier_id": str(organisation_id),
            "supplier_name": "Traiteur solidaire",
            "answer": "interested",
            "before": None,
            "reason": None,
            "at": None,
        }

    async def test_what_is_written_beside_it_is_told_to_nobody_but_the_author(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, sign_up: SignUp,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        await interested(supplier, need, note="Appelez Zénobie au 0561.")
        assert "Zénobie" not in str(await events(catalog_database, GIVEN))
        other = await sign_up(roles=["ess"])
        for reader, reads in ((buyer, True), (supplier, True), (other, False)):
            assert ("Zénobie" in await shown(reader, need) + await shown(reader, f"{need}/answers")) is reads

    async def test_a_no_says_why(self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated) -> None:
        refused = await declined(supplier, need, reason="")
        assert refused.status_code == 422
        assert 'href="#reason"' in refused.text
        assert (await declined(supplier, need, reason="nothing")).status_code == 422
        assert await kept(catalog_database) == []
        assert (await declined(supplier, need, reason="no_time")).status_code == 303
        assert await told(catalog_database) == [("declined", None, "no_time", 1)]

    async def test_a_note_is_short(self, supplier: httpx.AsyncClient, need: str) -> None:
        refused = await interested(supplier, need, note="é" * 501)
        assert refused.status_code == 422
        assert 'href="#note"' in refused.text
        assert (await interested(supplier, need, note="é" * 500)).status_code == 303

    async def test_pressed_twice_it_is_given_once(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        for _ in range(2):
            assert (await interested(supplier, need)).status_code == 303
        assert await told(catalog_database) == [("interested", None, None, 1)]
        assert await audited(catalog_database) == ["answer.interested"]

    async def test_a_get_changes_nothing(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        for address in (need, f"{need}/answer", "/answers"):
            assert (await supplier.get(address)).status_code == 200
        assert (await supplier.get(f"{need}/interested")).status_code in (404, 405)
        assert await kept(catalog_database) == []


async def test_pressed_by_many_at_once_it_is_given_once(lasting_catalog: Litestar) -> None:
    """INVARIANT: one answer an organisation and need, whatever comes at the same moment."""
    async with client_for(lasting_catalog) as buyer, client_for(lasting_catalog) as supplier:
        assert (await send_sign_up(buyer, 1)).status_code == 303
        assert (await send_sign_up(supplier, 2, roles=["ess"])).status_code == 303
        need, token = await a_need(buyer), await csrf_of(supplier, "/needs/new")
        said = [("interested", {}), ("declined", {"reason": "price"})] * 4
        answers = await asyncio.gather(
            *(supplier.post(f"{need}/{what}", data={"_csrf": token, **more}) for what, more in said)
        )
    assert sorted(each.status_code for each in answers) == [303] * 4 + [422] * 4
    async with lasting_catalog.state.work.sessions() as session:
        told = await session.scalar(text("SELECT count(*) FROM outbox WHERE type = :kind"), {"kind": GIVEN})
        assert (await session.scalar(text("SELECT count(*) FROM answers")), told) == (1, 1)


class TestWhoMay:
    async def test_ones_own_need_is_not_answered(self, sign_up: SignUp, catalog_database: Isolated) -> None:
        both = await sign_up(roles=["ess", "buyer"], organisation_name="Les deux")
        own = await a_need(both)
        assert (await interested(both, own)).status_code in (403, 422)
        assert "interested" not in (await both.get(own)).text
        assert await kept(catalog_database) == []

    async def test_another_establishment_of_the_same_entity_is_the_same_party(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        async with catalog_database.sessions.begin() as session:
            one_entity = "UPDATE organisations SET legal_entity_id = (SELECT min(id::text)::uuid FROM legal_entities)"
            await session.execute(text(one_entity))
        assert "celui de votre entité" in (await interested(supplier, need)).text
        assert await kept(catalog_database) == []

    async def test_a_buyer_alone_does_not_answer(self, sign_up: SignUp, need: str, catalog_database: Isolated) -> None:
        other_buyer = await sign_up(roles=["buyer"])
        assert "structures de l&#39;ESS" in (await interested(other_buyer, need)).text.replace("’", "&#39;")
        assert f"{need}/interested" not in (await other_buyer.get(need)).text
        assert await kept(catalog_database) == []

    async def test_a_viewer_does_not_answer(
        self, supplier: httpx.AsyncClient, need: str, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        member_id, _ = await ids_of(supplier, catalog_app)
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE members SET role = 'viewer' WHERE id = :id"), {"id": member_id})
        token = (await shown(supplier, "/account")).partition('name="_csrf" value="')[2].partition('"')[0]
        refused = await supplier.post(f"{need}/interested", data={"_csrf": token})
        assert refused.status_code == 403
        assert await kept(catalog_database) == []

    async def test_a_suspended_organisation_does_not_answer(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE organisations SET state = 'suspended' WHERE name LIKE 'Traiteur%'"))
        assert "est suspendue" in (await interested(supplier, need)).text
        assert await kept(catalog_database) == []

    async def test_a_public_tender_is_answered_elsewhere(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        tender = await a_need(buyer, public_tender="on", tender_url="https://marches.exemple.fr/1")
        assert f"{tender}/interested" not in (await supplier.get(tender)).text
        assert "profil de l" in (await interested(supplier, tender)).text
        assert await kept(catalog_database) == []

    async def test_where_letters_leave_an_address_is_confirmed_first(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        catalog_database.both.pages.surround(confirmation_required=True)
        assert "puis répondez" in said(await interested(supplier, need))
        assert await kept(catalog_database) == []


class TestWhen:
    @pytest.mark.parametrize("end", ["withdraw", "close"])
    async def test_what_has_ended_takes_no_answer(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated, end: str
    ) -> None:
        assert (await post(buyer, f"{need}/{end}", outcome="price")).status_code == 303
        assert f"{need}/interested" not in (await supplier.get(need)).text
        assert "ne prend plus de réponse" in (await interested(supplier, need)).text
        assert await kept(catalog_database) == []

    async def test_after_its_deadline_nothing_is_answered_changed_or_withdrawn(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        await interested(supplier, need)
        await pass_its_deadline(catalog_database, need)
        assert f"{need}/answer" not in await shown(supplier, need)
        assert (await declined(supplier, need, seen=1)).status_code == 422
        assert (await post(supplier, f"{need}/answer/withdraw", _version=1)).status_code == 409
        assert await told(catalog_database) == [("interested", None, None, 1)]

    async def test_after_its_deadline_its_page_and_lists_say_so(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        for address in (need, "/needs"):
            assert not re.search("Réponses closes|Ne prend plus de réponse", (await supplier.get(address)).text)
        await pass_its_deadline(catalog_database, need)
        page, listed = [(await supplier.get(address)).text for address in (need, "/needs")]
        assert "Réponses closes" in page
        assert "Répondre avant" not in page
        assert re.findall(r'<li class="now">([^<]+)', page) == ["Clôture des réponses"]
        assert "Ne prend plus de réponse" in listed

    async def test_on_the_day_of_its_deadline_it_is_still_answered(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
    ) -> None:
        need = await a_need(buyer, deadline_on=day_of(now()).isoformat())
        assert (await interested(supplier, need)).status_code == 303

    async def test_a_draft_is_nobodys_to_answer(self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient) -> None:
        draft = await a_need(buyer, then="draft")
        assert (await interested(supplier, draft)).status_code == 404


class TestChanging:
    async def test_one_may_change_ones_mind_and_take_it_back(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        await interested(supplier, need, note="Un mot")
        assert (await declined(supplier, need, seen=1, reason="price")).status_code == 303
        assert (await post(supplier, f"{need}/answer/withdraw", _version=2)).headers["location"] == need
        assert (await interested(supplier, need, seen=3)).status_code == 303
        assert await told(catalog_database) == [
            ("interested", None, None, 1),
            ("declined", "interested", "price", 2),
            ("withdrawn", "declined", None, 3),
            ("interested", "withdrawn", None, 4),
        ]
        assert len(await kept(catalog_database)) == 1
        assert await audited(catalog_database) == [
            f"answer.{each}" for each in ("interested", "declined", "withdrawn", "interested")
        ]

    async def test_what_a_colleague_said_meanwhile_is_not_written_over_unseen(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        await interested(supplier, need)
        await declined(supplier, need, seen=1)
        for stale in (await interested(supplier, need, seen=1), await interested(supplier, need)):
            assert stale.status_code == 422
            # Sent again from this page, it counts.
            assert 'name="_version" value="2"' in stale.text
        assert (await post(supplier, f"{need}/answer/withdraw", _version=1)).status_code == 412
        assert [each[0] for each in await told(catalog_database)] == ["interested", "declined"]

    async def test_what_is_taken_back_says_nothing_any_more(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        await declined(supplier, need, note="Trop de trajets", reason="too_far")
        await post(supplier, f"{need}/answer/withdraw", _version=1)
        (row,) = await kept(catalog_database)
        assert (row.state, row.reason, row.note) == ("withdrawn", None, "")
        assert "Trop de trajets" not in await shown(buyer, f"{need}/answers")
        assert (await post(supplier, f"{need}/answer/withdraw", _version=2)).status_code == 409

    async def test_who_never_answered_has_nothing_to_take_back(self, supplier: httpx.AsyncClient, need: str) -> None:
        assert (await post(supplier, f"{need}/answer/withdraw", _version=0)).status_code == 404

    async def test_each_change_is_later_than_the_one_before_whatever_the_clock_says(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        """INVARIANT: readers may order answers by their time: a clock that was set back turns nothing round."""
        await interested(supplier, need)
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE answers SET given_at = given_at + interval '1 hour'"))
        (before,) = await kept(catalog_database)
        await declined(supplier, need, seen=1)
        await post(supplier, f"{need}/answer/withdraw", _version=2)
        (after,) = await kept(catalog_database)
        assert after.given_at == before.given_at + timedelta(microseconds=2)
        *_, last = await events(catalog_database, GIVEN)
        assert datetime.fromisoformat(last["data"]["at"]) == after.given_at

    async def test_a_note_of_several_lines_counts_each_break_as_one(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        """As the browser does, which sends two characters for it."""
        note = "\r\n".join(["é" * 9] * 50)
        assert (await interested(supplier, need, note=note)).status_code == 303
        assert [row.note for row in await kept(catalog_database)] == [note.replace("\r\n", "\n")]

    async def test_a_refused_no_comes_back_open(self, supplier: httpx.AsyncClient, need: str) -> None:
        for reason in ("price", ""):
            refused = await declined(supplier, need, note="é" * 501, reason=reason)
            assert refused.status_code == 422
            assert '<details class="mt-3" open' in refused.text, reason

    async def test_taking_back_is_noted_with_its_need(
        self, supplier: httpx.AsyncClient, need: str, catalog_database: Isolated
    ) -> None:
        await interested(supplier, need)
        await post(supplier, f"{need}/answer/withdraw", _version=1)
        async with catalog_database.sessions() as session:
            found = text("SELECT details ->> 'need' FROM audit WHERE action = 'answer.withdrawn'")
            assert await session.scalar(found) == need.rsplit("/", 1)[-1]


class TestAsJson:
    """The same rules for programs."""

    @pytest.fixture
    async def program(self, supplier: httpx.AsyncClient) -> httpx.AsyncClient:
        return await signed(supplier)

    async def create(self, client: httpx.AsyncClient, need: str, **said: object) -> httpx.Response:
        body = {"need_id": need.rsplit("/", 1)[-1], "answer": "interested", **said}
        return await client.post("/api/v1/answers", json=body, headers={"idempotency-key": uuid4().hex})

    async def test_it_is_given_changed_withdrawn_and_listed(
        self, program: httpx.AsyncClient, buyer: httpx.AsyncClient, need: str
    ) -> None:
        made = await self.create(program, need, note="Oui")
        assert made.status_code == 201, made.text
        address = f"/api/v1/answers/{made.json()['id']}"
        changed = await program.patch(
            address, json={"answer": "declined", "reason": "quantity"}, headers={"if-match": made.headers["etag"]}
        )
        assert (changed.status_code, changed.json()["reason"], changed.json()["version"]) == (200, "quantity", 2)
        gone = await program.post(f"{address}/withdraw", headers={"if-match": changed.headers["etag"]})
        assert (gone.status_code, gone.json()["answer"]) == (200, "withdrawn")
        for reader, where in ((program, "/api/v1/answers"), (buyer, f"/api/v1{need}/answers")):
            assert [each["answer"] for each in (await reader.get(where)).json()["items"]] == ["withdrawn"]
        assert (await buyer.get(address)).json()["supplier_name"] == "Traiteur solidaire"

    async def test_it_is_given_once_and_changed_by_what_was_seen(self, program: httpx.AsyncClient, need: str) -> None:
        made = await self.create(program, need)
        again = await self.create(program, need, answer="declined", reason="price")
        assert (again.status_code, again.json()["type"]) == (409, "urn:boucle:problem:AnsweredAlready"), again.text
        address, other = f"/api/v1/answers/{made.json()['id']}", {"answer": "declined", "reason": "price"}
        assert (await program.patch(address, json=other)).status_code == 428
        assert (await program.patch(address, json=other, headers={"if-match": '"9"'})).status_code == 412

    async def test_a_no_without_a_reason_names_the_field(self, program: httpx.AsyncClient, need: str) -> None:
        refused = await self.create(program, need, answer="declined")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "reason")
        assert (await self.create(program, need, note="x" * 501)).status_code == 422

    async def test_another_organisation_finds_nothing(
        self, program: httpx.AsyncClient, need: str, sign_up: SignUp
    ) -> None:
        made = (await self.create(program, need)).json()["id"]
        stranger = await signed(await sign_up(roles=["ess"]))
        assert (await stranger.get(f"/api/v1/answers/{made}")).status_code == 404
        for way in ("", "/withdraw"):
            change = stranger.post if way else stranger.patch
            body = None if way else {"answer": "interested"}
            answer = await change(f"/api/v1/answers/{made}{way}", json=body, headers={"if-match": "*"})
            assert answer.status_code == 404, way
        assert (await stranger.get(f"/api/v1{need}/answers")).status_code == 404
        assert (await stranger.get("/api/v1/answers")).json()["items"] == []
        nowhere = await self.create(stranger, f"/needs/{UUID(int=1)}")
        assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "need_id")

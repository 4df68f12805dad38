"""Webhooks on pages and as JSON: owners set them up, editors read, nobody else knows of them."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from services.notifications.settings import Settings
from services.notifications.webhooks.catalogue import PUBLIC, TEST
from services.notifications.webhooks.commands import MOST
from services.notifications.webhooks.loop import send_next
from services.notifications.webhooks.sending import Courier
from shared.database import Database
from shared.identity import Identity, Role
from tests.services.notifications.actors import Actor, Clock, Stage, a_demand, matched
from tests.services.notifications.receiving import Receiver, receiving
from tests.support import an_identity

PAGE, API = "/notifications/webhooks", "/notifications/api/v1/webhooks"
MATCHED = "matching.demand.matched.v1"
WANTED = {"url": "https://exemple.fr/boucle", "events": [MATCHED, "catalog.need.published.v1"]}
Visit = Callable[[Identity], httpx.AsyncClient]


@pytest.fixture
def notifications_settings(notifications_settings: Settings) -> Settings:
    return notifications_settings.model_copy(update={"webhooks_to_loopback": True})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def owner() -> Identity:
    return an_identity(organisation_name="Ville de Blagnac")


@pytest.fixture
def editor(owner: Identity) -> Identity:
    return an_identity(organisation_id=owner.organisation_id, role=Role.EDITOR)


@pytest.fixture
def me(visit: Visit, owner: Identity) -> httpx.AsyncClient:
    return visit(owner)


@pytest.fixture
async def made(me: httpx.AsyncClient) -> dict[str, Any]:
    """A webhook as its owner was told of it."""
    answer = await me.post(API, json=WANTED)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture
async def sent(stage: Stage, owner: Identity, made: dict[str, Any]) -> None:
    """Something happened that it wants to know."""
    author = Actor(owner.organisation_id, owner.member_id, owner.organisation_name)
    await stage.tell(matched(a_demand(author), []))


def one(made: dict[str, Any], place: str = "") -> str:
    return f"{API}/{made['id']}{place}"


def of_page(made: dict[str, Any], place: str = "") -> str:
    return f"{PAGE}/{made['id']}{place}"


async def test_an_owner_adds_one_and_sees_its_secret_once(me: httpx.AsyncClient) -> None:
    empty = await me.get(PAGE)
    assert "Aucun webhook" in empty.text
    answer = await me.post(PAGE, data=WANTED)
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]{44}", answer.text)
    listed = await me.get(PAGE)
    assert "https://exemple.fr/boucle" in listed.text
    assert secret not in listed.text
    (address,) = re.findall(rf"{PAGE}/[0-9a-f-]{{36}}", listed.text)
    assert secret not in (await me.get(address)).text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": "http://exemple.fr/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": ""}, "url"),
        ({"events": []}, "events"),
        ({"events": ["catalog.account.changed.v1"]}, "events"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(
    me: httpx.AsyncClient, stage: Stage, changed: dict[str, Any], field: str
) -> None:
    answer = await me.post(PAGE, data={**WANTED, **changed})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    if field == "events":
        assert 'value="https://exemple.fr/boucle"' in answer.text
    else:
        assert re.search(rf'value="{MATCHED}" checked', answer.text)
    problem = (await me.post(API, json={**WANTED, **changed})).json()
    assert (problem["status"], problem["errors"][0]["field"].partition(".")[0]) == (422, field)
    assert await stage.rows("SELECT id FROM webhooks") == []


async def test_an_address_is_taken_once_and_there_are_not_too_many(
    me: httpx.AsyncClient, made: dict[str, Any], stage: Stage
) -> None:
    again = await me.post(API, json=WANTED)
    assert (again.status_code, again.json()["type"]) == (422, "urn:boucle:problem:AddressTaken")
    for number in range(MOST - 1):
        assert (await me.post(API, json={**WANTED, "url": f"https://exemple.fr/{number}"})).status_code == 201
    more = await me.post(API, json={**WANTED, "url": "https://exemple.fr/more"})
    assert (more.status_code, more.json()["type"]) == (422, "urn:boucle:problem:TooManyWebhooks")
    assert "déjà 10" in (await me.post(PAGE, data={**WANTED, "url": "https://exemple.fr/more"})).text


async def test_an_editor_reads_and_changes_nothing(
    visit: Visit, editor: Identity, made: dict[str, Any], sent: None, stage: Stage
) -> None:
    them = visit(editor)
    assert (await them.get(one(made))).json()["secret"] is None
    listed = (await them.get(one(made, "/deliveries"))).json()["items"]
    page = await them.get(of_page(made))
    assert page.status_code == 200
    assert "/replay" not in page.text
    assert f'action="{of_page(made)}' not in page.text
    before = await stage.rows("SELECT * FROM webhooks, webhook_deliveries, webhook_secrets")
    again = f"/deliveries/{listed[0]['id']}/replay"
    places = ["", "/pause", "/resume", "/remove", "/secret", "/test", "/replay", again]
    for place in places:
        body = {"since": "2026-01-01"} if place == "/replay" else WANTED if not place else {}
        assert (await them.post(of_page(made, place), data=body)).status_code == 403, place
    headers = {"if-match": "*"}
    for place in places[1:]:
        body = {"since": "2026-01-01T00:00:00Z"} if place == "/replay" else {}
        assert (await them.post(one(made, place), json=body, headers=headers)).status_code == 403, place
    assert (await them.patch(one(made), json=WANTED, headers=headers)).status_code == 403
    assert (await them.post(API, json=WANTED)).status_code == 403
    assert await stage.rows("SELECT * FROM webhooks, webhook_deliveries, webhook_secrets") == before


async def test_a_viewer_is_refused_and_a_visitor_asked_to_sign_in(
    visit: Visit, owner: Identity, made: dict[str, Any], client: httpx.AsyncClient
) -> None:
    viewer = visit(replace(owner, member_id=uuid4(), role=Role.VIEWER))
    for path in (PAGE, API, one(made), of_page(made), one(made, "/deliveries")):
        assert (await viewer.get(path)).status_code == 403, path
    assert (await client.get(API)).status_code == 401
    assert (await client.get(PAGE)).headers["location"].startswith("/sign-in")


async def test_another_organisation_finds_nothing(
    visit: Visit, me: httpx.AsyncClient, made: dict[str, Any], sent: None
) -> None:
    stranger = visit(an_identity())
    (delivery,) = (await me.get(one(made, "/deliveries"))).json()["items"]
    assert (await stranger.get(API)).json()["items"] == []
    headers, place = {"if-match": "*"}, f"/deliveries/{delivery['id']}"
    for path in (one(made), one(made, "/deliveries"), one(made, place), of_page(made)):
        assert (await stranger.get(path)).status_code == 404, path
    for each in ("/pause", "/resume", "/remove", "/secret", "/test", f"{place}/replay"):
        assert (await stranger.post(one(made, each), json={}, headers=headers)).status_code == 404, each
        assert (await stranger.post(of_page(made, each))).status_code == 404, each
    assert (await stranger.patch(one(made), json=WANTED, headers=headers)).status_code == 404
    mine = (await stranger.post(API, json=WANTED)).json()
    assert (await stranger.get(one(mine, place))).status_code == 404
    assert (await stranger.post(one(mine, f"{place}/replay"), json={})).status_code == 404


async def test_a_change_names_the_version_it_changes(me: httpx.AsyncClient, made: dict[str, Any]) -> None:
    wanted = {"url": "https://exemple.fr/ailleurs", "events": [MATCHED]}
    assert (await me.patch(one(made), json=wanted, headers={"if-match": ""})).status_code in (400, 428)
    assert (await me.patch(one(made), json=wanted, headers={"if-match": '"7"'})).status_code == 412
    changed = await me.patch(one(made), json=wanted, headers={"if-match": '"1"'})
    assert (changed.json()["url"], changed.json()["version"], changed.json()["secret"]) == (wanted["url"], 2, None)
    assert (await me.post(one(made, "/pause"), headers={"if-match": '"1"'})).status_code == 412


async def test_it_is_paused_resumed_and_removed(me: httpx.AsyncClient, made: dict[str, Any], stage: Stage) -> None:
    assert (await me.post(of_page(made, "/pause"))).status_code == 303
    assert "En pause" in (await me.get(of_page(made))).text
    assert (await me.post(one(made, "/pause"), headers={"if-match": "*"})).status_code == 422
    assert (await me.post(of_page(made, "/resume"))).status_code == 303
    assert (await me.post(one(made, "/resume"), headers={"if-match": "*"})).status_code == 409
    assert (await me.post(of_page(made, "/remove"))).headers["location"] == PAGE
    assert (await me.get(of_page(made))).status_code == 404
    for table in ("webhooks", "webhook_secrets", "webhook_deliveries"):
        assert await stage.rows(f"SELECT * FROM {table}") == []


async def test_a_secret_is_changed_once_while_the_old_one_lasts(
    me: httpx.AsyncClient, made: dict[str, Any], clock: Clock
) -> None:
    answer = await me.post(of_page(made, "/secret"))
    assert made["secret"] not in answer.text
    assert "whsec_" in answer.text
    seen = (await me.get(one(made))).json()
    assert [each["expires_at"] is None for each in seen["secrets"]] == [True, False]
    assert (await me.post(one(made, "/secret"), headers={"if-match": "*"})).status_code == 409
    assert (await me.post(of_page(made, "/secret"))).status_code == 303
    clock.wait(days=3, seconds=1)
    rotated = await me.post(one(made, "/secret"), headers={"if-match": "*"})
    assert rotated.json()["secret"] not in (None, made["secret"])


async def test_a_test_leaves_and_its_answer_is_shown(
    me: httpx.AsyncClient, receiver: Receiver, database: Database, clock: Clock
) -> None:
    made = (await me.post(API, json={**WANTED, "url": receiver.url})).json()
    assert (await me.post(of_page(made, "/test"))).headers["location"] == f"{of_page(made)}#log"
    assert (await me.post(one(made, "/test"))).status_code == 422
    waiting = await me.get(of_page(made))
    assert 'hx-trigger="every 3s"' in waiting.text
    receiver.answer(202, "merci <b>")
    assert await send_next(database, Courier(clock, to_loopback=True), clock) == "sent"
    assert receiver.came[0].is_signed_with(made["secret"])
    log = await me.get(of_page(made), headers={"hx-request": "true"})
    assert log.text.lstrip().startswith('<div id="log-lines"')
    assert all(words in log.text for words in ("webhook.<wbr>test", "Reçu", "202"))
    assert "every 3s" not in log.text
    (delivery,) = (await me.get(one(made, "/deliveries"))).json()["items"]
    assert (delivery["type"], delivery["status"], delivery["answer"]) == (TEST, 202, "merci <b>")
    whole = (await me.get(one(made, f"/deliveries/{delivery['id']}"))).json()
    assert (delivery["body"], whole["body"]["data"]) == (None, {"webhook_id": made["id"]})
    shown = await me.get(of_page(made, f"/deliveries/{delivery['id']}"))
    assert all(words in shown.text for words in (whole["message_id"], made["id"], "merci &lt;b&gt;"))


async def test_the_forms_of_its_page_act_on_it(me: httpx.AsyncClient, made: dict[str, Any]) -> None:
    page = (await me.get(of_page(made))).text
    for step in ("/test", "/secret", "/pause", "/remove", "/replay", ""):
        assert f'action="{of_page(made)}{step}"' in page


async def test_one_or_all_that_failed_since_are_sent_again(
    me: httpx.AsyncClient, made: dict[str, Any], sent: None, stage: Stage, clock: Clock
) -> None:
    async def fail() -> None:
        async with stage.database.sessions.begin() as session:
            await session.execute(text("UPDATE webhook_deliveries SET state = 'failed', attempts = 10"))

    await fail()
    (delivery,) = (await me.get(one(made, "/deliveries"))).json()["items"]
    assert delivery["next_at"] is None
    again = await me.post(one(made, f"/deliveries/{delivery['id']}/replay"), json={})
    assert (again.json()["state"], again.json()["attempts"]) == ("pending", 0)
    assert again.json()["message_id"] == delivery["message_id"]
    await fail()
    late = {"since": (clock() + timedelta(hours=1)).isoformat()}
    assert (await me.post(one(made, "/replay"), json=late)).json() == {"count": 0}
    assert (await me.post(one(made, "/replay"), json={"since": "2026-11-01T00:00:00Z"})).json() == {"count": 1}
    await fail()
    assert (await me.post(of_page(made, "/replay"), data={"since": "2026-11-24"})).status_code == 303
    assert (await me.get(one(made, "/deliveries"))).json()["items"][0]["state"] == "pending"
    wrong = await me.post(of_page(made, "/replay"), data={"since": "hier"})
    assert wrong.status_code == 422
    assert 'value="hier"' in wrong.text


async def test_what_is_on_its_way_is_not_sent_again(
    me: httpx.AsyncClient, made: dict[str, Any], sent: None, stage: Stage, clock: Clock
) -> None:
    async with stage.database.sessions.begin() as session:
        until = {"until": clock() + timedelta(minutes=1)}
        await session.execute(text("UPDATE webhook_deliveries SET state = 'claimed', next_at = :until"), until)
    (delivery,) = (await me.get(one(made, "/deliveries"))).json()["items"]
    assert (await me.post(one(made, f"/deliveries/{delivery['id']}/replay"), json={})).status_code == 422
    clock.wait(minutes=2)
    assert (await me.post(one(made, f"/deliveries/{delivery['id']}/replay"), json={})).status_code == 200


async def test_lists_go_on_by_a_cursor(me: httpx.AsyncClient, made: dict[str, Any], stage: Stage) -> None:
    await me.post(API, json={**WANTED, "url": "https://exemple.fr/2"})
    first = (await me.get(API, params={"limit": 1})).json()
    second = (await me.get(API, params={"limit": 1, "cursor": first["next"]})).json()
    assert [first["items"][0]["url"], second["items"][0]["url"]] == [WANTED["url"], "https://exemple.fr/2"]
    assert second["next"] is None


async def test_pages_cannot_read_a_secret(me: httpx.AsyncClient, made: dict[str, Any], app: Any) -> None:
    """INVARIANT: PostgreSQL itself refuses it to the role that answers requests."""
    async with app.state.database.connection() as connection:
        with pytest.raises(Exception, match="permission denied"):
            await connection.execute(text("SELECT secret FROM webhook_secrets"))


async def test_a_message_from_a_page_in_english_is_in_english(me: httpx.AsyncClient, made: dict[str, Any]) -> None:
    page = await me.get(f"/en{of_page(made)}")
    assert "Send a test" in page.text
    assert "Envoyer" not in page.text


def test_every_public_type_may_be_chosen() -> None:
    assert len(PUBLIC) >= 20

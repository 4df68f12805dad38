"""The call log, and what the cockpit makes of it: whom to call next, why, and whom again today."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.clock import day_of, now
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.coordinators import a_coordinator
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import post_need
from tests.support import Isolated

UNMATCHED = "UPDATE needs SET match_count = 0, published_at = now() - make_interval(days => :days) WHERE title = :title"
SINCE = "UPDATE organisations SET created_at = now() - make_interval(days => :days) WHERE name = :name"


@pytest.fixture
async def coordinator(sign_up: SignUp, catalog_database: Isolated) -> httpx.AsyncClient:
    return await a_coordinator(sign_up, catalog_database)


async def change(database: Isolated, statement: str, **values: Any) -> None:
    async with database.sessions.begin() as session:
        assert (await session.execute(text(statement), values)).rowcount == 1  # type: ignore[attr-defined]


def section(page: str, name: str) -> str:
    """A part of the cockpit, as text on one line with plain spaces."""
    part = page.partition(f'id="{name}"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).replace("\N{NO-BREAK SPACE}", " ").split())


async def log_of(coordinator: httpx.AsyncClient, title: str) -> str:
    """The address at which a contact about something stuck is noted."""
    page = (await coordinator.get("/territory")).text
    found = re.search(rf'href="(/territory/organisations/[^"]*/contacts[^"]*)"[^>]*: {re.escape(title)}"', page)
    assert found is not None, title
    return found[1]


@pytest.mark.parametrize(
    ("days", "basket", "step"),
    [(8, None, "Laisser venir"), (9, 9, "Chercher une structure"), (21, 21, "élargir la zone"), (45, 45, "clore")],
)
async def test_the_next_step_follows_how_long_a_need_stands_alone(
    coordinator: httpx.AsyncClient,
    sign_up: SignUp,
    catalog_database: Isolated,
    *,
    days: int,
    basket: int | None,
    step: str,
) -> None:
    buyer = await sign_up(organisation_name="Hexaplane")
    await post_need(buyer, title="Cent tentes")
    await change(catalog_database, UNMATCHED, days=days, title="Cent tentes")
    stuck = section((await coordinator.get("/territory")).text, "stuck")
    assert "Cent tentes" in stuck
    assert step in stuck
    assert (f"plus de {basket} jours" in stuck) is (basket is not None)
    last = section((await coordinator.get("/territory?basket=3")).text, "stuck")
    assert ("Cent tentes" in last) is (basket == 45)


async def test_a_basket_follows_the_territory_s_own_figure(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    await post_need(await sign_up(), title="Cent tentes")
    await change(catalog_database, UNMATCHED, days=8, title="Cent tentes")
    today = day_of(now()).isoformat()
    figure = {"value": "7", "valid_from": today, "source": "Réunion", "source_on": today, "reason": "Plus tôt."}
    assert (await post(coordinator, "/territory/parameters/stuck_first", **figure)).status_code == 303
    assert "plus de 7 jours" in section((await coordinator.get("/territory")).text, "stuck")


async def test_an_organisation_that_publishes_nothing_is_called(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    silent, busy = await sign_up(organisation_name="Muette"), await sign_up(organisation_name="Bavarde")
    await post_need(busy)
    for name in ("Muette", "Bavarde"):
        await change(catalog_database, SINCE, days=10, name=name)
        await change(catalog_database, "UPDATE organisations SET state = 'verified' WHERE name = :name", name=name)
    stuck = section((await coordinator.get("/territory")).text, "stuck")
    assert "Appeler Muette : aider à publier" in stuck
    assert "Bavarde" not in stuck
    await post_need(silent)
    assert "Muette : aider" not in section((await coordinator.get("/territory")).text, "stuck")


async def test_what_waits_for_a_look_too_long_is_stuck_as_well(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    await sign_up(organisation_name="Hexaplane")
    await change(catalog_database, SINCE, days=2, name="Hexaplane")
    assert "Hexaplane" not in section((await coordinator.get("/territory")).text, "stuck")
    await change(catalog_database, SINCE, days=4, name="Hexaplane")
    assert "Vérifier Hexaplane, qui vous attend" in section((await coordinator.get("/territory")).text, "stuck")
    await change(catalog_database, SINCE, days=5, name="Hexaplane")
    assert "En retard : vérifier Hexaplane" in section((await coordinator.get("/territory")).text, "stuck")


async def test_a_call_is_kept_shown_and_comes_back_on_its_day(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    await post_need(await sign_up(organisation_name="Hexaplane"), title="Cent tentes")
    await change(catalog_database, UNMATCHED, days=22, title="Cent tentes")
    log = await log_of(coordinator, "Cent tentes")
    assert "Cent tentes" in (await coordinator.get(log)).text
    address, _, about = log.partition("?about=")
    again = day_of(now()) + timedelta(days=3)
    said = {"means": "phone", "result": "message_left", "words": "Revient lundi.", "phone": "0561000000"}
    answer = await post(coordinator, address, **said, about=about, call_back_on=again.isoformat())
    assert (answer.status_code, answer.headers["location"]) == (303, "/territory")
    page = (await coordinator.get("/territory")).text
    assert section(page, "due") == ""
    stuck = section(page, "stuck")
    assert "Rappeler Hexaplane" in stuck
    assert "message laissé" in stuck
    assert "05 61 00 00 00" in stuck
    look = (await coordinator.get(address.removesuffix("/contacts"))).text
    assert "Revient lundi." in look

    await post(coordinator, address, **{**said, "words": "Rappeler ce matin."}, call_back_on=day_of(now()).isoformat())
    due = section((await coordinator.get("/territory")).text, "due")
    assert "Rappeler ce matin." in due
    await post(coordinator, address, means="phone", result="will_act")
    assert section((await coordinator.get("/territory")).text, "due") == ""
    async with catalog_database.sessions() as session:
        lines = list(await session.scalars(text("SELECT details->>'result' FROM audit WHERE action = 'contact.noted'")))
    assert sorted(lines) == ["message_left", "message_left", "will_act"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "result"),
        ({"result": "reached", "call_back_on": "2020-01-01"}, "call_back_on"),
        ({"result": "reached", "call_back_on": "2126-01-01"}, "call_back_on"),
        ({"result": "message_left"}, "call_back_on"),
        ({"result": "reached", "phone": "demain"}, "phone"),
        ({"result": "reached", "words": "x" * 1001}, "words"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated, *, fields: dict[str, str], field: str
) -> None:
    await sign_up(organisation_name="Hexaplane")
    await change(catalog_database, SINCE, days=4, name="Hexaplane")
    address = await log_of(coordinator, "Hexaplane")
    answer = await post(coordinator, address, **{"words": "Gardé.", **fields})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert fields.get("words", "Gardé.") in answer.text


async def test_the_log_is_the_coordinators_alone(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer, other = await sign_up(organisation_name="Hexaplane"), await sign_up()
    need = (await post_need(other, title="À un autre")).headers["location"].rpartition("/")[2]
    await change(catalog_database, SINCE, days=4, name="Hexaplane")
    address = await log_of(coordinator, "Hexaplane")
    await post(coordinator, address, result="reached", words="Entre nous.")
    assert (await buyer.get(address)).status_code == 403
    assert (await post(buyer, address, result="reached")).status_code == 403
    assert (await coordinator.get(f"{address}?about={need}")).status_code == 404
    assert (await post(coordinator, address, result="reached", about=need)).status_code == 422
    nowhere = "/territory/organisations/00000000-0000-7000-8000-000000000001/contacts"
    assert (await coordinator.get(nowhere)).status_code == 404


@pytest.mark.parametrize("role", ["pages", "work"])
@pytest.mark.parametrize("statement", ["UPDATE follow_ups SET words = ''", "DELETE FROM follow_ups"])
async def test_no_line_of_the_log_is_changed_or_removed(catalog_database: Isolated, role: str, statement: str) -> None:
    """INVARIANT: the log only grows."""
    database = catalog_database.both.pages if role == "pages" else catalog_database
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.sessions.begin() as session:
            await session.execute(text(statement))

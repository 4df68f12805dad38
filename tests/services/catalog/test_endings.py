"""Who holds a status or a permit hears of its end: sixty days before, fourteen, and the day after; once each."""

from datetime import date, timedelta

import httpx
import pytest

from services.catalog.portrait.foretelling import foretell_ends
from tests.services.catalog.claimants import Sql, sql
from tests.services.catalog.conftest import SIRETS, SignUp
from tests.services.catalog.test_accounts import with_a_siret_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.services.catalog.test_portrait import site_address
from tests.support import Isolated, at_noon_of

__all__ = ["sql"]

LAST = date(2031, 3, 31)


@pytest.fixture
async def workshop(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(roles=["ess"], kinds=["association"])


async def a_status(client: httpx.AsyncClient, last: date = LAST) -> None:
    form = {"kinds": ["association", "ACI"], "source_ACI": "convention", "until_ACI": str(last)}
    assert (await post(client, "/organisation/statuses", **form)).status_code == 303


async def on(database: Isolated, day: date) -> list[tuple[str, int]]:
    """What the timer tells on a day."""
    before = len(await events(database, "catalog.ending.noticed.v1"))
    async with database.sessions.begin() as session:
        with at_noon_of(day, session):
            await foretell_ends(session)
    told = (await events(database, "catalog.ending.noticed.v1"))[before:]
    return [(each["data"]["code"], each["data"]["days_before"]) for each in told]


async def before_the_end(database: Isolated, *days: int) -> list[list[tuple[str, int]]]:
    """What is told so many days before the last one, in that order."""
    return [await on(database, LAST - timedelta(days=each)) for each in days]


async def test_it_is_told_sixty_days_before_then_fourteen_and_on_the_day_after(
    workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    """INVARIANT: once for each threshold, however often the timer looks."""
    await a_status(workshop)
    told = await before_the_end(catalog_database, 61, 60, 59, 15, 14, 14, 0, -1, -1, -14)
    assert told == [[], [("ACI", 60)], [], [], [("ACI", 14)], [], [], [("ACI", -1)], [], []]
    (first, *_) = await events(catalog_database, "catalog.ending.noticed.v1")
    assert (first["data"]["what"], first["data"]["expires_on"], first["data"]["site_id"]) == (
        "status", str(LAST), None,
    )  # fmt: skip


async def test_only_the_nearest_threshold_is_told_after_a_pause_of_the_timer(
    workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    await a_status(workshop)
    assert await before_the_end(catalog_database, 10, 3) == [[("ACI", 14)], []]


async def test_what_ended_long_ago_is_no_news(workshop: httpx.AsyncClient, catalog_database: Isolated) -> None:
    await a_status(workshop)
    assert await before_the_end(catalog_database, -15, -400) == [[], []]


async def test_a_renewed_status_is_told_of_again_before_its_new_end(
    workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    await a_status(workshop)
    assert await before_the_end(catalog_database, 14) == [[("ACI", 14)]]
    later = LAST + timedelta(days=365)
    await a_status(workshop, later)
    assert await before_the_end(catalog_database, 13, -1) == [[], []]
    assert await on(catalog_database, later - timedelta(days=60)) == [("ACI", 60)]


async def test_a_permit_is_told_of_with_its_site(workshop: httpx.AsyncClient, catalog_database: Isolated) -> None:
    site = {"name": "Quai 3", "place": "Muret", "permits": ["waste_treatment"], "until_waste_treatment": str(LAST)}
    await post(workshop, "/organisation/sites", **site)
    assert await before_the_end(catalog_database, 60, 60) == [[("waste_treatment", 60)], []]
    (told,) = await events(catalog_database, "catalog.ending.noticed.v1")
    address = await site_address(workshop)
    assert (told["data"]["what"], told["data"]["site_name"]) == ("permit", "Quai 3")
    assert address.endswith(told["data"]["site_id"])


async def test_a_permit_of_a_list_that_no_site_holds_is_told_of_too(
    workshop: httpx.AsyncClient, catalog_database: Isolated, sql: Sql
) -> None:
    held = f'[{{"code": "insurance", "expires_on": "{LAST}"}}]'
    await sql("UPDATE organisations SET permits = CAST(:held AS jsonb)", held=held)
    assert await before_the_end(catalog_database, 20) == [[("insurance", 60)]]


async def test_every_establishment_of_the_entity_hears_of_it(
    workshop: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    await sign_up(roles=["ess"], kinds=["association"], siret=with_a_siret_of(SIRETS[0][:9], 8))
    await a_status(workshop)
    assert await before_the_end(catalog_database, 60) == [[("ACI", 60), ("ACI", 60)]]
    told = await events(catalog_database, "catalog.ending.noticed.v1")
    assert len({each["data"]["organisation_id"] for each in told}) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE organisations SET state = 'suspended'",
        "UPDATE members SET left_at = now()",
    ],
)
async def test_nobody_is_told_for_whom_nobody_may_act(
    statement: str, workshop: httpx.AsyncClient, catalog_database: Isolated, sql: Sql
) -> None:
    await a_status(workshop)
    await sql(statement)
    assert await before_the_end(catalog_database, 60) == [[]]


async def test_what_was_told_is_forgotten_once_nothing_could_tell_it_again(
    workshop: httpx.AsyncClient, catalog_database: Isolated, sql: Sql
) -> None:
    await a_status(workshop)
    await before_the_end(catalog_database, 60)
    assert await before_the_end(catalog_database, -89, -91) == [[], []]
    assert await sql("SELECT count(*) FROM told_endings") == [(0,)]

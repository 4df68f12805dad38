"""INVARIANT: a link opens one session, once, for a while, where it was asked for; looking at it does nothing."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.accounts.links import LETTERS, WITHIN
from services.catalog.app import create_app
from services.catalog.settings import Settings
from shared.clock import Calendar, now
from shared.database import Database
from shared.database.both import Databases
from shared.identity import LinkKeys
from shared.web.visit import SESSION_COOKIE
from tests.services.catalog.conftest import SignUp, csrf_of, send_sign_up
from tests.services.catalog.letters import Mailbox, key_of, path_of
from tests.support import Isolated, client_for

KNOWN, UNKNOWN = "personne1@exemple.fr", "inconnue1@exemple.fr"
PRIVATE = "/account"
ASKING = ["/sign-in/link", "/sign-in/forgotten"]
# More than the answers below differ by chance on a busy machine, less than what a password costs to hash.
SAME_S = 0.01
SAMPLES = 30


@pytest.fixture
def mailbox(catalog_app: Litestar, catalog_database: Isolated) -> Mailbox:
    return Mailbox(catalog_app, catalog_database)


@pytest.fixture
async def another(catalog_app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """Another browser."""
    async with client_for(catalog_app) as client:
        yield client


async def asked(client: httpx.AsyncClient, *, email: str = KNOWN, at: str = "/sign-in/link") -> httpx.Response:
    return await client.post(at, data={"email": email, "_csrf": await csrf_of(client, at)})


async def used(client: httpx.AsyncClient, link: str, **changes: str) -> httpx.Response:
    """Press the button of a link's page."""
    form = {"key": key_of(link), "_csrf": await csrf_of(client, "/sign-in"), **changes}
    return await client.post(path_of(link), data=form)


async def sessions(database: Database) -> int:
    async with database.sessions() as session:
        return int(await session.scalar(text("SELECT count(*) FROM sessions WHERE revoked_at IS NULL")) or 0)


async def later(database: Database, time: timedelta) -> None:
    """Everything that was asked for was asked for so much earlier."""
    async with database.sessions.begin() as session:
        columns = ", ".join(f"{name} = {name} - CAST(:time AS interval)" for name in ("created_at", "expires_at"))
        await session.execute(text(f"UPDATE links SET {columns}"), {"time": time})


@pytest.mark.promise(51)
async def test_a_link_signs_in_once(sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox) -> None:
    await sign_up()
    assert (await asked(visitor)).status_code == 303
    link = await mailbox.link("sign_in")
    answer = await used(visitor, link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")
    assert (await visitor.get(PRIVATE)).status_code == 200
    before = await sessions(mailbox.database)
    for again in (await used(visitor, link), await visitor.get(link)):
        assert again.status_code == 410
        assert "a déjà servi" in again.text
    assert await sessions(mailbox.database) == before


@pytest.mark.promise(51)
@pytest.mark.parametrize("method", ["HEAD", "GET"])
async def test_a_scanner_that_follows_the_link_takes_nothing(
    sign_up: SignUp, visitor: httpx.AsyncClient, another: httpx.AsyncClient, mailbox: Mailbox, method: str
) -> None:
    """From anywhere, the right browser included, however often."""
    await sign_up()
    await asked(visitor)
    link = await mailbox.link("sign_in")
    before = await sessions(mailbox.database)
    for browser in (another, visitor, another, visitor):
        answer = await browser.request(method, link)
        assert SESSION_COOKIE not in answer.cookies
        assert answer.status_code < 500
    assert await sessions(mailbox.database) == before
    assert (await used(visitor, link)).headers["location"] == "/dashboard"


@pytest.mark.promise(51)
@pytest.mark.parametrize("at", ASKING)
async def test_another_browser_opens_nothing_and_is_told_what_to_do(
    sign_up: SignUp, visitor: httpx.AsyncClient, another: httpx.AsyncClient, mailbox: Mailbox, at: str
) -> None:
    await sign_up()
    await asked(visitor, at=at)
    link = await mailbox.link("sign_in" if at.endswith("link") else "reset_password")
    await another.get("/sign-in")
    for answer in (await another.get(link), await used(another, link, password="nouveau mot de passe")):
        assert answer.status_code == 403
        assert "navigateur où vous l’avez demandé" in answer.text
        assert 'href="/sign-in/link"' in answer.text
    assert SESSION_COOKIE not in another.cookies
    assert (await visitor.get(link)).status_code == 200


@pytest.mark.promise(51)
@pytest.mark.parametrize(("age", "status"), [(timedelta(minutes=9, seconds=50), 303), (timedelta(minutes=10), 410)])
async def test_a_link_lives_ten_minutes(
    sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox, age: timedelta, status: int
) -> None:
    await sign_up()
    await asked(visitor)
    link = await mailbox.link("sign_in")
    await later(mailbox.database, age)
    assert (await used(visitor, link)).status_code == status
    assert (SESSION_COOKIE in visitor.cookies) == (status == 303)


class At:
    """A clock that says what it is told."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


@pytest.mark.promise(51)
@pytest.mark.parametrize("at", ASKING)
async def test_ten_minutes_and_one_second_are_too_many(
    catalog_settings: Settings, catalog_database: Isolated, at: str
) -> None:
    """By the clock of the service, to the second."""
    clock = At(now())
    catalog_database.both.pages.surround(clock=clock)
    app = create_app(catalog_settings, databases=catalog_database.both, clock=clock)
    mailbox = Mailbox(app, catalog_database)
    async with client_for(app) as member, client_for(app) as visitor:
        assert (await send_sign_up(member)).status_code == 303
        await asked(visitor, at=at)
        link = await mailbox.link("sign_in" if at.endswith("link") else "reset_password")
        clock.moment += timedelta(minutes=9, seconds=59)
        assert (await visitor.get(link)).status_code == 200
        clock.moment += timedelta(seconds=2)
        assert (await visitor.get(link)).status_code == 410
        assert (await used(visitor, link, password="nouveau mot de passe")).status_code == 410
        assert SESSION_COOKIE not in visitor.cookies


@pytest.mark.promise(51)
async def test_ten_presses_at_once_open_one_session(lasting_catalog: Litestar) -> None:
    database: Database = lasting_catalog.state.work
    mailbox = Mailbox(lasting_catalog, database)
    async with client_for(lasting_catalog) as member, client_for(lasting_catalog) as visitor:
        assert (await send_sign_up(member)).status_code == 303
        await asked(visitor)
        link, before = await mailbox.link("sign_in"), await sessions(database)
        form = {"key": key_of(link), "_csrf": await csrf_of(visitor, "/sign-in")}
        cookies = dict(visitor.cookies)

        async def press() -> httpx.Response:
            async with client_for(lasting_catalog) as browser:
                browser.cookies.update(cookies)
                return await browser.post(path_of(link), data=form)

        answers = await asyncio.gather(*(press() for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [303] + [410] * 9
    assert sum(SESSION_COOKIE in answer.cookies for answer in answers) == 1
    assert await sessions(database) == before + 1


@pytest.mark.promise(51)
@pytest.mark.parametrize("at", ASKING)
async def test_nobody_learns_whether_an_address_has_an_account(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated, at: str
) -> None:
    """Same status, same page, same cookies, the same rows in the same tables: so the same time, too."""
    await sign_up()
    told = []
    for email in (KNOWN, UNKNOWN):
        before = await counted(catalog_database)
        answer = await asked(visitor, email=email, at=at)
        page = await visitor.get(answer.headers["location"])
        after = await counted(catalog_database)
        added = {name: after[name] - before[name] for name in after if after[name] != before[name]}
        told.append((answer.status_code, answer.headers.get_list("set-cookie"), page.text, added))
    assert told[0] == told[1]
    assert told[0][3] == {"links": 1, "outbox": 1, "audit": 1}


async def counted(database: Isolated) -> dict[str, int]:
    tables = ("links", "outbox", "audit", "wrong_passwords", "sessions", "accounts")
    async with database.connection() as connection:
        return {name: await connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in tables}


@pytest.mark.promise(51)
async def test_an_unknown_address_takes_as_long(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    await sign_up()
    token = await csrf_of(visitor, "/sign-in/link")
    took: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for _ in range(SAMPLES):
        for email, times in took.items():
            began = time.perf_counter()
            answer = await visitor.post("/sign-in/link", data={"email": email, "_csrf": token})
            times.append(time.perf_counter() - began)
            assert answer.status_code == 303
            await later(catalog_database, WITHIN)
    # The quicker ones: what the machine did beside the slower ones says nothing of the address.
    known, unknown = (statistics.quantiles(times, n=4)[0] for times in (took[KNOWN], took[UNKNOWN]))
    assert abs(known - unknown) < SAME_S


@pytest.mark.promise(51, 52)
async def test_letters_are_limited_across_processes_for_known_and_unknown_alike(lasting_catalog: Litestar) -> None:
    own: Database = lasting_catalog.state.database
    other = Database(own.url, clock=now, calendar=Calendar(always_open=True))
    apps = [lasting_catalog, create_app(lasting_catalog.state.settings, databases=Databases(other, None))]
    async with client_for(apps[0]) as one, client_for(apps[1]) as two:
        assert (await send_sign_up(one, 2)).status_code == 303
        for email in ("personne2@exemple.fr", UNKNOWN):
            # The confirmation that sign-up sent counts as well.
            already = email != UNKNOWN
            statuses = [
                (await asked((one, two)[turn % 2], email=email)).status_code for turn in range(LETTERS - already)
            ]
            assert set(statuses) == {303}
            for browser in (one, two):
                refused = await asked(browser, email=email.upper())
                assert refused.status_code == 422
                assert "Plusieurs lettres sont déjà parties" in refused.text
    await other.close()


@pytest.mark.promise(51)
async def test_nothing_that_is_kept_or_told_holds_the_secret(
    sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    await sign_up()
    await asked(visitor)
    secret = key_of(await mailbox.link("sign_in"))
    assert len(secret) >= 43  # 256 bits
    async with mailbox.database.sessions() as session:
        for table in ("links", "outbox", "audit", "accounts"):
            whole = str(await session.scalar(text(f"SELECT string_agg(t::text, '') FROM {table} t")))
            assert secret not in whole
    for requested in await mailbox.requested():
        assert not set(requested) & {"email", "key", "secret", "name"}


@pytest.mark.promise(51)
async def test_a_secret_opens_its_own_link_only(sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """Nor an unknown one, nor half of one; what is wrong is never said."""
    await sign_up()
    await asked(visitor)
    await asked(visitor, at="/sign-in/forgotten")
    signing, resetting = await mailbox.link("sign_in"), await mailbox.link("reset_password")
    answers = []
    for path, key in (
        (path_of(signing), key_of(resetting)),
        (path_of(signing), key_of(signing)[:-1]),
        (path_of(signing), ""),
        (f"/links/{uuid4()}", key_of(signing)),
    ):
        answers += [await visitor.get(f"{path}?key={key}"), await used(visitor, f"{path}?key={key}")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text.replace(str(answer.request.url.path), "") for answer in answers}) == 1
    assert (await used(visitor, signing)).status_code == 303


@pytest.mark.promise(51)
async def test_a_forged_press_uses_nothing(sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox) -> None:
    await sign_up()
    await asked(visitor)
    link = await mailbox.link("sign_in")
    for form, headers in (
        ({"key": key_of(link)}, {}),
        ({"key": key_of(link), "_csrf": await csrf_of(visitor, "/sign-in")}, {"origin": "https://evil.example"}),
    ):
        assert (await visitor.post(path_of(link), data=form, headers=headers)).status_code == 403
    assert (await visitor.get(link)).status_code == 200


@pytest.mark.promise(51, 58)
def test_the_key_of_links_is_changed_without_anybody_noticing(catalog_settings: Settings, tmp_path: object) -> None:
    """INVARIANT: a link made with the key before is opened as long as that key stands in the file."""
    file = catalog_settings.link_keys_file
    old, link_id = file.read_text(), UUID(int=7)
    secret = key_of(LinkKeys(file).path(link_id))
    moved = file.with_name("links-moved")
    moved.write_text(f"another key that is long enough\n{old}")
    try:
        both = LinkKeys(moved)
        assert both.opens(link_id, secret)
        assert key_of(both.path(link_id)) != secret
        moved.write_text("another key that is long enough\n")
        assert not LinkKeys(moved).opens(link_id, secret)
    finally:
        moved.unlink()

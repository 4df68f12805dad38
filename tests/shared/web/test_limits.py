"""INVARIANT: nobody passes more often than a member, an organisation and an address may, in any number of processes."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from litestar import Request
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.catalog.app import create_app
from services.catalog.settings import Settings
from shared.clock import Calendar, now
from shared.database import Database
from shared.database.both import Databases
from shared.settings import RateLimits
from shared.web.limits import FORGET, client_address
from tests.services.catalog.conftest import SIRETS, csrf_of, lasting_catalog, send_sign_up
from tests.support import client_for

__all__ = ["lasting_catalog"]

LIST = "/api/v1/needs?limit=1"
FORGED = "203.0.113.{number}"
PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


class Houses:
    """Two processes of catalog with nothing in common but their database."""

    def __init__(self, settings: Settings, databases: list[Database]) -> None:
        self.settings, self.databases = settings, databases

    def start(self, **limits: int) -> list[Any]:
        """Both, with these limits and otherwise none."""
        wide = dict.fromkeys(RateLimits.model_fields, 10**6)
        changed = {"rate_limits": RateLimits(**{**wide, **limits})}
        return [
            create_app(self.settings.model_copy(update=changed), databases=Databases(each, None))
            for each in self.databases
        ]


@pytest.fixture
async def houses(engines: Engines, catalog_settings: Settings, lasting_catalog: Any) -> AsyncIterator[Houses]:
    url = engines.instance.database_url("catalog")
    async with AsyncExitStack() as stack:
        databases = [Database(url, clock=now, calendar=Calendar(always_open=True)) for _ in range(2)]
        for each in databases:
            stack.push_async_callback(each.close)
        # A new minute in the middle of a test would let more pass: counted as one long minute.
        async with databases[0].connection() as connection:
            await connection.execute(text("DELETE FROM spent_requests"))
            left = await connection.scalar(text("SELECT 60 - extract(epoch FROM clock_timestamp()) % 60"))
        if left < 20:
            await asyncio.sleep(float(left))
        yield Houses(catalog_settings, databases)


async def asked(apps: list[Any], times: int, **sent: Any) -> list[httpx.Response]:
    """The answers of the two processes in turn, each request pretending to come from elsewhere."""
    answers = []
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client_for(app, address="198.51.100.7")) for app in apps]
        for number in range(times):
            headers = {"x-forwarded-for": FORGED.format(number=number), "forwarded": f"for=203.0.113.{number}"}
            answers.append(await clients[number % 2].get(LIST, headers=headers, **sent))
    return answers


@pytest.mark.promise(52)
async def test_an_address_passes_as_often_as_it_may_across_processes(houses: Houses) -> None:
    answers = await asked(houses.start(address=40), 60)
    assert [answer.status_code for answer in answers] == [200] * 40 + [429] * 20
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert re.fullmatch(r'"address";r=0;t=\d+', refused.headers["ratelimit"])
    assert '"address";q=40;w=60' in refused.headers["ratelimit-policy"]
    assert re.fullmatch(r'"address";r=\d+;t=\d+', answers[0].headers["ratelimit"])


@pytest.mark.promise(52)
async def test_a_process_never_lets_more_pass_than_it_took(houses: Houses) -> None:
    """With shares of ten, one process may hold ten that the other one does not get: never more than the limit."""
    answers = await asked(houses.start(address=200), 240)
    passed = sum(answer.status_code == 200 for answer in answers)
    assert 190 <= passed <= 200


@pytest.mark.promise(52)
@pytest.mark.parametrize("subject", ["member", "organisation"])
async def test_members_and_organisations_are_counted_wherever_they_come_from(houses: Houses, subject: str) -> None:
    apps = houses.start(**{subject: 10})
    async with client_for(apps[0], address="198.51.100.1") as member, client_for(apps[1], address="192.0.2.1") as away:
        assert (await send_sign_up(member)).status_code == 303
        away.cookies.update(member.cookies)
        statuses = [(await (member, away)[number % 2].get(LIST)).status_code for number in range(14)]
        assert statuses == [200] * 10 + [429] * 4
        # Pages that only show go on; what would change something does not.
        assert (await member.get("/dashboard")).status_code == 200
        refused = await member.post("/needs", data={"_csrf": await csrf_of(member, "/needs/new")})
        assert (refused.status_code, refused.headers["content-type"]) == (429, "text/html; charset=utf-8")
        async with client_for(apps[0], address="198.51.100.1") as other:
            assert (await send_sign_up(other, 2, siret=SIRETS[1])).status_code == 303
            assert (await other.get(LIST)).status_code == 200


@pytest.mark.promise(52)
async def test_nobody_is_refused_what_is_left_because_others_ask_at_once(
    houses: Houses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT: a share that others spend while one waits for it is asked for again, until the limit is reached."""
    app, *_ = houses.start(address=40)
    take, hasty = app.limiter._take, 3

    async def overtaken(*given: Any) -> None:
        nonlocal hasty
        await take(*given)
        if hasty:
            hasty -= 1
            for share in app.limiter._shares.values():
                share.left = 0

    monkeypatch.setattr(app.limiter, "_take", overtaken)
    async with client_for(app) as client:
        answers = [await client.get(LIST) for _ in range(40)]
    # Shares of two: the hasty others had six of the forty.
    assert [answer.status_code for answer in answers] == [200] * 34 + [429] * 6


async def test_most_requests_ask_the_database_nothing(houses: Houses, monkeypatch: pytest.MonkeyPatch) -> None:
    app, *_ = houses.start(address=200)
    taken, take = [], app.limiter._take

    async def counted(*given: Any) -> None:
        taken.append(given)
        await take(*given)

    monkeypatch.setattr(app.limiter, "_take", counted)
    async with client_for(app) as client:
        for _ in range(40):
            assert (await client.get(LIST)).status_code == 200
    assert len(taken) == 4


async def test_past_minutes_are_forgotten(houses: Houses) -> None:
    await asked(houses.start(), 2)
    async with houses.databases[0].connection() as connection:
        await FORGET.execute(connection)
        kept = await connection.scalar(text("SELECT count(*) FROM spent_requests"))
        await connection.execute(text("UPDATE spent_requests SET minute = minute - 2"))
        await FORGET.execute(connection)
        assert (kept, await connection.scalar(text("SELECT count(*) FROM spent_requests"))) == (1, 0)


@pytest.mark.promise(52)
@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.1, 10.9.9.9", "203.0.113.1"),
        ("10.0.0.1", "no address", "unknown"),
        ("10.0.0.1", "", "unknown"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("fd00::1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
    ],
)
def test_only_trusted_proxies_say_where_a_request_comes_from(client: str, forwarded: str | None, address: str) -> None:
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    scope: Any = {"type": "http", "client": (client, 1), "headers": headers}
    request: Request[Any, Any, Any] = Request(scope)
    assert client_address(request, PROXIES) == address
    assert client_address(request, []) != address or forwarded is None or address == "198.51.100.7"

"""The live stream: complete, once, in order, whoever commits when; and polite to everybody around it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from services.notifications.live import hub as hub_module
from services.notifications.live import queries
from services.notifications.live.commands import KEPT, Kind, News, announce, prune
from services.notifications.live.hub import BOUND, Stream
from shared.database import Database
from shared.events.catalog import SessionRevoked
from shared.identity import Identity
from shared.web.application import Application
from tests.services.notifications.actors import Actor, Clock, Stage, a_demand, a_match, actor, matched, solicited
from tests.services.notifications.listening import PATIENCE_S, listening
from tests.support import an_identity

Token = Callable[[Identity], str]
PAYLOAD = {"about_id": str(uuid4()), "about_kind": "need"}


@pytest.fixture
def supplier() -> Identity:
    return an_identity(organisation_name="Traiteur solidaire")


@pytest.fixture
def buyer() -> Actor:
    return actor("Ville de Blagnac")


@pytest.fixture
async def open_app(app: Application) -> AsyncIterator[Application]:
    # In a task of its own: anyio wants a lifespan to end in the task where it began, pytest does not keep to one.
    is_up, leaving = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            is_up.set()
            await leaving.wait()

    living = asyncio.create_task(live())
    await is_up.wait()
    yield app
    leaving.set()
    await living


def as_actor(identity: Identity) -> Actor:
    return Actor(identity.organisation_id, identity.member_id, identity.organisation_name)


async def say(database: Database, clock: Clock, who: Identity, *, count: int = 1) -> None:
    """So many live events for an organisation, in one transaction."""
    async with database.sessions.begin() as session:
        await announce(session, [News(who.organisation_id, Kind.NOTICE, PAYLOAD)] * count, now=clock())


async def positions(stage: Stage, organisation: Identity) -> list[int]:
    rows = await stage.rows("SELECT id, organisation_id FROM live_events ORDER BY id")
    return [row["id"] for row in rows if row["organisation_id"] == organisation.organisation_id]


async def test_it_greets_with_the_unread_count_and_asks_for_no_cache(
    open_app: Application, stage: Stage, supplier: Identity, buyer: Actor, token: Token
) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
    async with listening(open_app, token(supplier)) as page:
        assert page.said[0]["kind"] == "unread"
        assert page.said[0]["unread"] == 1
        assert page.headers["content-type"].startswith("text/event-stream")
        assert page.headers["cache-control"] == "no-store"
        assert page.raw.startswith(b"retry: 2000\n\n")


async def test_it_is_not_compressed(open_app: Application, supplier: Identity, token: Token) -> None:
    async with listening(open_app, token(supplier), accept_encoding="gzip") as page:
        assert "content-encoding" not in page.headers


async def test_a_solicitation_arrives_with_its_title_its_address_and_the_count(
    open_app: Application, stage: Stage, supplier: Identity, buyer: Actor, token: Token
) -> None:
    demand = a_demand(buyer, title="80 repas\npar mois")
    async with listening(open_app, token(supplier)) as page:
        await stage.tell(solicited(as_actor(supplier), demand))
        _, message = await page.until(2)
    assert message["kind"] == "solicited"
    assert message["title"] == "Un besoin pour vous\u00a0: 80\u00a0repas par mois, Montaudran"
    assert message["url"] == f"/needs/{demand.demand_id}"
    assert message["unread"] == 1
    assert message["reasons"] == ["À 9\u00a0km"]


async def test_each_reads_its_own_language(
    open_app: Application, stage: Stage, supplier: Identity, buyer: Actor, token: Token
) -> None:
    english = an_identity(organisation_id=supplier.organisation_id, language="en")
    async with AsyncExitStack() as stack:
        page = await stack.enter_async_context(listening(open_app, token(supplier)))
        other = await stack.enter_async_context(listening(open_app, token(english)))
        third = await stack.enter_async_context(listening(open_app, token(supplier), path="/en/notifications/stream"))
        await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
        titles = [(await each.until(2))[1]["title"] for each in (page, other, third)]
        assert other.said[1]["url"].startswith("/en/needs/")
    assert titles[0].startswith("Un besoin pour vous")
    assert titles[1] == titles[2] == "A need for you: 80 repas par mois, Montaudran"


async def test_another_organisation_hears_nothing(
    open_app: Application, stage: Stage, supplier: Identity, buyer: Actor, token: Token
) -> None:
    stranger = an_identity()
    async with listening(open_app, token(supplier)) as page, listening(open_app, token(stranger)) as other:
        await stage.tell(matched(a_demand(buyer), [a_match(as_actor(supplier))]))
        await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
        await page.until(3)
        await asyncio.sleep(0.05)
        assert len(other.said) == 1


async def test_it_resumes_where_it_stopped(
    open_app: Application, database: Database, clock: Clock, supplier: Identity, token: Token
) -> None:
    async with listening(open_app, token(supplier)) as page:
        await say(database, clock, supplier)
        await page.until(2)
        last = page.news[-1]
    await say(database, clock, supplier, count=3)
    await say(database, clock, an_identity())
    async with listening(open_app, token(supplier), query=f"last={last}") as page:
        await page.until(4)
        assert page.news == [last + 1, last + 2, last + 3]
    async with listening(open_app, token(supplier), query=f"last={last}", last_event_id=str(last + 2)) as page:
        await page.until(2)
        assert page.news == [last + 3]


async def test_a_position_from_a_lost_database_starts_from_now(
    open_app: Application, database: Database, clock: Clock, supplier: Identity, token: Token
) -> None:
    async with listening(open_app, token(supplier), query="last=999999999") as page:
        await say(database, clock, supplier)
        assert len(await page.until(2)) == 2


async def test_who_commits_later_has_the_later_number(
    open_app: Application, database: Database, clock: Clock, supplier: Identity, token: Token
) -> None:
    """INVARIANT: positions follow commits. Without the lock the second writer would be seen before the first."""
    news = [News(supplier.organisation_id, Kind.NOTICE, PAYLOAD)]
    async with listening(open_app, token(supplier)) as page:
        async with database.sessions() as first:
            await announce(first, news, now=clock())

            async def second_writer() -> None:
                async with database.sessions.begin() as second:
                    await announce(second, news, now=clock())

            second = asyncio.create_task(second_writer())
            await asyncio.sleep(0.1)
            assert not second.done()
            assert len(page.said) == 1
            await first.commit()
        await second
        await page.until(3)
        assert page.news == sorted(page.news)


async def test_nothing_is_lost_or_repeated_while_pages_come_and_go(
    open_app: Application, stage: Stage, database: Database, clock: Clock, supplier: Identity, token: Token
) -> None:
    """INVARIANT: over any reconnections a page hears each position once, in order, while several writers commit."""
    heard: list[int] = []
    total = 60

    async def writer() -> None:
        for _ in range(total // 3):
            await say(database, clock, supplier)
            await asyncio.sleep(0)

    async with listening(open_app, token(supplier)) as page:
        start = page.said[0]["id"]
    writers = [asyncio.create_task(writer()) for _ in range(3)]
    async with asyncio.timeout(2 * PATIENCE_S):
        while len(heard) < total:
            last = heard[-1] if heard else start
            async with listening(open_app, token(supplier), query=f"last={last}") as page:
                await asyncio.sleep(0.01)
            heard += page.news
    await asyncio.gather(*writers)
    assert heard == await positions(stage, supplier)


async def test_what_another_process_commits_is_found_by_polling(
    open_app: Application, clock: Clock, supplier: Identity, token: Token, notifications_settings: object
) -> None:
    elsewhere = Database(notifications_settings.work_database_url.get_secret_value(), clock=clock)  # type: ignore[attr-defined]
    try:
        async with listening(open_app, token(supplier)) as page:
            await say(elsewhere, clock, supplier)
            await page.until(2)
    finally:
        await elsewhere.close()


async def test_an_ended_session_ends_its_streams_and_no_other(
    open_app: Application, stage: Stage, supplier: Identity, token: Token
) -> None:
    colleague = an_identity(organisation_id=supplier.organisation_id)
    async with listening(open_app, token(supplier)) as page, listening(open_app, token(colleague)) as other:
        await stage.tell(SessionRevoked(version=1, session_id=supplier.session_id))
        await asyncio.wait_for(page.has_ended.wait(), PATIENCE_S)
        assert not other.has_ended.is_set()
    async with listening(open_app, None, cookie=f"__Host-identity={token(supplier)}") as refused:
        await asyncio.wait_for(refused.has_ended.wait(), PATIENCE_S)
    assert refused.status == 401


async def test_a_visitor_is_refused(open_app: Application) -> None:
    async with listening(open_app, None) as page:
        await asyncio.wait_for(page.has_ended.wait(), PATIENCE_S)
    assert page.status == 401


async def test_it_ends_at_once_when_the_application_stops(
    open_app: Application, supplier: Identity, token: Token
) -> None:
    async with listening(open_app, token(supplier)) as page:
        started = time.perf_counter()
        open_app.state.stopping.set()
        await asyncio.wait_for(page.has_ended.wait(), PATIENCE_S)
        assert time.perf_counter() - started < hub_module.HEARTBEAT_S / 3
    async with listening(open_app, token(supplier)) as late:
        await asyncio.wait_for(late.has_ended.wait(), PATIENCE_S)


async def test_a_silent_stream_says_that_it_lives_and_ends_after_its_time(
    open_app: Application, supplier: Identity, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(hub_module, "LIFE_S", 1.5)
    async with listening(open_app, token(supplier)) as page:
        await asyncio.wait_for(page.has_ended.wait(), PATIENCE_S)
    assert b"event: heartbeat\ndata: {}\n\n" in page.raw


async def test_a_slow_client_is_cut_off_and_loses_nothing(supplier: Identity) -> None:
    stream = Stream(supplier, "fr")
    for position in range(1, BOUND + 50):
        stream.put(position, b"x")
    assert [position for position, _ in await stream.take()] == list(range(1, BOUND + 1))
    assert await stream.take() == []


async def test_who_missed_very_much_gets_it_in_portions(
    open_app: Application, stage: Stage, database: Database, clock: Clock, supplier: Identity, token: Token
) -> None:
    async with listening(open_app, token(supplier)) as page:
        start = page.said[0]["id"]
    await say(database, clock, supplier, count=queries.LIMIT + 1)
    async with listening(open_app, token(supplier), query=f"last={start}") as page:
        await asyncio.wait_for(page.has_ended.wait(), PATIENCE_S)
        assert len(page.news) == queries.LIMIT
    async with listening(open_app, token(supplier), query=f"last={page.news[-1]}") as page:
        await page.until(2)
        assert page.news == (await positions(stage, supplier))[queries.LIMIT :]


async def test_two_hundred_streams_hear_of_one_event_each_once(
    open_app: Application, database: Database, clock: Clock, token: Token
) -> None:
    members = [an_identity() for _ in range(200)]
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(listening(open_app, token(member))) for member in members]
        assert len(open_app.state.hub) == 200
        async with database.sessions.begin() as session:
            news = [News(member.organisation_id, Kind.NOTICE, PAYLOAD) for member in members]
            await announce(session, news, now=clock())
        for page in pages:
            await page.until(2)
        await asyncio.sleep(0.05)
        assert {len(page.said) for page in pages} == {2}
    assert len(open_app.state.hub) == 0


async def test_old_events_are_forgotten(stage: Stage, database: Database, clock: Clock, supplier: Identity) -> None:
    await say(database, clock, supplier)
    clock.wait(seconds=KEPT.total_seconds() + 1)
    await say(database, clock, supplier)
    async with database.sessions.begin() as session:
        await prune(session, now=clock())
    assert len(await stage.rows("SELECT id FROM live_events")) == 1

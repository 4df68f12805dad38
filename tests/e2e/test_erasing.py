"""Who was erased is nowhere: not in one column of three databases, not in one message of the contacts' stream."""

import asyncio

import pytest
from nats.js.errors import NotFoundError
from sqlalchemy import text

from deploy.embedded.engines import Engines
from shared.database import Database
from tests.e2e.conftest import SERVICES, SETTLE_LIMIT_S, Town
from tests.e2e.test_a_need_travels import NEED, OFFER, published, sign_up
from tests.services.catalog.conftest import csrf_of
from tests.support import set_identity

EMAIL, NAME = "capucine.delorme@exemple.fr", "Capucine Delorme"
TRACES = (EMAIL, "capucine", "delorme")
# What a table's row looks like as text, bytes as the characters that they are.
COLUMNS = text("""
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
""")
CONTACTS = "CONTACTS"
ASKED = "SELECT count(*) FROM deliveries d JOIN notices n ON n.id = d.notice_id WHERE n.topic = 'solicited'"


async def columns_that_hold(engines: Engines, traces: tuple[str, ...]) -> set[str]:
    """Every column of every table of the three databases that holds one of the words somewhere."""
    found = set[str]()
    for service in SERVICES:
        database = Database(engines.instance.admin_database_url(service))
        async with database.connection() as connection:
            for table, column, kind in list(await connection.execute(COLUMNS)):
                said = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
                question = f"SELECT count(*) FROM {table} WHERE lower({said}) LIKE ANY(:words)"
                words = [f"%{each}%" for each in traces]
                if await connection.scalar(text(question), {"words": words}):
                    found.add(f"{service}.{table}.{column}")
        await database.close()
    return found


async def messages_that_hold(town: Town, stream: str, traces: tuple[str, ...]) -> int:
    """How many stored messages of a stream hold one of the words, read one by one."""
    jetstream = town.admin.jetstream()
    state, many = (await jetstream.stream_info(stream)).state, 0
    for number in range(state.first_seq, state.last_seq + 1):
        try:
            message = await jetstream.get_msg(stream, number)
        except NotFoundError:  # a newer one has taken its place
            continue
        whole = f"{message.subject} {message.headers} {(message.data or b'').decode()}".lower()
        many += any(each in whole for each in traces)
    return many


async def until_solicited(town: Town) -> None:
    """Waves are asked by a timer, which settling does not wait for."""
    async with asyncio.timeout(SETTLE_LIMIT_S):
        while not await town.scalar("notifications", ASKED):
            await asyncio.sleep(0.05)
    await town.settle()


@pytest.mark.promise(60)
async def test_nothing_anywhere_says_who_was_erased(town: Town, engines: Engines) -> None:
    """INVARIANT: also in what nobody thought of; a new column that holds a name turns this red."""
    buyer, person = await sign_up(town, 0, role="buyer"), await sign_up(town, 1, role="ess")
    profile = {"person_name": NAME, "language": "fr", "_csrf": await csrf_of(person, "/account")}
    assert (await person.post("/account", data=profile)).status_code == 303
    async with town.databases["catalog"].sessions.begin() as session:
        await session.execute(text("UPDATE accounts SET email = :new WHERE name = :name"), {"new": EMAIL, "name": NAME})
    assert (await person.post("/account", data={**profile, "language": "en"})).status_code == 303
    offer = await published(person, "offers", **OFFER)
    await published(buyer, "needs", **NEED)
    await until_solicited(town)
    inbox = town.client("notifications")
    set_identity(inbox, person.cookies["__Host-identity"])
    inbox.headers["x-csrf-token"] = person.headers["x-csrf-token"]
    assert (await inbox.post("/notifications/api/v1/notices/read")).status_code == 204
    kept = (await inbox.get("/notifications/person")).json()
    assert (len(kept["notices_read"]), {"solicited"} <= {each["topic"] for each in kept["letters"]}) == (1, True)
    before = await columns_that_hold(engines, TRACES)
    assert {"catalog.accounts.email", "catalog.outbox.payload", "notifications.contacts.name"} <= before
    assert await messages_that_hold(town, CONTACTS, TRACES) == 1
    assert (await person.post(f"/api/v1/offers/{offer}/withdraw")).status_code == 200
    sure = {"password": "cheval agrafe pile", "word": "effacer", "_csrf": await csrf_of(person, "/account")}
    answer = await person.post("/account/data/erase", data=sure)
    assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
    await town.settle()
    assert await columns_that_hold(engines, TRACES) == set()
    for stream in (CONTACTS, "CATALOG", "MATCHING", "NOTIFICATIONS"):
        assert await messages_that_hold(town, stream, TRACES) == 0, stream
    assert await town.scalar("notifications", "SELECT count(*) FROM readings") == 0
    erased = "SELECT count(*) FROM audit WHERE action = 'account.erased'"
    assert await town.scalar("catalog", erased) == 1

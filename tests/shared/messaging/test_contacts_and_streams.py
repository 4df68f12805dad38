"""What the relay must not bring back, and must not hold up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from shared.events.contacts import MemberContact
from shared.messaging.fresh import Fresh
from shared.messaging.outbox import record
from shared.messaging.relay import Relay
from shared.messaging.worker import asyncpg_dsn
from tests.shared.messaging.conftest import PATIENCE_S, Core


def contact(member: UUID, version: int, email: str | None) -> MemberContact:
    return MemberContact(
        version=version, member_id=member, organisation_id=member, email=email, name=None, language="fr"
    )


async def tell(core: Core, *events: MemberContact) -> None:
    async with core.producer.sessions.begin() as session:
        for event in events:
            await record(session, event)


@asynccontextmanager
async def connection(core: Core) -> AsyncIterator["asyncpg.Connection[Any]"]:
    opened = await asyncpg.connect(asyncpg_dsn(core.producer.url), ssl=False)
    yield opened
    await opened.close()


def a_relay(core: Core) -> Relay:
    return Relay(asyncpg_dsn(core.producer.url), core.publishing, fresh=Fresh())


async def test_an_erased_address_leaves_the_outbox_although_it_was_not_published_yet(core: Core) -> None:
    """INVARIANT: only a member's newest contact is in the outbox, so nothing can publish an older one."""
    member = uuid4()
    await tell(core, contact(member, 1, "old@secret.test"))
    await tell(core, contact(member, 2, None))
    assert await core.count("outbox", where="payload::text LIKE '%secret.test%'", database=core.producer) == 0


async def test_an_erased_address_does_not_come_back_to_the_stream(core: Core) -> None:
    """The relay died between publishing and marking; of what was replaced, a restarted broker forgot the id."""
    member = uuid4()
    async with connection(core) as opened:
        for version, email in ((1, "old@secret.test"), (2, None)):
            await tell(core, contact(member, version, email))
            await a_relay(core).publish_once(opened)
        newest = await opened.fetchrow("SELECT event_id, subject, payload FROM outbox ORDER BY id DESC LIMIT 1")
        assert newest is not None
        await core.admin.jetstream().delete_stream("CONTACTS")
        await core.provision_all()
        await core.publishing.jetstream().publish(
            newest["subject"], newest["payload"].encode(), headers={"Nats-Msg-Id": str(newest["event_id"])}
        )
        await a_relay(core).publish_once(opened)
    kept = await core.admin.jetstream().get_last_msg("CONTACTS", newest["subject"])
    assert kept.data
    assert b"secret.test" not in kept.data


async def test_one_stream_that_takes_nothing_does_not_stop_the_others(core: Core) -> None:
    """INVARIANT: rows that cannot leave do not fill every batch."""
    await core.admin.jetstream().delete_stream("CONTACTS")
    await tell(core, *(contact(uuid4(), 1, None) for _ in range(256)))
    await core.write()
    relay = a_relay(core)
    async with connection(core) as opened:
        for _ in range(3):
            await relay.publish_once(opened)
        assert await core.stored() == 1
        await core.provision_all()
        # The stream waits aside, the longer the more often it failed.
        async with asyncio.timeout(PATIENCE_S):
            while not await relay.publish_once(opened):
                await asyncio.sleep(0.05)
    assert relay.published == 257


async def test_one_aggregate_that_does_not_leave_waits_alone(core: Core) -> None:
    stuck = await core.write()
    await core.write()
    async with core.producer.sessions.begin() as session:
        await record(session, contact(uuid4(), 1, None))
    relay, real = a_relay(core), core.publishing.jetstream().publish

    async def refuse_one(subject: str, *args: Any, **kwargs: Any) -> Any:
        if str(stuck) in subject:
            raise TimeoutError
        return await real(subject, *args, **kwargs)

    relay._jetstream.publish = refuse_one  # type: ignore[method-assign]
    async with connection(core) as opened:
        for _ in range(3):
            await relay.publish_once(opened)
        await core.write()
        # Once the stuck one is tried again, it is not before the next batch that the others go.
        async with asyncio.timeout(PATIENCE_S):
            while relay.published < 3:
                await relay.publish_once(opened)
    assert relay.published == 3

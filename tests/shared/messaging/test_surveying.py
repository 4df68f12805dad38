"""A stream is compared with the outbox it came from: holes and strangers are named, and versions go on above both."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.database import Database
from shared.events.contacts import MemberContact
from shared.messaging import surveying
from shared.messaging.outbox import record
from shared.messaging.overtaking import overtake
from shared.messaging.provision import make_anew
from shared.messaging.surveying import Survey, survey
from shared.messaging.topology import STREAMS
from tests.shared.messaging.conftest import TOPOLOGY, Core

COUNTS = {"catalog.need": "counted.version"}


async def looked(core: Core) -> Survey:
    return await survey(core.admin, TOPOLOGY.streams[0], producer=core.producer, grace_s=0)


async def forget(core: Core, need: UUID, *, version: int = 1) -> None:
    """What a backup that is older than this event does not know."""
    async with core.producer.sessions.begin() as session:
        await session.execute(
            text("DELETE FROM outbox WHERE aggregate_id = :id AND version >= :version"),
            {"id": need, "version": version},
        )


async def test_a_whole_stream_lacks_nothing_and_has_no_strangers(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveying, "BATCH", 2)
    monkeypatch.setattr(surveying, "PAGE_OF", 2)
    for _ in range(5):
        await core.write()
    await core.relay_all()
    await core.write()
    found = await looked(core)
    assert (found.messages, found.lost.count, found.untold) == (5, 0, [])


@pytest.mark.promise(23)
async def test_what_a_stream_lost_is_named_although_every_reader_had_it(core: Core) -> None:
    needs = [await core.write() for _ in range(4)]
    await core.relay_all()
    async with core.producer.sessions.begin() as session:
        await session.execute(text("UPDATE outbox SET published_at = now() - interval '31 days' WHERE stream_seq = 4"))
    config = (await core.admin.jetstream().stream_info("CATALOG")).config
    await core.admin.jetstream().delete_stream("CATALOG")
    await core.admin.jetstream().add_stream(config)
    found = await looked(core)
    assert (found.lost.count, found.lost.first_seq, found.lost.last_seq) == (3, 1, 3)
    assert [trace.subject for trace in found.lost.events] == [f"catalog.need.withdrawn.v1.{need}" for need in needs[:3]]


@pytest.mark.promise(34)
async def test_what_only_the_stream_knows_is_named_with_its_version(core: Core) -> None:
    kept, gone = await core.write(), await core.write()
    await core.write(aggregate=kept, version=2)
    await core.relay_all()
    await forget(core, gone)
    await forget(core, kept, version=2)
    found = await looked(core)
    assert {(each.aggregate_id, each.version, each.family) for each in found.untold} == {
        (gone, 1, "catalog.need"),
        (kept, 2, "catalog.need"),
    }
    assert found.conflicts == 0
    await core.write(aggregate=kept, version=2)
    told_otherwise = [each for each in (await looked(core)).untold if each.is_conflict]
    assert [each.aggregate_id for each in told_otherwise] == [kept]


async def test_a_message_that_nobody_can_read_is_a_stranger_without_a_version(core: Core) -> None:
    for headers in ({"Nats-Msg-Id": str(uuid4())}, {"Nats-Msg-Id": "no id"}):
        await core.publishing.jetstream().publish(f"catalog.need.withdrawn.v1.{uuid4()}", b"{}", headers=headers)
    assert [(each.aggregate_id, each.version) for each in (await looked(core)).untold] == [(None, None)] * 2


async def test_a_contact_that_was_replaced_and_not_sent_yet_is_no_stranger(core: Core) -> None:
    await core.provision_all()
    member, contacts = uuid4(), next(spec for spec in STREAMS if spec.name == "CONTACTS")
    for version in (1, 2):
        async with core.producer.sessions.begin() as session:
            contact = MemberContact(version=version, member_id=member, organisation_id=member, email=None, name=None)
            await record(session, contact)
        if version == 1:
            await core.relay_all()
    found = await survey(core.admin, contacts, producer=core.producer, grace_s=0)
    assert [each for each in found.untold if each.aggregate_id == member] == []


@pytest.mark.promise(34)
async def test_versions_go_on_above_what_was_told(core: Core) -> None:
    """INVARIANT: a reader keeps the newest version it heard, so a restored writer must not count them again."""
    await core.provision_all()
    behind, ahead, untouched = [await core.write() for _ in range(3)]
    await core.write(aggregate=behind, version=4)
    await core.write(aggregate=ahead, version=2)
    await core.relay_all()
    await forget(core, behind, version=4)
    await forget(core, ahead, version=2)
    place = core.engines.instance
    database = Database(place.database_url("catalog", "owner"))
    try:
        async with database.sessions.begin() as session:
            await session.execute(text("CREATE TABLE counted (id uuid PRIMARY KEY, version bigint)"))
            for need, version in ((behind, 1), (ahead, 7), (untouched, 1)):
                await session.execute(
                    text("INSERT INTO counted VALUES (:id, :version)"), {"id": need, "version": version}
                )
        for expected in (1, 0):
            raised, _ = await overtake(
                "catalog", database, COUNTS, {}, nats_url=place.nats_url, admin_seed_file=place.seed_file("admin")
            )
            assert raised == expected
        async with database.sessions() as session:
            rows = await session.execute(text("SELECT id, version FROM counted"))
            assert {row.id: row.version for row in rows} == {behind: 4, ahead: 7, untouched: 1}
    finally:
        async with database.sessions.begin() as session:
            await session.execute(text("DROP TABLE counted"))
        await database.close()


@pytest.mark.promise(22)
async def test_a_damaged_stream_is_made_anew_with_its_durables(core: Core) -> None:
    await core.write()
    await core.relay_all()
    place = core.engines.instance
    changes = await make_anew(
        place.nats_url, admin_seed_file=place.seed_file("admin"), stream="CATALOG", topology=TOPOLOGY
    )
    assert [(change.name, change.created) for change in changes] == [("CATALOG", True), ("CATALOG.matching", True)]
    assert await core.stored() == 0

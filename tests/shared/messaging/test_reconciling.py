"""What was published and did not arrive is found, by id; what arrived without being published too."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.events.catalog import MemberLeft
from shared.messaging import consumer, reconciling
from shared.messaging.outbox import record
from shared.messaging.reconciling import Comparison, compare
from shared.messaging.topology import CONSUMERS, PUBLISHES, ConsumerSpec, publisher_of
from tests.shared.messaging.conftest import TOPOLOGY, Core
from tests.shared.messaging.test_consumer import drained, has
from tests.shared.messaging.test_consumer import letters as letters_are


async def found(core: Core, *, spec: ConsumerSpec = TOPOLOGY.consumers[0], grace_s: float = 0.0) -> Comparison:
    return await compare(spec, producer=core.producer, reader=core.reader, grace_s=grace_s)


async def received(core: Core, number: int) -> list[UUID]:
    """So many needs, published and applied; the events' ids in the order of the stream."""
    for _ in range(number):
        await core.write()
    await core.relay_all()
    await core.consume(core.remember, until=lambda: has(core, number))
    async with core.producer.sessions() as session:
        return list(await session.scalars(text("SELECT event_id FROM outbox ORDER BY stream_seq")))


async def test_what_arrived_everywhere_shows_nothing(core: Core) -> None:
    await received(core, 5)
    comparison = await found(core)
    assert (comparison.sent, comparison.missing.count, comparison.extra.count) == (5, 0, 0)


@pytest.mark.promise(35)
async def test_a_lost_effect_is_found_with_its_id_and_its_place(core: Core) -> None:
    """INVARIANT: delete one inbox row, and it is reported with its event id."""
    ids = await received(core, 5)
    async with core.reader.sessions.begin() as session:
        await session.execute(text("DELETE FROM inbox WHERE event_id = ANY(:ids)"), {"ids": [ids[1], ids[3]]})
    missing = (await found(core)).missing
    assert {trace.event_id for trace in missing.events} == {ids[1], ids[3]}
    assert (missing.count, missing.first_seq, missing.last_seq) == (2, 2, 4)
    assert all((trace.subject or "").startswith("catalog.need.withdrawn.v1.") for trace in missing.events)
    assert missing.first_at is not None


@pytest.mark.promise(23, 35)
async def test_a_message_lost_from_the_stream_is_found(core: Core) -> None:
    await core.write()
    await core.relay_all()
    await core.admin.jetstream().delete_stream("CATALOG")
    await core.provision()
    assert await drained(core)
    assert (await found(core)).missing.count == 1


async def test_what_is_on_its_way_is_not_missed(core: Core) -> None:
    await core.write()
    assert (await found(core)).missing.count == 0
    await core.relay_all()
    assert (await found(core, grace_s=60)).missing.count == 0
    assert (await found(core)).missing.count == 1


async def test_a_reader_misses_only_what_it_subscribed_to(core: Core) -> None:
    async with core.producer.sessions.begin() as session:
        await record(session, MemberLeft(version=1, member_id=uuid4(), organisation_id=uuid4(), role="viewer"))
    await core.relay_all()
    assert (await found(core)).missing.count == 0
    listening = ConsumerSpec("CATALOG", "matching", ("catalog.*.left.>",))
    assert (await found(core, spec=listening)).missing.count == 1
    assert (await found(core, spec=ConsumerSpec("CATALOG", "matching", ("catalog.*.v1.>",)))).missing.count == 0


@pytest.mark.parametrize("is_readable", [True, False])
async def test_what_lies_in_a_dead_letter_is_not_missing(core: Core, is_readable: bool) -> None:
    """Put aside is known; what could not be read has no inbox row, and is known by the header of its letter."""
    await core.write()
    if not is_readable:
        async with core.producer.sessions.begin() as session:
            await session.execute(text("UPDATE outbox SET payload = '[]'"))
    await core.relay_all()

    async def broken(_session: object, _event: object) -> None:
        raise ValueError("no")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(consumer, "RETRY_DELAYS_S", (0.01,) * 5)
        await core.consume(broken, until=lambda: letters_are(core, 1))
    comparison = await found(core)
    assert (comparison.missing.count, comparison.letters) == (0, 1)


async def test_an_effect_lost_after_its_letter_was_resolved_is_missing(core: Core) -> None:
    (event_id,) = await received(core, 1)
    async with core.reader.sessions.begin() as session:
        await session.execute(text("DELETE FROM inbox"))
        await session.execute(
            text("""
                INSERT INTO dead_letter (id, consumer, event_id, subject, payload, headers, reason, fingerprint,
                                         attempts, resolved_at)
                VALUES (:id, 'CATALOG.matching', :id, 's', '', jsonb_build_object('Nats-Msg-Id', CAST(:header AS text)),
                        'r', 'r', 1, now())
            """),
            {"id": event_id, "header": str(event_id)},
        )
    assert (await found(core)).missing.count == 1


async def test_what_nobody_published_is_extra(core: Core) -> None:
    """A publisher's database that was restored from a backup has forgotten what its readers know."""
    ids = await received(core, 3)
    async with core.producer.sessions.begin() as session:
        await session.execute(text("DELETE FROM outbox WHERE event_id = :id"), {"id": ids[2]})
    comparison = await found(core)
    assert [trace.event_id for trace in comparison.extra.events] == [ids[2]]
    assert (comparison.extra.first_seq, comparison.missing.count) == (3, 0)


async def test_what_is_about_to_be_sent_again_is_not_extra(core: Core) -> None:
    await received(core, 2)
    async with core.producer.sessions.begin() as session:
        await session.execute(text("UPDATE outbox SET published_at = NULL, stream_seq = NULL"))
    comparison = await found(core)
    assert (comparison.sent, comparison.extra.count) == (0, 0)


async def test_an_older_contact_is_erased_and_not_extra(core: Core) -> None:
    spec = next(spec for spec in CONSUMERS if spec.stream == "CONTACTS")
    async with core.reader.sessions.begin() as session:
        await session.execute(
            text("INSERT INTO inbox VALUES ('CONTACTS.notifications', :id, 1, 'applied')"), {"id": uuid4()}
        )
    assert (await found(core, spec=spec)).extra.count == 0


async def test_batches_cover_everything_and_long_lists_are_counted(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await received(core, 7)
    monkeypatch.setattr(reconciling, "BATCH", 2)
    monkeypatch.setattr(reconciling, "LISTED", 3)
    async with core.reader.sessions.begin() as session:
        await session.execute(text("DELETE FROM inbox WHERE event_id <> :id"), {"id": ids[0]})
        await session.execute(
            text("INSERT INTO inbox SELECT 'CATALOG.matching', gen_random_uuid(), n, 'x' FROM generate_series(1, 5) n")
        )
    comparison = await found(core)
    assert (comparison.sent, comparison.missing.count, len(comparison.missing.events)) == (7, 6, 3)
    assert (comparison.missing.first_seq, comparison.missing.last_seq) == (2, 7)
    assert (comparison.extra.count, len(comparison.extra.events)) == (5, 3)
    assert (comparison.extra.first_seq, comparison.extra.last_seq) == (1, 5)


def test_every_stream_that_is_read_has_one_publisher() -> None:
    publishers = {spec.stream: publisher_of(spec.stream) for spec in CONSUMERS}
    assert publishers == {"CATALOG": "catalog", "CONTACTS": "catalog", "MATCHING": "matching"}
    assert set(publishers.values()) <= PUBLISHES.keys()

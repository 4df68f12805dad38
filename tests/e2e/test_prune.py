"""Old events go when nobody needs them: never before every reader has them, never what a projection is made of."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.matching.projections import PROJECTIONS
from shared.database import Database
from shared.events.catalog import LotReleased, NeedUpdated, OfferUpdated
from shared.events.contacts import MemberContact
from shared.messaging.pruning import Pruned, TooYoung, prune
from shared.messaging.reconciling import compare
from shared.messaging.topology import CONSUMERS, publisher_of
from tests.e2e.conftest import Town
from tests.e2e.site import DUMPS, Site, a_morning, later
from tests.services.matching import scenes

SERVICES = ("catalog", "matching", "notifications")
AGE = "UPDATE {} SET {} = {} - interval '100 days'"
HELD = "SELECT count(*) FROM outbox WHERE aggregate_id = :id"


@pytest.fixture
async def site(town: Town, engines: Engines) -> AsyncIterator[Site]:
    site = Site(town, engines)
    yield site
    for owner in site.owners.values():
        await owner.close()


async def age(databases: dict[str, Database]) -> None:
    """A hundred days go by."""
    for database in databases.values():
        async with database.sessions.begin() as session:
            await session.execute(text(AGE.format("outbox", "published_at", "published_at")))
            await session.execute(text(AGE.format("inbox", "processed_at", "processed_at")))


async def prune_all(databases: dict[str, Database], **how: Any) -> dict[str, Pruned]:
    return {each: await prune(each, databases=databases, **how) for each in SERVICES}


async def held(site: Site, aggregate: UUID) -> int:
    return int(await site.scalar("catalog", HELD, id=aggregate))


async def test_what_ended_long_ago_goes_and_the_last_word_on_the_living_stays(site: Site) -> None:
    offers, needs = await a_morning(site)
    await age(site.owners)
    counted = await prune_all(site.owners, only_count=True)
    pruned = await prune_all(site.owners)
    paused, withdrawn, changed, plain = (each.aggregate_id for each in offers[:4])
    assert [await held(site, each) for each in (paused, withdrawn, changed, plain)] == [2, 0, 1, 1]
    assert [await held(site, each.need_id) for each in needs[:3]] == [0, 1, 1]
    assert not any(each.refusals for each in pruned.values())
    # Two of the offer that was withdrawn, two of the need that was closed, one of each that changed.
    assert (counted["catalog"].removed, pruned["catalog"].removed) == (6, 6)
    assert (await prune_all(site.owners))["catalog"].removed == 0


@pytest.mark.promise(37)
async def test_a_projection_built_again_after_pruning_is_the_same(site: Site) -> None:
    await a_morning(site)
    before = {what: await site.dump(what) for what in DUMPS}
    await age(site.owners)
    assert (await prune_all(site.owners))["catalog"].removed
    for projection in PROJECTIONS:
        rebuilt = await site.rebuild(projection)
        assert rebuilt.is_equal, rebuilt
        assert not rebuilt.found
    await site.sql("matching", "TRUNCATE supplies CASCADE")
    assert (await site.rebuild(PROJECTIONS[2])).is_equal
    after = await site.dump("supplies")
    withdrawn = [row for (row,) in before["supplies"] if (row,) not in after]
    assert [row["status"] for row in withdrawn] == ["withdrawn"]  # the only one of which nothing is left to tell
    assert await site.dump("matches") == before["matches"]


async def test_what_was_pruned_is_missed_by_no_comparison(site: Site) -> None:
    await a_morning(site)
    await age(site.owners)
    pruned = await prune_all(site.owners)
    assert pruned["catalog"].forgotten >= 6
    for spec in CONSUMERS:
        producer, reader = site.owners[publisher_of(spec.stream)], site.owners[spec.service]
        found = await compare(spec, producer=producer, reader=reader, grace_s=0)
        assert (found.missing.count, found.extra.count) == (0, 0), spec


async def test_what_is_young_stays_and_so_does_what_it_replaces(site: Site) -> None:
    need = scenes.need()
    await site.tell(need)
    await site.town.settle()
    await age(site.owners)
    await site.tell(NeedUpdated(**later(need)))
    await site.town.settle()
    assert (await prune_all(site.owners))["catalog"].removed == 0
    assert await held(site, need.need_id) == 2


async def test_the_last_contact_of_everybody_stays(site: Site) -> None:
    who: dict[str, Any] = {"member_id": uuid4(), "organisation_id": uuid4()}
    await site.tell(MemberContact(version=1, email="ada@exemple.fr", name="Ada", **who))
    await site.tell(MemberContact(version=2, email=None, name=None, **who))
    await site.town.settle()
    await age(site.owners)
    await prune_all(site.owners)
    assert await held(site, who["member_id"]) == 1


@pytest.mark.promise(37)
async def test_what_lies_in_an_open_letter_stays(site: Site) -> None:
    offers, _ = await a_morning(site)
    aside = offers[1].aggregate_id
    letter = """
        INSERT INTO dead_letter (id, consumer, event_id, payload, reason, fingerprint, attempts)
        SELECT uuidv7(), consumer, event_id, '', 'ValueError', 'ValueError', 6 FROM inbox
        WHERE event_id = :event AND consumer = 'CATALOG.matching'
    """
    event = await site.scalar("catalog", "SELECT event_id FROM outbox WHERE aggregate_id = :id LIMIT 1", id=aside)
    await site.sql("matching", letter, "UPDATE inbox SET outcome = 'quarantined' WHERE event_id = :event", event=event)
    await age(site.owners)
    pruned = await prune_all(site.owners)
    assert event in {each.event_id for each in pruned["catalog"].refused["CATALOG.matching"]}
    assert await held(site, aside) == 2  # its end too: without that it would seem to be open
    await site.sql("matching", "UPDATE dead_letter SET resolved_at = now() WHERE event_id = :event", event=event)
    assert not (await prune_all(site.owners))["catalog"].refusals
    assert await held(site, aside) == 0


@pytest.mark.promise(37)
async def test_nothing_goes_that_a_stopped_reader_has_not_read(catalog_alone: Town, engines: Engines) -> None:
    """INVARIANT: an event, and what it replaces, stay until each of its readers has it; the refusal names them."""
    site = Site(catalog_alone, engines)
    offer = scenes.offer()
    lot = LotReleased(
        version=1,
        lot_id=uuid4(),
        flow_id=uuid4(),
        organisation_id=uuid4(),
        quantity=scenes.quantity(1),
        available_at=scenes.NOW,
        expires_at=scenes.NOW + timedelta(days=1),
    )
    await site.tell(offer, OfferUpdated(**later(offer)), lot)
    unread = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
    while await site.scalar("catalog", unread):
        pass
    await age(site.owners)
    pruned = await prune("catalog", databases=site.owners)
    readers = {"CATALOG.matching": "matching", "CATALOG.notifications-webhooks": "notifications"}
    assert (pruned.removed, pruned.refusals) == (0, dict.fromkeys(readers, 1))
    for reader in readers:
        assert [each.subject for each in pruned.refused[reader]] == [offer.subject]
    receive = "INSERT INTO inbox (consumer, event_id, stream_seq, outcome) VALUES (:reader, :id, 1, 'applied')"
    first = "SELECT event_id FROM outbox WHERE aggregate_id = :id ORDER BY id"
    # They read the first one only: what would replace it has still to come. Then one of them has both, then each.
    for order, removed in ((first, (0, 0)), (f"{first} DESC", (0, 1))):
        event_id = await site.scalar("catalog", order, id=offer.offer_id)
        for (reader, service), expected in zip(readers.items(), removed, strict=True):
            await site.sql(service, receive, reader=reader, id=event_id)
            assert (await prune("catalog", databases=site.owners)).removed == expected
    for each in site.owners.values():
        await each.close()


async def test_nothing_goes_that_a_stream_may_still_repeat(site: Site) -> None:
    with pytest.raises(TooYoung):
        await prune("catalog", databases=site.owners, older_than=timedelta(days=30))

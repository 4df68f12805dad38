"""Projections built again beside the traffic: nothing is lost, nothing doubled, and no reader sees less than before."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.matching.index.shelf import supply_shelf
from services.matching.projections import PROJECTIONS as OF_MATCHING
from services.notifications.projections import PROJECTIONS as OF_NOTIFICATIONS
from shared.events.catalog import (
    MemberJoined,
    MemberLeft,
    OfferPaused,
    OfferUpdated,
)
from shared.events.contacts import MemberContact
from shared.messaging.outbox import record
from tests.e2e.conftest import Town
from tests.e2e.site import DUMPS, Site, a_morning, later
from tests.services.matching import scenes
from tests.services.notifications.actors import actor, registered

PROJECTIONS = {each.name: each for each in (*OF_MATCHING, *OF_NOTIFICATIONS)}
SUPPLIES, DEMANDS = PROJECTIONS["matching.supplies"], PROJECTIONS["matching.demands"]
ORGANISATIONS = PROJECTIONS["notifications.organisations"]
CONTACTS, MEMBERS = PROJECTIONS["notifications.contacts"], PROJECTIONS["notifications.members"]
MEANWHILE = 100
TOLD = "SELECT count(*) FROM outbox WHERE type LIKE 'matching.demand.%'"


@pytest.fixture
async def site(town: Town, engines: Engines) -> AsyncIterator[Site]:
    supply_shelf.clear()
    site = Site(town, engines)
    yield site
    for owner in site.owners.values():
        await owner.close()


async def test_a_projection_that_is_right_is_left_alone(site: Site) -> None:
    await a_morning(site)
    told, rows = await site.scalar("matching", TOLD), "SELECT string_agg(xmin::text, ',' ORDER BY id) FROM "
    before = [await site.scalar("matching", rows + table) for table in ("supplies", "demands", "matches")]
    for projection in PROJECTIONS.values():
        rebuilt = await site.rebuild(projection)
        assert rebuilt.is_equal, projection.name
        assert not rebuilt.found, projection.name
    assert (await site.rebuild(SUPPLIES)).rows == 8
    after = [await site.scalar("matching", rows + table) for table in ("supplies", "demands", "matches")]
    assert after == before
    assert await site.scalar("matching", TOLD) == told


@pytest.mark.promise(33)
async def test_a_dropped_projection_is_as_it_was_and_what_fits_is_found_again(site: Site) -> None:
    await a_morning(site)
    before = {what: await site.dump(what) for what in DUMPS}
    assert len(before["matches"]) >= 12
    await site.sql("matching", "TRUNCATE supplies CASCADE")
    rebuilt = await site.rebuild(SUPPLIES)
    assert len(rebuilt.found.missing) == 8
    assert rebuilt.is_equal
    await site.town.settle()
    assert await site.dump("supplies") == before["supplies"]
    assert await site.dump("matches") == before["matches"]


async def test_what_a_new_column_lacks_is_filled_from_what_was_told(site: Site) -> None:
    """INVARIANT: an upgrade that keeps more of a fact needs no fact to be told again."""
    someone = registered(actor("Atelier"), roles=("buyer", "ess"))
    await site.tell(someone)
    await site.town.settle()
    await site.sql("notifications", "UPDATE organisations SET roles = '{}'")
    rebuilt = await site.rebuild(ORGANISATIONS)
    assert rebuilt.found.wrong == {someone.organisation_id}
    assert rebuilt.is_equal
    roles = "SELECT array_to_string(roles, ' ') FROM organisations"
    assert await site.scalar("notifications", roles) == "buyer ess"


async def test_what_is_wrong_is_named_and_mended_with_what_follows_from_it(site: Site) -> None:
    offers, needs = await a_morning(site)
    before = {what: await site.dump(what) for what in DUMPS}
    spoilt, lost = offers[3].aggregate_id, needs[2].need_id
    await site.sql(
        "matching",
        "UPDATE supplies SET status = 'withdrawn' WHERE id = :spoilt",
        "DELETE FROM matches WHERE offer_id = :spoilt OR demand_id = :lost",
        "DELETE FROM near_misses WHERE demand_id = :lost",
        "DELETE FROM waves WHERE demand_id = :lost",
        "DELETE FROM solicitations WHERE demand_id = :lost",
        "DELETE FROM demands WHERE id = :lost",
        spoilt=spoilt,
        lost=lost,
    )
    only_compared = await site.rebuild(SUPPLIES, only_compare=True)
    assert (only_compared.found.wrong, only_compared.is_equal) == (frozenset({spoilt}), False)
    assert (await site.rebuild(SUPPLIES)).is_equal
    assert (await site.rebuild(DEMANDS)).found.missing == {lost}
    await site.town.settle()
    assert await site.dump("matches") == before["matches"]
    revision = "SELECT revision FROM demands WHERE id = :id"
    told = "SELECT max(version) FROM outbox WHERE aggregate_id = :id"
    assert await site.scalar("matching", revision, id=lost) == await site.scalar("matching", told, id=lost)


async def test_who_kept_the_wrong_row_in_memory_notices(site: Site) -> None:
    offers, _ = await a_morning(site)
    spoilt = offers[4].aggregate_id
    swap = "UPDATE supplies SET state = state || jsonb_build_object('categories', CAST(:is AS jsonb)) WHERE id = :id"
    await site.sql("matching", swap.replace(":is", "'[\"meal-trays\"]'"), id=spoilt)
    supply_shelf.clear()  # as in a process that starts now
    await site.tell(scenes.need())
    await site.town.settle()
    assert (await site.rebuild(SUPPLIES)).found.wrong == {spoilt}
    need = scenes.need()
    await site.tell(need)
    await site.town.settle()
    score = "SELECT count(DISTINCT score) FROM matches WHERE demand_id = :need"
    assert await site.scalar("matching", score, need=need.need_id) == 2  # all alike, but for the changed title
    assert not (await site.rebuild(SUPPLIES)).found


@pytest.mark.promise(33)
async def test_what_is_on_its_way_is_left_to_its_reader(site: Site) -> None:
    offers, needs = await a_morning(site)
    spec = OfferUpdated(**later(offers[5], categories=("meal-trays",), title="Plateaux-repas"))
    unread = "UPDATE outbox SET parked_at = clock_timestamp() WHERE aggregate_id = :id AND published_at IS NULL"
    async with site.owners["catalog"].sessions.begin() as session:
        await record(session, spec)
        await session.execute(text(unread), {"id": spec.offer_id})
    rebuilt = await site.rebuild(SUPPLIES)
    assert rebuilt.is_equal
    assert not rebuilt.found
    async with site.owners["catalog"].sessions.begin() as session:
        await session.execute(text("UPDATE outbox SET parked_at = NULL WHERE parked_at IS NOT NULL"))
    await site.town.settle()
    gone = "SELECT count(*) FROM matches WHERE offer_id = :offer AND demand_id = :need"
    assert await site.scalar("matching", gone, offer=spec.offer_id, need=needs[3].need_id) == 0
    assert (await site.rebuild(SUPPLIES)).is_equal


async def test_a_row_that_nobody_told_of_is_kept_until_a_person_decides(site: Site) -> None:
    offers, _ = await a_morning(site)
    unheard = offers[6].aggregate_id
    async with site.owners["catalog"].sessions.begin() as session:
        await session.execute(text("DELETE FROM outbox WHERE aggregate_id = :id"), {"id": unheard})
    rebuilt = await site.rebuild(SUPPLIES)
    assert rebuilt.found.untold == rebuilt.left.untold == {unheard}
    assert not rebuilt.is_equal
    assert (await site.rebuild(SUPPLIES, end_untold=True)).is_equal
    await site.town.settle()
    status = "SELECT status FROM supplies WHERE id = :id"
    assert await site.scalar("matching", status, id=unheard) == "withdrawn"
    assert await site.scalar("matching", "SELECT count(*) FROM matches WHERE offer_id = :id", id=unheard) == 0


async def test_a_lost_inbox_ends_nothing(site: Site) -> None:
    await a_morning(site)
    await site.sql("matching", "DELETE FROM inbox")
    rebuilt = await site.rebuild(SUPPLIES, end_untold=True)
    assert not rebuilt.found.untold
    assert await site.scalar("matching", "SELECT count(*) FROM supplies WHERE status = 'open'") == 6


@pytest.mark.promise(33)
async def test_who_was_erased_stays_erased(site: Site) -> None:
    member, organisation = uuid4(), uuid4()
    who: dict[str, Any] = {"member_id": member, "organisation_id": organisation}
    await site.tell(
        MemberJoined(version=1, role="owner", **who),
        MemberContact(version=1, email="ada@exemple.fr", name="Ada", **who),
        MemberContact(version=1, email="bob@exemple.fr", name="Bob", member_id=uuid4(), organisation_id=organisation),
    )
    await site.town.settle()
    await site.tell(MemberContact(version=2, email=None, name=None, **who), MemberLeft(version=2, role="owner", **who))
    await site.town.settle()
    await site.sql("notifications", "TRUNCATE contacts", "TRUNCATE members")
    for projection in (CONTACTS, MEMBERS):
        assert (await site.rebuild(projection)).is_equal
    found = "SELECT string_agg(coalesce(email, 'erased'), ',' ORDER BY email) FROM contacts"
    assert await site.scalar("notifications", found) == "bob@exemple.fr,erased"
    assert await site.scalar("notifications", "SELECT has_left FROM members WHERE id = :id", id=member)


@pytest.mark.promise(33)
async def test_rebuilding_beside_writers_and_readers(site: Site) -> None:
    """INVARIANT: whatever is written meanwhile, the table ends as its handlers make it, and is never seen emptier."""
    offers, _ = await a_morning(site)
    standing, over, seen = [each.aggregate_id for each in offers[3:]], asyncio.Event(), set[int]()
    lost: list[UUID] = standing[:1]

    async def read() -> None:
        count = "SELECT count(*) FROM supplies WHERE id = ANY(:ids) AND status = 'open'"
        while not over.is_set():
            seen.add(await site.scalar("matching", count, ids=standing[1:]))
            await asyncio.sleep(0.005)

    chance, mine = random.Random(33), [scenes.offer() for _ in range(12)]

    async def write() -> None:
        # So many and no more: a busy machine, on which a rebuild takes longer, would else have ever more to tell again.
        for _ in range(MEANWHILE):
            await asyncio.sleep(0.02)
            place = chance.randrange(len(mine))
            if chance.random() < 0.3:
                gone = OfferPaused(version=mine[place].version + 1, **_stop(mine[place]))
                await site.tell(gone)
                mine[place] = mine[place].model_copy(update={"version": gone.version})
            else:
                mine[place] = OfferUpdated(**later(mine[place], title=f"Palettes {chance.random()}"))  # type: ignore[call-overload]
                await site.tell(mine[place])

    async def spoil_and_rebuild() -> None:
        for _ in range(4):
            await site.sql(
                "matching",
                "DELETE FROM matches WHERE offer_id = ANY(:ids)",
                "DELETE FROM near_misses WHERE offer_id = ANY(:ids)",
                "DELETE FROM supplies WHERE id = ANY(:ids)",
                "UPDATE supplies SET evidence = '{}' WHERE status = 'paused'",
                ids=lost,
            )
            rebuilt, _ = await asyncio.gather(site.rebuild(SUPPLIES), write())
            assert rebuilt.is_equal, rebuilt
            assert set(lost) <= rebuilt.found.missing

    await site.tell(*mine)
    beside = asyncio.create_task(read())
    try:
        await spoil_and_rebuild()
    finally:
        over.set()
        await beside
    await site.town.settle()
    assert seen == {len(standing) - 1}
    final = await site.rebuild(SUPPLIES)
    assert final.is_equal
    assert not final.found


def _stop(offer: Any) -> dict[str, UUID]:
    return {"offer_id": offer.offer_id, "organisation_id": offer.organisation_id}

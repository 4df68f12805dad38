"""INVARIANT: computed anew nothing differs until a factor does; what follows stands beside what it followed."""

from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import text

from services.catalog.counted import KINDS
from services.catalog.impact.factors import Factor, factors
from services.catalog.impact.recomputing import Change, Why, recompute
from shared.events.facts import Level
from shared.events.impact import Measure
from tests.services.catalog.takers import rows
from tests.support import Isolated

LATER = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
ENTRIES = "SELECT value, version, superseded_for FROM impact_entries WHERE measure = '{0}' ORDER BY version"


def corrected(version: str = "2026-12", value: str = "0.2") -> tuple[Factor, ...]:
    """The lines, and one that corrects wood's."""
    wood = next(each for each in factors() if (each.key, each.level) == ("wood", Level.REUSE))
    return (*factors(), wood._replace(version=version, value=Decimal(value)))


async def differing(database: Isolated, lines: tuple[Factor, ...] = (), *, keep: bool = False) -> list[Change]:
    return [each async for each in recompute(database, lines or factors(), KINDS, now=LATER, keep=keep)]


@pytest.mark.usefixtures("confirmed")
class TestRecompute:
    async def test_nothing_differs_while_nothing_changed(self, catalog_database: Isolated) -> None:
        for keep in (False, True):
            assert await differing(catalog_database, keep=keep) == []
        assert [row.version for row in await rows(catalog_database, ENTRIES.format("co2e"))] == [1]

    async def test_a_factors_new_version_is_the_whole_difference(self, catalog_database: Isolated) -> None:
        (change,) = await differing(catalog_database, corrected())
        assert (change.measure, change.why) == (Measure.CO2E, Why.SOURCE)
        assert change.old is not None
        assert change.new is not None
        assert (change.old.value, change.new.value) == (Decimal(1220), Decimal(2000))
        # Only shown: nothing is kept.
        assert len(await rows(catalog_database, ENTRIES.format("co2e"))) == 1

    async def test_kept_once_it_stands_beside_the_old_one_and_is_told_again(self, catalog_database: Isolated) -> None:
        await differing(catalog_database, corrected(), keep=True)
        assert await differing(catalog_database, corrected(), keep=True) == []
        old, new = await rows(catalog_database, ENTRIES.format("co2e"))
        assert (old.value, old.superseded_for, new.value, new.superseded_for) == (1220, "source", 2000, None)
        assert len(await rows(catalog_database, ENTRIES.format("mass"))) == 1
        told = await rows(
            catalog_database,
            "SELECT payload FROM outbox WHERE type = 'catalog.impact.recorded.v1' ORDER BY id",
        )
        assert [each.payload["data"]["version"] for each in told] == [1, 2, 3, 4]
        assert len(told[-1].payload["data"]["figures"]) == 4

    async def test_a_later_factor_is_not_for_earlier_days(self, catalog_database: Isolated) -> None:
        lines = tuple(each._replace(valid_from=LATER.date()) for each in corrected() if each.version == "2026-12")
        assert await differing(catalog_database, (*factors(), *lines)) == []

    async def test_what_is_confirmed_no_more_counts_no_more_and_is_kept(self, catalog_database: Isolated) -> None:
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE takings SET state = 'disputed'"))
        found = await differing(catalog_database, keep=True)
        assert {(each.why, each.new) for each in found} == {(Why.UNCONFIRMED, None)}
        assert [row.superseded_for for row in await rows(catalog_database, ENTRIES.format("mass"))] == ["unconfirmed"]
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE takings SET state = 'confirmed'"))
        await differing(catalog_database, keep=True)
        assert [row.version for row in await rows(catalog_database, ENTRIES.format("mass"))] == [1, 2]

    async def test_what_a_flow_becomes_changes_nothing(self, catalog_database: Isolated) -> None:
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE flows SET categories = '{glass}'"))
        assert await differing(catalog_database) == []

    async def test_what_was_confirmed_before_there_were_entries_is_recorded(self, catalog_database: Isolated) -> None:
        async with catalog_database.sessions.begin() as session:
            for table in ("impact_entries", "impact_exchanges"):
                await session.execute(text(f"DELETE FROM {table}"))
            await session.execute(text("DELETE FROM outbox WHERE type LIKE 'catalog.impact.%'"))
        found = await differing(catalog_database)
        assert {(each.measure.value, each.why) for each in found} == {
            (each, Why.MISSING) for each in ("mass", "co2e", "environment", "justice")
        }
        await differing(catalog_database, keep=True)
        assert await differing(catalog_database) == []


async def test_no_exchange_no_difference(publisher: httpx.AsyncClient, catalog_database: Isolated) -> None:
    assert publisher
    assert await differing(catalog_database, keep=True) == []

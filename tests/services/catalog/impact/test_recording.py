"""INVARIANT: what both sides confirmed counts once, exactly, and what they did not confirm counts nowhere."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.services.catalog.agreeing import both_signed, chosen, concluded
from tests.services.catalog.collecting.conftest import say
from tests.services.catalog.takers import rows
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

STANDING = "SELECT * FROM impact_entries WHERE superseded_at IS NULL ORDER BY measure"


async def figures(database: Isolated) -> dict[str, Any]:
    """The standing figures of the only exchange, by measure."""
    return {row.measure: row for row in await rows(database, STANDING)}


async def completed(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, **said: Any) -> str:
    """The address of an agreement that both say is done."""
    agreement = await concluded(buyer, proposal, **said)
    await both_signed(buyer, supplier, agreement)
    for each in (buyer, supplier):
        assert (await post(each, f"{agreement}/complete")).status_code == 303
    return agreement


class TestTaking:
    async def test_one_side_alone_counts_for_nothing(
        self, taker: httpx.AsyncClient, part: str, catalog_database: Isolated
    ) -> None:
        await say(taker, part, "10")
        assert await rows(catalog_database, "SELECT 1 FROM impact_exchanges") == []

    async def test_a_dispute_counts_for_nothing(
        self, taker: httpx.AsyncClient, publisher: httpx.AsyncClient, part: str, catalog_database: Isolated
    ) -> None:
        await say(taker, part, "10")
        await say(publisher, part, "5")
        assert await rows(catalog_database, "SELECT 1 FROM impact_exchanges") == []

    @pytest.mark.usefixtures("confirmed")
    async def test_the_figure_that_counts_is_the_mass_and_what_it_avoids(self, catalog_database: Isolated) -> None:
        found = await figures(catalog_database)
        assert set(found) == {"mass", "co2e", "environment", "justice"}
        mass, co2e = found["mass"], found["co2e"]
        assert (mass.value, mass.unit, mass.level, mass.method, mass.basis) == (
            Decimal(10_000), "kg", "reuse", "weighed", "measured",
        )  # fmt: skip
        assert (co2e.value, co2e.low, co2e.high) == (Decimal(1_220), Decimal(690), Decimal(7_140))
        assert co2e.source_version == "wood/reuse/2026-11"
        assert "34678" in co2e.source

    @pytest.mark.usefixtures("confirmed")
    async def test_each_side_is_told_once_with_all_figures(self, catalog_database: Isolated) -> None:
        told = await rows(catalog_database, "SELECT payload FROM outbox WHERE type = 'catalog.impact.recorded.v1'")
        holder, taker = (each.payload["data"] for each in told)
        assert (holder["organisation_id"], holder["partner_id"]) == (taker["partner_id"], taker["organisation_id"])
        assert (holder["version"], taker["version"]) == (1, 2)
        for data in (holder, taker):
            assert {each["measure"] for each in data["figures"]} == {"mass", "co2e", "environment", "justice"}
            assert "title" not in data

    async def test_said_again_it_counts_no_second_time(
        self, confirmed: str, taker: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        await say(taker, confirmed, "10")
        await say(taker, confirmed, "9")
        found = await figures(catalog_database)
        assert (found["mass"].value, found["mass"].version) == (10_000, 1)

    @pytest.mark.usefixtures("confirmed")
    async def test_the_database_refuses_a_second_time(self, catalog_database: Isolated) -> None:
        again = text("""
            INSERT INTO impact_entries SELECT (jsonb_populate_record(e, jsonb_build_object(
                'id', gen_random_uuid(), 'version', 2))).* FROM impact_entries e WHERE measure = 'mass'
        """)
        with pytest.raises(IntegrityError, match="uq_impact_entries_standing"):
            async with catalog_database.sessions.begin() as session:
                await session.execute(again)


class TestAgreement:
    async def test_money_goes_to_the_social_economy_and_hours_are_an_estimate(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        await completed(buyer, supplier, await chosen(buyer, supplier))
        found = await figures(catalog_database)
        (agreed,) = await rows(catalog_database, "SELECT content FROM agreements")
        cents = sum(int(Decimal(line["quantity"]) * line["price_cents"]) for line in agreed.content["lines"])
        assert found["money"].value == cents > 0
        assert found["jobs"].value == 1
        assert "mass" not in found

    async def test_one_side_alone_completes_nothing(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        agreement = await concluded(buyer, await chosen(buyer, supplier))
        await both_signed(buyer, supplier, agreement)
        await post(buyer, f"{agreement}/complete")
        assert await rows(catalog_database, "SELECT 1 FROM impact_exchanges") == []

    async def test_a_kilogram_is_never_an_agreements(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        """Goods of a transfer that are collected, too, count where they were weighed: the database knows no other."""
        await completed(buyer, supplier, await chosen(buyer, supplier))
        twice = text("""
            INSERT INTO impact_entries SELECT (jsonb_populate_record(e, jsonb_build_object(
                'id', gen_random_uuid(), 'measure', 'mass'))).* FROM impact_entries e WHERE measure = 'money'
        """)
        with pytest.raises(IntegrityError, match="ck_impact_entries_kilograms"):
            async with catalog_database.sessions.begin() as session:
                await session.execute(twice)

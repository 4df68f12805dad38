"""What a seller was paid in a year: by quarter, by sale, and whether a platform reports it."""

from datetime import datetime
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from services.catalog.earnings.year import Moved, Totals, is_above, quarters_of, threshold_of, whole_of
from services.catalog.payments.ledger import Kind
from shared.clock import PARIS, day_of, now
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.paying import BILLED, PAID, TODAY, due, say
from tests.services.catalog.test_http_contract import signed
from tests.support import Isolated

YEAR = day_of(now()).year
QUARTER = (day_of(now()).month - 1) // 3


def moved(month: int, source: Kind, target: Kind, cents: int, day: int = 1) -> Moved:
    return Moved(uuid4(), datetime(2026, month, day, tzinfo=PARIS), source, target, cents)


class TestQuarters:
    def test_a_move_is_of_the_quarter_of_its_day_in_paris(self) -> None:
        quarters = quarters_of(
            [moved(3, Kind.CLAIMED, Kind.RECEIVED, 5, day=31), moved(4, Kind.HELD, Kind.RECEIVED, 7)]
        )
        assert [each.received_cents for each in quarters] == [5, 7, 0, 0]

    def test_fees_are_part_of_what_was_received_and_refunds_of_what_was_kept(self) -> None:
        (first, *_) = quarters_of(
            [
                moved(1, Kind.CLAIMED, Kind.RECEIVED, 95),
                moved(1, Kind.CLAIMED, Kind.FEES, 5),
                moved(2, Kind.RECEIVED, Kind.RETURNING, 40),
                moved(2, Kind.FEES, Kind.RECEIVED, 2),
                moved(3, Kind.RETURNING, Kind.RECEIVED, 10),
            ]
        )
        assert (first.received_cents, first.fee_cents, first.returned_cents, first.kept_cents) == (100, 3, 30, 67)

    def test_a_sale_paid_in_two_quarters_is_one_sale(self) -> None:
        sale = moved(1, Kind.CLAIMED, Kind.RECEIVED, 5)
        later = sale._replace(at=datetime(2026, 6, 1, tzinfo=PARIS))
        assert whole_of(quarters_of([sale, later])).payments == 1


class TestThreshold:
    @pytest.mark.parametrize(
        ("sales", "cents", "above"), [(29, 200_000, False), (30, 1, True), (1, 200_001, True), (0, 0, False)]
    )
    def test_it_is_met_by_sales_and_passed_by_money(self, sales: int, cents: int, above: bool) -> None:
        threshold = threshold_of(2026)
        assert threshold is not None
        assert is_above(Totals(received_cents=cents, sales={uuid4() for _ in range(sales)}), threshold) is above

    def test_the_platforms_fees_are_no_pay(self) -> None:
        threshold = threshold_of(2026)
        assert threshold is not None
        assert not is_above(Totals(received_cents=threshold.cents + 1_000, fee_cents=5_000), threshold)
        assert is_above(Totals(received_cents=threshold.cents + 1_000, fee_cents=999), threshold)

    def test_a_year_before_it_has_none(self) -> None:
        assert threshold_of(2022) is None


@pytest.fixture
async def paid(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated) -> str:
    """1,200 € that a supplier received and gave 100 € back of."""
    settlement = await due(buyer, supplier, catalog_database)
    await say(supplier, settlement, "bill", **BILLED)
    await say(buyer, settlement, "declare", **PAID)
    await say(supplier, settlement, "confirm")
    await say(supplier, settlement, "give-back", back_euros="100", returned_on=TODAY)
    return settlement


@pytest.mark.usefixtures("paid")
class TestYear:
    async def test_a_seller_reads_its_own_year(self, supplier: httpx.AsyncClient) -> None:
        await signed(supplier)
        told = (await supplier.get("/api/v1/settlements/yearly", params={"year": YEAR})).json()
        expected = {
            "payments": 1,
            "received_cents": 120_000,
            "fee_cents": 0,
            "returned_cents": 10_000,
            "kept_cents": 110_000,
        }
        assert (told["year"], told["whole"], told["quarters"][QUARTER]) == (YEAR, expected, expected)
        assert (told["is_above"], told["threshold"]["sales"], told["seller"]["country"]) == (False, 30, "FR")
        assert told["seller"]["name"]
        before = (await supplier.get("/api/v1/settlements/yearly", params={"year": YEAR - 1})).json()
        assert before["whole"]["payments"] == 0

    async def test_who_paid_and_who_took_no_part_were_paid_nothing(
        self, buyer: httpx.AsyncClient, sign_up: SignUp
    ) -> None:
        for each in (buyer, await sign_up()):
            told = (await each.get("/api/v1/settlements/yearly")).json()
            assert (told["whole"]["payments"], told["whole"]["received_cents"]) == (0, 0)

    async def test_what_was_given_was_not_sold(self, supplier: httpx.AsyncClient, catalog_database: Isolated) -> None:
        async with catalog_database.sessions.begin() as session:
            await session.execute(text('UPDATE agreements SET content = content || \'{"nature": "gift"}\''))
        told = (await supplier.get("/api/v1/settlements/yearly")).json()
        assert (told["whole"]["payments"], told["whole"]["received_cents"]) == (0, 0)

    async def test_its_page_and_its_file_say_the_same(self, supplier: httpx.AsyncClient) -> None:
        assert f"/payments/year?year={YEAR}" in (await supplier.get("/fr/payments")).text
        page = await supplier.get("/fr/payments/year")
        assert page.status_code == 200
        assert "DAC7" in page.text
        assert len(page.content) < 60_000
        english = (await supplier.get("/en/payments/year")).text
        assert "€1,100.00" in english
        assert "below it" in english
        file = (await supplier.get("/fr/payments/year/file", params={"year": YEAR})).text.splitlines()
        assert len(file) == 6
        assert file[-1].split(";")[1:6] == ["1", "1200,00", "0,00", "100,00", "1100,00"]
        assert (await supplier.get("/fr/payments/year/file", params={"form": "xlsx"})).content[:2] == b"PK"

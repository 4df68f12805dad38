"""A donor's statement: the computation by its properties and by examples, and its page and files."""

import csv
import io
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.gifts.statement import Figures, Given, Year, ceiling_of, years_of
from tests.services.catalog.giving import issued, papers, ready, today
from tests.services.catalog.pages import said, shown
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_http_contract import signed
from tests.support import Isolated

LAW = Figures(
    rate=Decimal(60), rate_above=Decimal(40), rate_kept=Decimal(60), threshold_cents=200_000_000,
    ceiling_cents=2_000_000, ceiling_permille=Decimal(5), carry_years=5,
)  # fmt: skip
FIRST, LAST = 2021, 2035
YEARS = st.integers(FIRST, LAST)
GIVEN = st.lists(st.builds(Given, YEARS, st.integers(1, 500_000_000), st.booleans()), max_size=12)
TURNOVERS = st.dictionaries(YEARS, st.integers(0, 10**12), max_size=8)


def reckoned(given: list[Given], turnovers: dict[int, int] | None = None, *, until: int = LAST) -> list[Year]:
    return years_of(given, turnovers or {}, dict.fromkeys(range(FIRST, until + 1), LAW))


@given(GIVEN, TURNOVERS)
def test_no_year_uses_more_than_its_ceiling(given: list[Given], turnovers: dict[int, int]) -> None:
    """INVARIANT: what counts in a year is at most the larger of the amount and the share of turnover."""
    for year in reckoned(given, turnovers):
        assert year.used_cents <= ceiling_of(turnovers.get(year.year), LAW) == year.ceiling_cents
        assert 0 <= year.reduction_cents <= year.used_cents


@given(GIVEN, TURNOVERS)
def test_every_cent_is_used_carried_or_ended_once(given: list[Given], turnovers: dict[int, int]) -> None:
    """INVARIANT: nothing is counted twice and nothing is lost without being named."""
    years = reckoned(given, turnovers)
    used, ended = sum(each.used_cents for each in years), sum(each.expired_cents for each in years)
    assert sum(each.cents for each in given) == used + ended + years[-1].carried_cents


@given(GIVEN, TURNOVERS)
def test_a_carry_over_lives_five_years_and_the_oldest_goes_first(given: list[Given], turnovers: dict[int, int]) -> None:
    """INVARIANT: no gift counts after its fifth year or before its own, and no younger carry-over before an older."""
    for year in reckoned(given, turnovers):
        assert all(0 <= year.year - each.year <= LAW.carry_years for each in year.used)
        assert all(year.year - each.year > LAW.carry_years for each in year.expired)
        carried = [each for each in year.used if each.year < year.year]
        assert carried == sorted(carried, key=lambda each: (each.year, -each.rate))
        if carried and year.carried:
            # Whatever is left is no older than what was used of the carry-over.
            assert min(each.year for each in year.carried) >= carried[-1].year


@given(GIVEN, TURNOVERS)
def test_its_own_gifts_come_before_what_is_carried_over(given: list[Given], turnovers: dict[int, int]) -> None:
    for year in reckoned(given, turnovers):
        own = sum(each.cents for each in year.used if each.year == year.year)
        assert own == min(year.given_cents, year.ceiling_cents)


def test_two_millions_and_more_have_two_rates_but_for_meals_shelter_and_care() -> None:
    turnovers = {2026: 10**12}
    (year,) = [each for each in reckoned([Given(2026, 300_000_000, False)], turnovers) if each.year == 2026]
    assert year.reduction_cents == 120_000_000 + 40_000_000
    (kept,) = [each for each in reckoned([Given(2026, 300_000_000, True)], turnovers) if each.year == 2026]
    assert kept.reduction_cents == 180_000_000


def test_what_is_over_the_ceiling_goes_on_for_five_years_and_ends_in_the_sixth() -> None:
    years = {each.year: each for each in reckoned([Given(2021, 15_000_000, False)])}
    assert [years[each].used_cents for each in range(2021, 2028)] == [2_000_000] * 6 + [0]
    assert (years[2026].carried_cents, years[2027].expired_cents, years[2028].expired_cents) == (
        3_000_000,
        3_000_000,
        0,
    )


def test_half_a_percent_of_a_large_turnover_is_a_higher_ceiling() -> None:
    assert ceiling_of(1_000_000_000, LAW) == 5_000_000
    assert ceiling_of(1_000, LAW) == ceiling_of(None, LAW) == 2_000_000


class TestPage:
    async def test_it_shows_receipts_ceiling_and_sources_and_keeps_the_turnover(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        gift = await ready(donor, recipient, catalog_database)
        await issued(recipient, gift)
        (row,) = await papers(catalog_database)
        year = today().year
        page = await shown(donor, f"/gifts/statement?year={year}")
        for each in (row.pdf and f"{year}-0001", "1 600,50 €", "960,30 €", "20 000,00 €", "art. 238 bis", "À vérifier"):
            assert each in page or each.lower() in page, each
        saved = await post(donor, "/gifts/statement", year=year, turnover_euros="10 000 000")
        assert saved.status_code == 303
        assert "50 000,00 €" in await shown(donor, f"/gifts/statement?year={year}")
        # It is the donor's alone: the recipient reads neither its turnover nor its receipts there.
        theirs = await shown(recipient, f"/gifts/statement?year={year}")
        assert "50 000,00 €" not in theirs
        assert "Aucun reçu pour cette année" in theirs
        wrong = await post(donor, "/gifts/statement", year=year, turnover_euros="beaucoup")
        assert (wrong.status_code, "Écrivez un nombre" in said(wrong)) == (422, True)
        assert 'value="beaucoup"' in wrong.text

    async def test_a_year_without_figures_computes_nothing(self, donor: httpx.AsyncClient) -> None:
        page = await shown(donor, "/gifts/statement?year=2010")
        assert "rien n'est calculé" in page

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    async def test_it_is_a_file(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated, form: str
    ) -> None:
        await issued(recipient, await ready(donor, recipient, catalog_database))
        answer = await donor.get(f"/gifts/statement/file?year={today().year}&form={form}")
        assert answer.status_code == 200
        if form == "csv":
            rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
            assert rows[1][3] == "1600,50"

    async def test_a_program_reads_the_same(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        await issued(recipient, await ready(donor, recipient, catalog_database))
        answer: dict[str, Any] = (await donor.get(f"/api/v1/gifts/statement?year={today().year}")).json()
        assert (answer["given_cents"], answer["reduction_cents"]) == (160_050, 96_030)
        program, turnover = await signed(donor), {"year": today().year, "turnover_euros": "10000000"}
        kept = await program.post("/api/v1/gifts/statement", json=turnover, headers={"idempotency-key": "turnover"})
        assert kept.status_code == 200, kept.text
        assert kept.json()["ceiling_cents"] == 5_000_000

"""All who were paid in a year, as whoever runs the platform reports them: what the ledger holds, seller by seller."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text
from stdnum.fr import siren

from deploy.embedded.data_folder import PROJECT
from deploy.embedded.engines import Engines
from services.catalog.earnings.queries import sellers_of
from services.catalog.earnings.table import AMOUNTS, HEADINGS, PERIODS, rows_of
from services.catalog.payments.ledger import Kind, Why
from services.catalog.payments.models import LedgerMove, settlement_id_of
from services.catalog.settings import Settings
from shared.clock import day_of, now
from shared.database import Database
from tests.services.catalog.agreeing import both_signed, chosen, concluded
from tests.services.catalog.conftest import SIRETS, SignUp, send_sign_up
from tests.services.catalog.online import Till, paid_online
from tests.services.catalog.paying import BILLED, PAID, TODAY, say
from tests.services.catalog.test_accounts import with_a_siret_of
from tests.support import Isolated, client_for

YEAR = day_of(now()).year
QUARTER = (day_of(now()).month - 1) // 3
NUMBERS = ("sales", *AMOUNTS)
SUPPLIER, OTHER = "Traiteur solidaire", "Cuisine de quartier"
VAT_NUMBER = f"FR{siren.to_tva(SIRETS[1][:9])}"
# What the ledger says came to sellers and to the platform's part in a year of Paris, less what went.
OF_THE_LEDGER = text("""
    SELECT kind, sum(cents)::int AS cents FROM (
        SELECT target_kind AS kind, cents, at FROM ledger_moves
        UNION ALL SELECT source_kind, -cents, at FROM ledger_moves) AS legs
    WHERE kind IN ('received', 'fees') AND extract(year FROM at AT TIME ZONE 'Europe/Paris') = :year GROUP BY kind
""")


async def agreed(buyer: httpx.AsyncClient, seller: httpx.AsyncClient) -> str:
    """The address of what 80 meals make due, whoever else is owed something."""
    agreement = await concluded(buyer, await chosen(buyer, seller))
    await both_signed(buyer, seller, agreement)
    return f"/payments/{settlement_id_of(UUID(agreement.rpartition('/')[2]), milestone=0)}"


async def sold(buyer: httpx.AsyncClient, seller: httpx.AsyncClient, *, back: str = "", vat_number: str = "") -> str:
    """1,200 € that a seller received, of which it gave some back."""
    settlement = await agreed(buyer, seller)
    more = {"vat_rate": "20", "vat_number": vat_number} if vat_number else {}
    await say(seller, settlement, "bill", **BILLED, **more)
    await say(buyer, settlement, "declare", **PAID)
    await say(seller, settlement, "confirm")
    if back:
        await say(seller, settlement, "give-back", back_euros=back, returned_on=TODAY)
    return settlement


async def reported(database: Database, year: int = YEAR) -> dict[str, dict[str, str]]:
    """The rows of the file, by legal name."""
    async with database.sessions() as session:
        rows = list(rows_of(await sellers_of(session, year)))
    found = {row[0]: dict(zip(HEADINGS, row, strict=True)) for row in rows}
    assert len(found) == len(rows)
    return found


def figures(row: dict[str, str]) -> list[list[int]]:
    """Sales and cents of each period."""
    return [[int(row[f"{period} {what}"].replace(",", "")) for what in NUMBERS] for period in PERIODS]


async def own_year(client: httpx.AsyncClient) -> list[list[int]]:
    """The same as a seller reads it of its own organisation, in the table that it takes away."""
    table = (await client.get("/fr/payments/year/file", params={"year": YEAR})).text
    return [[int(cell.replace(",", "")) for cell in line.split(";")[1:6]] for line in table.splitlines()[1:]]


def added(*years: list[list[int]]) -> list[list[int]]:
    return [[sum(cells) for cells in zip(*periods, strict=True)] for periods in zip(*years, strict=True)]


class Sellers(NamedTuple):
    """A legal entity with two establishments, and another one with one."""

    supplier: httpx.AsyncClient
    branch: httpx.AsyncClient
    other: httpx.AsyncClient


@pytest.fixture
async def sellers(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, other: httpx.AsyncClient, sign_up: SignUp
) -> Sellers:
    """Three sales of 1,200 €, of one of which 100 € went back."""
    branch = await sign_up(
        organisation_name="Traiteur Blagnac", roles=["ess"], siret=with_a_siret_of(SIRETS[1][:9], 9001), place="Blagnac"
    )
    await sold(buyer, supplier, back="100")
    await sold(buyer, branch, vat_number=VAT_NUMBER)
    await sold(buyer, other)
    return Sellers(supplier, branch, other)


class TestSellers:
    @pytest.mark.usefixtures("sellers")
    async def test_establishments_of_a_legal_entity_are_one_seller(self, catalog_database: Isolated) -> None:
        rows = await reported(catalog_database)
        assert list(rows) == [OTHER, SUPPLIER]
        whole = [2, 240_000, 0, 10_000, 230_000]
        assert [figures(rows[SUPPLIER])[at] for at in (QUARTER, 4)] == [whole, whole]
        assert figures(rows[OTHER])[4] == [1, 120_000, 0, 0, 120_000]
        told = [rows[SUPPLIER][each] for each in ("SIREN", "VAT number", "Address", "Country", "Stripe account")]
        assert told == [SIRETS[1][:9], VAT_NUMBER, "Toulouse (31000)", "FR", ""]

    @pytest.mark.usefixtures("sellers")
    async def test_the_threshold_is_of_the_legal_entity(self, catalog_database: Isolated) -> None:
        """INVARIANT: two establishments that are below it alone are one seller that is above it."""
        rows = await reported(catalog_database)
        below = {name: row["Below the threshold of a seller of goods"] for name, row in rows.items()}
        assert below == {SUPPLIER: "no, to be checked", OTHER: "yes, to be checked"}

    async def test_each_reads_the_same_of_itself(self, sellers: Sellers, catalog_database: Isolated) -> None:
        """INVARIANT: what is reported of a seller is what its own pages say."""
        rows = await reported(catalog_database)
        supplier, branch, other = [await own_year(each) for each in sellers]
        assert figures(rows[OTHER]) == other
        assert figures(rows[SUPPLIER]) == added(supplier, branch)

    async def test_a_year_and_its_quarter_begin_in_paris(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        """INVARIANT: half an hour before a year begins in UTC, it has begun in Paris; an hour earlier it has not."""
        settlement = UUID((await agreed(buyer, supplier)).rpartition("/")[2])
        legs = {"why": Why.CONFIRMED, "source_kind": Kind.CLAIMED, "target_kind": Kind.RECEIVED}
        async with catalog_database.sessions.begin() as session:
            for hour, cents in ((22, 100), (23, 500)):
                at = datetime(YEAR - 1, 12, 31, hour, 30, tzinfo=UTC)
                session.add(LedgerMove(settlement_id=settlement, cents=cents, at=at, **legs))
        last, this = [figures((await reported(catalog_database, year))[SUPPLIER]) for year in (YEAR - 1, YEAR)]
        assert [each[1] for each in last] == [0, 0, 0, 100, 100]
        assert [each[1] for each in this] == [500, 0, 0, 0, 500]

    @pytest.mark.usefixtures("sellers")
    async def test_all_rows_are_what_the_ledger_holds(self, catalog_database: Isolated) -> None:
        """INVARIANT: nobody who was paid is left out, and nobody is counted twice."""
        kept = sum(figures(row)[4][4] for row in (await reported(catalog_database)).values())
        assert await of_the_ledger(catalog_database) == {"received": kept} == {"received": 350_000}

    async def test_who_was_paid_nothing_is_no_seller(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        await agreed(buyer, supplier)
        assert await reported(catalog_database) == {}

    @pytest.mark.usefixtures("sellers")
    async def test_the_role_of_the_pages_is_told_of_nobody(self, catalog_database: Isolated) -> None:
        """INVARIANT: the same question, asked by mistake for nobody on the pages, tells nothing."""
        assert await reported(catalog_database.both.pages) == {}


async def of_the_ledger(database: Database) -> dict[str, int]:
    async with database.sessions() as session:
        return {row.kind: row.cents for row in await session.execute(OF_THE_LEDGER, {"year": YEAR})}


class TestOnline:
    @pytest.fixture
    async def till(self, catalog_settings: Settings, catalog_database: Isolated, tmp_path: Path) -> AsyncIterator[Till]:
        async with paid_online(catalog_settings, catalog_database.both, tmp_path / "files") as (app, twin):
            yield Till(app, twin, catalog_database)

    @pytest.fixture
    def catalog_app(self, till: Till) -> Litestar:
        return till.app

    async def test_fees_and_the_account_with_stripe_are_told(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, till: Till, catalog_database: Isolated
    ) -> None:
        settlement, account = await agreed(buyer, supplier), await till.enable(supplier)
        await till.pay(buyer, settlement)
        row = (await reported(catalog_database))[SUPPLIER]
        assert row["Stripe account"] == account
        assert figures(row)[4] == [1, 100_000, 2_000, 0, 98_000]
        assert figures(row) == await own_year(supplier)
        assert await of_the_ledger(catalog_database) == {"received": 98_000, "fees": 2_000}


@pytest.fixture
def settings(engines: Engines, tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(engines.instance.settings("catalog")))
    return {"BOUCLE_CATALOG_SETTINGS": str(path)}


def boucle(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli.main", "sellers", *words],
        capture_output=True,
        cwd=PROJECT,
        env=os.environ | environment,
        check=False,
        timeout=60,
    )


async def test_the_command_writes_the_file_for_its_reader_alone(
    lasting_catalog: Litestar, settings: dict[str, str], tmp_path: Path
) -> None:
    async with client_for(lasting_catalog) as buyer, client_for(lasting_catalog) as supplier:
        await send_sign_up(buyer, 1)
        await send_sign_up(supplier, 2, organisation_name=SUPPLIER, roles=["ess"])
        await sold(buyer, supplier, back="100")
    printed = boucle(str(YEAR), **settings)
    assert printed.returncode == 0, printed.stderr
    (row,) = csv.DictReader(io.StringIO(printed.stdout.decode("utf-8-sig")), delimiter=";")
    assert (row["Legal name"], row["Year received before fees (EUR)"]) == (SUPPLIER, "1200,00")
    said = printed.stderr.decode()
    assert f"Sellers of {YEAR}: 1. Nothing is sent to any authority" in said
    assert f"{YEAR} is not over" in said
    file, book = tmp_path / "sellers.csv", tmp_path / "sellers.xlsx"
    assert boucle(str(YEAR), "--file", str(file), **settings).stdout == b""
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (printed.stdout, 0o600)
    assert boucle(str(YEAR), "--file", str(book), **settings).returncode == 0
    assert book.read_bytes()[:2] == b"PK"


def test_a_year_without_a_sale_is_said_and_nothing_is_written(settings: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "sellers.csv"
    done = boucle("2001", "--file", str(file), **settings)
    assert (done.returncode, file.exists()) == (1, False)
    assert done.stderr.decode() == "Error: Nobody was paid in 2001.\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("2100",), "2100 has not begun."),
        (("1999",), "is not in the range"),
        (("soon",), "is not a valid integer range"),
        (("2026", "--file", "sellers.ods"), "its name ends in .csv or .xlsx"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(words: tuple[str, ...], why: str) -> None:
    done = boucle(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert why in done.stderr.decode()

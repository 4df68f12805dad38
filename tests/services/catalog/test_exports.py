"""What an organisation takes away: everything of its own, harmless in a spreadsheet, and read back as it is."""

import csv
import io
from datetime import date
from typing import Any

import httpx
import pytest
from python_calamine import load_workbook
from sqlalchemy import select

from services.catalog.exports.rows import cell_of
from services.catalog.imports.columns import Column, key_of
from services.catalog.imports.fields import FLOW_COLUMNS, NEED_COLUMNS, OFFER_COLUMNS, ORGANISATION_COLUMNS
from services.catalog.needs.models import Need
from shared.messaging.tables import outbox
from shared.web.tables import FORMULAS, NUMBER, guarded_cell, plain_cell
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.importers import counts, role, rows, sign_in_again, taken
from tests.services.catalog.test_flow_and_offer_wizards import FLOW, OFFER, post, walk
from tests.support import Isolated

EVERY = (*ORGANISATION_COLUMNS, *NEED_COLUMNS, *OFFER_COLUMNS, *FLOW_COLUMNS)
NEED = {
    "kind": "procurement",
    "title": "-80 repas par mois",
    "description": "=1+1\nDes plateaux\r\nlivrés ; à « Montaudran »",
    "categories": ["catering"],
    "place": "Montaudran",
    "quantity_value": "80.5",
    "quantity_unit": "meal",
    "quantity_period": "month",
    "cpv": ["55520000"],
    "ewc": ["15 01 03"],
    "amount_shown": "exact",
    "amount_euros": "1234.5",
    "clause_ground": "condition",
    "clause_hours": 120,
    "clause_publics": ["seniors", "young"],
    "supplier_kinds": ["ESAT", "EA"],
    "permits": ["food_hygiene"],
    "receipt_wanted": True,
}


async def exported(client: httpx.AsyncClient, what: str, form: str = "csv") -> bytes:
    answer = await client.get(f"/exports/file?what={what}&form={form}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    return answer.content


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


async def told(database: Isolated) -> int:
    async with database.sessions() as session:
        return len(list(await session.scalars(select(outbox.c.id))))


@pytest.fixture
async def member(sign_up: SignUp) -> httpx.AsyncClient:
    """Somebody with a draft of a need and one that is published, a flow with lots, and an offer."""
    client = await sign_up(roles=["buyer", "ess", "publisher"])
    headers = {"x-csrf-token": await csrf_of(client, "/needs/new")}
    made = await client.post("/api/v1/needs", json=NEED, headers=headers)
    assert made.status_code == 201, made.text
    second = await client.post("/api/v1/needs", json={**NEED, "title": "Quatre portes"}, headers=headers)
    await client.post(f"/api/v1/needs/{second.json()['id']}/publish", headers={**headers, "if-match": "*"})
    flow = await walk(client, "/flows", {"title": "Palettes bois"}, FLOW)
    await post(client, f"{flow}/review")
    offer = await walk(
        client, "/offers", {"title": "Palettes réparées", "takes_material": "true", "need_kinds": ["material"]}, OFFER
    )
    await post(client, f"{offer}/review")
    return client


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(("what", "number"), [("needs", 2), ("offers", 1), ("flows", 1)])
async def test_an_export_imported_again_changes_nothing(
    member: httpx.AsyncClient, catalog_database: Isolated, *, what: str, number: int, form: str
) -> None:
    before = await told(catalog_database)
    address = await taken(member, catalog_database, await exported(member, what, form), what=what)
    page = (await member.get(address)).text
    assert await counts(catalog_database, address) == ("done", 0, 0, number, 0), page
    assert await told(catalog_database) == before


async def test_a_cell_changed_in_an_export_changes_that_alone(
    member: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    content = await exported(member, "needs")
    changed = content.decode("utf-8-sig").replace("Quatre portes", "Cinq portes")
    short = "\r\n".join(changed.splitlines())
    address = await taken(member, catalog_database, short, what="needs")
    assert await counts(catalog_database, address) == ("done", 0, 1, 1, 0)
    async with catalog_database.sessions() as session:
        need = (await session.scalars(select(Need).where(Need.title == "Cinq portes"))).one()
    assert (need.clause_hours, need.amount_cents, need.supplier_kinds) == (120, 123450, ["ESAT", "EA"])


async def test_what_a_file_does_not_speak_of_stays(member: httpx.AsyncClient, catalog_database: Isolated) -> None:
    rows_ = table(await exported(member, "needs"))
    file = "Identifiant;Titre;Type de besoin;Lieu;État\n" + "".join(
        f"{row['Identifiant']};Portes;Achat;Montaudran;{row['État']}\n" for row in rows_ if row["État"] == "publié"
    )
    address = await taken(member, catalog_database, file, what="needs")
    assert await counts(catalog_database, address) == ("done", 0, 1, 0, 0)
    need = next(each for each in await rows(catalog_database, Need) if each.title == "Portes")
    assert (need.clause_hours, need.quantity_unit, need.permits) == (120, "meal", ["food_hygiene"])


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would reckon with it: a number alone it only shows."""
    return cell.startswith(FORMULAS) and NUMBER.fullmatch(cell) is None


async def test_nothing_in_an_export_is_taken_for_a_formula(member: httpx.AsyncClient) -> None:
    for what in ("needs", "offers", "flows", "lots"):
        content = await exported(member, what)
        assert content.startswith(b"\xef\xbb\xbf")
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"):
            assert not [cell for cell in row if is_formula(cell)]
        book = load_workbook(io.BytesIO(await exported(member, what, "xlsx")))
        cells = [cell for line in book.get_sheet_by_index(0).to_python() for cell in line]
        assert all(isinstance(cell, str) and not is_formula(cell) for cell in cells)
    needs = table(await exported(member, "needs"))
    assert needs[0]["Titre"] == "'-80 repas par mois"
    assert needs[0]["Description"].startswith("'=1+1")


@pytest.mark.parametrize("text", ["=1+1", "+33 5", "-40+1", "-4e1", "-1\n+2", "@x", "\tx", "\rx"])
def test_a_guarded_cell_reads_back(text: str) -> None:
    assert not guarded_cell(text).startswith(FORMULAS)
    assert plain_cell(guarded_cell(text)) == text


@pytest.mark.parametrize("text", ["", "'", "'hier", "Palettes", "l'eau", "-40", "-1250,00", "-0.5"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert guarded_cell(text) == text == plain_cell(text)


@pytest.mark.parametrize("column", [each for each in EVERY if each.codes], ids=lambda each: each.name)
def test_every_code_reads_back_from_what_it_is_called(column: Column) -> None:
    for code in column.codes:
        found: Any = column.read(cell_of(column, code), date(2026, 11, 23))
        assert found in (code, [code])


@pytest.mark.parametrize("column", EVERY, ids=lambda each: each.name)
def test_every_column_has_a_french_heading(column: Column) -> None:
    assert column.title[0].isupper()
    assert key_of(column.title)


async def test_lots_are_told_with_their_flow(member: httpx.AsyncClient) -> None:
    lots = table(await exported(member, "lots"))
    assert lots
    assert {row["Gisement"] for row in lots} == {"Palettes bois"}


async def test_viewers_export_and_strangers_see_nothing_of_it(
    member: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    stranger = await sign_up()
    assert table(await exported(stranger, "needs")) == []
    await role(catalog_database, "viewer")
    await sign_in_again(member)
    assert len(table(await exported(member, "needs"))) == 2
    assert 'href="/exports/file?what=lots&amp;form=xlsx"' in (await member.get("/exports")).text
    assert (await member.get("/exports/file?what=members")).status_code == 404

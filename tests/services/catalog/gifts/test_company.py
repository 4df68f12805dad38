"""A reduction is the company's: a statement adds up the establishments that its reader acts for, and no other's."""

import httpx
import pytest
from litestar import Litestar
from stdnum import luhn

from tests.services.catalog.conftest import SIRETS, SignUp
from tests.services.catalog.giving import issued, papers, ready, today
from tests.services.catalog.pages import shown
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_keys import make_key
from tests.support import Isolated, client_for

PROGRAMS = f"/api/v1/gifts/statement?year={today().year}"
STATEMENT, SECOND, THIRD = "/gifts/statement", "Hexaplane Blagnac", "Hexaplane Muret"


def siret_of(number: int) -> str:
    """Another establishment of the donor's company."""
    digits = f"{SIRETS[0][:9]}{number:04d}"
    return digits + luhn.calc_check_digit(digits)


async def founded(person: httpx.AsyncClient, number: int, name: str) -> None:
    """Act for one more establishment of the company."""
    form = {"roles": ["buyer"], "siret": siret_of(number), "organisation_name": name, "place": "Blagnac"}
    answer = await post(person, "/organisations/new", **form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard"), answer.text


@pytest.fixture
async def receipt(donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated) -> str:
    """The address of the receipt of 1 600,50 € that the first establishment has."""
    assert (await issued(recipient, await ready(donor, recipient, catalog_database))).status_code == 303
    (row,) = await papers(catalog_database)
    return f"/gifts/papers/{row.id}/file"


async def test_who_acts_for_two_establishments_reads_both(donor: httpx.AsyncClient, receipt: str) -> None:
    assert (await post(donor, STATEMENT, year=today().year, turnover_euros="10 000 000")).status_code == 303
    await founded(donor, 9001, SECOND)
    page = await shown(donor, STATEMENT)
    for each in ("1 600,50 €", "960,30 €", "50 000,00 €", f"Établissements compris : {SECOND}, Hexaplane"):
        assert each in page, each
    # The paper is the other's: its number is told, its file is where one acts for it.
    assert receipt not in page
    assert (await donor.get(receipt)).status_code == 404
    listed = (await donor.get(f"{STATEMENT}/file?form=csv")).text
    assert "Hexaplane" in listed


async def test_who_only_has_the_same_number_reads_nothing_of_the_others(
    donor: httpx.AsyncClient, receipt: str, sign_up: SignUp
) -> None:
    """INVARIANT: a SIREN anybody can type opens nobody's receipts; it is said which establishments are left out."""
    stranger = await sign_up(organisation_name=THIRD, siret=siret_of(9002), roles=["buyer"])
    page = await shown(stranger, STATEMENT)
    assert ("1 600,50 €" in page, "Aucun reçu pour cette année" in page) == (False, True)
    assert f"Établissement compris : {THIRD}." in page
    assert "vous n'agissez pas pour eux : Hexaplane" in page
    assert f"vous n'agissez pas pour eux : {THIRD}" in await shown(donor, STATEMENT)
    answer = (await stranger.get(PROGRAMS)).json()
    assert (answer["receipts"], [each["name"] for each in answer["establishments"]]) == ([], [THIRD])


async def test_a_key_adds_up_the_establishment_that_it_is_for(
    donor: httpx.AsyncClient, receipt: str, catalog_app: Litestar
) -> None:
    """INVARIANT: a key of one establishment opens nothing of another, whoever made it."""
    await founded(donor, 9001, SECOND)
    person = (await donor.get(PROGRAMS)).json()
    assert ([len(person[each]) for each in ("receipts", "establishments", "left_out")], receipt != "") == (
        [1, 2, 0],
        True,
    )
    async with client_for(catalog_app) as program:
        program.headers["authorization"] = f"Bearer {await make_key(donor)}"
        answer = (await program.get(PROGRAMS)).json()
    assert (answer["receipts"], answer["establishments"][0]["name"], len(answer["left_out"])) == ([], SECOND, 1)

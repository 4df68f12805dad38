"""Who may import what, for whom, and what is kept of who did."""

from uuid import UUID

import pytest
from sqlalchemy import select

from services.catalog.audit.models import AuditLine
from services.catalog.needs.models import Need, NeedState
from tests.services.catalog.conftest import SIRETS, SignUp
from tests.services.catalog.importers import (
    NEEDS,
    counts,
    press,
    role,
    rows,
    send,
    sign_in_again,
    taken,
    tried,
    work_off,
)
from tests.support import Isolated


async def test_whoever_began_and_ran_it_is_in_the_audit_log(sign_up: SignUp, catalog_database: Isolated) -> None:
    address = await taken(await sign_up(), catalog_database, NEEDS)
    async with catalog_database.sessions() as session:
        query = select(AuditLine.action, AuditLine.member_id.is_not(None)).order_by(AuditLine.id)
        found = list(await session.execute(query.where(AuditLine.about == UUID(address.rsplit("/", 1)[-1]))))
    assert [tuple(line) for line in found] == [
        ("import.begun", True), ("import.mapped", True), ("import.run", True), ("import.done", False),
    ]  # fmt: skip


async def test_an_import_belongs_to_its_organisation(sign_up: SignUp, catalog_database: Isolated) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    address = await tried(buyer, catalog_database, NEEDS)
    for path in (address, f"{address}/columns", f"{address}/refused"):
        assert (await stranger.get(path)).status_code == 404, path
    for path in (f"{address}/run", f"{address}/columns"):
        assert (await press(stranger, path)).status_code == 404, path
    assert address not in (await stranger.get("/imports")).text


async def test_a_row_of_another_organisation_is_refused(sign_up: SignUp, catalog_database: Isolated) -> None:
    buyer = await sign_up()
    await sign_up()
    lines = "".join(f"n{at};{siret};Repas traiteur;Achat;Muret\n" for at, siret in enumerate((SIRETS[1], SIRETS[0])))
    file = f"id;structure;titre;type;lieu\n{lines}"
    address = await tried(buyer, catalog_database, file)
    assert await counts(catalog_database, address) == ("checked", 1, 0, 0, 1)
    assert "d’une autre structure" in (await buyer.get(address)).text


@pytest.mark.parametrize("what", ["organisations", "all-needs", "nothing"])
async def test_members_import_for_their_own_organisation_only(sign_up: SignUp, what: str) -> None:
    buyer = await sign_up()
    assert (await send(buyer, NEEDS, what=what)).status_code == 422
    assert (await buyer.get(f"/imports/template?what={what}")).status_code == 422


async def test_viewers_may_not_import(sign_up: SignUp, catalog_database: Isolated) -> None:
    viewer = await sign_up()
    await role(catalog_database, "viewer")
    await sign_in_again(viewer)
    assert (await viewer.get("/imports")).status_code == 403
    assert (await viewer.get("/imports/new")).status_code == 403
    assert 'href="/imports"' not in (await viewer.get("/dashboard")).text


async def test_what_an_unverified_organisation_imports_waits_for_its_look(
    sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer = await sign_up()
    address = await tried(buyer, catalog_database, NEEDS)
    await press(buyer, f"{address}/run")
    await work_off(catalog_database, check_first=True)
    assert [need.state for need in await rows(catalog_database, Need)] == [NeedState.SUBMITTED] * 2
    again = await taken(buyer, catalog_database, NEEDS.replace("80 repas", "90 repas"))
    assert await counts(catalog_database, again) == ("done", 0, 1, 1, 1)

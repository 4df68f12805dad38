"""Files beside a proposal: who adds, reads and removes them, until when, and when they go."""

from datetime import timedelta

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.exchanges.models import KEPT_DAYS
from services.catalog.exchanges.pruning import prune_evidence
from services.catalog.files.store import FolderStore
from shared.clock import now
from tests.services.catalog.conftest import SIRETS, SignUp
from tests.services.catalog.pages import said, shown
from tests.services.catalog.proposing import accepted, made, proposed, rejected, stored, withdrawn
from tests.services.catalog.suppliers import a_need
from tests.services.catalog.test_files import PDF, files_on, send
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.support import Isolated, moved_to

SHEET = "fiche technique.pdf"


@pytest.fixture
async def need(buyer: httpx.AsyncClient) -> str:
    return await a_need(buyer)


@pytest.fixture
async def partner(supplier: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Coursiers réunis", roles=["ess"])


@pytest.fixture
async def proposal(supplier: httpx.AsyncClient, need: str) -> str:
    return await made(supplier, need)


async def added(supplier: httpx.AsyncClient, proposal: str, name: str = SHEET) -> str:
    """The address of a file that was added."""
    before = files_on(await shown(supplier, proposal))
    answer = await send(supplier, proposal, PDF, name)
    assert answer.status_code == 303, answer.text
    (file_id,) = {*files_on(await shown(supplier, proposal))} - {*before}
    return f"{proposal}/files/{file_id}"


async def audited(database: Isolated) -> list[str]:
    async with database.sessions() as session:
        return list(await session.scalars(text("SELECT action FROM audit WHERE action LIKE 'file.%' ORDER BY id")))


async def test_its_supplier_adds_it_and_both_sides_read_it(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, proposal: str, catalog_database: Isolated
) -> None:
    assert "lus par l'auteur du besoin" in said(await supplier.get(proposal))
    file = await added(supplier, proposal)
    for reader in (buyer, supplier):
        assert SHEET in await shown(reader, proposal)
        answer = await reader.get(file)
        assert (answer.status_code, answer.content) == (200, PDF)
        assert answer.headers["content-disposition"].startswith("attachment")
        (told,) = (await reader.get(f"/api/v1{proposal}")).json()["files"]
        assert (told["name"], told["kind"], file.endswith(told["id"])) == (SHEET, "pdf", True)
    assert "/files" not in (await shown(buyer, proposal)).replace(file, "")
    (listed,) = (await buyer.get(f"/api/v1{need}/proposals")).json()["items"]
    assert [each["name"] for each in listed["files"]] == [SHEET]
    compared = await shown(buyer, f"{need}/proposals")
    assert "1 document" in compared
    assert "2 documents" not in compared
    assert SHEET not in await shown(supplier, need)
    assert await audited(catalog_database) == ["file.added"]


async def test_three_are_enough_and_what_is_refused_says_why(supplier: httpx.AsyncClient, proposal: str) -> None:
    for number in range(3):
        await added(supplier, proposal, f"{number}.pdf")
    assert "Ajouter un document" not in await shown(supplier, proposal)
    await send(supplier, proposal, PDF)
    assert "Il y a déjà 3 fichiers" in said(await supplier.get(proposal))
    assert len(files_on(await shown(supplier, proposal))) == 3


@pytest.mark.parametrize(("data", "words"), [(b"", "Choisissez un fichier"), (b"#!/bin/sh", "pas accepté")])
async def test_what_is_no_document_is_refused(
    supplier: httpx.AsyncClient, proposal: str, data: bytes, words: str
) -> None:
    await send(supplier, proposal, data)
    page = said(await supplier.get(proposal))
    assert words in page
    assert files_on(page) == []


async def test_one_goes_with_its_bytes_when_it_is_removed(
    supplier: httpx.AsyncClient, proposal: str, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    file = await added(supplier, proposal)
    assert len(list(catalog_app.state.settings.files_dir.glob("??/*"))) == 1
    assert (await post(supplier, f"{file}/remove")).status_code == 303
    assert list(catalog_app.state.settings.files_dir.glob("??/*")) == []
    assert (await supplier.get(file)).status_code == 404
    assert await audited(catalog_database) == ["file.added", "file.removed"]


async def test_nobody_else_adds_removes_or_reads(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, partner: httpx.AsyncClient, visitor: httpx.AsyncClient,
    proposal: str,
) -> None:  # fmt: skip
    file = await added(supplier, proposal)
    for other in (buyer, partner):
        assert (await send(other, proposal, PDF)).status_code == 404
        assert (await post(other, f"{file}/remove")).status_code == 404
    assert (await partner.get(file)).status_code == 404
    assert (await visitor.get(file)).headers["location"].startswith("/sign-in")
    another = file.replace(proposal.rsplit("/", 1)[-1], "01890000-0000-7000-8000-000000000000")
    assert (await buyer.get(another)).status_code == 404
    assert len(files_on(await shown(supplier, proposal))) == 1


async def test_a_co_contractor_reads_it_once_it_has_confirmed(
    supplier: httpx.AsyncClient, partner: httpx.AsyncClient, need: str
) -> None:
    proposal = await made(supplier, need, co_contractors=SIRETS[2])
    file = await added(supplier, proposal)
    for takes_part, status in (("false", 404), ("true", 200)):
        assert (await partner.get(file)).status_code == 404
        assert SHEET not in await shown(partner, proposal)
        assert (await partner.get(f"/api/v1{proposal}")).json()["files"] == []
        answer = await post(partner, f"{proposal}/participation", _version=2, takes_part=takes_part)
        assert answer.status_code == 303, answer.text
        assert (await partner.get(file)).status_code == status
    assert SHEET in await shown(partner, proposal)


async def test_who_was_reading_it_is_told_that_it_changed(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, catalog_database: Isolated
) -> None:
    await added(supplier, proposal)
    assert (await accepted(buyer, proposal, seen=1)).status_code == 422
    (row,) = await stored(catalog_database)
    assert (row.version, row.revision, row.state) == (2, 1, "made")
    assert (await accepted(buyer, proposal, seen=2)).status_code == 303


async def test_what_is_settled_keeps_what_lay_beside_it(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str
) -> None:
    file = await added(supplier, proposal)
    await accepted(buyer, proposal, seen=2)
    assert (await supplier.get(f"{proposal}")).text.count("Ajouter un document") == 0
    await send(supplier, proposal, PDF)
    assert (await post(supplier, f"{file}/remove")).status_code == 409
    assert len(files_on(await shown(buyer, proposal))) == 1


async def test_what_is_taken_back_is_read_by_its_supplier_alone_and_comes_back_with_a_new_one(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, proposal: str
) -> None:
    file = await added(supplier, proposal)
    await withdrawn(supplier, need, seen=2)
    assert (await buyer.get(file)).status_code == 404
    assert (await supplier.get(file)).status_code == 200
    assert (await proposed(supplier, need, seen=3)).status_code == 303
    assert (await buyer.get(file)).status_code == 200


async def test_six_months_after_the_end_they_go(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, catalog_app: Litestar,
    catalog_database: Isolated,
) -> None:  # fmt: skip
    """INVARIANT: files beside a proposal are kept as long as it lasts and for six months more, and no longer."""
    folder = catalog_app.state.settings.files_dir

    async def pruned(days: int) -> int:
        with moved_to(now() + timedelta(days=days), catalog_database):
            return await prune_evidence(catalog_database, FolderStore(folder))

    await added(supplier, proposal)
    assert await pruned(5000) == 0
    await rejected(buyer, proposal, seen=2)
    assert await pruned(KEPT_DAYS - 1) == 0
    assert len(list(folder.glob("??/*"))) == 1
    assert await pruned(KEPT_DAYS + 1) == 1
    assert list(folder.glob("??/*")) == []
    assert await pruned(KEPT_DAYS + 1) == 0
    assert SHEET not in await shown(supplier, proposal)


async def test_in_english(supplier: httpx.AsyncClient, proposal: str) -> None:
    assert "read by the author of the need" in await shown(supplier, f"/en{proposal}")


async def test_whose_need_it_is_hears_of_a_file_and_how_many_came_lately(
    supplier: httpx.AsyncClient, proposal: str, catalog_database: Isolated
) -> None:
    for number in range(2):
        await added(supplier, proposal, f"{number}.pdf")
    async with catalog_database.sessions.begin() as session:
        await session.execute(text("UPDATE files SET added_at = added_at - interval '61 minutes'"))
    await added(supplier, proposal, "plus tard.pdf")
    told = [each["data"] for each in await events(catalog_database, "catalog.proposal.attached.v1")]
    assert [each["fresh"] for each in told] == [1, 2, 1]
    assert [each["version"] for each in told] == sorted(each["version"] for each in told)
    assert "plus tard" not in str(told)

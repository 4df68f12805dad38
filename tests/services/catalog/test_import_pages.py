"""Imports on pages: a file, its columns, its trial, its run and its report; what is learned and what is refused."""

import csv
import io
import re
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from services.catalog.imports import working
from services.catalog.imports.errors import SheetTooLong
from services.catalog.imports.files import Bounds, sheet_of
from services.catalog.imports.models import MOST_TRIES, Import, ImportSheet
from services.catalog.imports.sheets import BATCH
from services.catalog.imports.working import ImportWork
from services.catalog.needs.models import Need, NeedState
from services.catalog.offers.models import Offer, OfferState
from services.catalog.organisations.models import Organisation
from shared.events.facts import Origin
from shared.web.tables import Form, written
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of
from tests.services.catalog.importers import (
    NEEDS,
    PUBLISHED,
    address_of,
    columns_in,
    counts,
    job_of,
    press,
    rows,
    send,
    sign_in_again,
    taken,
    tried,
    work_off,
)
from tests.services.catalog.test_files import PDF, a_zip
from tests.services.catalog.test_needs import events
from tests.support import Isolated


@pytest.fixture
async def coordinator(sign_up: SignUp, catalog_database: Isolated) -> httpx.AsyncClient:
    """Somebody of the metropolis, a role that nobody gives themselves."""
    client = await sign_up(organisation_name="Toulouse Métropole")
    async with catalog_database.sessions.begin() as session:
        await session.execute(text("UPDATE organisations SET roles = '{territory}'"))
    return await sign_in_again(client)


async def test_a_trial_counts_everything_and_keeps_nothing(sign_up: SignUp, catalog_database: Isolated) -> None:
    buyer = await sign_up()
    address = await tried(buyer, catalog_database, NEEDS)
    assert await counts(catalog_database, address) == ("checked", 2, 0, 0, 1)
    assert await rows(catalog_database, Need) == []
    assert await events(catalog_database, PUBLISHED) == []
    page = (await buyer.get(address)).text
    assert "Ce que l’import ferait" in page
    assert "Nulle-Part-sur-Rien" in page
    assert f'href="{address}/refused"' in page


async def test_a_run_takes_what_the_trial_said_and_the_same_file_again_changes_nothing(
    sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer = await sign_up()
    address = await taken(buyer, catalog_database, NEEDS)
    assert await counts(catalog_database, address) == ("done", 2, 0, 0, 1)
    needs = await rows(catalog_database, Need)
    assert [(need.external_id, need.state, need.origin) for need in needs] == [
        ("n1", NeedState.PUBLISHED, Origin.MEMBER),
        ("n2", NeedState.PUBLISHED, Origin.MEMBER),
    ]
    assert len(await events(catalog_database, PUBLISHED)) == 2
    assert "Ce que l’import a fait" in (await buyer.get(address)).text
    again = await taken(buyer, catalog_database, NEEDS)
    assert await counts(catalog_database, again) == ("done", 0, 0, 2, 1)
    assert len(await events(catalog_database, PUBLISHED)) == 2
    assert await events(catalog_database, "catalog.need.updated.v1") == []
    assert [job.state.value for job in await rows(catalog_database, Import)] == ["done", "done"]
    async with catalog_database.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(ImportSheet)) == 0, "files go once they are taken"


async def test_a_refused_row_is_told_with_its_line_its_column_what_was_written_and_why(
    sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer = await sign_up()
    address = await tried(
        buyer, catalog_database, NEEDS.replace("n3;=cmd;Achat;Nulle-Part-sur-Rien", "n3;x;=Achat;Muret")
    )
    answer = await buyer.get(f"{address}/refused")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    heading, refused = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert heading == ["Ligne", "Colonne", "Ce qui était écrit", "Pourquoi"]
    assert refused == ["4", "Type de besoin", "'=Achat", "Choisissez une des réponses proposées."]


async def test_refused_rows_are_paged_a_whole_line_at_a_time(sign_up: SignUp, catalog_database: Isolated) -> None:
    buyer = await sign_up()
    lines = "".join(f"n{number};x;?;Muret;\n" for number in range(70))
    address = await tried(buyer, catalog_database, f"id;titre;type;lieu;cpv\n{lines}")
    page = (await buyer.get(address)).text
    following = re.search(rf'href="{address}\?after=(\d+)"', page)
    assert following is not None
    rest = (await buyer.get(f"{address}?after={following[1]}")).text
    assert page.count('data-label="Colonne"') + rest.count('data-label="Colonne"') == 70


async def test_what_a_heading_is_taken_for_is_remembered_by_its_organisation_alone(
    sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    file = "id;Bidule;type;lieu\nn1;80 repas;Achat;Muret\n"
    address = await address_of(buyer, file)
    chosen = columns_in((await buyer.get(f"{address}/columns")).text)
    assert chosen == {"column_0": "external_id", "column_1": "", "column_2": "kind", "column_3": "place"}
    refused = await press(buyer, f"{address}/columns", **chosen)
    assert refused.status_code == 422
    assert re.search(r"tient lieu de.{1,8}«.Titre.»", refused.text)
    assert (await press(buyer, f"{address}/columns", **{**chosen, "column_1": "title"})).status_code == 303
    next_time = columns_in((await buyer.get(f"{await address_of(buyer, file)}/columns")).text)
    assert next_time["column_1"] == "title"
    theirs = columns_in((await stranger.get(f"{await address_of(stranger, file)}/columns")).text)
    assert theirs["column_1"] == ""


async def test_two_columns_may_make_one_place(sign_up: SignUp, catalog_database: Isolated) -> None:
    buyer = await sign_up()
    address = await address_of(buyer, "id;titre;type;cp;ville\nn1;80 repas traiteur;Achat;31600;Muret\n")
    chosen = columns_in((await buyer.get(f"{address}/columns")).text)
    await press(buyer, f"{address}/columns", **{**chosen, "column_3": "place"})
    await work_off(catalog_database)
    await press(buyer, f"{address}/run")
    await work_off(catalog_database)
    (need,) = await rows(catalog_database, Need)
    assert need.place.commune_name == "Muret"


async def test_an_import_goes_on_where_another_worker_left_it(sign_up: SignUp, catalog_database: Isolated) -> None:
    """INVARIANT: a batch and its place in the file are one transaction; what was read before is known again."""
    buyer = await sign_up()
    lines = "".join(f"n{number};Repas {number};Achat;Muret;catering;brouillon\n" for number in range(BATCH))
    last = "n0;Encore;Achat;Muret;catering;brouillon\nz;Z;Achat;Muret;catering;\n"
    file = f"id;titre;type;lieu;categories;état\n{lines}{last}"
    address = await tried(buyer, catalog_database, file)
    assert await counts(catalog_database, address) == ("checked", BATCH + 1, 0, 0, 1)
    await press(buyer, f"{address}/run")
    await work_off(catalog_database, batches=1)
    job = await job_of(catalog_database, address)
    assert (job.state.value, job.position, job.created) == ("running", BATCH, BATCH)
    page = (await buyer.get(address)).text
    assert 'hx-trigger="every 1s"' in page
    assert f'value="{BATCH}"' in page
    await work_off(catalog_database)
    assert await counts(catalog_database, address) == ("done", BATCH + 1, 0, 0, 1)
    assert len(await rows(catalog_database, Need)) == BATCH + 1
    assert "n0" in (await buyer.get(address)).text


async def test_what_fails_for_good_waits_for_somebody_and_is_resumed(
    sign_up: SignUp, catalog_database: Isolated, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer = await sign_up()
    address = await tried(buyer, catalog_database, NEEDS)
    await press(buyer, f"{address}/run")

    async def broken(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(working, "_keep", broken)
        for _ in range(MOST_TRIES):
            assert await ImportWork(catalog_database).go_on() is False
    assert await counts(catalog_database, address) == ("failed", 0, 0, 0, 0)
    assert await rows(catalog_database, Need) == []
    assert "Reprendre" in (await buyer.get(address)).text
    assert (await press(buyer, f"{address}/run")).status_code == 303
    await work_off(catalog_database)
    assert await counts(catalog_database, address) == ("done", 2, 0, 0, 1)


async def test_an_import_is_run_once(sign_up: SignUp, catalog_database: Isolated) -> None:
    buyer = await sign_up()
    address = await address_of(buyer, NEEDS)
    assert (await press(buyer, f"{address}/run")).status_code == 409, "it was not tried yet"
    address = await taken(buyer, catalog_database, NEEDS)
    assert (await press(buyer, f"{address}/run")).status_code == 409


async def test_a_coordinator_imports_organisations_from_the_states_marketplace(
    coordinator: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    siae = (
        "siret,name,brand,kind,legal_form,naf,presta_type,address,post_code,city,department,lat,lon,website,employees,"
        "description,updated_at\n"
        f"{SIRETS[2]},ASSOC JARDIN,Jardin de Cocagne,ACI,SARL,8130Z,DISP,1 rue du Lac,31600,Muret,31,43.46,1.32,"
        '"https://jardin.example",,"Maraîchage, entretien d\'espaces verts.",2020-12-18T10:40:16.387Z\n'
        f"{SIRETS[3]},ASSOC ESPOIR,,AI,SA,7830Z,DISP,7 Rue Coq,31600,Muret,31,43.46,1.32,,,,2020-12-18T10:40:16.387Z\n"
    )
    address = await address_of(coordinator, siae, what="organisations")
    page = (await coordinator.get(f"{address}/columns")).text
    assert "Marché de l’inclusion" in page
    address = await taken(coordinator, catalog_database, siae, what="organisations")
    assert await counts(catalog_database, address) == ("done", 2, 0, 0, 0)
    found = {each.siret: each for each in await rows(catalog_database, Organisation)}
    garden = found[SIRETS[2]]
    assert (garden.name, garden.roles, garden.place.commune_name) == ("Jardin de Cocagne", ["ess"], "Muret")
    assert found[SIRETS[3]].name == "ASSOC ESPOIR"
    offers = await taken(coordinator, catalog_database, siae, what="all-offers")
    assert await counts(catalog_database, offers) == ("done", 2, 0, 0, 0)
    assert [(each.title, each.state, each.origin) for each in await rows(catalog_database, Offer)] == [
        ("Jardin de Cocagne", OfferState.DRAFT, Origin.IMPORT),
        ("ASSOC ESPOIR", OfferState.DRAFT, Origin.IMPORT),
    ]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["needs", "offers", "flows", "organisations"])
@pytest.mark.parametrize("language", ["", "/en"])
async def test_a_template_sent_back_creates_its_example(
    coordinator: httpx.AsyncClient, catalog_database: Isolated, *, what: str, form: str, language: str
) -> None:
    template = await coordinator.get(f"{language}/imports/template?what={what}&form={form}")
    assert template.status_code == 200
    address = await tried(coordinator, catalog_database, template.content, what=what)
    assert await counts(catalog_database, address) == ("checked", 1, 0, 0, 0), (await coordinator.get(address)).text


@pytest.mark.parametrize("content", [b"", a_zip(word__document__xml=b"x"), PDF + b"\0", b"PK\x03\x04 no zip"])
async def test_what_is_no_table_is_refused_where_it_was_chosen(sign_up: SignUp, content: bytes) -> None:
    buyer = await sign_up()
    answer = await send(buyer, content, what="offers")
    assert answer.status_code == 422
    assert 'href="#file"' in answer.text
    assert re.search(r'value="offers" checked', answer.text), "what was chosen is kept"


async def test_a_file_longer_than_any_list_is_refused(sign_up: SignUp) -> None:
    answer = await send(await sign_up(), "id;titre\n" + "n;x\n" * 100_001)
    assert answer.status_code == 422
    assert "trop de lignes" in answer.text


def test_a_spreadsheet_is_measured_before_it_is_unpacked() -> None:
    book = written(Form.XLSX, "x", ["id"], [["n"]] * 50)
    assert len(sheet_of(book, Bounds(lines=50)).lines) == 50
    with pytest.raises(SheetTooLong):
        sheet_of(book, Bounds(lines=49))


async def test_a_form_without_a_file_says_so(sign_up: SignUp) -> None:
    answer = await press(await sign_up(), "/imports")
    assert answer.status_code == 422
    assert 'href="#file"' in answer.text


async def test_imports_are_read_in_english_too(sign_up: SignUp, catalog_database: Isolated) -> None:
    buyer = await sign_up()
    token = await csrf_of(buyer, "/imports/new")
    file = {"file": ("needs.csv", NEEDS.replace("n3;=cmd;Achat", "n3;=cmd;Troc").encode())}
    sent = await buyer.post("/en/imports", data={"what": "needs", "_csrf": token}, files=file)
    address = sent.headers["location"].removesuffix("/columns")
    await press(buyer, f"{address}/columns", **columns_in((await buyer.get(f"{address}/columns")).text))
    await work_off(catalog_database)
    assert "Choose one of the" in (await buyer.get(address)).text

"""What an import does to catalog: through the same rules, events and audit lines as the pages, once a row."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from services.catalog.audit.models import AuditLine
from services.catalog.flows.models import Flow
from services.catalog.imports.commands import Options
from services.catalog.imports.files import Line, Sheet, sheet_of
from services.catalog.imports.kinds import KINDS
from services.catalog.imports.models import ImportedRow
from services.catalog.imports.report import Report
from services.catalog.imports.sheets import BATCH, import_sheet
from services.catalog.needs.models import Need, NeedState
from services.catalog.offers.models import Offer, OfferState
from services.catalog.organisations.models import LegalEntity, Organisation, OrganisationState
from shared.events.facts import Origin
from shared.messaging.tables import outbox
from tests.services.catalog.conftest import SIRETS, SignUp
from tests.support import Isolated

ORGANISATIONS = (
    "external_id;siret;nom;ville;kinds;roles;naf\n"
    f"atelier;{SIRETS[0]};L'Atelier du Canal;31000 Toulouse;association|ACI;ess;8130Z\n"
    f"hexaplane;{SIRETS[1]};Hexaplane;Montaudran;;buyer;\n"
)
NEEDS = (
    "id;structure;kind;titre;lieu;deadline_on;categories\n"
    "n1;hexaplane;Achat;80 repas par mois;Montaudran;+21;catering\n"
    f"n2;{SIRETS[1]};csr;Une journée nature;Toulouse;;environment-actions\n"
)
OFFERS = (
    "id;structure;titre;need_kinds;zones;state;permits\n"
    "o1;atelier;Entretien d'espaces verts;procurement;30 km autour de Launaguet|Haute-Garonne;;insurance:+365\n"
    "o2;atelier;Tonte;procurement;;pause;\n"
)
FLOWS = (
    "id;structure;titre;legal_status;lieu;quantité;unité;recurrence;price\n"
    "f1;hexaplane;Palettes bois en bon état;product;Fenouillet;2,5;t;FREQ=WEEKLY;-40\n"
)


async def take(database: Isolated, kind: str, text: str, **options: Any) -> Report:
    return await import_sheet(database, KINDS[kind], sheet_of(text.encode()), options=Options(**options))


async def count(database: Isolated, table: Any) -> int:
    async with database.sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def only(database: Isolated, model: Any, external_id: str) -> Any:
    async with database.sessions() as session:
        return (await session.scalars(select(model).where(model.external_id == external_id))).one()


async def told(database: Isolated, *types: str) -> list[str]:
    async with database.sessions() as session:
        query = select(outbox.c.type).order_by(outbox.c.id)
        return [each for each in await session.scalars(query) if not types or each in types]


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, len(report.refused)


async def test_rows_become_organisations_with_their_events_and_audit_lines(catalog_database: Isolated) -> None:
    report = await take(catalog_database, "organisations", ORGANISATIONS)
    assert counts(report) == (2, 0, 0, 0)
    atelier = await only(catalog_database, Organisation, "atelier")
    assert (atelier.name, atelier.siret, atelier.naf, atelier.origin) == (
        "L'Atelier du Canal",
        SIRETS[0],
        "8130Z",
        Origin.IMPORT,
    )
    async with catalog_database.sessions() as session:
        entity = await session.get_one(LegalEntity, atelier.legal_entity_id)
        line = (await session.scalars(select(AuditLine).where(AuditLine.about == atelier.id))).one()
    assert entity.kinds == ["ACI", "association"]
    assert (line.member_id, line.action) == (None, "organisation.imported")
    assert await told(catalog_database) == ["catalog.entity.changed.v1", "catalog.organisation.registered.v1"] * 2


@pytest.mark.parametrize(
    ("kind", "text"), [("organisations", ORGANISATIONS), ("needs", NEEDS), ("offers", OFFERS), ("flows", FLOWS)]
)
async def test_the_same_file_twice_changes_nothing(catalog_database: Isolated, kind: str, text: str) -> None:
    """INVARIANT: an unchanged row writes nothing, neither record nor event nor audit line."""
    await take(catalog_database, "organisations", ORGANISATIONS)
    first = await take(catalog_database, kind, text)
    before = (await count(catalog_database, outbox), await count(catalog_database, AuditLine))
    again = await take(catalog_database, kind, text)
    assert counts(again) == (0, 0, first.read, 0)
    assert (await count(catalog_database, outbox), await count(catalog_database, AuditLine)) == before


async def test_a_changed_row_updates_and_tells_it(catalog_database: Isolated) -> None:
    await take(catalog_database, "organisations", ORGANISATIONS)
    await take(catalog_database, "needs", NEEDS)
    report = await take(catalog_database, "needs", NEEDS.replace("80 repas", "90 repas"))
    assert counts(report) == (0, 1, 1, 0)
    need = await only(catalog_database, Need, "n1")
    assert (need.title, need.version) == ("90 repas par mois", 2)
    assert await told(catalog_database, "catalog.need.updated.v1") == ["catalog.need.updated.v1"]


async def test_a_wrong_row_refuses_itself_only_with_the_form_s_sentences(catalog_database: Isolated) -> None:
    await take(catalog_database, "organisations", ORGANISATIONS)
    text = (
        "id;structure;kind;titre;lieu;categories;quantité;deadline_on\n"
        "good;hexaplane;procurement;Un besoin;Toulouse;catering;;\n"
        "number;hexaplane;procurement;Un besoin;Toulouse;catering;beaucoup;\n"
        "place;hexaplane;procurement;Un besoin;Xyzzyville;catering;;\n"
        "past;hexaplane;procurement;Un besoin;Toulouse;catering;;-1\n"
        "owner;personne;procurement;Un besoin;Toulouse;catering;;\n"
        "cells;hexaplane;procurement;Un besoin;Toulouse;catering;;;de trop\n"
        "last;hexaplane;procurement;Un besoin;Toulouse;catering;;\n"
    )
    report = await take(catalog_database, "needs", text)
    assert counts(report) == (2, 0, 0, 5)
    reasons = {row.line: row.reasons for row in report.refused}
    assert reasons[3] == {"quantity_value": "Écrivez un nombre, par exemple 2,5."}
    assert list(reasons[4]) == ["place"]
    assert reasons[5] == {"deadline_on": "La date limite est passée. Choisissez aujourd'hui ou plus tard."}
    assert "« personne »" in reasons[6]["organisation"]
    assert "séparateur de trop" in reasons[7][""]
    assert report.refused[1].typed == {"place": "Xyzzyville"}
    # The draft of a row whose publication was refused is gone with it.
    assert await count(catalog_database, Need) == 2


async def test_a_dry_run_says_what_would_happen_and_keeps_nothing(catalog_database: Isolated) -> None:
    report = await take(catalog_database, "organisations", ORGANISATIONS, dry_run=True)
    assert counts(report) == (2, 0, 0, 0)
    assert await count(catalog_database, Organisation) == 0
    assert await count(catalog_database, outbox) == 0
    assert await count(catalog_database, ImportedRow) == 0


async def test_rows_are_marked_with_where_they_come_from(catalog_database: Isolated) -> None:
    await take(catalog_database, "organisations", ORGANISATIONS, origin=Origin.DEMONSTRATION)
    await take(catalog_database, "offers", OFFERS, origin=Origin.SYNTHETIC)
    assert (await only(catalog_database, Organisation, "atelier")).origin is Origin.DEMONSTRATION
    assert (await only(catalog_database, Offer, "o1")).origin is Origin.SYNTHETIC


async def test_a_row_takes_the_state_it_asks_for(catalog_database: Isolated) -> None:
    await take(catalog_database, "organisations", ORGANISATIONS)
    await take(catalog_database, "offers", OFFERS)
    assert (await only(catalog_database, Offer, "o1")).state is OfferState.PUBLISHED
    assert (await only(catalog_database, Offer, "o2")).state is OfferState.PAUSED
    report = await take(catalog_database, "offers", OFFERS.replace(";pause;", ";published;"))
    assert counts(report) == (0, 1, 1, 0)
    assert (await only(catalog_database, Offer, "o2")).state is OfferState.PUBLISHED
    back = await take(catalog_database, "offers", OFFERS.replace(";pause;", ";draft;"))
    assert back.refused[0].reasons == {
        "state": "L'état « draft » n'est plus possible : la ligne est déjà published sur Boucle."
    }
    unknown = await take(catalog_database, "needs", NEEDS.replace("deadline_on", "state").replace("+21", "pause"))
    assert list(unknown.refused[0].reasons) == ["state"]


async def test_a_draft_is_told_to_nobody(catalog_database: Isolated) -> None:
    await take(catalog_database, "organisations", ORGANISATIONS)
    await take(catalog_database, "needs", NEEDS.replace("deadline_on", "state").replace("+21", "brouillon"))
    assert (await only(catalog_database, Need, "n1")).state is NeedState.DRAFT
    assert len(await told(catalog_database, "catalog.need.published.v1")) == 1


async def test_an_offer_s_areas_and_permits_come_with_it(catalog_database: Isolated) -> None:
    await take(catalog_database, "organisations", ORGANISATIONS)
    await take(catalog_database, "offers", OFFERS)
    offer = await only(catalog_database, Offer, "o1")
    assert [zone["kind"] for zone in offer.zone_data] == ["radius", "department"]
    assert offer.permit_data[0]["code"] == "insurance"
    assert offer.permit_data[0]["expires_on"]


async def test_a_flow_s_price_keeps_its_sign(catalog_database: Isolated) -> None:
    await take(catalog_database, "organisations", ORGANISATIONS)
    report = await take(catalog_database, "flows", FLOWS)
    assert counts(report) == (1, 0, 0, 0)
    flow = await only(catalog_database, Flow, "f1")
    assert (flow.price_cents, str(flow.quantity_value), flow.quantity_unit) == (-4000, "2.500", "t")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ((SIRETS[1], "12345678901234"), "siret"),
        ((SIRETS[1], SIRETS[0]), "siret"),
        (("hexaplane;", "atelier;"), "external_id"),
        ((f"hexaplane;{SIRETS[1]}", "hexaplane;"), "siret"),
        ((";;buyer;", ";;chef;"), "roles"),
        ((";;buyer;", ";SARL;buyer;"), "kinds"),
        ((";;buyer;", ";;buyer;12"), "naf"),
    ],
)
async def test_an_organisation_that_cannot_be_is_refused(
    catalog_database: Isolated, change: tuple[str, str], field: str
) -> None:
    report = await take(catalog_database, "organisations", ORGANISATIONS.replace(*change))
    assert counts(report) == (1, 0, 0, 1)
    assert list(report.refused[0].reasons) == [field]


async def test_a_siret_is_needed_unless_the_organisation_is_made_up(catalog_database: Isolated) -> None:
    text = "id;nom;ville\nprojet;Un projet;Toulouse\n"
    assert list((await take(catalog_database, "organisations", text)).refused[0].reasons) == ["siret"]
    made_up = await take(catalog_database, "organisations", text, origin=Origin.SYNTHETIC)
    assert counts(made_up) == (1, 0, 0, 0)


async def test_a_siret_known_under_another_external_id_is_refused(catalog_database: Isolated) -> None:
    await take(catalog_database, "organisations", ORGANISATIONS)
    report = await take(catalog_database, "organisations", ORGANISATIONS.replace("atelier;", "autre;"))
    assert counts(report) == (0, 0, 1, 1)
    assert "« atelier »" in report.refused[0].reasons["siret"]


async def test_what_members_wrote_is_theirs(sign_up: SignUp, catalog_database: Isolated) -> None:
    await sign_up(siret=SIRETS[0], organisation_name="Notre nom")
    report = await take(catalog_database, "organisations", ORGANISATIONS)
    assert counts(report) == (1, 0, 0, 1)
    assert "Notre nom est tenue par ses membres" in report.refused[0].reasons[""]
    async with catalog_database.sessions() as session:
        name = await session.scalar(select(Organisation.name).where(Organisation.siret == SIRETS[0]))
    assert name == "Notre nom"


async def test_an_imported_organisation_that_changes_tells_its_offers_again(catalog_database: Isolated) -> None:
    await take(catalog_database, "organisations", ORGANISATIONS)
    await take(catalog_database, "offers", OFFERS)
    before = len(await told(catalog_database, "catalog.offer.updated.v1"))
    report = await take(catalog_database, "organisations", ORGANISATIONS.replace("31000 Toulouse", "Blagnac"))
    assert counts(report) == (0, 1, 1, 0)
    assert len(await told(catalog_database, "catalog.offer.updated.v1")) == before + 1
    assert (await only(catalog_database, Organisation, "atelier")).place.commune_name == "Blagnac"


async def test_coordinates_make_an_address_unless_they_lie_elsewhere(catalog_database: Isolated) -> None:
    text = (
        "siret;nom;ville;lat;lon;adresse\n"
        f"{SIRETS[0]};Près;31000 Toulouse;43,6;1.44;12 rue des Arts\n"
        f"{SIRETS[1]};Loin;31000 Toulouse;48.85;2.35;\n"
    )
    report = await take(catalog_database, "organisations", text)
    assert counts(report) == (2, 0, 0, 0)
    near, far = [(await only(catalog_database, Organisation, siret)).place for siret in SIRETS[:2]]
    assert (near.latitude, near.exactness, near.label) == (43.6, "address", "12 rue des Arts")
    assert far.exactness == "commune"
    assert [remark.line for remark in report.remarks] == [3]


async def test_coordinates_choose_among_communes_of_one_postcode(catalog_database: Isolated) -> None:
    text = f"siret;nom;ville;lat;lon\n{SIRETS[0]};Nom;31150;43.6822;1.3910\n"
    report = await take(catalog_database, "organisations", text)
    assert counts(report) == (1, 0, 0, 0), report.refused
    assert (await only(catalog_database, Organisation, SIRETS[0])).place.commune_name == "Fenouillet"


async def test_a_verified_organisation_is_told_as_such(catalog_database: Isolated) -> None:
    text = f"siret;nom;ville;vérifiée;reçus fiscaux\n{SIRETS[0]};Nom;Toulouse;oui;oui\n"
    await take(catalog_database, "organisations", text)
    assert (await only(catalog_database, Organisation, SIRETS[0])).state is OrganisationState.VERIFIED
    assert "catalog.organisation.verified.v1" in await told(catalog_database)


def many(rows: Sequence[tuple[str, ...]]) -> Sheet:
    headings = ("external_id", "organisation", "kind", "title", "place", "categories")
    return Sheet(headings, tuple(Line(number, row) for number, row in enumerate(rows, start=2)))


async def test_rows_of_different_batches_know_each_other(catalog_database: Isolated) -> None:
    await take(catalog_database, "organisations", ORGANISATIONS)
    row = ("hexaplane", "procurement", "Un besoin", "Toulouse", "catering")
    sheet = many([*((f"n{number}", *row) for number in range(BATCH + 5)), ("n3", *row)])
    seen: list[int] = []
    report = await import_sheet(catalog_database, KINDS["needs"], sheet, progress=seen.append)
    assert counts(report) == (BATCH + 5, 0, 0, 1)
    assert report.refused[0].reasons == {"external_id": "« n3 » est déjà à la ligne 5 de ce fichier."}
    assert seen == [BATCH, 6]

"""The demonstration loads whole, knows its codes, holds every scenario, and its people can sign in."""

from __future__ import annotations

import csv
import stat
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from deploy.bench.person import made_up_siret
from deploy.cli.demonstration import (
    ADDRESSES,
    DOMAIN,
    FILES,
    PEOPLE,
    DemonstrationIncomplete,
    give_accounts,
    import_files,
    passwords,
)
from deploy.cli.demonstration_call import open_call
from services.catalog.accounts.commands import recognise
from services.catalog.accounts.errors import CredentialsWrong
from services.catalog.accounts.models import Account, Member
from services.catalog.accounts.schemas import SignIn
from services.catalog.calls.models import Application, ApplicationState, Call, CallState
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow
from services.catalog.imports.commands import Options
from services.catalog.imports.files import read_sheet
from services.catalog.imports.organisations import ORGANISATIONS
from services.catalog.imports.sheets import import_sheet
from services.catalog.needs.models import Need
from services.catalog.offers.models import Offer, OfferState
from services.catalog.organisations.models import Organisation
from shared.clock import now
from shared.events.facts import NeedKind, Origin
from shared.phrases.names import AMOUNT_BANDS, INCLUSION_KINDS, PERMITS, SUPPLIER_KINDS
from shared.territory import gazetteer
from shared.territory.gazetteer import Ambiguous
from shared.vocabulary import categories, category, is_hazardous, is_waste_code, root_of, unit
from tests.support import Isolated

Table = list[dict[str, str]]

LEAST = {"organisations": 60, "offers": 80, "needs": 60, "flows": 15}
PARTNERS = (
    "Toulouse Métropole",
    "Banque des Territoires",
    "Decoset",
    "CRESS Occitanie",
    "Mouvement Associatif",
    "Mouves",
    "MES",
    "URSCOP",
    "France Active MPA",
    "IéS",
    "Coop'Action",
    "La Maison de l'initiative",
    "Les Imaginations Fertiles",
    "Synethic",
    "Agence Intercalaire",
    "Les Chalets",
    "Veolia",
    "RTE",
)
# The twelve stories of the domain: the demands each begins with, and where.
SCENARIOS = {
    1: {("flows", "palettes-fenouillet", "Fenouillet")},
    2: {("flows", "meubles-plaisance", "Plaisance-du-Touch")},
    3: {("flows", "200-bureaux", "Blagnac")},
    4: {("flows", "tomates-800", "Lalande"), ("flows", "fruits-impropres", "Lalande")},
    5: {("flows", "dreches", "Colomiers")},
    6: {("flows", "briques-reynerie", "Reynerie")},
    7: {("flows", "pehd-fondeyre", "Fondeyre")},
    8: {("flows", "ordinateurs-120", "Labège"), ("flows", "ecrans-30", "Labège")},
    9: {("needs", "80-repas", "Montaudran")},
    10: {("needs", "heures-insertion", "Bonnefoy")},
    11: {("needs", "vingt-jours", "Balma")},
    12: {
        ("needs", "300-m2", "Les Izards"),
        ("needs", "campagne-15k", "Les Izards"),
        ("flows", "verts-izards", "Les Izards"),
    },
}


def rows(name: str) -> Table:
    with (FILES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    return {name: rows(name) for name in LEAST}


def parts(cell: str) -> list[str]:
    return [each for each in cell.split("|") if each]


class TestFiles:
    @pytest.mark.parametrize("name", LEAST)
    def test_has_enough_rows_with_ids_of_their_own(self, tables: dict[str, Table], name: str) -> None:
        ids = [(row.get("organisation", ""), row["external_id"]) for row in tables[name]]
        assert len(ids) == len(set(ids)) >= LEAST[name]

    def test_every_owner_is_an_organisation(self, tables: dict[str, Table]) -> None:
        known = {row["external_id"] for row in tables["organisations"]}
        named = {row["organisation"] for name in ("offers", "needs", "flows") for row in tables[name]}
        assert named <= known

    def test_every_code_is_known(self, tables: dict[str, Table]) -> None:
        posted = [row for name in ("offers", "needs", "flows") for row in tables[name]]
        assert {each for row in posted for each in parts(row["categories"])} <= categories().keys()
        assert all(row["categories"] for row in posted)
        assert all(is_waste_code(each) for row in posted for each in parts(row.get("ewc", "")))
        assert all(unit(row["quantity_unit"]).id == row["quantity_unit"] for row in posted if row["quantity_unit"])
        assert {row["amount_band"] for row in tables["needs"]} - {""} <= AMOUNT_BANDS.keys()
        held = [
            each.partition(":")[0]
            for name in ("organisations", "offers")
            for row in tables[name]
            for each in parts(row["permits"])
        ]
        wanted = [each for name in ("needs", "flows") for row in tables[name] for each in parts(row["permits"])]
        assert {*held, *wanted} <= PERMITS.keys()

    def test_every_place_and_zone_is_found_and_only_one(self, tables: dict[str, Table]) -> None:
        places = {row["place"] for name in ("organisations", "needs", "flows") for row in tables[name]}
        zones = {each for row in tables["offers"] for each in parts(row["zones"])}
        found = {each: gazetteer.resolve(each) for each in places} | {each: gazetteer.zone_of(each) for each in zones}
        assert [each for each, what in found.items() if what is None or isinstance(what, Ambiguous)] == []

    def test_is_as_varied_as_the_territory(self, tables: dict[str, Table]) -> None:
        kinds = Counter(row["kind"] for row in tables["needs"])
        assert set(kinds) == {kind.value for kind in NeedKind}
        assert min(kinds.values()) >= 5
        supplier_kinds = {each for row in tables["organisations"] for each in parts(row["kinds"])}
        assert supplier_kinds >= INCLUSION_KINDS.keys()
        assert supplier_kinds <= SUPPLIER_KINDS.keys()
        trades = {root_of(each) for row in tables["offers"] for each in parts(row["categories"])}
        assert len(trades) >= 25
        communes = {gazetteer.resolve(row["place"]).commune_code for row in tables["organisations"]}  # type: ignore[union-attr]
        assert len(communes) >= 20

    def test_dates_are_relative_and_in_order(self, tables: dict[str, Table]) -> None:
        for row in tables["needs"]:
            days = [int(row[name]) for name in ("deadline_on", "starts_on", "ends_on") if row[name]]
            assert all(row[name].startswith("+") for name in ("deadline_on", "starts_on", "ends_on") if row[name])
            assert days == sorted(days), row["external_id"]
            assert days[0] > 0

    def test_partners_are_partners(self, tables: dict[str, Table]) -> None:
        roles = {row["organisation_name"]: parts(row["roles"]) for row in tables["organisations"]}
        assert all("partner" in roles[name] for name in PARTNERS)
        assert [name for name, held in roles.items() if "partner" in held and name not in PARTNERS] == []
        assert roles["Toulouse Métropole"] == ["partner", "territory"]
        assert roles["Decoset"] == roles["Veolia"] == ["partner", "publisher"]
        assert all("buyer" not in roles[name] and "ess" not in roles[name] for name in PARTNERS)

    def test_no_made_up_organisation_has_the_number_of_a_real_one(self, tables: dict[str, Table]) -> None:
        """Two have a number, as a receipt names both its sides: of a range far from what the register gives out."""
        numbers = {row["external_id"]: row["siret"] for row in tables["organisations"] if row["siret"]}
        assert numbers == {"hexaplane": made_up_siret(9801), "tables-touch": made_up_siret(9802)}


class TestScenarios:
    @pytest.mark.parametrize("number", SCENARIOS)
    def test_its_demands_are_there(self, tables: dict[str, Table], number: int) -> None:
        for name, external_id, place in SCENARIOS[number]:
            assert [row["place"] for row in tables[name] if row["external_id"] == external_id] == [place]

    def test_waste_has_its_code_and_hazard_its_star(self, tables: dict[str, Table]) -> None:
        flows = {row["external_id"]: row for row in tables["flows"]}
        assert all(row["ewc"] for row in flows.values() if row["legal_status"] == "waste")
        assert flows["palettes-fenouillet"]["ewc"] == "15 01 03"
        assert flows["ecrans-30"]["ewc"] == "16 02 13*"
        starred = [row["external_id"] for row in flows.values() if any(map(is_hazardous, parts(row["ewc"])))]
        assert starred == ["ecrans-30"]

    def test_receipts_come_from_those_who_may_issue_them(self, tables: dict[str, Table]) -> None:
        """A cooperative or a company never may; the scenario of Balma rests on it."""
        for row in tables["organisations"]:
            if row["may_issue_receipts"]:
                assert {"association", "foundation"} & set(parts(row["kinds"])), row["organisation_name"]

    def test_a_category_of_a_flow_agrees_with_its_code(self, tables: dict[str, Table]) -> None:
        for row in tables["flows"]:
            if row["legal_status"] != "waste":
                continue
            implied = {code for each in parts(row["categories"]) for code in category(each).ewc}
            assert {code.replace(" ", "").rstrip("*") for code in parts(row["ewc"])} & implied, row["external_id"]


class TestLoading:
    async def test_no_row_is_refused_in_a_dry_run_and_nothing_stays(self, catalog_database: Isolated) -> None:
        organisations = (await import_files(catalog_database, dry_run=True))[0]
        assert organisations.refused == []
        assert organisations.created == organisations.read
        async with catalog_database.sessions() as session:
            assert await session.scalar(select(func.count()).select_from(Organisation)) == 0

    async def test_loads_whole_then_changes_nothing(self, catalog_database: Isolated, tables: dict[str, Table]) -> None:
        for report in await import_files(catalog_database):
            assert report.refused == []
            assert report.remarks == []
            assert report.ignored_columns == ()
            assert report.created == len(tables[report.kind])
        for report in await import_files(catalog_database):
            assert report.unchanged == report.read, report.refused
        for report in await import_files(catalog_database, dry_run=True):
            assert report.unchanged == report.read
        async with catalog_database.sessions() as session:
            for model in (Organisation, Offer, Need, Flow):
                assert set(await session.scalars(select(model.origin).distinct())) == {Origin.DEMONSTRATION}
            assert set(await session.scalars(select(Offer.state).distinct())) >= {
                OfferState.PUBLISHED,
                OfferState.PAUSED,
            }
            flows_with_lots = await session.scalar(select(func.count(func.distinct(Lot.flow_id))))
            assert (flows_with_lots or 0) >= LEAST["flows"]


async def organisations_in(database: Isolated) -> None:
    """The organisations alone: accounts need no more, and it is five times faster."""
    options = Options(origin=Origin.DEMONSTRATION)
    await import_sheet(database, ORGANISATIONS, read_sheet(FILES / "organisations.csv"), options=options)


class TestPeople:
    async def test_sign_in_with_the_passwords_given(self, catalog_database: Isolated, tmp_path: Path) -> None:
        await organisations_in(catalog_database)
        known = passwords(tmp_path / "demonstration.json")
        accounts = await give_accounts(catalog_database, known)
        assert [account.email for account in accounts] == [person.email for person in PEOPLE]
        async with catalog_database.sessions() as session:
            for account in accounts:
                member = await recognise(session, SignIn(email=account.email, password=account.password), now=now())
                name = await session.scalar(select(Organisation.name).join(Member).where(Member.id == member.id))
                assert name == account.organisation
            with pytest.raises(CredentialsWrong):
                await recognise(session, SignIn(email=accounts[0].email, password="another password"), now=now())

    async def test_a_second_load_gives_the_same_accounts(self, catalog_database: Isolated, tmp_path: Path) -> None:
        await organisations_in(catalog_database)
        kept = tmp_path / "demonstration.json"
        first = await give_accounts(catalog_database, passwords(kept))
        await organisations_in(catalog_database)
        assert await give_accounts(catalog_database, passwords(kept)) == first
        async with catalog_database.sessions() as session:
            ours = Account.email.endswith(f"@{DOMAIN}")
            assert await session.scalar(select(func.count()).select_from(Account).where(ours)) == len(PEOPLE)
            members = select(func.count()).select_from(Member).join(Account).where(ours)
            assert await session.scalar(members) == len(PEOPLE)

    async def test_a_lost_password_file_is_made_anew_and_the_accounts_follow(
        self, catalog_database: Isolated, tmp_path: Path
    ) -> None:
        await organisations_in(catalog_database)
        before = await give_accounts(catalog_database, passwords(tmp_path / "lost.json"))
        after = await give_accounts(catalog_database, passwords(tmp_path / "new.json"))
        assert before[0].password != after[0].password
        async with catalog_database.sessions() as session:
            await recognise(session, SignIn(email=after[0].email, password=after[0].password), now=now())
            with pytest.raises(CredentialsWrong):
                await recognise(session, SignIn(email=before[0].email, password=before[0].password), now=now())

    async def test_nobody_acts_for_an_organisation_that_is_missing(
        self, catalog_database: Isolated, tmp_path: Path
    ) -> None:
        with pytest.raises(DemonstrationIncomplete, match="hexaplane"):
            await give_accounts(catalog_database, passwords(tmp_path / "demonstration.json"))

    async def test_the_metropolis_has_a_call_open_and_a_workshop_has_answered_it(
        self, catalog_database: Isolated, tmp_path: Path
    ) -> None:
        await organisations_in(catalog_database)
        await give_accounts(catalog_database, passwords(tmp_path / "demonstration.json"))
        assert await open_call(catalog_database, ADDRESSES)
        assert not await open_call(catalog_database, ADDRESSES), "a second load changes nothing"
        async with catalog_database.sessions() as session:
            (call,) = await session.scalars(select(Call))
            (application,) = await session.scalars(select(Application))
        assert (call.state, len(call.criteria), call.open_to) == (CallState.OPEN, 4, ["ess"])
        assert application.state is ApplicationState.SUBMITTED
        assert all(application.answers)
        assert len(application.answers) == 4

    def test_passwords_differ_are_kept_and_private(self, tmp_path: Path) -> None:
        kept = tmp_path / "demonstration.json"
        known = passwords(kept)
        assert len(set(known.values())) == len(PEOPLE)
        assert all(len(each) >= 12 for each in known.values())
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert passwords(kept) == known
        kept.write_text("{", encoding="utf-8")
        assert passwords(kept) != known

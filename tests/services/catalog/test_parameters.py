"""Figures of law and programme: dated, with their source, corrected by a new line and never by a changed one."""

import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.catalog.parameters.definitions import RANGES, Code, definitions
from services.catalog.parameters.errors import ParameterUnset
from services.catalog.parameters.models import Figure, value_of
from services.matching.ranking.weights import FILE, weights
from shared.clock import day_of, now
from shared.phrases.coordination import FIGURE_UNITS, FIGURE_UNITS_ONE, PARAMETER_GROUPS
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.coordinators import a_coordinator
from tests.services.catalog.test_flow_and_offer_wizards import a_flow, post
from tests.support import Isolated

HOME = "/territory/parameters"
RECEIPT = f"{HOME}/transport_receipt"
FROM, SOURCE = "valid_from", {"source": "Décret 2027-1", "reason": "Le décret change le seuil."}
SET_AT = datetime(2026, 1, 1, tzinfo=UTC)
SERVICES = Path(__file__).resolve().parents[3] / "services"


def a_figure(value: int, day: date, *, set_at: datetime = SET_AT, set_by: UUID | None = None) -> Figure:
    return Figure(
        id=uuid4(), code="x", value=Decimal(value), valid_from=day, set_at=set_at, set_by=set_by, unit="euros"
    )


@pytest.fixture
async def coordinator(sign_up: SignUp, catalog_database: Isolated) -> httpx.AsyncClient:
    return await a_coordinator(sign_up, catalog_database)


def new(value: str, day: date, **changes: object) -> dict[str, object]:
    return {"value": value, FROM: day.isoformat(), "source_on": day_of(now()).isoformat(), **SOURCE, **changes}


def test_the_value_of_a_day_is_the_last_that_had_begun_then() -> None:
    figures = [a_figure(10, date(2020, 1, 1)), a_figure(20, date(2026, 7, 1))]
    assert value_of(figures, "x", on=date(2026, 6, 30)) == 10
    assert value_of(figures, "x", on=date(2026, 7, 1)) == 20


def test_a_correction_counts_and_what_came_with_boucle_yields_to_whoever_sets_a_value() -> None:
    day, later = date(2020, 1, 1), SET_AT + timedelta(days=1)
    first, by = a_figure(10, day, set_at=later), uuid4()
    figures = [first, a_figure(11, day, set_by=by), a_figure(12, day, set_by=by, set_at=later)]
    assert value_of(reversed(figures), "x", on=day) == 12
    assert value_of(figures[:2], "x", on=day) == 11


def test_no_value_is_made_up_for_a_day_before_the_first() -> None:
    with pytest.raises(ParameterUnset):
        value_of([a_figure(10, date(2020, 1, 1))], "x", on=date(2019, 12, 31))


def test_the_file_names_every_group_unit_and_code_that_is_asked_for() -> None:
    known = definitions()
    assert set(Code) <= set(known)
    assert {each.group for each in known.values()} == set(PARAMETER_GROUPS)
    assert {each.value for each in RANGES} == set(FIGURE_UNITS) == set(FIGURE_UNITS_ONE)
    for each in known.values():
        assert each.value <= RANGES[each.unit].most, each.code
        assert each.value == int(each.value) or not RANGES[each.unit].is_whole, each.code
        assert each.source, each.code


def test_matching_begins_with_the_same_masses() -> None:
    """INVARIANT: both services begin with one figure, from one source, for when a carrier needs its receipt."""
    known, table = definitions(), weights()
    first = {
        code: (known[code].value, known[code].source) for code in ("transport_receipt", "transport_receipt_hazardous")
    }
    law = tomllib.loads(FILE.read_text(encoding="utf-8"))["transport_receipt"]["source"]
    assert first == {
        "transport_receipt": (Decimal(table.receipt_kg), law),
        "transport_receipt_hazardous": (Decimal(table.receipt_hazardous_kg), law),
    }


def test_what_is_said_to_be_applied_is_read_by_a_rule() -> None:
    """INVARIANT: the page says "Appliqué" of what a rule reads, and of nothing else."""
    asked = " ".join(
        path.read_text() for path in (SERVICES / "catalog").rglob("*.py") if path.parent.name != "parameters"
    )
    assert {code for code in Code if f"Code.{code.name}" in asked} == set(Code)


async def test_everybody_reads_every_figure_with_its_source(visitor: httpx.AsyncClient) -> None:
    answer = (await visitor.get("/api/v1/parameters?on=2026-01-01")).json()
    items = {each["code"]: each for each in answer["parameters"]}
    assert set(items) == set(definitions())
    assert (answer["on"], items["gift_ceiling"]["value"], items["gift_ceiling"]["unit"]) == (
        "2026-01-01", "20000", "euros",
    )  # fmt: skip
    assert items["gift_rate_above"]["values"][0]["source"].startswith("Code général des impôts")
    assert items["gift_rate_above"]["values"][0]["to_check"] is True
    before = (await visitor.get("/api/v1/parameters?on=2001-01-01")).json()["parameters"]
    assert all(each["value"] is None for each in before)
    assert (await visitor.get("/api/v1/parameters?on=demain")).status_code == 422


async def test_a_new_value_begins_on_its_day_and_leaves_the_past_as_it_was(
    coordinator: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    today = day_of(now())
    answer = await post(coordinator, RECEIPT, **new("750", today + timedelta(days=30)))
    assert answer.headers["location"] == RECEIPT
    page = (await coordinator.get(HOME)).text
    assert re.search(r"puis 750.kg", page)
    items = (await coordinator.get("/api/v1/parameters")).json()["parameters"]
    (item,) = [each for each in items if each["code"] == "transport_receipt"]
    assert item["value"] == "500"
    assert [each["value"] for each in item["values"]] == ["750", "500"]
    async with catalog_database.sessions() as session:
        line = (
            await session.execute(text("SELECT member_id, details FROM audit WHERE action = 'parameter.set'"))
        ).one()
    assert line.member_id is not None
    assert line.details == {
        "code": "transport_receipt", "value": "750", FROM: str(today + timedelta(days=30)),
    }  # fmt: skip


async def test_a_rule_follows_the_figure_from_its_day_on(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    publisher = await sign_up(roles=["publisher"])
    address = await a_flow(publisher)
    assert "500 kg par chargement" in re.sub("\N{NO-BREAK SPACE}", " ", (await publisher.get(address)).text)
    await post(coordinator, RECEIPT, **new("9999", day_of(now()) + timedelta(days=1)))
    assert "500" in (await publisher.get(address)).text.partition("Récépissé")[2][:400]
    await post(coordinator, RECEIPT, **new("9999", day_of(now())))
    assert "9999" in (await publisher.get(address)).text.partition("Récépissé")[2][:400]


async def test_the_past_is_corrected_by_a_line_that_says_why(coordinator: httpx.AsyncClient) -> None:
    past = definitions()["gift_counterpart"].valid_from
    await post(coordinator, f"{HOME}/gift_counterpart", **new("20", past, reason="Mal lu la première fois."))
    page = (await coordinator.get(f"{HOME}/gift_counterpart")).text
    assert page.index("Mal lu la première fois.") < page.index("Corrigée depuis")
    again = await post(coordinator, f"{HOME}/gift_counterpart", **new("20", past))
    assert (again.status_code, "déjà celle de ce jour-là" in again.text) == (422, True)


@pytest.mark.parametrize(
    ("parameter", "fields", "field"),
    [
        ("gift_rate", {"value": "101"}, "value"),
        ("gift_rate", {"value": "-1"}, "value"),
        ("stuck_first", {"value": "9,5"}, "value"),
        ("gift_rate", {"value": "beaucoup"}, "value"),
        ("gift_rate", {FROM: "1066-10-14"}, FROM),
        ("gift_rate", {FROM: "2226-01-01"}, FROM),
        ("gift_rate", {"source_on": "2226-01-01"}, "source_on"),
        ("gift_rate", {"source": ""}, "source"),
        ("gift_rate", {"reason": "x"}, "reason"),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field_and_kept(
    coordinator: httpx.AsyncClient, parameter: str, fields: dict[str, object], field: str
) -> None:
    answer = await post(coordinator, f"{HOME}/{parameter}", **{**new("50", date(2026, 1, 1)), **fields})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert 'value="Décret 2027-1"' in answer.text or field == "source"


async def test_a_number_is_read_as_people_write_it(coordinator: httpx.AsyncClient) -> None:
    today = day_of(now())
    assert (await post(coordinator, f"{HOME}/gift_ceiling", **new("25 000,50", today))).status_code == 303
    assert "25\N{NARROW NO-BREAK SPACE}000,5" in (await coordinator.get(f"{HOME}/gift_ceiling")).text


async def test_nobody_else_sets_a_figure(
    coordinator: httpx.AsyncClient, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    stranger = await sign_up()
    assert (await stranger.get(HOME)).status_code == 403
    assert (await post(stranger, RECEIPT, **new("1", date(2026, 1, 1)))).status_code == 403
    assert (await coordinator.get(f"{HOME}/nowhere")).status_code == 404
    pages = catalog_database.both.pages
    insert = text("""
        INSERT INTO parameters (id, code, valid_from, value, unit, source, source_on, to_check, reason, set_at)
        VALUES (gen_random_uuid(), 'gift_rate', '2026-01-01', 1, 'percent', 'x', '2026-01-01', false, '', now())
    """)
    for statement in (insert, text("UPDATE parameters SET value = 1"), text("DELETE FROM parameters")):
        with pytest.raises(ProgrammingError, match=r"row-level security|permission denied"):
            async with pages.sessions.begin() as session:
                await session.execute(statement)


@pytest.mark.parametrize("change", ["UPDATE parameters SET value = 1", "DELETE FROM parameters"])
async def test_not_even_the_worker_changes_a_figure(catalog_database: Isolated, change: str) -> None:
    """INVARIANT: the past is never edited."""
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with catalog_database.sessions.begin() as session:
            await session.execute(text(change))

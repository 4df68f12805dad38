"""Every constraint holds where it should, and its gap is measured where it does not."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.matching.ranking import constraints
from services.matching.ranking.sides import Demand, Supply
from shared.events.facts import NeedKind, Window
from shared.events.reasons import Constraint, Gap
from shared.phrases import say_gap
from shared.territory.place import WHOLE_COUNTRY, Area, radius_around
from tests.services.matching.scenes import (
    BESSIERES,
    FOIX,
    LAUNAGUET,
    MURET,
    TODAY,
    TOULOUSE,
    author,
    demand,
    flow_demand,
    permits,
    quantity,
    supplier,
    supply,
    waste_demand,
)

METROPOLIS = Area(kind="epci", code="243100518", name="Toulouse Métropole")
HAUTE_GARONNE = Area(kind="department", code="31", name="Haute-Garonne")
OCCITANIE = Area(kind="region", code="76", name="Occitanie")
MURET_ITSELF = Area(kind="commune", code="31395", name="Muret")
BUYER = author()
ONCE_200_KG = quantity(200)
SCREENS = {"ewc": ("16 02 13*",), "categories": ()}
HAZARDOUS = permits("waste_treatment", "hazardous")


def fitting(name: str, demand: Demand, supply: Supply, **_: Any) -> Any:
    return pytest.param(demand, supply, id=name)


def failing(name: str, constraint: Constraint, demand: Demand, supply: Supply, **values: Any) -> Any:
    return pytest.param(constraint, demand, supply, values, id=name)


HOLDS = [
    fitting("kind", demand(kind=NeedKind.CSR), supply(need_kinds=(NeedKind.CSR,))),
    fitting("flow for a taker", flow_demand(), supply(takes_material=True)),
    fitting("radius covers", demand(place=TOULOUSE), supply(zones=(radius_around(LAUNAGUET, 10),))),
    fitting("best zone counts", demand(place=MURET), supply(zones=(radius_around(LAUNAGUET, 5), MURET_ITSELF))),
    fitting("epci", demand(place=LAUNAGUET), supply(zones=(METROPOLIS,))),
    fitting("department", demand(place=MURET), supply(zones=(HAUTE_GARONNE,))),
    fitting("region", demand(place=FOIX), supply(zones=(OCCITANIE,))),
    fitting("country", demand(place=FOIX), supply(zones=(WHOLE_COUNTRY,))),
    fitting("supplier near enough", demand(radius_km=10), supply()),
    fitting(
        "a public tender asks no radius",
        demand(radius_km=1, public_tender=True),
        supply(supplier=supplier(place=BESSIERES), zones=(HAUTE_GARONNE,)),
    ),
    fitting(
        "one day in common",
        demand(window=Window(starts_on=date(2027, 1, 31))),
        supply(window=Window(ends_on=date(2027, 1, 31))),
    ),
    fitting("open windows", demand(window=Window(starts_on=date(2027, 1, 1))), supply()),
    fitting("permit held for ever", demand(permits=("insurance",)), supply(permits=permits("insurance"))),
    fitting(
        "permit valid on the first day",
        demand(permits=("insurance",), window=Window(starts_on=date(2027, 1, 1))),
        supply(permits=permits("insurance", expires_on=date(2027, 1, 1))),
    ),
    fitting("product needs no permit", flow_demand(ewc=()), supply()),
    fitting("waste for a licensed taker", waste_demand(), supply(permits=permits("waste_treatment"))),
    fitting(
        "hazardous waste by code",
        flow_demand(legal_status="waste", quantity=quantity(90), **SCREENS),
        supply(ewc=("160213*",), permits=HAZARDOUS),
    ),
    fitting(
        "heavy waste with a carrier's receipt",
        flow_demand(legal_status="waste"),
        supply(permits=permits("waste_treatment", "waste_transport")),
    ),
    fitting("receipt", demand(receipt_wanted=True), supply(supplier=supplier(may_issue_receipts=True))),
    fitting("one of the kinds", demand(supplier_kinds=("EI", "ESAT")), supply()),
    fitting("minimum reached", demand(quantity=quantity(1, "t")), supply(minimum=quantity(900))),
    fitting(
        "minimum per period",
        flow_demand(quantity=quantity(1, "t", "week")),
        supply(minimum=quantity(4, "t", "month")),
    ),
    fitting("another dimension cannot be compared", demand(quantity=quantity(5, "m3")), supply(minimum=ONCE_200_KG)),
]
FAILS = [
    failing("kind", Constraint.KIND, demand(kind=NeedKind.CSR), supply(), asked="csr"),
    failing("flow", Constraint.KIND, flow_demand(), supply(takes_material=False), asked="flow"),
    failing(
        "radius stops short",
        Constraint.AREA,
        demand(place=BESSIERES),
        supply(zones=(radius_around(LAUNAGUET, 15),)),
        km=3,
        place="Bessières",
        around="Launaguet",
    ),
    failing("commune", Constraint.AREA, demand(), supply(zones=(MURET_ITSELF,)), zone="Muret", place="Toulouse"),
    failing("epci", Constraint.AREA, demand(place=MURET), supply(zones=(METROPOLIS,)), zone="Toulouse Métropole"),
    failing("department", Constraint.AREA, demand(place=FOIX), supply(zones=(HAUTE_GARONNE,)), zone_kind="department"),
    failing(
        "supplier too far",
        Constraint.RADIUS,
        demand(radius_km=20),
        supply(supplier=supplier(place=BESSIERES)),
        radius_km=20,
        distance_km=25,
        km=5,
    ),
    failing(
        "opens too late",
        Constraint.WINDOW,
        demand(window=Window(ends_on=date(2027, 1, 31))),
        supply(window=Window(starts_on=date(2027, 2, 2))),
        days=2,
        opens_on="2027-02-02",
    ),
    failing(
        "closed before",
        Constraint.WINDOW,
        demand(window=Window(starts_on=date(2027, 1, 31))),
        supply(window=Window(ends_on=date(2027, 1, 30))),
        days=1,
        closed_on="2027-01-30",
    ),
    failing("no permit", Constraint.PERMIT, demand(permits=("insurance",)), supply(), permit="insurance"),
    failing(
        "permit expired",
        Constraint.PERMIT,
        demand(permits=("insurance",)),
        supply(permits=permits("insurance", expires_on=date(2026, 10, 31))),
        expired_on="2026-10-31",
    ),
    failing(
        "permit expires before the first day",
        Constraint.PERMIT,
        demand(permits=("insurance",), window=Window(starts_on=date(2027, 1, 2))),
        supply(permits=permits("insurance", expires_on=date(2027, 1, 1))),
        expired_on="2027-01-01",
    ),
    failing("waste without licence", Constraint.LEGAL_STATUS, waste_demand(), supply(), permit="waste_treatment"),
    failing(
        "waste without code",
        Constraint.LEGAL_STATUS,
        waste_demand(ewc=()),
        supply(permits=permits("waste_treatment")),
        missing="ewc",
    ),
    failing(
        "heavy waste without a carrier's receipt",
        Constraint.LEGAL_STATUS,
        flow_demand(legal_status="waste"),
        supply(permits=permits("waste_treatment")),
        permit="waste_transport",
    ),
    failing(
        "101 kg of hazardous waste without a carrier's receipt",
        Constraint.LEGAL_STATUS,
        flow_demand(legal_status="waste", quantity=quantity(101), **SCREENS),
        supply(ewc=("160213*",), permits=HAZARDOUS),
        permit="waste_transport",
    ),
    failing(
        "hazardous code not named",
        Constraint.LEGAL_STATUS,
        flow_demand(legal_status="waste", quantity=quantity(90), **SCREENS),
        supply(ewc=("160214",), permits=HAZARDOUS),
        missing="code",
        code="160213",
    ),
    failing(
        "hazardous waste without its permit",
        Constraint.LEGAL_STATUS,
        flow_demand(legal_status="waste", quantity=quantity(90), **SCREENS),
        supply(ewc=("160213*",), permits=permits("waste_treatment")),
        permit="hazardous",
    ),
    failing("no receipt", Constraint.ELIGIBILITY, demand(receipt_wanted=True), supply()),
    failing(
        "another kind", Constraint.SUPPLIER_KIND, demand(supplier_kinds=("ESAT", "EA")), supply(), wanted="ESAT, EA"
    ),
    failing(
        "under the supplier's minimum",
        Constraint.MINIMUM,
        demand(quantity=ONCE_200_KG),
        supply(minimum=quantity(0.5, "t")),
        whose="supply",
    ),
    failing(
        "under the holder's minimum",
        Constraint.MINIMUM,
        flow_demand(minimum=quantity(2, "t", "week")),
        supply(capacity=quantity(4, "t", "month")),
        whose="demand",
    ),
    failing("paused", Constraint.PAUSED, demand(), supply().model_copy(update={"paused": True})),
    failing(
        "same legal entity",
        Constraint.SAME_ENTITY,
        demand(author=BUYER),
        supply(supplier=supplier(legal_entity_id=BUYER.legal_entity_id)),
    ),
    failing("blocked", Constraint.BLOCKED, demand(author=BUYER), supply(blocked=(BUYER.organisation_id,))),
    failing("blocked entity", Constraint.BLOCKED, demand(author=BUYER), supply(blocked=(BUYER.legal_entity_id,))),
]


def failed(demand: Demand, supply: Supply) -> list[Gap]:
    return [gap for check in constraints.CHECKS if (gap := check(demand, supply, TODAY)) is not None]


@pytest.mark.parametrize(("demand", "supply"), HOLDS)
def test_it_holds(demand: Demand, supply: Supply) -> None:
    assert failed(demand, supply) == []


@pytest.mark.parametrize(("constraint", "demand", "supply", "values"), FAILS)
def test_it_alone_fails_with_its_measure(
    constraint: Constraint, demand: Demand, supply: Supply, values: dict[str, Any]
) -> None:
    (gap,) = failed(demand, supply)
    assert gap.constraint is constraint
    assert values.items() <= gap.values.items()
    for language in ("fr", "en"):
        assert say_gap(gap, language, to="author")[1]
        assert say_gap(gap, language, to="supplier")[1]


def test_every_constraint_is_tested_both_ways() -> None:
    failing_ones = {case.values[0] for case in FAILS}
    assert failing_ones == set(Constraint)
    assert len(constraints.CHECKS) == len(Constraint)


def test_a_block_concerns_only_whom_it_names() -> None:
    assert failed(demand(), supply(blocked=(uuid4(),))) == []

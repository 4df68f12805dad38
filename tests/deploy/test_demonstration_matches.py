"""The twelve scenarios reach their takers, and their near misses are measured, by the ranking in force."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import pytest
from sqlalchemy import select

from deploy.cli.demonstration import import_files
from deploy.embedded.engines import Engines
from services.matching.ranking.reading import demand_of_flow, demand_of_need, supply_of_offer
from services.matching.ranking.score import judge
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import weights
from shared.clock import day_of, now
from shared.events.catalog import FlowPublished, NeedPublished, OfferPublished
from shared.events.envelope import decode
from shared.events.reasons import Constraint, Gap
from shared.messaging.tables import outbox
from tests.support import Isolated, isolated

SURE = 60

# Each demand, by the beginning of its title: who takes it, and who nearly does and why not.
STORIES: dict[str, tuple[set[str], dict[str, tuple[Constraint, dict[str, object]]]]] = {
    "Palettes bois, 6 t": (
        {"Palettes Garonne", "ESAT des Deux Rives"},
        {
            "Menuis'Art": (Constraint.LEGAL_STATUS, {"permit": "waste_transport"}),
            "Les Copeaux du Girou": (Constraint.AREA, {"km": 7}),
        },
    ),
    "Meubles réparables": (
        {"Ressourcerie du Touch"},
        {"La Deuxième Main du Lauragais": (Constraint.LEGAL_STATUS, {"permit": "waste_transport"})},
    ),
    "200 bureaux": (
        {"Toit et Travail 31", "Le Grand Bureau partagé"},
        {"Paroles de Quartier": (Constraint.MINIMUM, {"whose": "demand"})},
    ),
    "800 kg de tomates": (
        {"Table Ouverte Garonne", "La Conserverie des Minimes"},
        {"Humus Tolosan": (Constraint.PERMIT, {"permit": "food_hygiene"})},
    ),
    "Fruits et légumes impropres": (
        {"Humus Tolosan"},
        {"La Conserverie des Minimes": (Constraint.LEGAL_STATUS, {"permit": "waste_treatment"})},
    ),
    "Drêches fraîches": (
        {"Champi'Cave"},
        {"Coopérative des Quatre Vents": (Constraint.MINIMUM, {"whose": "supply"})},
    ),
    "45 t de briques": ({"La Régie du Lac"}, {"Terre et Chanvre": (Constraint.AREA, {"km": 3})}),
    "Caisses en PEHD": ({"Plastigaronne"}, {}),
    "120 ordinateurs": (
        {"Second Octet"},
        {"Ordi Partagé": (Constraint.LEGAL_STATUS, {"permit": "waste_treatment"})},
    ),
    "30 écrans": ({"Second Octet"}, {"Second Octet": (Constraint.LEGAL_STATUS, {"code": "160213"})}),
    "80 repas par mois": (
        {"Les Tables du Touch", "La Popote des Izards", "Cantine Buissonnière", "Régal du Lauragais"},
        {
            "La Marmite du Girou": (Constraint.AREA, {"km": 4}),
            "Toqué Vert": (Constraint.PERMIT, {"permit": "insurance"}),
        },
    ),
    "1 200 heures d'insertion": (
        {"Passerelle Sud Intérim", "GEIQ Bâtir en Garonne"},
        {"Tremplin du Muretain": (Constraint.AREA, {"km": 1})},
    ),
    "Vingt jours de contrôle de gestion": (
        {"Cap Jolimont"},
        {"La Roue Tolosane": (Constraint.ELIGIBILITY, {}), "Menuis'Art": (Constraint.ELIGIBILITY, {})},
    ),
    "300 m² de locaux": (
        {"Agence Intercalaire", "Les Chalets", "Les Imaginations Fertiles"},
        {"Les Jardins du Canal": (Constraint.AREA, {"km": 3})},
    ),
    "15 000 € par une campagne": ({"Coop'Action"}, {}),
    "Tontes et branches": (
        {"Humus Tolosan"},
        {"Les Jardins du Canal": (Constraint.LEGAL_STATUS, {"permit": "waste_treatment"})},
    ),
}


class Market(NamedTuple):
    """What the demonstration published, as ranking compares it."""

    demands: list[Demand]
    supplies: list[Supply]


class Met(NamedTuple):
    """Who takes a demand, with the best score, and who nearly does, with each gap."""

    takers: Mapping[str, int]
    near: Mapping[str, list[Gap]]


async def market_of(database: Isolated) -> Market:
    async with database.sessions() as session:
        payloads = list(await session.scalars(select(outbox.c.payload)))
    events = [decode(json.dumps(each).encode()).data for each in payloads]
    needs = [demand_of_need(each) for each in events if isinstance(each, NeedPublished)]
    flows = [demand_of_flow(each) for each in events if isinstance(each, FlowPublished)]
    return Market(needs + flows, [supply_of_offer(each) for each in events if isinstance(each, OfferPublished)])


def met(demand: Demand, market: Market) -> Met:
    takers: dict[str, int] = {}
    near: dict[str, list[Gap]] = defaultdict(list)
    for supply in market.supplies:
        verdict = judge(demand, supply, weights(), today=day_of(now()))
        if verdict is None:
            continue
        if verdict.gap is None:
            takers[supply.supplier_name] = max(verdict.score, takers.get(supply.supplier_name, 0))
        else:
            near[supply.supplier_name].append(verdict.gap)
    return Met(takers, near)


@pytest.fixture(scope="module")
async def market(engines: Engines) -> Market:
    async with isolated(engines.instance, "catalog") as database:
        await import_files(database)
        return await market_of(database)


async def test_every_story_reaches_its_takers_and_measures_its_near_misses(market: Market) -> None:
    for beginning, (takers, near_misses) in STORIES.items():
        demand = next(each for each in market.demands if each.title.startswith(beginning))
        found = met(demand, market)
        assert {name for name, score in found.takers.items() if score >= SURE} >= takers, beginning
        for name, (constraint, values) in near_misses.items():
            gaps = [gap for gap in found.near[name] if gap.constraint is constraint]
            assert gaps, (beginning, name, found.near[name])
            assert any(values.items() <= gap.values.items() for gap in gaps), (beginning, name, gaps)


async def test_most_demands_find_somebody_some_find_only_near_misses(market: Market) -> None:
    found = {demand.title: met(demand, market) for demand in market.demands}
    sure = {title: [name for name, score in each.takers.items() if score >= SURE] for title, each in found.items()}
    fitting = [title for title, names in sure.items() if 1 <= len(names) <= 8]
    nobody = [title for title, names in sure.items() if not names]
    assert len(fitting) >= 0.75 * len(found)
    assert len([title for title in nobody if found[title].near]) >= 4
    assert len(nobody) <= 0.15 * len(found)


async def test_some_offers_fit_several_demands(market: Market) -> None:
    fits: dict[str, int] = defaultdict(int)
    for demand in market.demands:
        for name, score in met(demand, market).takers.items():
            fits[name] += score >= SURE
    assert len([name for name, count in fits.items() if count >= 3]) >= 10

"""The compiled index where rows are odd: at the edges of what a form takes, of the calendar, and of the map."""

import math
import random
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from services.matching.index.compiled import passes, snapshot
from services.matching.index.compiled.geometry import EVERYWHERE, OWN_PLACES, POINTS, REACH_KM, cell, cells_within
from services.matching.index.compiled.numbering import OnceEach
from services.matching.index.compiled.rules import rules_of
from services.matching.preview.budget import Budget
from services.matching.preview.finding import find
from services.matching.ranking.reading import demand_of_flow, demand_of_need, supply_of_offer
from services.matching.ranking.score import judge
from shared.events.facts import Window
from shared.events.reasons import Feature
from shared.territory.place import WHOLE_COUNTRY, Radius, Zone
from tests.services.matching.scenes import TODAY, flow, need, offer, permits, quantity
from tests.services.matching.test_compiled import (
    LOOSE,
    assert_agreement,
    expected,
    filled,
    random_demand,
    random_supply,
    said,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("last", [date(26, 6, 1), date(1999, 6, 1), date(1999, 12, 31), TODAY, date(9999, 12, 30)])
def test_a_permit_ends_whenever_its_form_says(last: date) -> None:
    supply = supply_of_offer(offer(permits=permits("insurance", expires_on=last)))
    demand = demand_of_need(need(permits=("insurance",)))
    assert assert_agreement(filled([demand], [supply]), [demand], [supply]) == 1


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        (Window(starts_on=date(2200, 1, 1)), Window()),
        (Window(starts_on=date(1999, 1, 1), ends_on=date(1999, 12, 1)), Window(starts_on=date(1999, 3, 1))),
        (Window(ends_on=date(1998, 1, 1)), Window(starts_on=date(1999, 1, 1))),
    ],
)
def test_days_outside_those_that_rows_hold_are_compared_all_the_same(asked: Window, offered: Window) -> None:
    supply, demand = supply_of_offer(offer(window=offered)), demand_of_need(need(window=asked))
    engine = filled([demand], [supply])
    assert_agreement(engine, [demand], [supply])
    plain = engine.supplies_for(demand, today=TODAY, most=9, misses=0)
    fits = [verdict for verdict in [judge(demand, supply, LOOSE, today=TODAY)] if verdict and verdict.gap is None]
    assert len(plain.matches) == len(fits)


@pytest.mark.parametrize("feature", [Feature.CATEGORY, Feature.CODE, Feature.TEXT, Feature.DISTANCE])
def test_invariant_what_gives_no_points_may_still_make_a_pair_relevant(feature: Feature) -> None:
    """INVARIANT: kernel = exhaustive reference for any table of weights."""
    table = replace(LOOSE, points={**LOOSE.points, feature: 0.0})
    chance = random.Random(4)
    demands, supplies = [random_demand(chance) for _ in range(25)], [random_supply(chance) for _ in range(80)]
    engine = filled(demands, supplies)
    engine.rules = rules_of(table)
    for demand in demands:
        hits = engine.supplies_for(demand, today=TODAY, most=999, misses=999)
        found = said(hits, engine.supplies)
        assert found == expected([(demand, supply) for supply in supplies], "supply", table)


def test_invariant_every_cell_that_a_disc_meets_is_looked_at() -> None:
    """INVARIANT: near poles, the equator and the date line, for every level: a point within reach is in a run."""
    chance, looked = random.Random(9), 0
    for _ in range(3000):
        level = chance.choice([POINTS, *range(1, EVERYWHERE), OWN_PLACES])
        km = chance.uniform(0, 1500 if level == POINTS else (REACH_KM[level] if level < EVERYWHERE else 30))
        latitude, longitude = chance.uniform(-85, 85), chance.uniform(-179, 179)
        at = _moved(latitude, longitude, km * math.sqrt(chance.random()) * 0.999, chance.uniform(0, math.tau))
        runs = np.zeros((4096, 3), dtype=np.int64)
        count = cells_within(level, latitude, longitude, km, 0, runs, 0)
        own = cell(level, *at)
        assert any(first <= own <= last for first, last, _ in runs[:count]), (level, km, latitude, longitude, at)
        looked += count
    assert looked > 3000


def _moved(latitude: float, longitude: float, km: float, bearing: float) -> tuple[float, float]:
    """The point so many kilometres away."""
    angle, phi = km / 6371.0088, math.radians(latitude)
    other = math.asin(math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing))
    turned = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(other)
    )
    return math.degrees(other), (longitude + math.degrees(turned) + 180) % 360 - 180


def test_an_offer_with_more_circles_than_there_is_room_for() -> None:
    circles: list[Zone] = [Radius(latitude=43.6, longitude=1.44, km=299, label="Toulouse") for _ in range(5)]
    circles += [Radius(latitude=43.6, longitude=1.44, km=km, label="Toulouse") for km in (56, 299, 30, 299)]
    for zones in ((*circles,), (*circles, WHOLE_COUNTRY), ()):
        supply = supply_of_offer(offer()).model_copy(update={"zones": zones})
        demand = demand_of_need(need())
        engine = filled([demand], [supply])
        hits = engine.demands_for(supply, today=TODAY, most=9, misses=9)
        assert said(hits, engine.demands) == expected([(demand, supply)], "demand")


async def test_a_minimum_that_nobody_has_said_yet_is_counted() -> None:
    short = supply_of_offer(offer(takes_material=True, capacity=quantity(40)))
    demand = demand_of_flow(flow(quantity=quantity(900), minimum=quantity(70)))
    engine = filled([], [short])
    numbering = engine.numbering
    numbering.amount(demand.minimum), numbering.amount(demand.amount)
    # As it is after a start: not a line more than amounts were said.
    numbering.amounts = OnceEach(numbering.amounts.lines.copy())
    found = await find(engine, demand, today=TODAY, budget=Budget(seconds=60))
    assert found.near or found.fitting.size or found.apart


def test_a_process_that_reads_a_snapshot_first_searches_it(tmp_path: Path) -> None:
    """Nothing was compiled or searched before: a file does not say that its records are aligned."""
    engine = filled([], [supply_of_offer(offer())])
    snapshot.save(engine, tmp_path / "index", {"supplies": 0, "demands": 0}, of="us")
    program = """
        import sys
        from pathlib import Path
        from services.matching.index.compiled import snapshot
        from services.matching.index.compiled.rules import rules_of
        from services.matching.index.compiled.searching import Engine
        from services.matching.ranking.reading import demand_of_need
        from services.matching.ranking.weights import weights
        from tests.services.matching.scenes import TODAY, need
        engine = Engine(rules_of(weights()))
        assert snapshot.load(engine, Path(sys.argv[1]), of="us", until=0) is not None
        hits = engine.supplies_for(demand_of_need(need()), today=TODAY, most=9, misses=9)
        print(len(hits.matches))
    """
    command = [sys.executable, "-c", dedent(program), str(tmp_path / "index")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "1\n", done.stderr


def test_what_was_compiled_or_saved_by_another_program_is_not_taken(tmp_path: Path) -> None:
    rule, made = tmp_path / "rule.py", [each.name for each in passes.sources()]
    rule.write_text("MARGIN_KM = 10\n", encoding="utf-8")
    before = passes.digest_of([rule])
    rule.write_text("MARGIN_KM = 90\n", encoding="utf-8")
    assert passes.digest_of([rule]) != before
    # The files whose constants are in what is compiled, and those that say what rows hold.
    assert {"constraints.py", "place.py", "geometry.py"} <= {*made}
    assert {"features.py", "weights.toml", "names.py"} <= {each.name for each in snapshot.MADE_BY}

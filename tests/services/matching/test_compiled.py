"""The compiled index says of every pair what `judge` says: after any writing, in both directions."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.index.compiled import segments, snapshot
from services.matching.index.compiled.encoding import row_of_demand, row_of_supply
from services.matching.index.compiled.passes import working
from services.matching.index.compiled.rack import Rack
from services.matching.index.compiled.rules import proximities, rules_of
from services.matching.index.compiled.searching import GAPS, Engine, Hits
from services.matching.index.compiled.suiting import least_near
from services.matching.ranking.constraints import OWN_PLACE_KM, margin_of
from services.matching.ranking.reading import demand_of_flow, demand_of_need, supply_of_offer
from services.matching.ranking.score import judge
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import Weights, weights
from shared.events.facts import LegalStatus, Level, Window
from shared.events.reasons import Constraint
from shared.phrases.names import NEED_KINDS, SERVICE_TYPES
from shared.territory.place import WHOLE_COUNTRY, Area, Place, Radius, Zone, distance_km, radius_around
from shared.vocabulary import categories, proximity
from tests.services.matching.scenes import (
    LAUNAGUET,
    TODAY,
    flow,
    permits,
    quantity,
    random_need,
    random_offer,
    random_place,
)

LOOSE = replace(weights(), match_from=0, near_miss_from=0)
AREAS = (
    Area(kind="commune", code="31555", name="Toulouse"),
    Area(kind="epci", code="243100518", name="Toulouse Métropole"),
    Area(kind="department", code="31", name="Haute-Garonne"),
    Area(kind="region", code="76", name="Occitanie"),
    WHOLE_COUNTRY,
)
HELD = ("waste_treatment", "waste_transport", "hazardous", "insurance", "food_aid")
AMOUNTS = (quantity(150), quantity(700), quantity(2, "t", "week"), quantity(40, "hour"))
CODES = ("15 01 03", "16 02 13*", "20 01 36", "17 02 04*")


def random_window(chance: random.Random) -> Window:
    starts, ends = (TODAY + timedelta(days=chance.randint(-60, 90)) for _ in range(2))
    return chance.choice((Window(), Window(starts_on=starts), Window(ends_on=ends)))


def random_demand(chance: random.Random) -> Demand:
    """A need or a flow with any condition that a demand can make."""
    changed: dict[str, Any] = {
        "window": random_window(chance),
        "quantity": chance.choice(AMOUNTS),
        "permits": tuple(chance.sample(HELD, chance.choice((0, 0, 1)))),
    }
    if chance.random() < 0.5:
        changed |= {
            "public_tender": chance.random() < 0.2,
            "service_type": chance.choice((None, *SERVICE_TYPES)),
            "quantity": chance.choice((None, *AMOUNTS)),
        }
        return demand_of_need(random_need(chance).model_copy(update=changed))
    given_out = flow(
        **changed,
        place=random_place(chance),
        ewc=tuple(chance.sample(CODES, chance.choice((0, 1, 1, 2)))),
        legal_status=chance.choice(list(LegalStatus)),
        minimum=chance.choice((None, quantity(1, "t", "month"))),
        levels=chance.choice(((), (Level.REUSE,), (Level.REUSE, Level.RECYCLING))),
        categories=chance.choice((("wooden-pallets",), (), ("kitchen-waste",))),
    )
    return demand_of_flow(given_out)


def random_supply(chance: random.Random) -> Supply:
    """An offer with any answer to these conditions."""
    first = random_offer(chance)
    zones: list[Zone] = chance.sample(AREAS, chance.choice((0, 0, 1, 2))) or [*first.zones]
    if chance.random() < 0.2:
        zones.append(radius_around(LAUNAGUET, 25))
    held = permits(*chance.sample(HELD, chance.randint(0, 5)))
    changed = {
        "zones": tuple(zones),
        "window": random_window(chance),
        "permits": (*held, *permits("insurance", expires_on=TODAY + timedelta(days=chance.randint(-9, 60)))),
        "capacity": chance.choice((None, quantity(chance.randint(1, 900)), quantity(3, "t", "month"))),
        "minimum": chance.choice((None, None, quantity(chance.randint(1, 200)))),
        "service_types": tuple(chance.sample(sorted(SERVICE_TYPES), chance.randint(0, 2))),
        "level": chance.choice((None, *Level)),
        "need_kinds": tuple(chance.sample(sorted(NEED_KINDS), 3)),
        "takes_material": True,
    }
    if chance.random() < 0.4:
        changed |= {"ewc": tuple(chance.sample(CODES, 2)), "categories": ("wooden-pallets",)}
    made = supply_of_offer(first.model_copy(update=changed))
    return made.model_copy(update={"paused": chance.random() < 0.1})


def expected(
    pairs: Sequence[tuple[Demand, Supply]], own: str, table: Weights = LOOSE
) -> dict[Any, tuple[int, Constraint | None]]:
    """What `judge` says of each pair that it accepts, by the id of the other side."""
    verdicts = [verdict for pair in pairs if (verdict := judge(*pair, table, today=TODAY)) is not None]
    return {getattr(each, own).id: (each.score, each.gap.constraint if each.gap else None) for each in verdicts}


def said(hits: Hits, rack: Rack) -> dict[Any, tuple[int, Constraint | None]]:
    return {rack.id_of(hit["slot"]): (hit["score"], GAPS[hit["gap"]]) for hit in (*hits.matches, *hits.misses)}


def are_first_of(best: Hits, every: Hits, most: int, misses: int) -> bool:
    """The best are those that all begin with, as they are."""
    expected = (every.matches[:most], every.misses[:misses])
    return all(np.array_equal(one, other) for one, other in zip((best.matches, best.misses), expected, strict=True))


def assert_agreement(engine: Engine, demands: Sequence[Demand], supplies: Sequence[Supply]) -> int:
    """Both directions; returns how many pairs were accepted."""
    accepted = 0
    for demand in demands:
        hits = engine.supplies_for(demand, today=TODAY, most=10_000, misses=10_000)
        found = said(hits, engine.supplies)
        assert found == expected([(demand, supply) for supply in supplies], "supply")
        accepted += len(found)
    for supply in supplies:
        hits = engine.demands_for(supply, today=TODAY, most=10_000, misses=10_000)
        found = said(hits, engine.demands)
        assert found == expected([(demand, supply) for demand in demands], "demand")
    return accepted


def filled(demands: Sequence[Demand], supplies: Sequence[Supply]) -> Engine:
    engine = Engine(rules_of(LOOSE))
    for demand in demands:
        engine.demands.add(row_of_demand(demand, engine.numbering))
    for supply in supplies:
        engine.supplies.add(row_of_supply(supply, engine.numbering))
    return engine


@pytest.mark.parametrize("seed", range(4))
def test_invariant_it_says_what_judge_says(seed: int) -> None:
    """INVARIANT: kernel = exhaustive reference: a rule or a feature that only one of the two knows breaks it."""
    chance = random.Random(seed)
    demands = [random_demand(chance) for _ in range(40)]
    supplies = [random_supply(chance) for _ in range(120)]
    assert assert_agreement(filled(demands, supplies), demands, supplies) > 150


def test_every_constraint_was_met_there() -> None:
    chance = random.Random(2)
    demands, supplies = [random_demand(chance) for _ in range(160)], [random_supply(chance) for _ in range(200)]
    engine = filled(demands, supplies)
    hits = [engine.supplies_for(each, today=TODAY, most=9_999, misses=9_999) for each in demands]
    assert {*np.concatenate([each.misses["gap"] for each in hits])} == set(range(1, len(GAPS)))


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), steps=st.lists(st.sampled_from(("add", "change", "remove", "tidy")), max_size=60))
def test_invariant_any_writing_leaves_what_was_written_last(seed: int, steps: list[str]) -> None:
    """INVARIANT: tiers, tombstones and laying rows side by side change nothing of what is found."""
    chance, demand = random.Random(seed), random_demand(random.Random(seed))
    kept = {each.id: each for each in (random_supply(chance) for _ in range(10))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "ROOM", (4, 16))
        engine = filled([], list(kept.values()))
        for step in steps:
            write(step, engine, kept, chance)
        hits = engine.supplies_for(demand, today=TODAY, most=10_000, misses=10_000)
    clear = [supply for supply in kept.values() if not is_at_an_edge(demand, supply)]
    found = said(hits, engine.supplies)
    ids = {each.id for each in clear}
    assert {id: found[id] for id in found.keys() & ids} == expected([(demand, each) for each in clear], "supply")
    assert found.keys() <= kept.keys()
    assert engine.supplies.living == len(kept)


def is_at_an_edge(demand: Demand, supply: Supply) -> bool:
    """Within a metre of where a zone ends, or ends to be near: there the index, which holds its zones in short numbers,
    may say one or the other (decision 70).
    """
    edges: list[tuple[Place | Radius, float]] = [(supply.place, OWN_PLACE_KM)]
    for zone in supply.zones:
        if isinstance(zone, Radius):
            edges += [(zone, zone.km), (zone, zone.km + margin_of(zone.km))]
    return any(abs(distance_km(demand.place, middle) - km) < 0.001 for middle, km in edges)


def write(step: str, engine: Engine, kept: dict[Any, Supply], chance: random.Random) -> None:
    if step == "tidy":
        engine.supplies = engine.supplies.side_by_side()
    elif step == "remove" and kept:
        gone = chance.choice(sorted(kept))
        del kept[gone]
        assert engine.supplies.remove(gone)
        assert not engine.supplies.remove(gone)
    elif step in ("add", "change"):
        made = random_supply(chance)
        if step == "change" and kept:
            made = made.model_copy(update={"id": chance.choice(sorted(kept))})
        kept[made.id] = made
        engine.supplies.add(row_of_supply(made, engine.numbering))


def test_invariant_a_snapshot_is_the_index_it_was_made_of(tmp_path: Path) -> None:
    """INVARIANT: snapshot = what was saved, whatever came and went before, and it goes on from there."""
    chance = random.Random(5)
    demands, supplies = [random_demand(chance) for _ in range(20)], [random_supply(chance) for _ in range(60)]
    engine = filled(demands, supplies)
    for number, supply in enumerate(supplies):
        engine.supplies.add(row_of_supply(supply, engine.numbering), tag=number)
    gone = supplies.pop()
    engine.supplies.remove(gone.id)
    snapshot.save(engine, tmp_path / "index", {"supplies": 7, "demands": 9}, of="us")
    snapshot.save(engine, tmp_path / "index", {"supplies": 8, "demands": 9}, of="us")
    loaded = Engine(rules_of(LOOSE))
    assert snapshot.load(loaded, tmp_path / "index", of="us", until=9) == {"supplies": 8, "demands": 9}
    assert [loaded.supplies.tag_of(each.id) for each in supplies] == list(range(59))
    assert loaded.supplies.tag_of(gone.id) is None
    supplies.append(random_supply(chance))
    loaded.supplies.add(row_of_supply(supplies[-1], loaded.numbering))
    assert_agreement(loaded, demands, supplies)
    assert [each.name for each in tmp_path.iterdir()] == ["index"]


def test_a_snapshot_of_something_else_or_cut_short_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    snapshot.save(filled([], [random_supply(random.Random(6))]), folder, {"supplies": 5, "demands": 0}, of="us")

    def read(of: str = "us", until: int = 5) -> object:
        return snapshot.load(Engine(rules_of(LOOSE)), folder, of=of, until=until)

    assert read() is not None
    assert read(of="another database") is None
    assert read(until=4) is None, "restored from an older backup"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "FORMAT", snapshot.FORMAT + 1)
        assert read() is None
    records = folder / "supplies" / "records.npy"
    records.write_bytes(records.read_bytes()[:-9])
    assert read() is None


def all_but(demand: Demand, supply: Supply, chance: random.Random) -> Supply:
    """A supply that has nearly all the points that a demand can give but those of its category and its codes.

    It is as near as can be, though it may work around another place, far away.
    """
    elsewhere = demand.place.model_copy(update={"latitude": demand.place.latitude + 2})
    words = dict(chance.sample(sorted(demand.words.items()), chance.randint(len(demand.words) // 2, len(demand.words))))
    told = {
        "id": UUID(int=chance.getrandbits(128)),
        "words": words,
        "place": demand.place,
        "zones": (chance.choice((radius_around(demand.place, 20), radius_around(elsewhere, 300))),),
        "published_at": demand.published_at - timedelta(days=chance.choice((0, 0, 30))),
        "supplier_kinds": chance.choice((("ESAT",), ("association",))),
        "service_types": tuple(SERVICE_TYPES),
        "capacity": demand.amount,
        "minimum": None,
        "level": Level.REUSE,
    }
    return supply.model_copy(update=told)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("table", [LOOSE, weights()], ids=["loose", "in force"])
def test_invariant_only_the_best_are_kept_in_order(seed: int, table: Weights) -> None:
    """INVARIANT: whoever is left out early, for want of points, would not have been among the best."""
    chance = random.Random(seed)
    supplies, left_out = [random_supply(chance) for _ in range(150)], 0
    for demand in [random_demand(chance) for _ in range(12)]:
        engine = filled([], [*supplies, *(all_but(demand, each, chance) for each in supplies)])
        engine.rules, engine.supplies.work = rules_of(table), working(at_once=1)
        every = engine.supplies_for(demand, today=TODAY, most=1000, misses=1000)
        order = [(-hit["score"], engine.supplies.id_of(hit["slot"])) for hit in every.matches]
        assert order == sorted(order)
        for most, misses in ((1, 1), (4, 2), (2, 9), (5, 0), (40, 20)):
            best = engine.supplies_for(demand, today=TODAY, most=most, misses=misses)
            assert are_first_of(best, every, most, misses)
            left_out += len(every.matches) - len(best.matches)
        census = engine.census(demand, today=TODAY, near=False)
        assert [*zip(census.ids, census.scores.tolist(), strict=True)] == [(each, -score) for score, each in order]
    assert left_out


def test_invariant_only_the_best_are_kept_the_other_way_as_well() -> None:
    """INVARIANT: the same of the demands that a supply fits."""
    chance = random.Random(8)
    demands, left_out = [random_demand(chance) for _ in range(300)], 0
    engine = filled(demands, [])
    engine.demands.work = working(at_once=1)
    for demand in chance.sample(demands, 12):
        supply = all_but(demand, random_supply(chance), chance)
        every = engine.demands_for(supply, today=TODAY, most=1000, misses=1000)
        for most, misses in ((1, 1), (2, 9), (9, 0)):
            best = engine.demands_for(supply, today=TODAY, most=most, misses=misses)
            assert are_first_of(best, every, most, misses)
            left_out += len(every.matches) - len(best.matches)
    assert left_out


@pytest.mark.parametrize("at_once", [1, 9])
@pytest.mark.parametrize("table", [LOOSE, weights()], ids=["loose", "in force"])
def test_invariant_of_very_many_needs_the_first_tell_who_else_is_read(table: Weights, at_once: int) -> None:
    """INVARIANT: whoever is passed over for its categories is not among the best, wherever a supply works."""
    chance = random.Random(at_once)
    trades = chance.sample(list(categories()), 3)
    demands = [random_demand(chance) for _ in range(500)]
    for number in range(500):
        # Of every other need the categories that tell are not the first two; many of the others are of a few trades.
        before = (
            chance.sample(list(categories()), 2) if number % 2 == 0 else chance.sample(trades, chance.randint(0, 1))
        )
        demands[number] = demands[number].model_copy(update={"categories": (*before, *demands[number].categories)})
    engine, few = filled(demands, []), filled(demands, [])
    engine.rules = few.rules = rules_of(table)
    few.demands.work = working(at_once)
    left_out = 0
    for _ in range(100):
        around = chance.choice(((), (radius_around(random_place(chance), 60),)))
        zones = (*around, *chance.sample(AREAS, chance.choice((1, 1, 2, 3))))
        told = {"zones": tuple(chance.sample(zones, len(zones))), "categories": tuple(chance.sample(trades, 1))}
        supply = random_supply(chance).model_copy(update=told if chance.random() < 0.5 else {"zones": told["zones"]})
        every = engine.demands_for(supply, today=TODAY, most=1000, misses=1000)
        for most, misses in ((1, 1), (3, 0), (20, 20), (1000, 1000)):
            best = few.demands_for(supply, today=TODAY, most=most, misses=misses)
            assert are_first_of(best, every, most, misses)
            left_out += len(every.matches) - len(best.matches)
    assert left_out


@given(
    points=st.integers(1, 100),
    near=st.floats(0, 1),
    to_come=st.floats(0, 80),
    got=st.floats(0, 1),
    lost=st.floats(0, 1),
)
def test_invariant_how_near_is_near_enough(points: int, near: float, to_come: float, got: float, lost: float) -> None:
    """INVARIANT: whoever reaches so many points has categories as near as they must be for them."""
    rules = rules_of(weights())
    worth = rules.points[0]
    reached = np.rint(100 * (worth * near + got * (1 - lost) * to_come) / (worth + to_come))
    assert reached < points or near >= least_near(rules, to_come, (1 - lost) * to_come, points)


def test_proximities_are_those_of_the_vocabulary() -> None:
    known, near = list(categories()), proximities()
    chance = random.Random(7)
    for _ in range(500):
        one, other = chance.randrange(len(known)), chance.randrange(len(known))
        assert near[one, other] == proximity(known[one], known[other])

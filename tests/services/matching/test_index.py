"""What the index of a database brings is what `judge` accepts, in both directions, from rows as they are kept."""

import random
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.demands.commands import keep_demand
from services.matching.index import shelf
from services.matching.index.compiled.market import CompiledIndex, market_of
from services.matching.ranking.score import fitting, judge
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import weights
from services.matching.supplies.commands import keep_supply
from tests.services.matching.scenes import TODAY
from tests.services.matching.test_compiled import random_demand, random_supply


def fits(demand: Demand, supply: Supply) -> bool:
    return judge(demand, supply, weights(), today=TODAY) is not None


async def test_both_directions_find_what_brute_force_finds(session: AsyncSession) -> None:
    """INVARIANT: retrieval brings exactly what `judge` accepts; the other side's rows as the tables keep them."""
    chance = random.Random(9)
    demands = [random_demand(chance) for _ in range(25)]
    supplies = [random_supply(chance) for _ in range(100)]
    for demand in demands:
        await keep_demand(session, demand)
    for supply in supplies:
        await keep_supply(session, supply)
    index = CompiledIndex(session)
    expected = {(demand.id, supply.id) for demand in demands for supply in supplies if fits(demand, supply)}
    forward = {(demand.id, each.id) for demand in demands for each in await index.candidates(demand)}
    backward = {(each.id, supply.id) for supply in supplies for each in await index.demands_for(supply)}
    assert len(expected) > 30
    assert expected == forward
    assert expected == backward


def test_what_is_known_to_fit_is_measured_as_it_is_judged() -> None:
    """INVARIANT: of a pair that fits both say the same."""
    chance, found = random.Random(12), 0
    for _ in range(20_000):
        demand, supply = random_demand(chance), random_supply(chance)
        verdict = judge(demand, supply, weights(), today=TODAY)
        if verdict is not None and verdict.gap is None:
            assert fitting(demand, supply, weights()) == verdict
            found += 1
    assert found > 10


async def test_what_comes_from_the_table_is_what_was_kept(session: AsyncSession) -> None:
    chance = random.Random(10)
    demand, supply = next(pair for _ in range(1000) if fits(*(pair := (random_demand(chance), random_supply(chance)))))
    await keep_supply(session, supply)
    shelf.supply_shelf.clear()
    assert await CompiledIndex(session).candidates(demand) == [supply]


async def test_invariant_what_memory_foresaw_stands_while_the_database_knows_no_more(session: AsyncSession) -> None:
    """INVARIANT: a supply kept before the demand took its turn is not missed, though memory knew nothing of it yet."""
    chance = random.Random(11)
    demand = next(asked for _ in range(1000) if (asked := random_demand(chance)).asks == "procurement")
    one, other = islice((offered for _ in range(50_000) if fits(demand, offered := random_supply(chance))), 2)
    index = CompiledIndex(session)
    for known, supply in (([], one), ([one], other)):
        await keep_supply(session, supply)
        foreseen = market_of(session).foresee(demand, today=TODAY)
        assert foreseen is not None
        assert [*foreseen.fitting, *foreseen.missing] == known
        assert not await index.holds(foreseen)
    foreseen = market_of(session).foresee(demand, today=TODAY)
    assert foreseen is not None
    assert {each.id for each in (*foreseen.fitting, *foreseen.missing)} == {one.id, other.id}
    assert await index.holds(foreseen)
    shelf.supply_shelf.clear()
    assert market_of(session).foresee(demand, today=TODAY) is None

"""What the index of a database brings is what `judge` accepts, in both directions, from rows as they are kept."""

import random

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.demands.commands import keep_demand
from services.matching.index import shelf
from services.matching.index.compiled.market import CompiledIndex
from services.matching.ranking.score import judge
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


async def test_what_comes_from_the_table_is_what_was_kept(session: AsyncSession) -> None:
    chance = random.Random(10)
    demand, supply = next(pair for _ in range(1000) if fits(*(pair := (random_demand(chance), random_supply(chance)))))
    await keep_supply(session, supply)
    shelf.supply_shelf.clear()
    assert await CompiledIndex(session).candidates(demand) == [supply]

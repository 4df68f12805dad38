"""The index may bring too many, never too few."""

import random

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.demands.commands import keep_demand
from services.matching.index.evidence import asked, kept_by_demand, kept_by_supply
from services.matching.index.postgres import PostgresIndex
from services.matching.ranking.reading import demand_of_need, supply_of_offer
from services.matching.ranking.score import judge
from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import weights
from services.matching.supplies.commands import keep_supply
from tests.services.matching.scenes import TODAY, random_need, random_offer

# Nothing that suits is asked of the pairs here, so that each relevant one is a match.
EVERYTHING = weights().__class__(**{**vars(weights()), "match_from": 0, "near_miss_from": 0})


def fits(demand: Demand, supply: Supply) -> bool:
    return judge(demand, supply, EVERYTHING, today=TODAY) is not None


def found(demand: Demand, supply: Supply) -> bool:
    """What the query does, without a database."""
    return bool(set(asked(kept_by_demand(demand))) & set(kept_by_supply(supply)))


def test_invariant_no_relevant_pair_lacks_a_common_token() -> None:
    """INVARIANT: retrieval is a superset of what `judge` accepts; a feature with a new kind of evidence breaks it."""
    chance = random.Random(7)
    demands = [demand_of_need(random_need(chance)) for _ in range(60)]
    supplies = [supply_of_offer(random_offer(chance)) for _ in range(400)]
    pairs = [(demand, supply) for demand in demands for supply in supplies if fits(demand, supply)]
    assert len(pairs) > 200
    assert [pair for pair in pairs if not found(*pair)] == []


def test_the_index_is_worth_its_name() -> None:
    chance = random.Random(8)
    demands = [demand_of_need(random_need(chance)) for _ in range(20)]
    supplies = [supply_of_offer(random_offer(chance)) for _ in range(300)]
    brought = sum(found(demand, supply) for demand in demands for supply in supplies)
    assert brought < 0.5 * 20 * 300


async def test_both_directions_find_what_brute_force_finds(session: AsyncSession) -> None:
    chance = random.Random(9)
    demands = [demand_of_need(random_need(chance)) for _ in range(25)]
    supplies = [supply_of_offer(random_offer(chance)) for _ in range(150)]
    for demand in demands:
        await keep_demand(session, demand)
    for supply in supplies:
        await keep_supply(session, supply)
    index = PostgresIndex(session)
    expected = {(demand.id, supply.id) for demand in demands for supply in supplies if fits(demand, supply)}
    forward = {(demand.id, each.id) for demand in demands for each in await index.candidates(demand)}
    backward = {(each.id, supply.id) for supply in supplies for each in await index.demands_for(supply)}
    assert len(expected) > 30
    assert expected <= forward
    assert expected <= backward


async def test_what_comes_from_the_table_is_what_was_kept(session: AsyncSession) -> None:
    from services.matching.index import shelf

    chance = random.Random(10)
    supply = supply_of_offer(random_offer(chance))
    await keep_supply(session, supply)
    shelf.supply_shelf.clear()
    demand = demand_of_need(random_need(chance)).model_copy(
        update={"categories": supply.categories, "words": supply.words, "asks": supply.serves[0]}
    )
    assert await PostgresIndex(session).candidates(demand) == [supply]

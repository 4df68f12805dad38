"""The index on PostgreSQL: one GIN index over evidence tokens for each direction, decoded states kept beside."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.index.evidence import asked, kept_by_demand, kept_by_supply
from services.matching.index.shelf import Kept, Shelf, demand_shelf, supply_shelf
from services.matching.ranking.sides import Demand, Supply
from shared.database.statement import Statement

# One row comes back, an array: a thousand rows of SQLAlchemy would cost more than the search.
CANDIDATES = Statement("""
    SELECT coalesce(array_agg(digest), '{}') FROM supplies
    WHERE status <> 'withdrawn' AND evidence && CAST(:asked AS text[]) AND serves @> ARRAY[CAST(:asks AS text)]
""")
DEMANDS_FOR = Statement("""
    SELECT coalesce(array_agg(digest), '{}') FROM demands
    WHERE status = 'open' AND evidence && CAST(:asked AS text[]) AND asks = ANY(CAST(:serves AS text[]))
""")
SUPPLY_STATES = Statement(
    "SELECT digest, state::text AS state FROM supplies WHERE digest = ANY(CAST(:digests AS bigint[]))"
)
DEMAND_STATES = Statement(
    "SELECT digest, state::text AS state FROM demands WHERE digest = ANY(CAST(:digests AS bigint[]))"
)


class PostgresIndex:
    """Finds by tokens and kind of need only; what those bring, `judge` decides."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def candidates(self, demand: Demand) -> Sequence[Supply]:
        """The supplies that share evidence with the demand and serve its kind."""
        digests = await CANDIDATES.scalar(self._session, asked=asked(kept_by_demand(demand)), asks=demand.asks)
        return await self._read(supply_shelf, SUPPLY_STATES, digests or [])

    async def demands_for(self, supply: Supply) -> Sequence[Demand]:
        """The open demands that share evidence with the supply and ask what it serves."""
        digests = await DEMANDS_FOR.scalar(
            self._session, asked=asked(kept_by_supply(supply)), serves=list(supply.serves)
        )
        return await self._read(demand_shelf, DEMAND_STATES, digests or [])

    async def _read(self, shelf: Shelf[Kept], states: Statement, digests: Sequence[int]) -> Sequence[Kept]:
        missing = shelf.missing(digests)
        if missing:
            rows = await states.fetch(self._session, digests=missing)
            shelf.add({row.digest: row.state for row in rows})
        return shelf.take(digests)

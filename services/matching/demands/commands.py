"""Keep demands and lots; what is older than what is held changes nothing."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import TURN
from services.matching.index.evidence import kept_by_demand, searchable
from services.matching.index.shelf import demand_shelf, digest_of
from services.matching.ranking.sides import Demand
from shared.database.statement import Statement
from shared.events.catalog import LotState

# Takes its turn (see `in_order`) in the same round trip: it reads nothing that could be out of date by then.
KEEP = Statement(f"""
    WITH in_turn AS MATERIALIZED (SELECT pg_advisory_xact_lock({TURN}))
    INSERT INTO demands (id, kind, version, status, organisation_id, asks, evidence, search, state, digest,
                         deadline_on, published_at)
    SELECT CAST(:id AS uuid), CAST(:kind AS text), CAST(:version AS bigint), 'open', CAST(:organisation_id AS uuid),
           CAST(:asks AS text), CAST(:evidence AS text[]), CAST(:search AS text[]), CAST(:state AS jsonb),
           CAST(:digest AS bigint), CAST(:deadline_on AS date), CAST(:published_at AS timestamptz)
    FROM in_turn
    ON CONFLICT (id) DO UPDATE SET
        version = excluded.version, status = excluded.status, organisation_id = excluded.organisation_id,
        asks = excluded.asks, evidence = excluded.evidence, search = excluded.search, state = excluded.state,
        digest = excluded.digest, deadline_on = excluded.deadline_on, published_at = excluded.published_at
    WHERE demands.version < excluded.version
    RETURNING revision, told
""")
STOP = Statement("""
    UPDATE demands SET status = :status, version = :version WHERE id = :id AND version < :version RETURNING id
""")
KEEP_LOT = Statement("""
    INSERT INTO lots (id, flow_id, version, available_at, expires_at, is_open)
    VALUES (:id, :flow_id, :version, :available_at, :expires_at, :is_open)
    ON CONFLICT (id) DO UPDATE SET
        version = excluded.version, available_at = excluded.available_at, expires_at = excluded.expires_at,
        is_open = excluded.is_open
    WHERE lots.version < excluded.version
    RETURNING id
""")


class Held(NamedTuple):
    """What was told of a demand so far: the number of its rankings, and the last of them."""

    revision: int
    told: dict[str, Any] | None


async def keep_demand(session: AsyncSession, demand: Demand) -> Held | None:
    """Take the turn and open the demand as it now is; None when a newer version is held."""
    state = demand.model_dump_json()
    digest = digest_of(state)
    kept = await KEEP.fetch(
        session,
        id=demand.id,
        kind=demand.kind,
        version=demand.version,
        organisation_id=demand.organisation_id,
        asks=demand.asks,
        evidence=kept_by_demand(demand),
        search=searchable(demand, demand.author_name),
        state=state,
        digest=digest,
        deadline_on=demand.deadline_on,
        published_at=demand.published_at,
    )
    demand_shelf.put(digest, demand)
    return Held(*kept[0]) if kept else None


async def stop_demand(session: AsyncSession, demand_id: UUID, *, version: int, status: str) -> bool:
    """Pause or close it; False when it is unknown or a newer version is held."""
    stopped = await STOP.scalar(session, id=demand_id, version=version, status=status)
    return stopped is not None


async def keep_lot(session: AsyncSession, lot: LotState, *, is_open: bool) -> bool:
    """Keep when a lot of a flow expires; False when a newer version is held."""
    kept = await KEEP_LOT.scalar(
        session,
        id=lot.lot_id,
        flow_id=lot.flow_id,
        version=lot.version,
        available_at=lot.available_at,
        expires_at=lot.expires_at,
        is_open=is_open,
    )
    return kept is not None

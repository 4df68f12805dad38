"""Keep demands and lots, in whatever order their events come: the newest decides."""

from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import TURN
from services.matching.index.searchable import searchable
from services.matching.index.shelf import demand_shelf, digest_of
from services.matching.matches.commands import Held
from services.matching.matches.foretelling import recall
from services.matching.ranking.sides import Demand
from shared.clock import PARIS
from shared.database.statement import Statement
from shared.events.catalog import FlowPaused, FlowTaken, FlowWithdrawn, LotState, NeedClosed, NeedWithdrawn
from shared.events.matching import DemandMatched

# Takes its turn (see `in_order`) in the same round trip: it reads nothing that could be out of date by then.
KEEP = Statement(f"""
    WITH in_turn AS MATERIALIZED (SELECT pg_advisory_xact_lock({TURN}))
    INSERT INTO demands (id, kind, version, status, organisation_id, asks, search, state, digest,
                         deadline_on, published_at)
    SELECT CAST(:id AS uuid), CAST(:kind AS text), CAST(:version AS bigint), 'open', CAST(:organisation_id AS uuid),
           CAST(:asks AS text), CAST(:search AS text[]), CAST(:state AS jsonb),
           CAST(:digest AS bigint), CAST(:deadline_on AS date), CAST(:published_at AS timestamptz)
    FROM in_turn
    ON CONFLICT (id) DO UPDATE SET
        version = greatest(demands.version, excluded.version),
        status = CASE WHEN demands.version < excluded.version THEN excluded.status ELSE demands.status END,
        organisation_id = excluded.organisation_id, asks = excluded.asks,
        search = excluded.search, state = excluded.state, digest = excluded.digest,
        deadline_on = excluded.deadline_on, published_at = excluded.published_at
    -- Who stopped may still learn what they were: their end overtook it.
    WHERE demands.version < excluded.version
        OR demands.status <> 'open' AND coalesce((demands.state ->> 'version')::bigint, 0) < excluded.version
    RETURNING revision, told, status, revision = 0 AND EXISTS (
        SELECT FROM outbox o WHERE o.aggregate_id = demands.id AND o.type = :matched) AS is_foretold
""")
# An end that overtakes its beginning leaves a row with an empty state, so that the beginning opens nothing.
STOP = Statement("""
    INSERT INTO demands (id, kind, version, status, organisation_id, asks, search, state, digest, published_at)
    VALUES (:id, :kind, :version, :status, :organisation_id, '', '{}', '{}', 0, 'epoch')
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, version = excluded.version
    WHERE demands.version < excluded.version
    RETURNING state <> '{}'::jsonb AS is_known
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


Stopping = NeedWithdrawn | NeedClosed | FlowPaused | FlowTaken | FlowWithdrawn


class Stop(NamedTuple):
    """A demand that waits or is no more, as far as its event tells."""

    id: UUID
    kind: Literal["need", "flow"]
    organisation_id: UUID
    version: int
    status: Literal["paused", "closed"]

    @classmethod
    def of(cls, event: Stopping) -> "Stop":
        """What the end of a need says, or that of a flow, its pause, or that all of it is taken."""
        if isinstance(event, NeedWithdrawn | NeedClosed):
            return cls(event.need_id, "need", event.organisation_id, event.version, "closed")
        status: Literal["paused", "closed"] = "closed" if isinstance(event, FlowWithdrawn) else "paused"
        return cls(event.flow_id, "flow", event.organisation_id, event.version, status)


async def keep_demand(session: AsyncSession, demand: Demand) -> Held | None:
    """Take the turn and open the demand as it now is; None when a newer version is held or it stopped since."""
    state = demand.model_dump_json()
    digest = digest_of(state)
    kept = await KEEP.fetch(
        session,
        id=demand.id,
        kind=demand.kind,
        version=demand.version,
        organisation_id=demand.organisation_id,
        asks=demand.asks,
        search=searchable(demand, demand.author_name),
        state=state,
        digest=digest,
        deadline_on=demand.deadline_on,
        published_at=demand.published_at,
        matched=DemandMatched.type,
    )
    demand_shelf.put(digest, demand)
    if not kept or kept[0].status != "open":
        return None
    is_first = kept[0].revision == 0
    told = (await recall(session, demand.id) if kept[0].is_foretold else None) or kept[0]
    return Held(told.revision, told.told, is_first)


async def stop_demand(session: AsyncSession, stop: Stop) -> bool:
    """Pause or close it, also before it is known; True when it was known until now."""
    return bool(await STOP.scalar(session, **stop._asdict()))


def ends_at(lot: LotState) -> datetime:
    """Until when it is worth hurrying for: its last slot, or the end of the day by which people eat it."""
    if lot.use_by_on is None:
        return lot.expires_at
    return min(lot.expires_at, datetime.combine(lot.use_by_on + timedelta(days=1), time(), PARIS))


async def keep_lot(session: AsyncSession, lot: LotState, *, is_open: bool) -> bool:
    """Keep when a lot of a flow expires; False when a newer version is held.

    One of which nothing is left is open to nobody, until something is freed.
    """
    kept = await KEEP_LOT.scalar(
        session,
        id=lot.lot_id,
        flow_id=lot.flow_id,
        version=lot.version,
        available_at=lot.available_at,
        expires_at=ends_at(lot),
        is_open=is_open and lot.left != 0,
    )
    return kept is not None

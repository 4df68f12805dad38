"""Keep supplies, in whatever order their events come: the newest decides."""

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.index.searchable import searchable
from services.matching.index.shelf import digest_of, supply_shelf
from services.matching.ranking.sides import Supply
from shared.database.statement import Statement
from shared.events.campaigns import CampaignClosed
from shared.events.catalog import OfferPaused, OfferWithdrawn

Stopped = OfferPaused | OfferWithdrawn | CampaignClosed

KEEP = Statement("""
    INSERT INTO supplies (id, version, status, organisation_id, serves, search, state, digest, published_at)
    VALUES (:id, :version, 'open', :organisation_id, CAST(:serves AS text[]),
            CAST(:search AS text[]), CAST(:state AS jsonb), :digest, :published_at)
    ON CONFLICT (id) DO UPDATE SET
        version = greatest(supplies.version, excluded.version),
        status = CASE WHEN supplies.version < excluded.version THEN excluded.status ELSE supplies.status END,
        organisation_id = excluded.organisation_id, serves = excluded.serves,
        search = excluded.search, state = excluded.state, digest = excluded.digest, published_at = excluded.published_at
    -- Who stopped may still learn what they were: their end overtook it.
    WHERE supplies.version < excluded.version
        OR supplies.status <> 'open' AND coalesce((supplies.state ->> 'version')::bigint, 0) < excluded.version
    RETURNING status
""")
# An end that overtakes its beginning leaves a row with an empty state, so that the beginning opens nothing.
STOP = Statement("""
    INSERT INTO supplies (id, version, status, organisation_id, serves, search, state, digest, published_at)
    VALUES (:id, :version, :status, :organisation_id, '{}', '{}', '{}', 0, 'epoch')
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, version = excluded.version
    WHERE supplies.version < excluded.version
    RETURNING nullif(state::text, '{}') AS state
""")
RESTATE = Statement("UPDATE supplies SET state = CAST(:state AS jsonb), digest = :digest WHERE id = :id")


async def keep_supply(session: AsyncSession, supply: Supply) -> Supply | None:
    """The offer as it now stands: paused when its pause came first; None when a newer version is held or it is gone."""
    state = supply.model_dump_json()
    digest = digest_of(state)
    status = await KEEP.scalar(
        session,
        id=supply.id,
        version=supply.version,
        organisation_id=supply.organisation_id,
        serves=list(supply.serves),
        search=searchable(supply, supply.supplier_name),
        state=state,
        digest=digest,
        published_at=supply.published_at,
    )
    supply_shelf.put(digest, supply)
    if status == "paused":
        return await _paused(session, supply)
    return supply if status == "open" else None


async def _paused(session: AsyncSession, supply: Supply) -> Supply:
    """The same offer, judged as paused; its version stays that of what it says."""
    paused = supply.model_copy(update={"paused": True})
    state = paused.model_dump_json()
    digest = digest_of(state)
    await RESTATE.execute(session, id=supply.id, state=state, digest=digest)
    supply_shelf.put(digest, paused)
    return paused


async def pause_supply(session: AsyncSession, event: OfferPaused) -> Supply | None:
    """The offer, paused; None when it is unknown or a newer version is held."""
    state = await _stop(session, event, status="paused")
    return None if state is None else await _paused(session, Supply.model_validate_json(state))


async def withdraw_supply(session: AsyncSession, event: OfferWithdrawn | CampaignClosed) -> bool:
    """Take it out of every search, also before it is known; True when it was known until now."""
    return await _stop(session, event, status="withdrawn") is not None


async def _stop(session: AsyncSession, event: Stopped, *, status: Literal["paused", "withdrawn"]) -> str | None:
    """What was known of it; None also when a newer version is held."""
    state: str | None = await STOP.scalar(
        session, id=event.aggregate_id, version=event.version, status=status, organisation_id=event.organisation_id
    )
    return state

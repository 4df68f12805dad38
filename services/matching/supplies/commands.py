"""Keep supplies; what is older than what is held changes nothing."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.index.evidence import kept_by_supply, searchable
from services.matching.index.shelf import digest_of, supply_shelf
from services.matching.ranking.sides import Supply
from shared.database.statement import Statement

KEEP = Statement("""
    INSERT INTO supplies (id, version, status, organisation_id, serves, evidence, search, state, digest, published_at)
    VALUES (:id, :version, :status, :organisation_id, CAST(:serves AS text[]), CAST(:evidence AS text[]),
            CAST(:search AS text[]), CAST(:state AS jsonb), :digest, :published_at)
    ON CONFLICT (id) DO UPDATE SET
        version = excluded.version, status = excluded.status, organisation_id = excluded.organisation_id,
        serves = excluded.serves, evidence = excluded.evidence, search = excluded.search, state = excluded.state,
        digest = excluded.digest, published_at = excluded.published_at
    WHERE supplies.version < excluded.version
    RETURNING id
""")
WITHDRAW = Statement("""
    UPDATE supplies SET status = 'withdrawn', version = :version WHERE id = :id AND version < :version RETURNING id
""")
HELD = Statement("SELECT state::text FROM supplies WHERE id = :id AND version < :version")


async def keep_supply(session: AsyncSession, supply: Supply) -> bool:
    """Keep the offer as it now is; False when a newer version is held."""
    state = supply.model_dump_json()
    digest = digest_of(state)
    kept = await KEEP.scalar(
        session,
        id=supply.id,
        version=supply.version,
        status="paused" if supply.paused else "open",
        organisation_id=supply.organisation_id,
        serves=list(supply.serves),
        evidence=kept_by_supply(supply),
        search=searchable(supply, supply.supplier_name),
        state=state,
        digest=digest,
        published_at=supply.published_at,
    )
    supply_shelf.put(digest, supply)
    return kept is not None


async def pause_supply(session: AsyncSession, offer_id: UUID, *, version: int) -> Supply | None:
    """The offer, paused; None when it is unknown or a newer version is held."""
    state = await HELD.scalar(session, id=offer_id, version=version)
    if state is None:
        return None
    paused = Supply.model_validate_json(state).model_copy(update={"paused": True, "version": version})
    await keep_supply(session, paused)
    return paused


async def withdraw_supply(session: AsyncSession, offer_id: UUID, *, version: int) -> bool:
    """Take it out of every search; False when it is unknown or a newer version is held."""
    return await WITHDRAW.scalar(session, id=offer_id, version=version) is not None

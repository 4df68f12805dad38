"""Secrets of apps that were stored before there was a vault, or sealed with a key that is going, are sealed anew."""

from collections.abc import Sequence

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import Factor, FactorKind
from services.catalog.accounts.vault import SealBroken, Sealed, Vault
from shared.database import Database
from shared.observability.pulse import every

log = structlog.get_logger(__name__)

TIMER_S = 3600.0
BATCH = 200


async def seal_for_ever(database: Database, vault: Vault) -> None:
    """Look after secrets that the first key did not seal; any number of timers may run."""
    async for _ in every(TIMER_S):
        async with database.sessions.begin() as session:
            await seal_anew(session, vault)


async def seal_anew(session: AsyncSession, vault: Vault) -> int:
    """Seal what is not sealed with the first key; returns how many. What no key opens is told of and left."""
    sealed = 0
    for factor in await _to_seal(session, vault):
        try:
            secret = vault.open(factor.secret, factor.account_id, Sealed.APP)
        except SealBroken:
            log.error("factor_unreadable", factor=str(factor.id))
            continue
        factor.secret = vault.seal(secret, factor.account_id, Sealed.APP)
        sealed += 1
    await session.flush()
    return sealed


async def _to_seal(session: AsyncSession, vault: Vault) -> Sequence[Factor]:
    query = select(Factor).where(
        Factor.kind == FactorKind.APP, Factor.secret != "", ~Factor.secret.startswith(vault.prefix, autoescape=True)
    )
    locked = query.order_by(Factor.id).limit(BATCH).with_for_update(skip_locked=True)
    return (await session.scalars(locked)).all()

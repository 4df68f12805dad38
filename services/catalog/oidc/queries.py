"""Every question asked of linked identities."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.oidc.models import LinkedIdentity

ACCOUNT_OF_IDENTITY = text("SELECT account_of_identity(:issuer, :subject)")


async def account_of_identity(session: AsyncSession, issuer: str, subject: str) -> UUID | None:
    """The account that an identity opens; asked through its own door, before anybody is known."""
    found: UUID | None = await session.scalar(ACCOUNT_OF_IDENTITY, {"issuer": issuer, "subject": subject})
    return found


async def linked_identities(session: AsyncSession, account_id: UUID) -> Sequence[LinkedIdentity]:
    """Every identity that opens an account."""
    return (await session.scalars(select(LinkedIdentity).where(LinkedIdentity.account_id == account_id))).all()


async def linked_identity(session: AsyncSession, account_id: UUID, issuer: str) -> LinkedIdentity | None:
    """The identity of one provider that opens an account."""
    return await session.scalar(
        select(LinkedIdentity).where(LinkedIdentity.account_id == account_id, LinkedIdentity.issuer == issuer)
    )

"""Every question asked of accounts, members and sessions."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.catalog.accounts.models import IDLE_LIFE, Account, Member, Session
from services.catalog.organisations.models import Organisation
from shared.identity import Identity, Role


async def account_by_email(session: AsyncSession, email: str) -> Account | None:
    """The account of an address, whatever its case."""
    return await session.scalar(select(Account).where(func.lower(Account.email) == email.lower()))


async def memberships(session: AsyncSession, account_id: UUID) -> Sequence[Member]:
    """The organisations a person acts for, the latest joined first."""
    found = await session.scalars(
        select(Member)
        .where(Member.account_id == account_id, Member.left_at.is_(None))
        .order_by(Member.joined_at.desc())
    )
    return found.all()


async def has_members(session: AsyncSession, organisation_id: UUID) -> bool:
    """True when somebody acts for the organisation."""
    members = select(Member.id).where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
    return bool(await session.scalar(select(members.exists())))


async def session_by_secret(session: AsyncSession, secret: str) -> Session | None:
    """The session a cookie belongs to, ended or not."""
    return await session.scalar(select(Session).where(Session.token_hash == sha256(secret.encode()).digest()))


_LIVING = (
    select(
        Session.id,
        Session.seen_at,
        Member.id.label("member_id"),
        Member.role,
        Account.name,
        Account.language,
        Organisation.id.label("organisation_id"),
        Organisation.name.label("organisation_name"),
        Organisation.roles,
    )
    .join(Member, Member.id == Session.member_id)
    .join(Account, Account.id == Session.account_id)
    .join(Organisation, Organisation.id == Member.organisation_id)
    .where(Session.revoked_at.is_(None), Member.left_at.is_(None))
)


async def identity_of(connection: AsyncConnection, secret: str, *, now: datetime) -> tuple[Identity, datetime] | None:
    """Who a session's secret speaks for and when it was last seen; None when it ended, expired or never was."""
    found = await connection.execute(
        _LIVING.where(
            Session.token_hash == sha256(secret.encode()).digest(),
            Session.expires_at > now,
            Session.seen_at > now - IDLE_LIFE,
        )
    )
    row = found.first()
    return (_identity(row), row.seen_at) if row else None


def _identity(row: Any) -> Identity:
    return Identity(
        session_id=row.id,
        member_id=row.member_id,
        person_name=row.name,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        role=Role(row.role),
        roles=frozenset(row.roles),
        language=row.language,
    )


async def mark_seen(connection: AsyncConnection, session_id: UUID, *, now: datetime) -> None:
    """Keep an idle session alive."""
    await connection.execute(update(Session).where(Session.id == session_id).values(seen_at=now))

"""Every question asked of accounts, members and sessions."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.catalog.accounts.models import IDLE_LIFE, Account, Member, Session
from shared.database.statement import Statement
from shared.identity import Identity, Role


async def account_by_email(session: AsyncSession, email: str) -> Account | None:
    """The account of an address, whatever its case."""
    return await session.scalar(select(Account).where(func.lower(Account.email) == email.lower()))


async def wait_for_turn(session: AsyncSession, what: str) -> None:
    """Let one transaction at a time go on with `what`, which need not exist yet; the next sees what it left."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))


async def account_of(session: AsyncSession, member_id: UUID) -> Account:
    """The person a member is."""
    found = await session.scalars(
        select(Account).join(Member, Member.account_id == Account.id).where(Member.id == member_id)
    )
    return found.one()


async def memberships(session: AsyncSession, account_id: UUID, *, for_update: bool = False) -> Sequence[Member]:
    """The organisations a person acts for, the latest joined first."""
    query = (
        select(Member)
        .where(Member.account_id == account_id, Member.left_at.is_(None))
        .order_by(Member.joined_at.desc())
    )
    return (await session.scalars(query.with_for_update() if for_update else query)).all()


async def team_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Row[UUID, str, Role, datetime]]:
    """Who acts for an organisation, the first to join first: member, name, role, since when."""
    found = await session.execute(
        select(Member.id, Account.name, Member.role, Member.joined_at)
        .join(Account, Account.id == Member.account_id)
        .where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
        .order_by(Member.joined_at)
    )
    return found.all()


async def has_members(session: AsyncSession, organisation_id: UUID) -> bool:
    """True when somebody acts for the organisation."""
    members = select(Member.id).where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
    return bool(await session.scalar(select(members.exists())))


async def colleagues(session: AsyncSession, organisation_id: UUID) -> list[tuple[UUID, str]]:
    """Who acts for an organisation: member ids and names, by name."""
    query = (
        select(Member.id, Account.name)
        .join(Account, Account.id == Member.account_id)
        .where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
        .order_by(func.lower(Account.name))
    )
    return [(member_id, name) for member_id, name in await session.execute(query)]


async def session_by_secret(session: AsyncSession, secret: str) -> Session | None:
    """The session a cookie belongs to, ended or not."""
    return await session.scalar(select(Session).where(Session.token_hash == sha256(secret.encode()).digest()))


LIVING = Statement("""
    SELECT s.id AS session_id, s.seen_at, m.id AS member_id, m.role, a.name AS person_name, a.language,
           o.id AS organisation_id, o.name AS organisation_name, o.roles
    FROM sessions s
    JOIN members m ON m.id = s.member_id
    JOIN accounts a ON a.id = s.account_id
    JOIN organisations o ON o.id = m.organisation_id
    WHERE s.token_hash = :token_hash AND s.revoked_at IS NULL AND m.left_at IS NULL
        AND s.expires_at > :now AND s.seen_at > :idle_since
""")


async def identity_of(connection: AsyncConnection, secret: str, *, now: datetime) -> tuple[Identity, datetime] | None:
    """Who a session's secret speaks for and when it was last seen; None when it ended, expired or never was."""
    rows = await LIVING.fetch(
        connection, token_hash=sha256(secret.encode()).digest(), now=now, idle_since=now - IDLE_LIFE
    )
    if not rows:
        return None
    facts = rows[0]._asdict()
    seen_at: datetime = facts.pop("seen_at")
    return Identity(**{**facts, "role": Role(facts["role"]), "roles": frozenset(facts["roles"])}), seen_at


async def mark_seen(connection: AsyncConnection, session_id: UUID, *, now: datetime) -> None:
    """Keep an idle session alive."""
    await connection.execute(update(Session).where(Session.id == session_id).values(seen_at=now))

"""Every question asked of accounts, members and sessions."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.catalog.accounts.models import IDLE_LIFE, Account, Member, Session
from shared.database.statement import Statement
from shared.identity import Identity, Role

ACCOUNT_OF_ADDRESS = text("SELECT * FROM account_of_address(:email)")


async def account_by_email(session: AsyncSession, email: str) -> Account | None:
    """The account of an address, whatever its case; asked through its own door, before anybody is known."""
    found = await session.scalars(select(Account).from_statement(ACCOUNT_OF_ADDRESS), {"email": email})
    return found.one_or_none()


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


async def session_by_secret(session: AsyncSession, secret: str) -> Session | None:
    """The session a cookie belongs to, ended or not."""
    return await session.scalar(select(Session).where(Session.token_hash == sha256(secret.encode()).digest()))


# The other door: a function of catalog's owner, for the pages' role sees no session before it knows a member.
LIVING = Statement("SELECT * FROM identity_of(:token_hash, :now, :idle_since)")


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


async def mark_seen(session: AsyncSession, session_id: UUID, *, now: datetime) -> None:
    """Keep an idle session alive."""
    await session.execute(update(Session).where(Session.id == session_id).values(seen_at=now))

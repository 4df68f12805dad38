"""Every question asked of accounts, members and sessions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.catalog.accounts.errors import FactorUnknown, HalfwayOver
from services.catalog.accounts.models import (
    IDLE_LIFE,
    Account,
    Factor,
    Halfway,
    Link,
    LinkedIdentity,
    Member,
    RecoveryCode,
    Session,
)
from shared.database.acting import act
from shared.database.statement import Statement
from shared.events.catalog import LinkPurpose
from shared.identity import Identity, Role

# Below a statement's own end, which is 15 s.
TURN_PATIENCE = "10s"
ACCOUNT_OF_ADDRESS = text("SELECT * FROM account_of_address(:email)")
ACCOUNT_OF_IDENTITY = text("SELECT account_of_identity(:issuer, :subject)")


async def account_by_email(session: AsyncSession, email: str) -> Account | None:
    """The account of an address, whatever its case; asked through its own door, before anybody is known."""
    found = await session.scalars(select(Account).from_statement(ACCOUNT_OF_ADDRESS), {"email": email})
    return found.one_or_none()


async def wait_for_turn(session: AsyncSession, what: str) -> None:
    """Let one transaction at a time go on with `what`, which need not exist yet; the next sees what it left.

    Turns are awaited longer than rows: who presses with many others is served late rather than sent away.
    """
    patient = func.set_config("lock_timeout", TURN_PATIENCE, True)
    await session.execute(select(patient, func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))


async def account_of(session: AsyncSession, member_id: UUID) -> Account:
    """The person a member is."""
    found = await session.scalars(
        select(Account).join(Member, Member.account_id == Account.id).where(Member.id == member_id)
    )
    return found.one()


async def account_by_id(session: AsyncSession, account_id: UUID) -> Account:
    """One account."""
    return (await session.scalars(select(Account).where(Account.id == account_id))).one()


async def member_by_id(session: AsyncSession, member_id: UUID) -> Member:
    """One membership."""
    return (await session.scalars(select(Member).where(Member.id == member_id))).one()


async def memberships(session: AsyncSession, account_id: UUID, *, for_update: bool = False) -> Sequence[Member]:
    """The organisations a person acts for, the one they acted for last first."""
    query = (
        select(Member)
        .where(Member.account_id == account_id, Member.left_at.is_(None))
        .order_by(Member.seen_at.desc().nulls_last(), Member.joined_at.desc())
    )
    return (await session.scalars(query.with_for_update() if for_update else query)).all()


async def membership_of(session: AsyncSession, account_id: UUID, organisation_id: UUID) -> Member | None:
    """What a person is in an organisation, or was before they left; locked."""
    query = select(Member).where(Member.account_id == account_id, Member.organisation_id == organisation_id)
    return await session.scalar(query.with_for_update().execution_options(populate_existing=True))


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


async def living_sessions(
    session: AsyncSession, account_id: UUID, *, now: datetime, for_update: bool = False
) -> Sequence[Session]:
    """The sessions of a person that still open something, the one used last first."""
    query = (
        select(Session)
        .where(
            Session.account_id == account_id,
            Session.revoked_at.is_(None),
            Session.expires_at > now,
            Session.seen_at > now - IDLE_LIFE,
        )
        .order_by(Session.seen_at.desc(), Session.id)
    )
    return (await session.scalars(query.with_for_update() if for_update else query)).all()


async def sessions_acting_for(session: AsyncSession, member_id: UUID, *, now: datetime) -> Sequence[Session]:
    """The sessions in which somebody acts as this member and that still open something, locked."""
    query = select(Session).where(
        Session.member_id == member_id, Session.revoked_at.is_(None), Session.expires_at > now
    )
    return (await session.scalars(query.with_for_update())).all()


async def set_token_hash(session: AsyncSession, session_id: UUID, account_id: UUID, token_hash: bytes) -> None:
    """Let another secret open a session."""
    await session.execute(
        update(Session).where(Session.id == session_id, Session.account_id == account_id).values(token_hash=token_hash)
    )


async def link_by_id(session: AsyncSession, link_id: UUID, *, for_update: bool = False) -> Link | None:
    """A link as it is stored now; locked, it waits for whoever is using it."""
    query = select(Link).where(Link.id == link_id).execution_options(populate_existing=True)
    return await session.scalar(query.with_for_update() if for_update else query)


async def links_asked(session: AsyncSession, email_hash: bytes, *, since: datetime) -> int:
    """How many letters with a link were asked for an address."""
    query = select(func.count()).where(Link.email_hash == email_hash, Link.created_at > since)
    return await session.scalar(query) or 0


async def forget_links(
    session: AsyncSession, account_id: UUID, purposes: Collection[LinkPurpose], now: datetime
) -> None:
    """Make void what was sent before."""
    await session.execute(
        update(Link)
        .where(Link.account_id == account_id, Link.purpose.in_(purposes), Link.used_at.is_(None))
        .values(used_at=now)
    )


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


async def mark_seen(session: AsyncSession, identity: Identity, *, now: datetime) -> None:
    """Keep an idle session alive, and remember which organisation it acts for."""
    await session.execute(update(Session).where(Session.id == identity.session_id).values(seen_at=now))
    await session.execute(update(Member).where(Member.id == identity.member_id).values(seen_at=now))


async def factors_of(session: AsyncSession, account_id: UUID) -> Sequence[Factor]:
    """The second proofs that count, the first one first."""
    query = select(Factor).where(Factor.account_id == account_id, Factor.confirmed_at.is_not(None))
    return (await session.scalars(query.order_by(Factor.created_at, Factor.id))).all()


async def factor_by_id(session: AsyncSession, factor_id: UUID, *, account_id: UUID, for_update: bool = False) -> Factor:
    """A person's own proof as it is stored now, counting or being added; raises `FactorUnknown`."""
    query = select(Factor).where(Factor.id == factor_id, Factor.account_id == account_id)
    query = query.execution_options(populate_existing=True)
    found = await session.scalar(query.with_for_update() if for_update else query)
    if found is None:
        raise FactorUnknown
    return found


async def forget_unfinished_factors(session: AsyncSession, account_id: UUID) -> None:
    """Drop what was begun and never proved itself."""
    await session.execute(delete(Factor).where(Factor.account_id == account_id, Factor.confirmed_at.is_(None)))


async def recovery_code(session: AsyncSession, account_id: UUID, code_hash: bytes) -> RecoveryCode | None:
    """The unused code of a person, locked."""
    query = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None)
    )
    return await session.scalar(query.with_for_update().execution_options(populate_existing=True))


async def recovery_codes_left(session: AsyncSession, account_id: UUID) -> int:
    """How many codes a person has not used."""
    query = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return await session.scalar(query) or 0


async def forget_recovery_codes(session: AsyncSession, account_id: UUID) -> None:
    """Make a person's codes void."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


async def halfway_by_secret(
    session: AsyncSession, secret: str, *, now: datetime, for_update: bool = False
) -> tuple[Halfway, Member]:
    """Who is halfway in, and as what member, for whom the transaction goes on; raises `HalfwayOver`."""
    query = (
        select(Halfway)
        .where(
            Halfway.token_hash == sha256(secret.encode()).digest(),
            Halfway.used_at.is_(None),
            Halfway.expires_at > now,
        )
        .execution_options(populate_existing=True)
    )
    halfway = await session.scalar(query.with_for_update() if for_update else query)
    if halfway is None:
        raise HalfwayOver
    await act(session, member=halfway.member_id)
    member = await session.scalar(select(Member).where(Member.id == halfway.member_id, Member.left_at.is_(None)))
    if member is None:
        raise HalfwayOver
    await act(session, org=member.organisation_id, account=member.account_id)
    return halfway, member


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

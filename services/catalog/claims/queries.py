"""Every question asked of claims."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, case, delete, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.catalog.accounts.models import Account, Member
from services.catalog.claims.errors import ClaimUnknown, NotToBeClaimed
from services.catalog.claims.models import LAPSE_AFTER, PRESS_AFTER, REMIND_AFTER, Claim, ClaimState, Way
from services.catalog.files.models import StoredFile
from services.catalog.organisations.models import Organisation, OrganisationRole, OrganisationState
from shared.database.acting import act
from shared.database.one_by_one import Turn
from shared.identity import Role

TO_CLAIM = (OrganisationState.REGISTERED, OrganisationState.VERIFIED)
PENDING = Claim.state == ClaimState.PENDING


class Asked(NamedTuple):
    """A claim with the organisation it is about."""

    claim: Claim
    organisation: Organisation


class Request(NamedTuple):
    """A claim with who asks, for whoever answers it."""

    claim: Claim
    account: Account


async def claim_of(session: AsyncSession, account_id: UUID, claim_id: UUID) -> Asked:
    """One of a person's own claims; raises `ClaimUnknown`."""
    query = _with_organisation().where(Claim.id == claim_id, Claim.account_id == account_id)
    row = (await session.execute(query)).first()
    if row is None:
        raise ClaimUnknown
    return Asked._make(row)


async def claims_of(
    session: AsyncSession, account_id: UUID, *, before: UUID | None = None, limit: int | None = None
) -> list[Asked]:
    """A person's claims, the newest first."""
    query = _with_organisation().where(Claim.account_id == account_id)
    if before is not None:
        query = query.where(Claim.id < before)
    return [Asked._make(row) for row in await session.execute(query.order_by(Claim.id.desc()).limit(limit))]


async def pending_claim(session: AsyncSession, account_id: UUID, organisation_id: UUID) -> Claim | None:
    """A person's claim to an organisation that waits for its answer."""
    query = select(Claim).where(Claim.account_id == account_id, Claim.organisation_id == organisation_id, PENDING)
    return await session.scalar(query)


async def claims_made(session: AsyncSession, account_id: UUID, since: datetime) -> tuple[int, int]:
    """How many claims of a person wait, and how many they made since then."""
    own = Claim.account_id == account_id
    waiting = await session.scalar(select(func.count()).where(own, PENDING))
    made = await session.scalar(select(func.count()).where(own, Claim.created_at > since))
    return waiting or 0, made or 0


async def claim_for_update(session: AsyncSession, claim_id: UUID) -> Claim:
    """A claim as it is stored now, locked; whose it is, the caller has asked."""
    query = select(Claim).where(Claim.id == claim_id).with_for_update().execution_options(populate_existing=True)
    claim = await session.scalar(query)
    if claim is None:
        raise ClaimUnknown
    return claim


async def claim_of_link(session: AsyncSession, account_id: UUID, link_id: UUID) -> Asked | None:
    """The claim whose letter has this link, for its own claimant."""
    query = _with_organisation().where(Claim.link_id == link_id, Claim.account_id == account_id)
    row = (await session.execute(query)).first()
    return Asked._make(row) if row else None


async def organisation_to_claim(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """An organisation that may be claimed, locked: of two who claim it at once one comes first.

    The transaction acts for it. Raises `NotToBeClaimed`.
    """
    organisation = await session.scalar(
        select(Organisation)
        .where(Organisation.id == organisation_id, Organisation.state.in_(TO_CLAIM))
        .options(joinedload(Organisation.legal_entity))
        .with_for_update(of=Organisation)
        .execution_options(populate_existing=True)
    )
    if organisation is None:
        raise NotToBeClaimed
    return organisation


async def other_claims_to_prove(session: AsyncSession, claim: Claim) -> Sequence[Claim]:
    """Who else claims the same organisation, which nobody acted for, locked."""
    query = select(Claim).where(
        Claim.organisation_id == claim.organisation_id, Claim.id != claim.id, Claim.way == Way.PROOF, PENDING
    )
    return (await session.scalars(query.order_by(Claim.id).with_for_update())).all()


async def requests_to(session: AsyncSession, organisation_id: UUID) -> list[Request]:
    """Who asks a team to join it, the oldest first."""
    query = select(Claim).where(Claim.organisation_id == organisation_id, Claim.way == Way.TEAM, PENDING)
    return [await asked_by(session, each) for each in await session.scalars(query.order_by(Claim.id))]


async def request_to(session: AsyncSession, organisation_id: UUID, claim_id: UUID) -> Claim:
    """One request to join a team; raises `ClaimUnknown`."""
    query = select(Claim).where(
        Claim.id == claim_id, Claim.organisation_id == organisation_id, Claim.way == Way.TEAM, PENDING
    )
    claim = await session.scalar(query)
    if claim is None:
        raise ClaimUnknown
    return claim


async def asked_by(session: AsyncSession, claim: Claim) -> Request:
    """A claim with its claimant, for whom the transaction goes on: whoever asks shows their name to who answers."""
    await act(session, account=claim.account_id)
    account = (await session.scalars(select(Account).where(Account.id == claim.account_id))).one()
    return Request(claim, account)


def _for_the_territory() -> ColumnElement[bool]:
    return and_(PENDING, or_(Claim.way == Way.PROOF, Claim.turned_at.is_not(None)))


async def claims_for_the_territory(session: AsyncSession, *, limit: int = 50) -> list[Asked]:
    """The claims that a coordinator may answer, the oldest first."""
    query = _with_organisation().where(_for_the_territory()).order_by(Claim.created_at).limit(limit)
    return [Asked._make(row) for row in await session.execute(query)]


async def claim_for_the_territory(session: AsyncSession, claim_id: UUID) -> Asked:
    """One of those, or one that has its answer; raises `ClaimUnknown` for a request that a team still has time for."""
    ended = Claim.state != ClaimState.PENDING
    query = _with_organisation().where(Claim.id == claim_id, or_(_for_the_territory(), ended))
    row = (await session.execute(query)).first()
    if row is None:
        raise ClaimUnknown
    return Asked._make(row)


async def owners_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Member]:
    """Those responsible for an organisation."""
    query = select(Member).where(
        Member.organisation_id == organisation_id, Member.role == Role.OWNER, Member.left_at.is_(None)
    )
    return (await session.scalars(query.order_by(Member.id))).all()


async def members_to_replace(session: AsyncSession, organisation_id: UUID) -> Sequence[Member]:
    """Everybody who acts for an organisation, locked."""
    query = select(Member).where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
    return (await session.scalars(query.order_by(Member.id).with_for_update())).all()


async def places_to_wait_in(session: AsyncSession, account_id: UUID) -> Sequence[Member]:
    """Where a person stood while they had no organisation of their own, locked."""
    query = (
        select(Member)
        .join(Organisation, Organisation.id == Member.organisation_id)
        .where(
            Member.account_id == account_id,
            Member.left_at.is_(None),
            Organisation.state == OrganisationState.WAITING,
        )
    )
    return (await session.scalars(query.with_for_update(of=Member))).all()


async def requests_to_tell(session: AsyncSession, turn: Turn) -> Sequence[Claim]:
    """Requests that no team has heard of though whoever asks has answered their letter, locked."""
    query = (
        select(Claim)
        .join(Account, Account.id == Claim.account_id)
        .where(Claim.way == Way.TEAM, PENDING, Claim.told_at.is_(None), Account.email_confirmed_at.is_not(None))
    )
    return (await session.scalars(turn.of(query, Claim))).all()


async def requests_to_repeat(session: AsyncSession, now: datetime, turn: Turn) -> Sequence[Claim]:
    """Requests that a team has left unanswered for three days, locked."""
    query = select(Claim).where(
        Claim.way == Way.TEAM, PENDING, Claim.reminded_at.is_(None), Claim.told_at <= now - REMIND_AFTER
    )
    return (await session.scalars(turn.of(query, Claim))).all()


async def claims_to_press(session: AsyncSession, now: datetime, turn: Turn) -> Sequence[Claim]:
    """Claims that whoever answers them has left unanswered for seven days, locked; only of people who are reached."""
    since = func.coalesce(Claim.turned_at, Claim.told_at, case((Claim.way == Way.PROOF, Claim.created_at)))
    query = (
        select(Claim)
        .join(Account, Account.id == Claim.account_id)
        .where(
            PENDING,
            Claim.pressed_at.is_(None),
            since <= now - PRESS_AFTER,
            or_(Claim.way == Way.TEAM, Account.email_confirmed_at.is_not(None)),
        )
    )
    return (await session.scalars(turn.of(query, Claim))).all()


async def claims_to_lapse(session: AsyncSession, now: datetime, turn: Turn) -> Sequence[Claim]:
    """Claims for which nobody did anything for thirty days, locked; see `Claim.lapses_at`."""
    before = now - LAPSE_AFTER
    recent = exists().where(StoredFile.about == Claim.id, StoredFile.added_at > before)
    query = select(Claim).where(
        PENDING,
        func.greatest(Claim.created_at, Claim.told_at, Claim.turned_at) <= before,
        or_(Claim.code_until.is_(None), Claim.code_until <= now),
        ~recent,
    )
    return (await session.scalars(turn.of(query, Claim))).all()


async def coordinators(session: AsyncSession) -> Sequence[Member]:
    """Whoever may answer for the territory."""
    query = (
        select(Member)
        .join(Organisation, Organisation.id == Member.organisation_id)
        .where(
            literal(OrganisationRole.TERRITORY.value) == any_(Organisation.roles),
            Organisation.state.in_(TO_CLAIM),
            Member.role.in_((Role.OWNER, Role.EDITOR)),
            Member.left_at.is_(None),
        )
    )
    return (await session.scalars(query.order_by(Member.id))).all()


async def forget_evidence(session: AsyncSession, claim_ids: Collection[UUID], organisation_id: UUID) -> None:
    """Drop the rows of what was sent with claims while acting for an organisation."""
    await session.execute(
        delete(StoredFile).where(StoredFile.about.in_(claim_ids), StoredFile.organisation_id == organisation_id)
    )


def _with_organisation() -> Select[Claim, Organisation]:
    query = select(Claim, Organisation).join(Organisation, Organisation.id == Claim.organisation_id)
    return query.options(joinedload(Organisation.legal_entity))

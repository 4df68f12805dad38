"""Every question asked of agreements."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload, undefer

from services.catalog.agreements.errors import AgreementUnknown
from services.catalog.agreements.models import Agreement, AgreementState, Paper, Signature
from shared.database.versions import refuse_when_changed

# More would be a list that nobody works through; the whole one is below it.
MOST_WAITING = 200
# Who signed is written in accounts alone, and each side may read who signed for the other.
NAMES = text("SELECT signature_id, person_name FROM signatories(:agreement)")


def _agreements() -> Select[Agreement]:
    return select(Agreement).options(selectinload(Agreement.signatures))


def _is_side(organisation_id: UUID) -> ColumnElement[bool]:
    return or_(Agreement.buyer_id == organisation_id, Agreement.supplier_id == organisation_id)


def _read_by(organisation_id: UUID) -> ColumnElement[bool]:
    return or_(_is_side(organisation_id), Agreement.partner_ids.contains([organisation_id]))


def _sides(organisation_id: UUID) -> Select[Agreement]:
    return _agreements().where(_is_side(organisation_id))


async def agreement_to_change(session: AsyncSession, agreement_id: UUID, *, organisation_id: UUID) -> Agreement:
    """An agreement of one of its two sides, locked; raises `AgreementUnknown`, and when its caller saw another one."""
    query = _sides(organisation_id).where(Agreement.id == agreement_id)
    found = await session.scalar(query.with_for_update(of=Agreement).execution_options(populate_existing=True))
    if found is None:
        raise AgreementUnknown
    refuse_when_changed(session, found.version)
    return found


async def agreement_seen_by(session: AsyncSession, agreement_id: UUID, organisation_id: UUID) -> Agreement:
    """An agreement as its sides and the co-contractors that it names may read it; raises `AgreementUnknown`."""
    found = await session.scalar(_agreements().where(Agreement.id == agreement_id, _read_by(organisation_id)))
    if found is None:
        raise AgreementUnknown
    return found


async def agreements_of(
    session: AsyncSession,
    organisation_id: UUID,
    *,
    need_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> Sequence[Agreement]:
    """What an organisation is part of, the newest first; `before` is the last id of the page before."""
    query = _agreements().where(_read_by(organisation_id))
    if need_id is not None:
        query = query.where(Agreement.need_id == need_id)
    if before is not None:
        query = query.where(Agreement.id < before)
    return (await session.scalars(query.order_by(Agreement.id.desc()).limit(limit))).all()


async def standing_agreements(session: AsyncSession, organisation_id: UUID) -> Sequence[Agreement]:
    """Where an organisation is one of the two sides and something is left to do, the oldest first."""
    query = _sides(organisation_id).where(Agreement.state.in_((AgreementState.CONCLUDED, AgreementState.RUNNING)))
    return (await session.scalars(query.order_by(Agreement.id).limit(MOST_WAITING))).all()


def _from(ids: Sequence[UUID]) -> ColumnElement[bool]:
    return or_(Agreement.proposal_id.in_(ids), Agreement.taking_id.in_(ids))


async def agreement_from(session: AsyncSession, origin_id: UUID) -> Agreement | None:
    """The agreement that was concluded from a proposal or a taking and not cancelled."""
    query = _agreements().where(_from([origin_id]), Agreement.state != AgreementState.CANCELLED)
    return await session.scalar(query)


async def latest_agreements(
    session: AsyncSession, origin_ids: Sequence[UUID], organisation_id: UUID
) -> Mapping[UUID, Agreement]:
    """The last agreement concluded from each proposal or taking, by its id, where an organisation is one of the two."""
    query = _sides(organisation_id).where(_from(origin_ids))
    return {each.exchange_id: each for each in await session.scalars(query.order_by(Agreement.id))}


async def paper_of(session: AsyncSession, agreement: Agreement, language: str) -> Paper:
    """What an agreement says now, on paper."""
    query = select(Paper).where(Paper.agreement_id == agreement.id, Paper.revision == agreement.revision)
    found = await session.scalar(query.where(Paper.language == language).options(undefer(Paper.pdf)))
    if found is None:
        raise AgreementUnknown
    return found


async def document_hashes(session: AsyncSession, agreement: Agreement) -> Mapping[str, str]:
    """The SHA-256 of each of the papers of what an agreement says now, by language."""
    query = select(Paper.language, Paper.sha256).where(
        Paper.agreement_id == agreement.id, Paper.revision == agreement.revision
    )
    return {row.language: row.sha256 for row in await session.execute(query)}


async def signatories_of(session: AsyncSession, agreement: Agreement) -> Mapping[UUID, str]:
    """The name of who signed, by signature, as their account says it today."""
    rows = await session.execute(NAMES, {"agreement": agreement.id})
    return {row.signature_id: row.person_name for row in rows}


async def signatures_of_member(session: AsyncSession, member_id: UUID) -> Sequence[Signature]:
    """What a member signed, the first one first."""
    query = select(Signature).where(Signature.member_id == member_id).order_by(Signature.signed_at)
    return (await session.scalars(query)).all()


async def agreements_concluded_by(session: AsyncSession, member_id: UUID) -> Sequence[Agreement]:
    """What a member concluded, the first one first."""
    query = select(Agreement).where(Agreement.concluded_by == member_id).order_by(Agreement.id)
    return (await session.scalars(query)).all()

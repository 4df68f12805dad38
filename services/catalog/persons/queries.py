"""Everything catalog keeps about one person, and what of theirs is still open."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import Account, Member, Session
from services.catalog.accounts.queries import factors_of, linked_identities, recovery_codes_left
from services.catalog.agreements.queries import agreements_concluded_by, signatures_of_member
from services.catalog.answers.queries import answers_given_by
from services.catalog.audit.models import AuditLine
from services.catalog.claims.queries import claims_of
from services.catalog.exchanges.queries import messages_written_by
from services.catalog.flows.models import Flow, FlowState
from services.catalog.gifts.queries import gifts_said_by, papers_issued_by
from services.catalog.keys.queries import keys_made_by
from services.catalog.needs.models import Need, NeedState
from services.catalog.offers.models import Offer, OfferState
from services.catalog.organisations.models import Organisation
from services.catalog.proposals.queries import proposals_decided_by, proposals_made_by
from services.catalog.questions.queries import questions_written_by
from services.catalog.subscriptions.queries import subscriptions_asked_by
from services.catalog.takings.queries import takings_made_by
from shared.database.acting import act
from shared.identity import Role

OPEN: Sequence[tuple[type[Any], Sequence[str]]] = (
    (Need, (NeedState.SUBMITTED, NeedState.PUBLISHED)),
    (Flow, (FlowState.SUBMITTED, FlowState.PUBLISHED, FlowState.PAUSED)),
    (Offer, (OfferState.PUBLISHED, OfferState.PAUSED)),
)


async def all_memberships(session: AsyncSession, account_id: UUID, *, for_update: bool = False) -> Sequence[Member]:
    """Every organisation a person acts or has acted for, the first one first."""
    query = select(Member).where(Member.account_id == account_id).order_by(Member.joined_at, Member.id)
    return (await session.scalars(query.with_for_update() if for_update else query)).all()


async def account_of_member(session: AsyncSession, member_id: UUID) -> Account | None:
    """The person a member is; None for a member that is not known here."""
    return await session.scalar(
        select(Account).join(Member, Member.account_id == Account.id).where(Member.id == member_id)
    )


async def roles_of_others(session: AsyncSession, member: Member) -> Sequence[Role]:
    """What the others of a member's organisation are there."""
    others = select(Member.role).where(
        Member.organisation_id == member.organisation_id, Member.id != member.id, Member.left_at.is_(None)
    )
    return (await session.scalars(others)).all()


async def name_of(session: AsyncSession, organisation_id: UUID) -> str:
    """An organisation's name."""
    return (await session.scalars(select(Organisation.name).where(Organisation.id == organisation_id))).one()


async def count_open(session: AsyncSession, organisation_id: UUID) -> int:
    """How many needs, flows and offers of an organisation still wait for somebody."""
    counts = [
        await session.scalar(
            select(func.count()).where(model.organisation_id == organisation_id, model.state.in_(states))
        )
        for model, states in OPEN
    ]
    return sum(count or 0 for count in counts)


async def kept_about(session: AsyncSession, account: Account) -> dict[str, Any]:
    """All of it, without a secret, ready to be written as JSON; goes on for each of the person's organisations."""
    await act(session, account=account.id)
    sessions = select(Session).where(Session.account_id == account.id).order_by(Session.created_at)
    members = await all_memberships(session, account.id)
    return {
        "account": _facts(
            account, "id", "email", "email_asked", "email_confirmed_at", "name", "language", "created_at"
        ),
        "sessions": [
            _facts(each, "id", "user_agent", "created_at", "seen_at", "expires_at", "revoked_at")
            for each in await session.scalars(sessions)
        ],
        "second_factors": [
            _facts(each, "id", "kind", "created_at", "confirmed_at") for each in await factors_of(session, account.id)
        ],
        "identities": [
            _facts(each, "issuer", "subject", "linked_at", "used_at")
            for each in await linked_identities(session, account.id)
        ],
        "recovery_codes_left": await recovery_codes_left(session, account.id),
        "claims": [
            {
                "organisation": organisation.name,
                **_facts(claim, "id", "organisation_id", "way", "state", "words", "reply", "email"),
                **_facts(claim, "created_at", "turned_at", "ended_at"),
            }
            for claim, organisation in await claims_of(session, account.id)
        ],
        # Nothing here rests on a consent: letters follow from what one's organisation does.
        "consents": [],
        "memberships": [await _kept_about_member(session, member) for member in members],
    }


async def _kept_about_member(session: AsyncSession, member: Member) -> dict[str, Any]:
    await act(session, org=member.organisation_id, member=member.id)
    lines = select(AuditLine).where(AuditLine.member_id == member.id).order_by(AuditLine.at)
    keys = await keys_made_by(session, member.id)
    return {
        "organisation": await name_of(session, member.organisation_id),
        **_facts(member, "id", "organisation_id", "role", "joined_at", "left_at"),
        "keys": [
            _facts(key, "id", "name", "prefix", "scopes", "created_at", "used_at", "expires_at", "revoked_at")
            for key in keys
        ],
        "answers": [
            _facts(each, "need_id", "state", "reason", "note", "given_at")
            for each in await answers_given_by(session, member.id)
        ],
        "proposals": [
            _facts(each, "need_id", "state", "revision", "line_data", "total_cents", "message", "made_at")
            for each in await proposals_made_by(session, member.id)
        ],
        "choices": [
            _facts(each, "need_id", "state", "reason", "words", "decided_at")
            for each in await proposals_decided_by(session, member.id)
        ],
        "agreements": [
            _facts(each, "id", "need_id", "flow_id", "state", "revision", "content_data", "concluded_at")
            for each in await agreements_concluded_by(session, member.id)
        ],
        "signatures": [
            _facts(each, "agreement_id", "revision", "side", "document_sha256", "signed_at")
            for each in await signatures_of_member(session, member.id)
        ],
        "gifts": [
            _facts(each, "id", "title", "valued_at", "delivered_at", "sheet_signed_at")
            for each in await gifts_said_by(session, member.id)
        ],
        "gift_papers": [
            _facts(each, "id", "kind", "reference", "signatory", "capacity", "issued_at")
            for each in await papers_issued_by(session, member.id)
        ],
        "questions": [
            _facts(each, "need_id", "flow_id", "state", "words", "asked_at", "reply", "replied_at")
            for each in await questions_written_by(session, member.id)
        ],
        "messages": [
            _facts(each, "exchange_id", "words", "at") for each in await messages_written_by(session, member.id)
        ],
        "takings": [
            _facts(each, "lot_id", "state", "quantity_value", "quantity_unit", "level", "slot_from", "created_at")
            for each in await takings_made_by(session, member.id)
        ],
        "subscriptions": [
            _facts(each, "flow_id", "state", "percent", "quantity_value", "quantity_unit", "words", "asked_at")
            for each in await subscriptions_asked_by(session, member.id)
        ],
        "actions": [_facts(each, "at", "action", "about", "details") for each in await session.scalars(lines)],
    }


def _facts(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}

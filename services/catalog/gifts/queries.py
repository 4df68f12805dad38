"""Every question asked of gifts and their papers."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from services.catalog.gifts.errors import GiftUnknown, PaperUnknown
from services.catalog.gifts.models import Gift, GiftPaper, GiftProfile, GiftTurnover
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.payments.models import ENDED, OPEN, Settlement, State
from services.catalog.payments.queries import settlements_under
from shared.database.one_by_one import Turn
from shared.database.statement import Statement
from shared.database.versions import refuse_when_changed
from shared.events.gifts import GiftKind, PaperKind

# Nobody who is paid has said that it is there, and it is with nobody's bank.
UNPAID = (*OPEN, State.DECLARED, State.VOIDED)

# The row is locked until the transaction ends: whoever issues next waits, and a number that is undone is taken again.
NEXT = Statement("""
    INSERT INTO gift_paper_counters (legal_entity_id, kind, year, last)
    VALUES (CAST(:entity AS uuid), CAST(:kind AS text), CAST(:year AS int), 1)
    ON CONFLICT (legal_entity_id, kind, year) DO UPDATE SET last = gift_paper_counters.last + 1
    RETURNING last
""")


def _part_of(organisation_id: UUID) -> ColumnElement[bool]:
    return or_(Gift.donor_id == organisation_id, Gift.recipient_id == organisation_id)


async def gift_seen_by(session: AsyncSession, gift_id: UUID, organisation_id: UUID) -> Gift:
    """A gift, to its donor and its recipient; raises `GiftUnknown`."""
    found = await session.scalar(select(Gift).where(Gift.id == gift_id, _part_of(organisation_id)))
    if found is None:
        raise GiftUnknown
    return found


async def gift_to_change(session: AsyncSession, gift_id: UUID, organisation_id: UUID) -> Gift:
    """The same, locked; raises as well when its caller saw another version."""
    query = select(Gift).where(Gift.id == gift_id, _part_of(organisation_id)).with_for_update()
    found = await session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise GiftUnknown
    refuse_when_changed(session, found.version)
    return found


async def gift_from(session: AsyncSession, *, agreement_id: UUID | None, pledge_id: UUID | None) -> Gift | None:
    """The gift that stands for an agreement or a pledge, locked."""
    origin = Gift.agreement_id == agreement_id if agreement_id else Gift.pledge_id == pledge_id
    query = select(Gift).where(origin, Gift.withdrawn_at.is_(None)).with_for_update()
    return await session.scalar(query.execution_options(populate_existing=True))


async def gift_of_agreement(session: AsyncSession, agreement_id: UUID) -> Gift | None:
    """The gift that stands for an agreement, to read."""
    return await session.scalar(select(Gift).where(Gift.agreement_id == agreement_id, Gift.withdrawn_at.is_(None)))


async def settlements_behind(session: AsyncSession, gift: Gift, reader_id: UUID) -> Sequence[Settlement]:
    """What pays a gift of money by agreement, to one of its two sides; none of others."""
    if gift.kind is not GiftKind.MONEY or gift.agreement_id is None:
        return []
    return await settlements_under(session, gift.agreement_id, reader_id)


async def gifts_to_settle(session: AsyncSession, turn: Turn) -> Sequence[Gift]:
    """Gifts of money that say something else than what their agreements' settlements came to; locked.

    What nobody has paid yet says nothing: a gift may have been confirmed before settlements confirmed it.
    """
    is_paid = Settlement.state.not_in(UNPAID)
    left = Settlement.net_cents + Settlement.vat_cents - Settlement.returned_cents
    came = (
        select(
            func.sum(case((is_paid, left), else_=0)).label("cents"),
            func.bool_or(is_paid).label("is_paid"),
            func.bool_or(Settlement.state.not_in(ENDED)).label("is_going_on"),
        )
        .where(Settlement.agreement_id == Gift.agreement_id)
        .lateral("came")
    )
    stands = select(GiftPaper.id).where(Gift.id == func.any(GiftPaper.gift_ids), GiftPaper.cancelled_at.is_(None))
    said = func.coalesce(Gift.delivery_data["cents"].as_integer(), 0)
    differs = and_(came.c.is_paid, said != came.c.cents)
    is_nothing = or_(came.c.is_paid, Gift.delivered_at.is_(None))
    is_over = and_(came.c.cents == 0, came.c.is_going_on.is_(False), is_nothing, ~stands.exists())
    query = select(Gift).join(came, true())
    query = query.where(Gift.kind == GiftKind.MONEY, Gift.withdrawn_at.is_(None), or_(differs, is_over))
    return (await session.scalars(turn.of(query, Gift))).all()


async def gifts_of(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Gift]:
    """What an organisation gives and receives, the newest first."""
    query = select(Gift).where(_part_of(organisation_id))
    if before is not None:
        query = query.where(Gift.id < before)
    return (await session.scalars(query.order_by(Gift.id.desc()).limit(limit))).all()


async def names_of(session: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The names of organisations by id."""
    rows = await session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids)))
    return {row.id: row.name for row in rows}


async def side_of(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """A donor or a recipient, with its legal entity."""
    found = await organisation_by_id(session, organisation_id)
    if found is None:
        raise GiftUnknown
    return found


async def profile_of(session: AsyncSession, organisation_id: UUID) -> GiftProfile | None:
    """What papers say of it."""
    return await session.get(GiftProfile, organisation_id)


async def next_number(session: AsyncSession, entity_id: UUID, kind: PaperKind, year: int) -> int:
    """The next number of a legal entity's series, from 1, without gaps."""
    return int(await NEXT.scalar(session, entity=entity_id, kind=kind.value, year=year))


async def papers_of_gift(session: AsyncSession, gift_id: UUID) -> Sequence[GiftPaper]:
    """All that was issued about a gift, the first one first; attestations of a year that hold it, too."""
    query = select(GiftPaper).where(GiftPaper.gift_ids.contains([gift_id]))
    return (await session.scalars(query.order_by(GiftPaper.issued_at, GiftPaper.id))).all()


async def standing_paper(session: AsyncSession, gift_id: UUID, kind: PaperKind) -> GiftPaper | None:
    """The paper of a kind that stands for a gift."""
    query = select(GiftPaper).where(GiftPaper.gift_ids.contains([gift_id]), GiftPaper.kind == kind)
    return await session.scalar(query.where(GiftPaper.cancelled_at.is_(None)))


async def papers_of(
    session: AsyncSession, organisation_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[GiftPaper]:
    """What an organisation issued and was issued, the newest first."""
    own = or_(GiftPaper.recipient_id == organisation_id, GiftPaper.donor_id == organisation_id)
    query = select(GiftPaper).where(own)
    if before is not None:
        query = query.where(GiftPaper.id < before)
    return (await session.scalars(query.order_by(GiftPaper.id.desc()).limit(limit))).all()


async def paper_seen_by(session: AsyncSession, paper_id: UUID, organisation_id: UUID) -> GiftPaper:
    """A paper with its bytes, to who issued it and to the donor; raises `PaperUnknown`."""
    own = or_(GiftPaper.recipient_id == organisation_id, GiftPaper.donor_id == organisation_id)
    found = await session.scalar(select(GiftPaper).where(GiftPaper.id == paper_id, own).options(undefer(GiftPaper.pdf)))
    if found is None:
        raise PaperUnknown
    return found


async def paper_to_replace(session: AsyncSession, paper_id: UUID, recipient_id: UUID) -> GiftPaper:
    """A paper of who issued it, locked; raises `PaperUnknown`."""
    query = select(GiftPaper).where(GiftPaper.id == paper_id, GiftPaper.recipient_id == recipient_id).with_for_update()
    found = await session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise PaperUnknown
    return found


async def replacements_of(session: AsyncSession, papers: Sequence[GiftPaper]) -> Mapping[UUID, GiftPaper]:
    """Which paper stands in the place of each that is void."""
    void = [each.id for each in papers if each.cancelled_at]
    if not void:
        return {}
    found = await session.scalars(select(GiftPaper).where(GiftPaper.replaces_id.in_(void)))
    return {each.replaces_id: each for each in found if each.replaces_id}


async def unsold_gifts(
    session: AsyncSession, *, donor_id: UUID, recipient_id: UUID, year: int, paper_id: UUID | None = None
) -> Sequence[Gift]:
    """Gifts of unsold goods of a year that no attestation stands for, but `paper_id`'s own; locked."""
    held = select(GiftPaper.id).where(
        Gift.id == func.any(GiftPaper.gift_ids),
        GiftPaper.kind == PaperKind.UNSOLD,
        GiftPaper.cancelled_at.is_(None),
        *([GiftPaper.id != paper_id] if paper_id else []),
    )
    query = (
        select(Gift)
        .where(
            Gift.donor_id == donor_id,
            Gift.recipient_id == recipient_id,
            Gift.withdrawn_at.is_(None),
            Gift.valuation_data["is_unsold"].as_boolean(),
            Gift.delivered_on >= date(year, 1, 1),
            Gift.delivered_on <= date(year, 12, 31),
            ~held.exists(),
        )
        .order_by(Gift.delivered_on, Gift.id)
        .with_for_update()
    )
    return (await session.scalars(query)).all()


async def receipts_for(session: AsyncSession, donor_id: UUID) -> Sequence[GiftPaper]:
    """The receipts that stand and were issued to a donor, by the day of the gift."""
    query = select(GiftPaper).where(
        GiftPaper.donor_id == donor_id, GiftPaper.kind == PaperKind.RECEIPT, GiftPaper.cancelled_at.is_(None)
    )
    return (await session.scalars(query.order_by(GiftPaper.given_on, GiftPaper.id))).all()


async def turnovers_of(session: AsyncSession, organisation_id: UUID) -> Mapping[int, int]:
    """A donor's turnover by year, in cents."""
    rows = await session.scalars(select(GiftTurnover).where(GiftTurnover.organisation_id == organisation_id))
    return {row.year: row.turnover_cents for row in rows}


async def keep_turnover(session: AsyncSession, row: GiftTurnover) -> None:
    """Say a year's turnover anew."""
    names = ("organisation_id", "year", "turnover_cents", "set_by", "set_at")
    values = {name: getattr(row, name) for name in names}
    said = {name: values[name] for name in ("turnover_cents", "set_by", "set_at")}
    adding = insert(GiftTurnover).values(**values)
    await session.execute(adding.on_conflict_do_update(index_elements=["organisation_id", "year"], set_=said))


async def gifts_said_by(session: AsyncSession, member_id: UUID) -> Sequence[Gift]:
    """What a member valued, confirmed or signed, the first one first."""
    said = or_(Gift.valued_by == member_id, Gift.delivered_by == member_id, Gift.sheet_signed_by == member_id)
    return (await session.scalars(select(Gift).where(said).order_by(Gift.id))).all()


async def papers_issued_by(session: AsyncSession, member_id: UUID) -> Sequence[GiftPaper]:
    """What a member issued, the first one first."""
    return (
        await session.scalars(select(GiftPaper).where(GiftPaper.issued_by == member_id).order_by(GiftPaper.id))
    ).all()

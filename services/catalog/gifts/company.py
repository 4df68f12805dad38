"""Which establishments of a donor's company its reader acts for: a reduction is the company's, papers are each one's.

Nobody reads more for that: what another establishment was issued is asked for as that one, by somebody of its team.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import account_of, memberships
from services.catalog.gifts.models import GiftPaper
from services.catalog.gifts.queries import receipts_for, side_of, turnovers_of
from services.catalog.organisations.models import Organisation
from shared.database.acting import act
from shared.identity import Identity


class Company(NamedTuple):
    """Establishments of one legal entity by id, the reader's own first; `left_out` are names of the others."""

    covered: Mapping[UUID, str]
    left_out: Sequence[str] = ()


class Said(NamedTuple):
    """Receipts of all of them by the day of the gift, and turnovers by year: the reader's own word, else another's."""

    receipts: list[GiftPaper]
    turnovers: dict[int, int]


async def company_of(session: AsyncSession, donor: Identity, *, alone: bool) -> Company:
    """The establishments that a person may add up; of a program (`alone`) the one that its key is for."""
    own = await side_of(session, donor.organisation_id)
    query = select(Organisation.id, Organisation.name).where(Organisation.legal_entity_id == own.legal_entity_id)
    others = [row for row in await session.execute(query.order_by(Organisation.name)) if row.id != own.id]
    theirs: set[UUID] = set()
    if others and not alone:
        account = await account_of(session, donor.member_id)
        await act(session, account=account.id)
        theirs = {each.organisation_id for each in await memberships(session, account.id)}
    covered = {own.id: own.name, **{row.id: row.name for row in others if row.id in theirs}}
    return Company(covered, [row.name for row in others if row.id not in theirs])


async def said_to(session: AsyncSession, donor: Identity, company: Company) -> Said:
    """What each of them was issued and typed, read as itself; the transaction goes on as the reader's own."""
    receipts: list[GiftPaper] = []
    turnovers: dict[int, int] = {}
    try:
        for organisation_id in company.covered:
            await act(session, org=organisation_id)
            receipts += await receipts_for(session, organisation_id)
            # The reader's own comes first, and stays.
            turnovers = {**await turnovers_of(session, organisation_id), **turnovers}
    finally:
        await act(session, org=donor.organisation_id)
    return Said(sorted(receipts, key=lambda each: (each.given_on, each.id)), turnovers)

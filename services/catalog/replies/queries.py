"""Whose an address is that takes an answer."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import Account, Member
from services.catalog.exchanges.models import Message
from shared.identity import LinkKeys, Role
from shared.identity.links import message_answered

ANSWERED_FOR = timedelta(days=30)
"""How long after a message it may be answered by e-mail; letters say so. The page is there for longer."""


class Addressee(NamedTuple):
    """The member whom an address was made for, who answers a message of an exchange; `email` is theirs today."""

    member_id: UUID
    organisation_id: UUID
    message_id: UUID
    exchange_id: UUID
    email: str

    @property
    def is_confirmed(self) -> bool:
        """The letter came to the address, and is answered from there."""
        return True


async def addressee_of(session: AsyncSession, keys: LinkKeys, code: str, *, now: datetime) -> Addressee | None:
    """Whose address it is; None when it is nobody's, too old, or its member may no longer write for its organisation.

    For the worker, which sees all: nobody is known before.
    """
    message_id = message_answered(code)
    if message_id is None:
        return None
    query = (
        select(Member.id, Member.organisation_id, Message.id, Message.exchange_id, Account.email)
        .join(Member, Member.organisation_id == Message.reader_id)
        .join(Account, Account.id == Member.account_id)
        .where(
            Message.id == message_id,
            Message.at > now - ANSWERED_FOR,
            Member.left_at.is_(None),
            Member.role.in_((Role.OWNER, Role.EDITOR)),
            Account.erased_at.is_(None),
        )
    )
    found = [Addressee(*row) for row in await session.execute(query)]
    return next((each for each in found if _is_theirs(keys, code, each)), None)


def _is_theirs(keys: LinkKeys, code: str, addressee: Addressee) -> bool:
    return keys.takes_reply(code, message_id=addressee.message_id, member_id=addressee.member_id)

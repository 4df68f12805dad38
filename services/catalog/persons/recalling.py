"""Who was erased after the backup that catalog was restored from: the contacts' stream still tells."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.persons.commands import erase_in_any_case
from services.catalog.persons.queries import account_of_member, all_memberships
from shared.clock import now
from shared.events.contacts import MemberContact


async def recall_erased(session: AsyncSession, event: MemberContact) -> None:
    """Erase the person again, whatever the backup has open of theirs; nothing where they are erased or unknown.

    Their empty contact is recorded again, above the version that was told: without it the outbox would end with their
    address, and publishing again would bring it back.
    """
    account = await account_of_member(session, event.member_id) if event.is_erased else None
    if account is None or account.erased_at is not None:
        return
    members = await all_memberships(session, account.id, for_update=True)
    await erase_in_any_case(session, account.id, members, now=now())

"""For whom a transaction reads and writes: what row-level security compares each row with.

A policy finds these as settings of the transaction. Nobody is told by their absence, and then a policy shows what
everybody may see.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.statement import Statement

ACT = Statement("""
    SELECT set_config('app.' || name, id, true)
    FROM unnest(CAST(:names AS text[]), CAST(:ids AS text[])) AS said (name, id)
""")


class Acting(NamedTuple):
    """A member and the organisation acted for, which need not be the member's own; a coordinator's sees rankings."""

    organisation_id: UUID | None = None
    member_id: UUID | None = None
    is_coordinator: bool = False

    def settings(self) -> dict[str, str]:
        """The settings by name, empty where there is nothing to say."""
        return {
            "app.org": str(self.organisation_id or ""),
            "app.member": str(self.member_id or ""),
            "app.coordinator": "on" if self.is_coordinator else "",
        }

    def opening(self) -> str:
        """What is sent in one breath with BEGIN; ids and a word of ours, so nothing needs quoting."""
        said = (f"SET LOCAL {name} = '{value}'" for name, value in self.settings().items() if value)
        return "".join(f"; {each}" for each in said)


NOBODY = Acting()


async def act(session: AsyncSession, **ids: UUID) -> None:
    """Go on for somebody who became known in the middle of a transaction: `org`, `member` or `account`.

    One round trip; it ends with the transaction.
    """
    await ACT.execute(session, names=list(ids), ids=[str(each) for each in ids.values()])

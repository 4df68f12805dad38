"""The person acting and the organisation they act for."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a member may do for their organisation, each including the one after it."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


RANK = {Role.OWNER: 3, Role.EDITOR: 2, Role.VIEWER: 1}

# Beside what an organisation does, so that tokens carry it as they are.
SUSPENDED = "suspended"


@dataclass(frozen=True)
class Identity:
    """A signed-in member; `roles` are the organisation's: buyer, ess, publisher, territory, partner; and `suspended`.

    `is_confirmed` when a letter to the account's address was answered.
    """

    session_id: UUID
    member_id: UUID
    person_name: str
    organisation_id: UUID
    organisation_name: str
    role: Role
    roles: frozenset[str]
    language: str = "fr"
    is_confirmed: bool = True

    @property
    def is_suspended(self) -> bool:
        """True while the territory suspends the organisation: it reads, ends and completes, and begins nothing."""
        return SUSPENDED in self.roles

    def may(self, role: Role) -> bool:
        """True when the member's role includes `role`."""
        return RANK[self.role] >= RANK[role]

"""What requests left in the audit log, and whether it says who acted and whose records these are."""

from collections.abc import Set
from dataclasses import dataclass, field
from typing import NamedTuple, Self
from uuid import UUID

from sqlalchemy import text

from tests.security.scene import Scene

LINES = text("SELECT id, member_id, organisation_id, action, about FROM audit")
MEMBERS = text("SELECT id FROM members")
# What one acts on without acting for the organisation whose it is: what one asks of it; and where somebody became its
# member, the membership and the sessions in which they act for it.
RECORDS_OF_OTHERS = text("""
    SELECT id, organisation_id FROM claims
    UNION SELECT id, organisation_id FROM members WHERE id = ANY(:made)
    UNION SELECT s.id, m.organisation_id FROM sessions s JOIN members m ON m.id = s.member_id WHERE m.id = ANY(:made)
""")


class Line(NamedTuple):
    """Who, for whom, what, on which record."""

    id: UUID
    member: UUID | None
    organisation: UUID | None
    action: str
    about: UUID | None


@dataclass
class Trail:
    """The lines, the memberships, and the records of others' with the organisation of each."""

    lines: set[Line] = field(default_factory=set)
    members: set[UUID] = field(default_factory=set)
    of_others: set[tuple[UUID | None, UUID | None]] = field(default_factory=set)

    @classmethod
    async def since(cls, scene: Scene, before: Self | None = None) -> Self:
        """What is there now and was not before."""
        known = before or cls()
        async with scene.database.connection() as connection:
            lines = {Line(*row) for row in await connection.execute(LINES)} - known.lines
            made = set(await connection.scalars(MEMBERS)) - known.members
            found = await connection.execute(RECORDS_OF_OTHERS, {"made": list(made)})
            return cls(lines, made, {(row.id, row.organisation_id) for row in found})

    def add(self, other: Self) -> None:
        """Go on with what another request left."""
        self.lines |= other.lines
        self.members |= other.members
        self.of_others |= other.of_others

    @property
    def names_a_record(self) -> bool:
        """True when a line says on what somebody acted."""
        return any(line.about is not None for line in self.lines)

    @property
    def is_of_somebody(self) -> bool:
        """True when no line leaves out who acted, or for whom."""
        return all(None not in (line.member, line.organisation) for line in self.lines)

    def is_by(self, me: UUID, organisations: Set[UUID]) -> bool:
        """True when I acted, nobody else but who became a member by it, and each line is with whose record it is."""
        return any(line.member == me for line in self.lines) and all(
            line.member in {me, *self.members}
            and (line.organisation in organisations or (line.about, line.organisation) in self.of_others)
            for line in self.lines
        )

    @property
    def tells_who_joined(self) -> bool:
        """True when each membership that was made has its line."""
        return self.members <= {line.about for line in self.lines}

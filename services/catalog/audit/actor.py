"""Who does something for an organisation, as far as commands and the audit log care: a member, or the machine."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class Actor(Protocol):
    """Whoever acts; `shared.identity.Identity` is one."""

    @property
    def organisation_id(self) -> UUID:
        """For whom."""

    @property
    def member_id(self) -> UUID | None:
        """Which person; None is the machine."""

    @property
    def is_confirmed(self) -> bool:
        """Whether their address is known to be theirs."""


@dataclass(frozen=True)
class Machine:
    """An import or a timer, acting for an organisation."""

    organisation_id: UUID
    member_id: None = None
    is_confirmed: bool = True

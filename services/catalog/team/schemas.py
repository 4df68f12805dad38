"""What changing a team asks, and how people and invitations read as JSON."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.catalog.accounts.schemas import KnownPassword, LinkUse, Newcomer, WithEmail
from services.catalog.team.models import Invitation
from services.catalog.team.queries import Person, Place
from shared.identity import Role
from shared.web.asked import Asked


class Invited(WithEmail):
    """Who is invited, and as what."""

    role: Role = Role.EDITOR


class RoleWanted(Asked):
    """What a member may do from now on."""

    role: Role


class OrganisationWanted(Asked):
    """The organisation to act for from now on."""

    organisation_id: UUID


class Coming(Newcomer, LinkUse):
    """Who comes by an invitation and has no account yet."""


class ComingBack(LinkUse):
    """Who comes by an invitation and has an account, but is not signed in."""

    password: KnownPassword


class MemberOut(Struct, frozen=True):
    """A member as those of the same team see them."""

    id: UUID
    version: int
    name: str
    role: str
    joined_at: datetime
    seen_at: datetime | None

    @classmethod
    def of(cls, person: Person) -> "MemberOut":
        """The JSON of a member."""
        return cls(person.id, person.version, person.name, person.role, person.joined_at, person.seen_at)


class InvitationOut(Struct, frozen=True):
    """An invitation as the owners see it; `email` is null once it has ended."""

    id: UUID
    version: int
    state: str
    email: str | None
    role: str
    invited_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> "InvitationOut":
        """The JSON of an invitation."""
        return cls(
            id=invitation.id,
            version=invitation.version,
            state=invitation.state,
            email=invitation.email,
            role=invitation.role,
            invited_at=invitation.invited_at,
            expires_at=invitation.expires_at,
        )


class PlaceOut(Struct, frozen=True):
    """An organisation that one acts for; `is_current` for the one of this session."""

    organisation_id: UUID
    organisation_name: str
    role: str
    joined_at: datetime
    is_current: bool

    @classmethod
    def of(cls, place: Place, current: UUID) -> "PlaceOut":
        """The JSON of a membership."""
        return cls(
            organisation_id=place.organisation_id,
            organisation_name=place.organisation_name,
            role=place.role,
            joined_at=place.joined_at,
            is_current=place.organisation_id == current,
        )

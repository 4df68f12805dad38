"""What a project is asked, and how it reads as JSON."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Struct
from pydantic import StringConstraints, field_validator

from services.catalog.organisations.models import Organisation
from services.catalog.organisations.schemas import OPEN_ROLES, Name
from shared.web.asked import Asked


class ProjectFacts(Asked):
    """A project as its holder describes it; `contact` is how one reaches it, for members only."""

    organisation_name: Name
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000)] = ""
    place: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    roles: list[str] = []

    @field_validator("roles")
    @classmethod
    def _open_roles(cls, value: list[str]) -> list[str]:
        if not OPEN_ROLES.issuperset(value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value


class NumberGiven(Asked):
    """The SIRET that a project has now."""

    siret: Annotated[str, StringConstraints(max_length=40)]


class ProjectOut(Struct, frozen=True):
    """A project as its holder reads it; `siret` once it has one."""

    id: UUID
    version: int
    name: str
    description: str
    contact: str
    place: dict[str, Any] | None
    roles: list[str]
    siret: str | None
    held_by: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, project: Organisation) -> "ProjectOut":
        """The JSON of a project."""
        return cls(
            id=project.id,
            version=project.version,
            name=project.name,
            description=project.description,
            contact=project.contact,
            place=project.place_data,
            roles=project.roles,
            siret=project.siret,
            held_by=project.held_by,
            created_at=project.created_at,
        )

"""Organisations as JSON."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct

from services.catalog.directory.queries import Search, found, found_count, shown_organisation
from services.catalog.organisations.models import Organisation
from shared.web.provided import Session, Visitor


class OrganisationOut(Struct, frozen=True):
    """An organisation as anybody may read it: register facts and declared statuses, no person."""

    id: UUID
    siret: str | None
    name: str
    description: str
    website: str | None
    roles: list[str]
    kinds: list[str]
    may_issue_receipts: bool
    place: dict[str, Any] | None
    state: str
    origin: str

    @classmethod
    def of(cls, organisation: Organisation) -> "OrganisationOut":
        """The JSON of an organisation whose legal entity is loaded."""
        return cls(
            id=organisation.id,
            siret=organisation.siret,
            name=organisation.name,
            description=organisation.description,
            website=organisation.website,
            roles=organisation.roles,
            kinds=organisation.legal_entity.kinds,
            may_issue_receipts=organisation.legal_entity.may_issue_receipts,
            place=organisation.place_data,
            state=organisation.state,
            origin=organisation.origin,
        )


class Organisations(Struct, frozen=True):
    """One page of the directory; `next` is the `start` of the following one."""

    items: list[OrganisationOut]
    total: int
    next: int | None


@get("/")
async def list_organisations(
    session: Session,
    q: FromQuery[str] = "",
    role: FromQuery[str | None] = None,
    start: Annotated[int, QueryParameter(ge=0, le=100_000)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> Organisations:
    """The directory, by name."""
    search = Search(q.strip()[:200], role)
    rows, total = await found(session, search, limit=limit, offset=start), await found_count(session, search)
    reached = start + len(rows)
    return Organisations(
        [OrganisationOut.of(row) for row in rows], total, reached if rows and reached < total else None
    )


@get("/{organisation_id:uuid}")
async def read_organisation(session: Session, visitor: Visitor, organisation_id: FromPath[UUID]) -> OrganisationOut:
    """One organisation."""
    own_id = visitor.organisation_id if visitor else None
    return OrganisationOut.of(await shown_organisation(session, organisation_id, own_id))


ROUTES = [
    Router("/api/v1/organisations", route_handlers=[list_organisations, read_organisation], tags=["organisations"])
]
